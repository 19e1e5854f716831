#include "tools/audit/sources.h"

#include <nlohmann/json.hpp>

namespace relais::audit {

namespace {

constexpr std::size_t kRecordsAtOnce = 256;
constexpr std::size_t kHeadsAtOnce = 256;
constexpr std::chrono::milliseconds kBetweenTries{200};
constexpr int kTries = 150;  // half a minute: a head is signed every few seconds

}  // namespace

Result<BrokerSource> BrokerSource::connect(const std::filesystem::path& socket) {
    RELAIS_ASSIGN(broker::LocalClient client, broker::LocalClient::connect(socket));
    return BrokerSource(std::move(client));
}

Result<std::vector<Bytes>> BrokerSource::records(wire::LogName log, std::uint64_t from) {
    const bool known = log == wire::LogName::audit && from == 0 && !first_.empty();
    if (known) return std::move(first_);
    RELAIS_ASSIGN(auto leaves, client_.ask_for<wire::Leaves>(wire::FetchLeaves{log, from}));
    return std::move(leaves.leaves);
}

Result<std::vector<std::string>> BrokerSource::heads(wire::LogName log, std::uint64_t from_size) {
    for (int tries = 0;; ++tries) {
        RELAIS_ASSIGN(auto page,
                      client_.ask_for<wire::Checkpoints>(wire::FetchCheckpoints{log, from_size}));
        const bool awaited = log == wire::LogName::audit && from_size <= wanted_;
        if (!page.notes.empty() || !awaited) return std::move(page.notes);
        if (tries == kTries) return fail(ErrorCode::not_yet_proven, "the broker signs no new head");
        broker::LocalClient::pause(kBetweenTries);
    }
}

Result<std::uint64_t> BrokerSource::audit_wanted() {
    // The broker leaves a leaf for it, so it is asked once.
    RELAIS_ASSIGN(first_, records(wire::LogName::audit, 0));
    RELAIS_ASSIGN(const auto status, client_.ask_for<wire::Status>(wire::AskStatus{}));
    const auto json = nlohmann::json::parse(status.json, nullptr, false);
    if (!json.is_object() || !json.contains("leaves")) {
        return fail(ErrorCode::malformed, "status of the broker");
    }
    wanted_ = json["leaves"].get<std::uint64_t>();
    return wanted_;
}

Result<StoreSource> StoreSource::open(const std::filesystem::path& data) {
    const std::filesystem::path database = data / "relais.db";
    std::error_code ignored;
    if (!std::filesystem::exists(database, ignored)) {
        return fail(ErrorCode::not_found, database.string());
    }
    RELAIS_ASSIGN(FileLock lock, FileLock::take(data / "lock"));
    RELAIS_ASSIGN(auto store, broker::SqliteStore::open(database.string(),
                                                        {Database::Mode::read_only, "", ""}));
    return StoreSource(std::move(lock), std::move(store));
}

Result<std::vector<Bytes>> StoreSource::records(wire::LogName log, std::uint64_t from) {
    return store_->read_leaves(log, from, kRecordsAtOnce);
}

Result<std::vector<std::string>> StoreSource::heads(wire::LogName log, std::uint64_t from_size) {
    return store_->checkpoints(log, from_size, kHeadsAtOnce);
}

Result<std::optional<std::vector<Digest>>> StoreSource::kept_tile(wire::LogName log, unsigned level,
                                                                  std::uint64_t index) {
    auto hashes = store_->tiles(log).tile(level, index, merkle::kTileWidth);
    if (!hashes.ok()) return std::optional<std::vector<Digest>>();  // the verifier will miss none
    return std::optional(std::move(hashes).value());
}

}  // namespace relais::audit
