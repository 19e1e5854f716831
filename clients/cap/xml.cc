#include "clients/cap/xml.h"

#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>

#include <algorithm>
#include <cstdarg>
#include <cstring>
#include <memory>
#include <optional>

namespace relais::cap {

namespace {

constexpr std::string_view kInstanceSpace = "http://www.w3.org/2001/XMLSchema-instance";
constexpr std::size_t kDetailMax = 160;

std::string text_of(const xmlChar* text) {
    return text == nullptr ? std::string() : std::string(reinterpret_cast<const char*>(text));
}

struct FreeContext {
    void operator()(xmlParserCtxt* context) const {
        if (context->myDoc != nullptr) xmlFreeDoc(context->myDoc);
        xmlFreeParserCtxt(context);
    }
};

// While one lives, libxml2 writes nothing to the console of its own accord on this thread.
class Quiet {
public:
    Quiet() : context_(xmlStructuredErrorContext), function_(xmlStructuredError) {
        xmlSetStructuredErrorFunc(nullptr, [](void*, xmlError*) {});
    }
    ~Quiet() { xmlSetStructuredErrorFunc(context_, function_); }
    Quiet(const Quiet&) = delete;
    Quiet& operator=(const Quiet&) = delete;

private:
    void* context_;
    xmlStructuredErrorFunc function_;
};

// What the parser calls; builds the tree, and stops it at the first thing that is not admitted.
class Builder {
public:
    Result<XmlNode> build(ByteView bytes) {
        const Quiet quiet;
        std::unique_ptr<xmlParserCtxt, FreeContext> context(xmlCreateMemoryParserCtxt(
            reinterpret_cast<const char*>(bytes.data()), static_cast<int>(bytes.size())));
        if (!context) return fail(ErrorCode::malformed, "document vide");
        context_ = context.get();
        install(*context);
        xmlParseDocument(context.get());
        if (refused_) return *std::move(refused_);
        if (context->wellFormed == 0 || context->nsWellFormed == 0 || !root_) {
            return fail(ErrorCode::malformed, why_.empty() ? "pas un document XML" : why_);
        }
        return *std::move(root_);
    }

private:
    void install(xmlParserCtxt& context) {
        xmlCtxtUseOptions(&context, XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
        xmlSAXHandler handler{};
        handler.initialized = XML_SAX2_MAGIC;
        handler.internalSubset = on_document_type;
        handler.startElementNs = on_start;
        handler.endElementNs = on_end;
        handler.characters = on_text;
        handler.ignorableWhitespace = on_text;
        handler.cdataBlock = on_text;
        handler.serror = on_error;
        *context.sax = handler;
        context.userData = this;
        context._private = this;
    }

    static Builder& self(void* user) { return *static_cast<Builder*>(user); }

    // Before anything that is declared in it.
    static void on_document_type(void* user, const xmlChar*, const xmlChar*, const xmlChar*) {
        self(user).refuse(ErrorCode::malformed, "une déclaration DOCTYPE n'est pas admise");
    }

    static void on_start(void* user, const xmlChar* name, const xmlChar*, const xmlChar* space, int,
                         const xmlChar**, int attribute_count, int, const xmlChar** attributes) {
        self(user).start(text_of(name), text_of(space), attribute_count, attributes);
    }

    static void on_end(void* user, const xmlChar*, const xmlChar*, const xmlChar*) {
        self(user).end();
    }

    static void on_text(void* user, const xmlChar* text, int length) {
        Builder& builder = self(user);
        if (builder.refused_ || builder.open_.empty()) return;
        builder.open_.back()->text.append(reinterpret_cast<const char*>(text),
                                          static_cast<std::size_t>(length));
    }

    // The first is what is wrong; those after it follow from it.
    static void on_error(void* user, xmlError* error) {
        Builder& builder = self(user);
        if (!builder.why_.empty() || error->level < XML_ERR_ERROR) return;
        builder.why_ = "ligne " + std::to_string(std::max(error->line, 0)) + ", XML mal formé (" +
                       shown(error->message) + ")";
    }

    // libxml2's own words, which may quote the document: one line of plain characters.
    static std::string shown(const char* message) {
        std::string text = message == nullptr ? "" : message;
        std::replace_if(
            text.begin(), text.end(), [](char c) { return c < ' ' || c > '~'; }, ' ');
        text = text.substr(0, kDetailMax);
        text.erase(text.find_last_not_of(' ') + 1);
        return text;
    }

    void refuse(ErrorCode code, const std::string& why) {
        if (!refused_) refused_ = fail(code, "ligne " + std::to_string(line()) + ", " + why);
        xmlStopParser(context_);
    }

    [[nodiscard]] unsigned line() const {
        return static_cast<unsigned>(std::max(xmlSAX2GetLineNumber(context_), 0));
    }

    void start(std::string name, std::string space, int attribute_count,
               const xmlChar** attributes) {
        if (refused_) return;
        if (open_.size() >= kXmlDepthMax) return refuse(ErrorCode::over_budget, "trop profond");
        if (++elements_ > kXmlElementsMax) {
            return refuse(ErrorCode::over_budget, "trop d'éléments");
        }
        if (static_cast<std::size_t>(attribute_count) > kXmlAttributesMax) {
            return refuse(ErrorCode::over_budget, "trop d'attributs");
        }
        XmlNode node{std::move(name), std::move(space), {}, {}, {}, line()};
        for (int i = 0; i < attribute_count; ++i) {
            const xmlChar** const attribute =
                attributes + 5 * i;  // name, prefix, space, value, end
            if (text_of(attribute[2]) == kInstanceSpace) continue;
            node.attributes.push_back(text_of(attribute[0]));
        }
        put(std::move(node));
    }

    // A node's place is stable while it is open: nothing is added beside it before it is closed.
    void put(XmlNode node) {
        if (open_.empty()) {
            root_ = std::move(node);
            open_.push_back(&*root_);
            return;
        }
        std::vector<XmlNode>& siblings = open_.back()->children;
        siblings.push_back(std::move(node));
        open_.push_back(&siblings.back());
    }

    void end() {
        if (!refused_ && !open_.empty()) open_.pop_back();
    }

    xmlParserCtxt* context_ = nullptr;
    std::optional<XmlNode> root_;
    std::vector<XmlNode*> open_;
    std::size_t elements_ = 0;
    std::optional<Error> refused_;
    std::string why_;
};

}  // namespace

Result<XmlNode> parse_xml(ByteView bytes) {
    if (bytes.size() > kXmlBytesMax) {
        return fail(ErrorCode::too_large, "plus de " + std::to_string(kXmlBytesMax) + " octets");
    }
    return Builder().build(bytes);
}

}  // namespace relais::cap
