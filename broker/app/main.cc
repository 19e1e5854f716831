// main.cc: relais-broker, the program.
#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>

#include "broker/app/broker.h"
#include "broker/app/installation.h"
#include "broker/app/spdlog_log.h"
#include "core/base/process.h"

namespace {

using relais::broker::Config;

relais::LogLevel level_of(Config::LogLevel level) { return static_cast<relais::LogLevel>(level); }

// relais-enrolment is installed beside this program.
std::string beside_this_program(const char* name) {
    std::error_code failed;
    const auto self = std::filesystem::read_symlink("/proc/self/exe", failed);
    return failed ? std::string(name) : (self.parent_path() / name).string();
}

int report(const relais::Error& error) {
    const relais::ErrorInfo& info = relais::error_info(error.code);
    std::cerr << "relais-broker: " << info.english << ": " << error.detail << " (" << info.name
              << ")\n";
    return info.exit_code;
}

// A line a finding; the exit code is that of the first bad one.
int check(const Config& config, const std::string& path, const std::string& enrolment) {
    std::cout << "good  configuration: " << path << "\n";
    int exit_code = 0;
    for (const relais::broker::Finding& finding :
         relais::broker::check_installation(config, enrolment)) {
        const bool good = finding.state.ok();
        std::cout << (good ? "good  " : "BAD   ") << finding.what
                  << (good ? "" : ": " + finding.state.error().describe()) << "\n";
        if (!good && exit_code == 0) {
            exit_code = relais::error_info(finding.state.code()).exit_code;
        }
    }
    return exit_code;
}

}  // namespace

int main(int argc, char** argv) {
    relais::leave_no_core_file();
    CLI::App app{
        "Relais broker: carries sealed exchanges between the organisations of one domain.\n"
        "Make its folder and configuration with `relais-admin init`, then run it, one process a\n"
        "domain. It stops cleanly on SIGTERM. See docs/operations.md."};
    std::string config_path;
    bool check_only = false;
    relais::broker::RunOptions options;
    app.add_option("--config", config_path, "Configuration file (TOML)")->required();
    app.add_flag("--check", check_only,
                 "Say what is wrong with configuration, folders, keys and programs, and end");
    app.add_flag("--after-restore", options.after_restore,
                 "First start on a restored folder: begin a new incarnation");
    app.set_version_flag("--version", "relais-broker " RELAIS_VERSION);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {  // --help and --version too
        return app.exit(error) == 0 ? 0 : relais::error_info(relais::ErrorCode::usage).exit_code;
    }

    const auto config = relais::broker::read_config(config_path);
    if (!config.ok()) return report(config.error());
    options.enrolment_program = beside_this_program("relais-enrolment");
    if (check_only) return check(*config, config_path, options.enrolment_program);
    const auto log = relais::broker::make_log(level_of(config->log_level));
    const auto ended = relais::broker::run_broker(*config, options, *log);
    return ended.ok() ? 0 : report(ended.error());
}
