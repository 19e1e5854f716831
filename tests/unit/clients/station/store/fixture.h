// fixture.h: a station's store in a folder of its own, and entries to put in it.
#pragma once

#include <gtest/gtest.h>

#include "clients/station/store/station_store.h"
#include "core/base/system.h"
#include "tests/support/envelopes.h"
#include "tests/support/folder.h"
#include "tests/support/printers.h"
#include "tests/support/random.h"

namespace relais::station {

class StoreTest : public testing::Test {
protected:
    StoreTest() : store_(open(1).value()) {}

    // Under the key made of one repeated byte.
    [[nodiscard]] Result<std::unique_ptr<StationStore>> open(
        std::uint8_t key, Database::Mode mode = Database::Mode::create) {
        Secret bytes(32);
        for (auto& byte : bytes.expose_mutable()) byte = key;
        return StationStore::open(path(), mode, RowSealer(std::move(bytes), system_random_));
    }
    // Closes and opens again, as a restart does.
    void restart() {
        store_.reset();
        store_ = open(1).value();
    }
    [[nodiscard]] std::string path() const { return folder_.file("station.db"); }
    // The file as whoever steals it sees and changes it.
    [[nodiscard]] Database raw() const {
        return Database::open(path(), {Database::Mode::existing, ""}).value();
    }

    [[nodiscard]] StoredEntry entry(std::uint64_t seq, Bytes statement = {1, 2, 3},
                                    Lane lane = Lane::urgent) {
        return {
            .serial = 0,
            .delivery = {mailbox_, incarnation_, lane, {seq}, NoticeEntry{std::move(statement)}},
            .digest = random_.make<Digest>(),
            .thread = std::nullopt,
            .message = std::nullopt,
            .status = ErrorCode::ok};
    }
    [[nodiscard]] std::vector<std::uint64_t> serials(std::uint64_t after = 0,
                                                     std::size_t count = 1000) {
        const std::vector<StoredEntry> entries = store_->entries(after, count).value();
        std::vector<std::uint64_t> list;
        for (const StoredEntry& each : entries) list.push_back(each.serial);
        return list;
    }
    [[nodiscard]] std::vector<std::uint64_t> queued(std::uint64_t after = 0,
                                                    std::size_t count = 1000) {
        const std::vector<StoredOutgoing> waiting = store_->queued(after, count).value();
        std::vector<std::uint64_t> list;
        for (const StoredOutgoing& each : waiting) list.push_back(each.serial);
        return list;
    }

    test::TestFolder folder_;
    SystemRandom system_random_;
    test::SeededRandom random_{41};
    Address mailbox_ = test::address("geriatrie.ch-valmont@indre");
    Address other_ = test::address("cardiologie.ch-valmont@indre");
    Incarnation incarnation_ = random_.make<Incarnation>();
    std::unique_ptr<StationStore> store_;
};

}  // namespace relais::station
