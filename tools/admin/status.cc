// status.cc: what the broker says of itself, and what can be checked from this machine.
#include "broker/keys/key_files.h"
#include "tools/admin/commands.h"

namespace relais::admin {

namespace {

constexpr std::chrono::seconds kKeyWarning{90 * 24 * 3600};

// One line of a check, and whether all went well so far.
class Report {
public:
    explicit Report(const Output& output) : output_(output) {}

    void add(const std::string& what, const Result<void>& result) {
        output_.line((result.ok() ? "good  " : "BAD   ") + what +
                     (result.ok() ? "" : ": " + result.error().describe()));
        json_.push_back({{"what", what},
                         {"good", result.ok()},
                         {"detail", result.ok() ? "" : result.error().describe()}});
        if (!result.ok() && !first_) first_ = result.error();
    }
    [[nodiscard]] Result<void> finish() const {
        if (first_) {
            output_.beside_error["checks"] = json_;
            return *first_;
        }
        output_.result(json_);
        return {};
    }

private:
    const Output& output_;
    nlohmann::json json_ = nlohmann::json::array();
    std::optional<Error> first_;
};

Result<void> keys_match(const broker::BrokerKeys& keys, const directory::Domain& domain) {
    const bool next = keys.next_broker && keys.next_broker->public_key() == domain.broker_key;
    if (!next && keys.broker.public_key() != domain.broker_key) {
        return fail(ErrorCode::wrong_domain,
                    "the broker key that the directory names is not here (lost with a restore?): "
                    "relais-admin renew-key names another");
    }
    const bool same = keys.curve.public_key == domain.curve_key &&
                      keys.enrolment.public_key == domain.enrolment_key &&
                      keys.directory_log.public_key() == domain.directory_log &&
                      keys.audit_log.public_key() == domain.audit_log;
    if (!same) return fail(ErrorCode::wrong_domain, "keys differ from the directory's");
    return {};
}

Result<void> key_lasts(const directory::Domain& domain) {
    const std::string end = format_utc(domain.broker_key_until);
    const WallTime now = wall_now();
    if (now >= domain.broker_key_until) {
        return fail(ErrorCode::revoked,
                    "since " + end +
                        " stations take nothing that this broker signs: relais-admin "
                        "renew-key, with the authority's key file");
    }
    if (now + kKeyWarning > domain.broker_key_until) {
        return fail(ErrorCode::revoked,
                    "until " + end +
                        " alone; then stations take nothing: relais-admin renew-key, with the "
                        "authority's key file");
    }
    return {};
}

Result<void> clock_good(const nlohmann::json& status) {
    if (status.value("clock_suspect", false)) {
        return fail(ErrorCode::busy,
                    "the clock is suspect: nothing expires until it is right, or relais-admin "
                    "trust-clock says so");
    }
    return {};
}

}  // namespace

Result<void> status(Operator& op, const Output& output) {
    RELAIS_ASSIGN(const nlohmann::json status, op.status());
    for (const auto& [key, value] : status.items()) {
        output.line(key + std::string(20 - std::min<std::size_t>(key.size(), 19), ' ') +
                    (value.is_string() ? value.get<std::string>() : value.dump()));
    }
    output.result(status);
    return {};
}

Result<void> check(const std::filesystem::path& config_file, const Output& output) {
    Report report(output);
    const auto config = broker::read_config(config_file);
    report.add("configuration", config.ok() ? Result<void>{} : Result<void>(config.error()));
    if (!config.ok()) return report.finish();
    const auto keys = broker::read_keys(config->keys_folder());
    report.add("keys of the broker", keys.ok() ? Result<void>{} : Result<void>(keys.error()));
    auto op = Operator::connect(config_file);
    report.add("broker running", op.ok() ? Result<void>{} : Result<void>(op.error()));
    if (!op.ok()) return report.finish();
    const auto state = op->directory();
    report.add("directory verified", state.ok() ? Result<void>{} : Result<void>(state.error()));
    if (state.ok() && state->domain() != nullptr) {
        const directory::Domain& domain = *state->domain();
        if (keys.ok()) report.add("keys are the directory's", keys_match(*keys, domain));
        report.add("broker key not near its end", key_lasts(domain));
        report.add("accepts, commits and signs", probe(*op, domain));
    }
    const auto status = op->status();
    report.add("clock", status.ok() ? clock_good(*status) : Result<void>(status.error()));
    return report.finish();
}

Result<void> trust_clock(Operator& op, const Output& output) {
    RELAIS_TRY(op.client().ask(wire::Administer{wire::Command::trust_clock, std::nullopt}));
    output.line("The present wall clock is trusted.");
    output.result({{"trusted", true}});
    return {};
}

}  // namespace relais::admin
