// restore_fixture.h: a domain, a backup of it, and the same domain on that backup.
#pragma once

#include "core/base/contexts.h"
#include "core/merkle/checkpoint.h"
#include "schemas/envelope/notice.h"
#include "tests/support/folder.h"
#include "tests/unit/broker/engine/fixture.h"

namespace relais::broker {

inline constexpr wire::LogName kAudit = wire::LogName::audit;
inline constexpr wire::LogName kDirectory = wire::LogName::directory;

class Restoring : public testing::Test {
protected:
    Restoring() { before.idle(std::chrono::seconds(3)); }

    static BenchOptions on(const std::string& database) {
        BenchOptions options;
        options.database = database;
        return options;
    }
    void back_up() {
        EXPECT_TRUE(before.sqlite().database().copy_to(folder_.file("backup.db")).ok());
        known_ = before.raw_leaves(kDirectory).size();
    }
    // The same domain on the backup, started as one that was restored.
    EngineBench& restore(const std::string& note = "") {
        mark(note);
        start();
        return *after_;
    }
    void start() {
        BenchOptions options = on(folder_.file("backup.db"));
        options.settled = false;
        options.territory = before.shared_territory;
        options.erasures_beside = [this] { return Result<std::vector<Bytes>>(beside_); };
        after_ = std::make_unique<EngineBench>(options);
    }
    // As relais-admin does.
    void mark(const std::string& note) {
        auto store =
            SqliteStore::open(folder_.file("backup.db"), {Database::Mode::existing, "", ""});
        Bytes marker = {1};
        append(marker, note);
        EXPECT_TRUE(store.ok() && (*store)->set_value(kRestoringValue, marker).ok());
    }
    SessionId connect(const test::TestStation& station) { return after_->connect(station); }

    // The entries that the backup lacks, as a station would offer them.
    wire::OfferAgain directory_offer() {
        wire::OfferAgain offer;
        const auto all = before.raw_leaves(kDirectory);
        offer.from = {known_};
        offer.entries.assign(all.begin() + static_cast<std::ptrdiff_t>(known_), all.end());
        offer.directory = before.sqlite().last_checkpoint(kDirectory).value();
        return offer;
    }
    ErrorCode offered(const wire::OfferAgain& offer) {
        return offered_by(before.territory.cpts_station, offer);
    }
    ErrorCode offered_by(const test::TestStation& station, const wire::OfferAgain& offer) {
        return code_of(after_->ask(connect(station), offer));
    }
    std::string audit_head() {
        before.idle(std::chrono::seconds(3));
        return before.sqlite().last_checkpoint(kAudit).value();
    }
    static wire::OfferAgain head_offer(const std::string& note) {
        wire::OfferAgain offer;
        offer.audit = note;
        return offer;
    }
    static wire::OfferAgain erasure_offer(const Bytes& statement) {
        wire::OfferAgain offer;
        offer.erasures = {statement};
        return offer;
    }
    wire::Body submit_again(int side, const Bytes& envelope) {
        const auto& station = side == kOpener ? before.territory.practice_station
                                              : before.territory.geriatrics_station;
        return after_->ask(connect(station), wire::Submit{envelope, true});
    }
    void erase(EngineBench& bench, const MessageId& message) {
        const wire::Administer order{wire::Command::erase, std::nullopt, message,
                                     wire::ErasureReason::request};
        EXPECT_EQ(code_of(bench.ask_as_operator(order)), ErrorCode::ok);
    }
    Leaf last_restored() {
        Leaf found;
        for (Leaf& leaf : after_->leaves()) {
            if (leaf.event == Event::restored) found = std::move(leaf);
        }
        return found;
    }

    test::TestFolder folder_;
    EngineBench before{on(folder_.file("before.db"))};
    AdmissionCase thread{before};
    std::size_t known_ = 0;
    std::vector<Bytes> beside_;  // notices of erasures, as in the journal
    std::unique_ptr<EngineBench> after_;
};

}  // namespace relais::broker
