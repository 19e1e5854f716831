#include "tools/admin/output.h"

#include <cstdio>

namespace relais::admin {

void Output::line(const std::string& text) const {
    if (!json) std::printf("%s\n", text.c_str());
}

void Output::result(const nlohmann::json& value) const {
    if (json) std::printf("%s\n", value.dump(2).c_str());
}

int Output::failure(const Error& error) const {
    const ErrorInfo& info = error_info(error.code);
    if (json) {
        nlohmann::json value = beside_error;
        value["error"] = {{"code", static_cast<int>(info.code)},
                          {"name", info.name},
                          {"text", info.english},
                          {"detail", error.detail}};
        std::printf("%s\n", value.dump(2).c_str());
    }
    std::fprintf(stderr, "relais-admin: %s%s%s (%s)\n", std::string(info.english).c_str(),
                 error.detail.empty() ? "" : ": ", error.detail.c_str(),
                 std::string(info.name).c_str());
    return info.exit_code;
}

}  // namespace relais::admin
