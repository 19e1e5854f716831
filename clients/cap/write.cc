// write.cc: a CAP message as an XML document, held against the dictionary while it is written: what
// the schema would refuse does not leave.
#include <nlohmann/json.hpp>

#include "clients/cap/dictionary.h"
#include "clients/cap/message.h"

namespace relais::cap {

namespace {

using nlohmann::json;

constexpr std::string_view kDeclaration = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

std::string escaped(const std::string& text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            default: out += c;
        }
    }
    return out;
}

class Writer {
public:
    explicit Writer(Findings& findings) : findings_(findings) {}

    std::string write(const json& message) {
        out_ = kDeclaration;
        out_ += "<alert xmlns=\"" + std::string(kNamespace) + "\">\n";
        parts(message, alert_rule(), "", "  ");
        return out_ + "</alert>\n";
    }

private:
    void parts(const json& group, const Rule& rule, const std::string& path,
               const std::string& margin) {
        for (const Rule& part : rule.parts()) {
            const std::string name(part.name);
            const std::string where = path.empty() ? name : path + "/" + name;
            const auto found = group.find(name);
            if (found == group.end() || found->empty()) {
                if (part.mandatory) error(where, "absent");
                continue;
            }
            if (!part.repeated) {
                one(*found, part, where, margin);
                continue;
            }
            for (std::size_t i = 0; i < found->size(); ++i) {
                const bool first = i == 0;
                one((*found)[i], part, first ? where : where + "[" + std::to_string(i + 1) + "]",
                    margin);
            }
        }
    }

    void one(const json& value, const Rule& rule, const std::string& where,
             const std::string& margin) {
        const std::string name(rule.name);
        if (rule.type == Type::group) {
            out_ += margin + "<" + name + ">\n";
            parts(value, rule, where, margin + "  ");
            out_ += margin + "</" + name + ">\n";
            return;
        }
        const auto& text = value.get_ref<const std::string&>();
        const std::string against = objection(rule, text);
        if (!against.empty()) error(where, against);
        if (text.empty()) return;
        out_ += margin + "<" + name + ">" + escaped(text) + "</" + name + ">\n";
    }

    void error(const std::string& where, std::string message) {
        findings_.push_back({Severity::error, 0, where, std::move(message)});
    }

    Findings& findings_;
    std::string out_;
};

}  // namespace

Result<std::string> write_message(const json& message, Findings& findings) {
    std::string document = Writer(findings).write(message);
    check_rules(message, findings);
    if (const Finding* wrong = first_error(findings)) {
        return fail(ErrorCode::invalid_field, text_of(*wrong));
    }
    return document;
}

}  // namespace relais::cap
