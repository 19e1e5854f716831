#include "clients/cli/reading.h"

namespace relais::cli {

namespace {

// What the service says to a station that it does not serve, or no more.
bool refuses(ErrorCode code) {
    return code == ErrorCode::unknown_key || code == ErrorCode::revoked ||
           code == ErrorCode::suspended;
}

}  // namespace

Result<station::Station*> Reading::open() {
    auto opened = context_.open_and_synchronise();
    if (opened.ok() || !refuses(opened.code())) return opened;
    refused_ = opened.error();
    RELAIS_ASSIGN(station::Station* const station, context_.open());
    context_.out.notice("relais : le service n'admet plus ce poste ; voici ce qu'il a déjà.");
    return station;
}

Result<void> Reading::shown(nlohmann::json document) {
    if (refused_.ok()) {
        context_.out.result(std::move(document));
        return {};
    }
    for (auto& [key, value] : document.items()) context_.out.attach(key, std::move(value));
    return refused_;
}

}  // namespace relais::cli
