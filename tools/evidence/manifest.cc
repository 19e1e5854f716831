#include "tools/evidence/manifest.h"

#include <nlohmann/json.hpp>

#include "core/codecs/codecs.h"

namespace relais::evidence {

namespace {

nlohmann::json head_json(const merkle::Checkpoint& head, std::uint64_t heads) {
    return {{"origin", head.origin},
            {"size", head.size},
            {"root", base64(head.root.view())},
            {"checkpoints", heads}};
}

}  // namespace

std::string manifest_text(const Manifest& manifest) {
    const nlohmann::json json = {
        {"format", kFormat},
        {"domain", manifest.domain.text()},
        {"authority", hex(manifest.authority.view())},
        {"logs",
         {{"audit", head_json(manifest.audit, manifest.audit_heads)},
          {"directory", head_json(manifest.directory, manifest.directory_heads)}}}};
    return json.dump(2) + "\n";
}

Result<Name> manifest_domain(std::string_view text) {
    const auto json = nlohmann::json::parse(text, nullptr, false);
    if (!json.is_object()) return fail(ErrorCode::malformed, "manifest.json");
    const auto said = [&](const char* field) {
        const auto found = json.find(field);
        return found != json.end() && found->is_string() ? found->get<std::string>() : "";
    };
    if (said("format") != kFormat) return fail(ErrorCode::unsupported_version, "manifest.json");
    return Name::parse(said("domain"));
}

}  // namespace relais::evidence
