#include "tests/process/support/rung_services.h"

#include "core/codecs/codecs.h"
#include "core/files/files.h"
#include "tests/process/support/must.h"

namespace relais::test {

RungServices::RungServices(std::filesystem::path folder)
    : folder_(std::move(folder)), smtp_(free_port()), plain_(free_port()), https_(free_port()) {
    std::filesystem::create_directories(folder_);
    child_ = std::make_unique<Child>(
        "/usr/bin/python3",
        std::vector<std::string>{"-B", RELAIS_SOURCE_DIR "/tests/process/support/rung_services.py",
                                 folder_.string(), std::to_string(smtp_), std::to_string(plain_),
                                 std::to_string(https_)});
    if (!child_->wait_for_line("ready")) fail_test("no services to ring: " + child_->said());
}

void RungServices::set_mood(const std::string& mood) const {
    must(write_file(folder_ / "mood", as_bytes(mood), 0600, Replace::yes));
}

RungServices::Received RungServices::next(const std::string& what) {
    const auto line = child_->wait_for_line(what + " {");
    if (!line) fail_test("no " + what + " came: " + child_->said());
    auto about = nlohmann::json::parse(line->substr(what.size()));
    const Bytes data = must(parse_base64(about.value("data", "")));
    return {what, std::move(about), std::string(as_text(data))};
}

}  // namespace relais::test
