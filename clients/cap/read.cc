// read.cc: a CAP document held against the dictionary, element by element, and kept as JSON.
#include <nlohmann/json.hpp>

#include "clients/cap/dictionary.h"
#include "clients/cap/message.h"
#include "clients/cap/values.h"
#include "clients/cap/xml.h"

namespace relais::cap {

namespace {

using nlohmann::json;

constexpr std::string_view kAnyVersion = "urn:oasis:names:tc:emergency:cap:";
constexpr std::string_view kSignatures = "http://www.w3.org/2000/09/xmldsig#";
constexpr std::size_t kFindingsMax = 100;

// A carriage return comes only as a character reference; a line ends with a line feed here.
std::string without_returns(const std::string& text) {
    std::string made;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool pair = text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n';
        if (!pair) made += text[i] == '\r' ? '\n' : text[i];
    }
    return made;
}

// White space as XML Schema treats it for the type: texts and choices keep theirs.
std::string normalised(const Rule& rule, const std::string& text) {
    switch (rule.type) {
        case Type::text:
        case Type::name:
        case Type::choice:
        case Type::group: return without_returns(text);
        default: return collapsed(text);
    }
}

class Reader {
public:
    explicit Reader(Findings& findings) : findings_(findings) {}

    json read(const XmlNode& root) { return group(root, alert_rule(), ""); }

private:
    // Children in the order of the rule's parts.
    json group(const XmlNode& node, const Rule& rule, const std::string& path) {
        check_attributes(node, path);
        if (!collapsed(node.text).empty()) error(node, path, "texte hors d'un élément");
        json made = json::object();
        std::size_t place = 0;
        for (const XmlNode& child : node.children) {
            if (child.space != kNamespace) {
                foreign(child, path);
                continue;
            }
            const auto part = place_of(rule, child.name);
            if (!part) {
                error(child, join(path, plain(child.name)), "élément inconnu de CAP 1.2 ici");
                continue;
            }
            member(child, rule.parts()[*part], *part, place, path, made);
        }
        check_presence(node, rule, path, made);
        return made;
    }

    void member(const XmlNode& child, const Rule& part, std::size_t index, std::size_t& place,
                const std::string& path, json& made) {
        const std::string name(part.name);
        const bool again = made.contains(name);
        const std::string where =
            join(path, name) +
            (again && part.repeated ? "[" + std::to_string(made[name].size() + 1) + "]" : "");
        if (index < place) {
            error(child, where, "mal placé : l'ordre des éléments est celui du schéma");
            return;
        }
        place = index;
        if (again && !part.repeated) {
            error(child, where, "répété");
            return;
        }
        json value =
            part.type == Type::group ? group(child, part, where) : json(text(child, part, where));
        if (value.is_string() && value.get_ref<const std::string&>().empty()) return;
        if (part.repeated) {
            made[name].push_back(std::move(value));
        } else {
            made[name] = std::move(value);
        }
    }

    // Empty also where it was refused.
    std::string text(const XmlNode& node, const Rule& rule, const std::string& where) {
        check_attributes(node, where);
        if (!node.children.empty()) {
            error(node.children.front(), where, "un texte est attendu, pas un élément");
            return "";
        }
        std::string value = normalised(rule, node.text);
        const std::string against = objection(rule, value);
        if (!against.empty()) {
            error(node, where, against);
            seen_.push_back(where);
            return "";
        }
        return value;
    }

    void check_presence(const XmlNode& node, const Rule& rule, const std::string& path,
                        const json& made) {
        for (const Rule& part : rule.parts()) {
            const std::string name(part.name);
            if (!part.mandatory || made.contains(name)) continue;
            // What stood there and was refused is not missing as well.
            if (std::ranges::find(seen_, join(path, name)) != seen_.end()) continue;
            error(node, join(path, name), "absent");
        }
    }

    void check_attributes(const XmlNode& node, const std::string& where) {
        if (node.attributes.empty()) return;
        error(node, where, "attribut inconnu de CAP 1.2");
    }

    void foreign(const XmlNode& node, const std::string& path) {
        if (path.empty() && node.space == kSignatures) {
            add({Severity::warning, node.line, plain(node.name),
                 "signature XML ni vérifiée ni gardée"});
            return;
        }
        error(node, join(path, plain(node.name)), "hors de l'espace de noms de CAP 1.2");
    }

    static std::optional<std::size_t> place_of(const Rule& rule, const std::string& name) {
        const auto parts = rule.parts();
        const auto found = std::ranges::find(parts, name, &Rule::name);
        if (found == parts.end()) return std::nullopt;
        return static_cast<std::size_t>(found - parts.begin());
    }

    static std::string join(const std::string& path, const std::string& name) {
        return path.empty() ? name : path + "/" + name;
    }

    // A name of the document's own: what is no plain word is not shown.
    static std::string plain(const std::string& name) {
        const bool word = name.size() <= 40 && std::ranges::all_of(name, [](char c) {
                              return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
                          });
        return word ? name : "?";
    }

    void error(const XmlNode& node, const std::string& where, std::string message) {
        add({Severity::error, node.line, where, std::move(message)});
    }
    void add(Finding finding) {
        if (findings_.size() < kFindingsMax) findings_.push_back(std::move(finding));
    }

    Findings& findings_;
    std::vector<std::string> seen_;  // refused texts, by path
};

Result<void> check_root(const XmlNode& root) {
    const std::string where = "ligne " + std::to_string(root.line) + ", ";
    if (root.space == kNamespace && root.name == "alert") return {};
    if (root.space.starts_with(kAnyVersion)) {
        return fail(ErrorCode::unsupported_version,
                    where + "seul CAP 1.2 est lu ; demandez-le à l'émetteur dans cette version");
    }
    return fail(ErrorCode::malformed, where + "pas un message CAP 1.2 : <alert xmlns=\"" +
                                          std::string(kNamespace) + "\"> attendu");
}

}  // namespace

Result<json> read_message(ByteView bytes, Findings& findings) {
    RELAIS_ASSIGN(const XmlNode root, parse_xml(bytes));
    RELAIS_TRY(check_root(root));
    json message = Reader(findings).read(root);
    if (first_error(findings) == nullptr) check_rules(message, findings);
    if (const Finding* wrong = first_error(findings)) {
        return fail(ErrorCode::invalid_field, text_of(*wrong));
    }
    return message;
}

}  // namespace relais::cap
