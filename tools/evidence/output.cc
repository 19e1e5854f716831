#include "tools/evidence/output.h"

#include <cstdio>

#include "core/files/stream.h"

namespace relais::evidence {

namespace {

// Names of files are bytes, which need not be text: one that is none is shown as well as it can be.
void print(const nlohmann::json& value) {
    const auto unreadable = nlohmann::json::error_handler_t::replace;
    std::printf("%s\n", value.dump(2, ' ', false, unreadable).c_str());
}

}  // namespace

void Output::line(const std::string& text) const {
    if (!json) std::printf("%s\n", text.c_str());
}

void Output::result(const nlohmann::json& value) const {
    if (json) print(value);
}

void Output::progress(const std::string& text) const {
    std::fprintf(stderr, "%s: %s\n", program, text.c_str());
}

int Output::failure(const Error& error) const {
    const ErrorInfo& info = error_info(error.code);
    if (json && error.code != ErrorCode::evidence_altered) {
        const nlohmann::json value = {{"error",
                                       {{"code", static_cast<int>(info.code)},
                                        {"name", info.name},
                                        {"text", info.english},
                                        {"detail", error.detail}}}};
        print(value);
    }
    std::fprintf(stderr, "%s: %s%s%s (%s)\n", program, std::string(info.english).c_str(),
                 error.detail.empty() ? "" : ": ", error.detail.c_str(),
                 std::string(info.name).c_str());
    return info.exit_code;
}

int Output::end(const Result<void>& done) const {
    if (!done.ok()) return failure(done.error());
    const Result<void> written = flush_standard_output();
    return written.ok() ? 0 : failure(written.error());
}

nlohmann::json findings_json(const Findings& findings) {
    nlohmann::json list = nlohmann::json::array();
    for (const Finding& finding : findings) {
        nlohmann::json item = {{"damage", damage_name(finding.damage)},
                               {"log", finding.log},
                               {"detail", finding.detail},
                               {"text", finding.describe()}};
        if (finding.index) {
            item["leaf"] = *finding.index;
            item["count"] = finding.count;
        }
        list.push_back(std::move(item));
    }
    return list;
}

}  // namespace relais::evidence
