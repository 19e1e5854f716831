// sources.h: where an export reads: a running broker through its local socket, or the data folder
// of a stopped one.
#pragma once

#include <filesystem>

#include "broker/local_client/local_client.h"
#include "broker/store/sqlite_store.h"
#include "core/files/lock.h"
#include "tools/evidence/export.h"

namespace relais::audit {

// The broker writes a leaf that its evidence was read; the export waits until a signed head covers
// all that had happened when it began, that leaf included.
class BrokerSource final : public evidence::Source {
public:
    // Errors: unreachable  no broker listens there, or it does not let this user in.
    static Result<BrokerSource> connect(const std::filesystem::path& socket);

    Result<std::vector<Bytes>> records(wire::LogName log, std::uint64_t from) override;
    Result<std::vector<std::string>> heads(wire::LogName log, std::uint64_t from_size) override;
    // Its size at the first call, after the leaf of this reading.
    Result<std::uint64_t> audit_wanted() override;

private:
    explicit BrokerSource(broker::LocalClient client) : client_(std::move(client)) {}
    broker::LocalClient client_;
    std::uint64_t wanted_ = 0;
    std::vector<Bytes> first_;  // records of the audit log, already read
};

// Holds the broker's lock, so that none starts meanwhile. Nothing is written: a stopped broker
// cannot note the reading.
class StoreSource final : public evidence::Source {
public:
    // Errors: locked  the broker runs; not_found; those of opening the store.
    static Result<StoreSource> open(const std::filesystem::path& data);

    Result<std::vector<Bytes>> records(wire::LogName log, std::uint64_t from) override;
    Result<std::vector<std::string>> heads(wire::LogName log, std::uint64_t from_size) override;
    Result<std::optional<std::vector<Digest>>> kept_tile(wire::LogName log, unsigned level,
                                                         std::uint64_t index) override;

private:
    StoreSource(FileLock lock, std::unique_ptr<broker::SqliteStore> store)
        : lock_(std::move(lock)), store_(std::move(store)) {}
    FileLock lock_;
    std::unique_ptr<broker::SqliteStore> store_;
};

}  // namespace relais::audit
