#include "tools/admin/output.h"

#include <cstdio>

#include "core/files/stream.h"

namespace relais::admin {

namespace {

// Names of files are bytes, which need not be text: one that is none is shown as well as it can be.
void print(const nlohmann::json& value) {
    const auto unreadable = nlohmann::json::error_handler_t::replace;
    std::printf("%s\n", value.dump(2, ' ', false, unreadable).c_str());
}

}  // namespace

void Output::line(std::string_view text) const {
    if (json) return;
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fputc('\n', stdout);
}

void Output::result(const nlohmann::json& value) const {
    if (json) print(value);
}

int Output::failure(const Error& error) const {
    const ErrorInfo& info = error_info(error.code);
    if (json) {
        nlohmann::json value = beside_error;
        value["error"] = {{"code", static_cast<int>(info.code)},
                          {"name", info.name},
                          {"text", info.english},
                          {"detail", error.detail}};
        print(value);
    }
    std::fprintf(stderr, "relais-admin: %s%s%s (%s)\n", std::string(info.english).c_str(),
                 error.detail.empty() ? "" : ": ", error.detail.c_str(),
                 std::string(info.name).c_str());
    return info.exit_code;
}

int Output::end(const Result<void>& done) const {
    if (!done.ok()) return failure(done.error());
    const Result<void> written = flush_standard_output();
    return written.ok() ? 0 : failure(written.error());
}

}  // namespace relais::admin
