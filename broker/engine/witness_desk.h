// witness_desk.h: the broker's side of witnessing: gives each new head of a log to the stations
// that cosign it, with the proof that it continues the last one they saw; keeps the lines they send
// back under the head; and says by a leaf when heads wait for them for too long.
//
// A cosignature has no leaf of its own: it would make a new head, to be cosigned in turn, for ever.
// It stands under the head in the store. Confined to the engine.
#pragma once

#include "broker/engine/parts.h"
#include "broker/engine/sessions.h"
#include "schemas/witness/witness.h"

namespace relais::broker {

// For metrics and status.
struct WitnessCounts {
    std::uint64_t asked = 0;      // organisations that the domain asks for
    std::uint64_t known = 0;      // that have a witness which counts
    std::uint64_t following = 0;  // witnesses connected
    struct Log {
        std::uint64_t size = 0;      // of the last head that is witnessed as asked
        std::optional<WallTime> at;  // when it was
        bool late = false;
    };
    Log audit;
    Log directory;
};

class WitnessDesk {
public:
    WitnessDesk(Parts& parts, Sessions& sessions) : parts_(parts), sessions_(sessions) {}

    // Once the logs and the directory are loaded: where witnessing stands.
    void begin();
    // A station that is a witness in the directory follows the heads from the sizes it cosigned.
    // Errors: forbidden  no witness; wrong_position  beyond this broker's heads: the station has
    // seen more than there is.
    Result<void> follow(const Session& session, const wire::FollowCheckpoints& follow);
    // Keeps the line under the head that this session was given. Within a transaction.
    // Errors: forbidden; wrong_position  not the head it was given; malformed, note_invalid  not
    // its line over that head; invalid_field  a clock too far from this one. Nothing is kept then.
    Result<void> cosign(const Session& session, const wire::Cosign& cosign);
    // Its commit is done: the next head may be given, with a proof that begins there. Not before: a
    // step that is undone takes the line again.
    void cosigned(SessionId session, wire::LogName log, std::uint64_t size);

    // Leaves for what has become late or is so no more. Within a transaction.
    Result<void> look();
    // After a commit: heads to those who wait for one. At most one of a log to each.
    Result<void> pump(std::vector<Output>& outputs);
    // When pump() or look() has something to do though nothing arrives.
    [[nodiscard]] std::optional<EngineTime> next() const;

    [[nodiscard]] WitnessCounts counts() const;
    [[nodiscard]] std::string json() const;

private:
    struct Followed {
        std::uint64_t from = 0;              // the size that it cosigned last
        std::optional<std::uint64_t> asked;  // the size that it was given, until it answers
        std::optional<EngineTime> asked_at;
    };
    struct Follower {
        StationId station;
        std::array<Followed, 2> logs;  // audit, directory
    };
    // All witnesses are given the same head, so that one head gets the lines of all.
    struct Round {
        std::uint64_t size = 0;  // 0: none yet
        std::string note;
        EngineTime begun;
    };
    struct Watch {
        EngineTime begun;  // of waiting for a first witnessed head
        witness::Standing standing;
        bool late = false;  // and told
    };
    [[nodiscard]] MerkleLog& log(std::size_t index) const;
    void judge(std::size_t index);
    [[nodiscard]] std::optional<EngineTime> late_at(const Watch& watch) const;
    [[nodiscard]] std::optional<EngineTime> due_at(const Followed& followed,
                                                   std::size_t index) const;
    [[nodiscard]] std::optional<EngineTime> round_at(std::size_t index) const;
    void begin_rounds();
    Result<void> give(SessionId session, Followed& followed, std::size_t index,
                      std::vector<Output>& outputs);
    [[nodiscard]] std::string log_json(std::size_t index) const;

    Parts& parts_;
    Sessions& sessions_;
    std::map<SessionId, Follower> followers_;
    std::array<Round, 2> rounds_;
    std::array<Watch, 2> watches_;
    DirectorySize judged_at_;  // the directory that the standings are by
};

}  // namespace relais::broker
