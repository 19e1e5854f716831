// A configuration is taken whole or refused with a line and a reason; what is taken is within its
// bounds, and a comment more changes nothing.
#include "broker/config/config.h"
#include "tests/fuzz/target.h"

namespace relais::fuzz {

namespace {

void check_bounds(const broker::Config& config) {
    RELAIS_CHECK(is_slug(config.domain.text()));
    RELAIS_CHECK(config.data.is_absolute());
    RELAIS_CHECK(config.http_port >= 0 && config.http_port <= 65535);
    RELAIS_CHECK(config.sessions_max > 0 && config.undelivered_max > 0);
    RELAIS_CHECK(!config.listen_broker.empty() && !config.listen_enrolment.empty());
}

}  // namespace

bool accepts(ByteView input) {
    const std::string text(as_text(input));
    const auto config = broker::parse_config(text, "relais.toml");
    const auto commented = broker::parse_config(text + "\n# fin\n", "relais.toml");
    if (!config.ok()) {
        RELAIS_CHECK(config.code() == ErrorCode::bad_configuration);
        RELAIS_CHECK(!config.error().detail.empty());
        return false;
    }
    RELAIS_CHECK(commented.ok() && commented->domain == config->domain);
    check_bounds(*config);
    return true;
}

}  // namespace relais::fuzz
