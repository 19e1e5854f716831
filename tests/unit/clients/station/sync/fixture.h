// fixture.h: the ward's station in a small territory, with its real keys, kinds and directory; and
// envelopes that the practice really sealed to it, sound or damaged in one way or several.
#pragma once

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "clients/station/sync/judge.h"
#include "core/base/system.h"
#include "core/crypto/ed25519.h"
#include "tests/support/envelopes.h"
#include "tests/support/folder.h"
#include "tests/support/printers.h"
#include "tests/support/small_territory.h"

namespace relais::station {

// What is wrong with an envelope, in the order in which a reader looks.
enum class Damage : int {
    shape,
    signature,
    kind,
    counter,
    head,
    box,
    content,
    digest,
    padding,
    form
};
inline constexpr int kDamages = 10;

// An act to be made; each member that is set departs from what is right.
struct ActDraft {
    std::string act = "call";
    std::vector<PublicField> publics = {{1, 2}};
    Lane lane = Lane::urgent;
    std::uint64_t counter = 1;
    std::optional<DirectoryHead> head{};
    std::optional<PersonId> by{};
    std::optional<Digest> kind{};
    test::TestKey key{};                // that signs; the doctor's otherwise
    Bytes payload{};                    // the form; the example's otherwise
    std::optional<Bytes> padded{};      // instead of padding the payload
    std::optional<DirectorySize> at{};  // what the broker recorded
    EpochNumber epoch{2};
    std::optional<PersonId> attention{};
    bool delegate = false;             // to cardiology, and to the ward in its place
    std::optional<ThreadId> thread{};  // a new one otherwise
};

class World : public testing::Test {
protected:
    World();

    [[nodiscard]] const Digest& kind_digest() const { return kind_digest_; }
    // The bytes of the bundle of kind `admission`, compiled once.
    static const Bytes& bundle();
    [[nodiscard]] std::vector<Bytes> log_bytes(std::size_t from = 0) const;
    // A head of the directory's log as the broker signs it.
    [[nodiscard]] std::string checkpoint(const std::vector<Bytes>& entries) const;
    [[nodiscard]] std::string checkpoint() const { return checkpoint(log_bytes()); }
    // Everything of the territory's log that the replica does not have.
    void catch_up();
    // The replica, from the store alone, as after a restart.
    [[nodiscard]] Replica reloaded() const;

    // The payload of the example of that act, as the station that sends it encodes it.
    [[nodiscard]] Bytes form(const std::string& act, const std::string& form_name) const;
    // As the broker delivers it to the ward.
    [[nodiscard]] EnvelopeEntry make(const ActDraft& draft);
    [[nodiscard]] EnvelopeEntry make(const ActDraft& draft, const std::vector<bool>& damaged);
    [[nodiscard]] wire::Delivery delivery(const EnvelopeEntry& entry);
    [[nodiscard]] ErrorCode received(const EnvelopeEntry& entry);
    [[nodiscard]] ErrorCode opened(const EnvelopeEntry& entry) {
        return judge_->open(entry, ward_).code();
    }

    test::SmallTerritory territory_{{"admission"}};
    test::TestFolder folder_;
    SystemRandom system_random_;
    Ed25519Key log_key_;
    Address ward_ = test::address("geriatrie.ch-valmont@indre");
    Address practice_ = test::address("cabinet@indre");
    std::map<std::pair<std::string, std::uint64_t>, test::TestKey> epochs_;  // by mailbox, number
    Digest kind_digest_;
    Incarnation incarnation_;
    std::uint64_t next_seq_ = 1;

    std::unique_ptr<StationStore> store_;
    std::unique_ptr<Replica> replica_;
    std::unique_ptr<KindShelf> kinds_;
    std::unique_ptr<Keyring> keyring_;
    std::unique_ptr<Judge> judge_;

    // A real epoch of the mailbox, granted to that station.
    void add_epoch(const test::TestOrganisation& organisation, const std::string& unit,
                   std::uint64_t number, const test::TestStation& station);
};

}  // namespace relais::station
