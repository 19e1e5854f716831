// lies.h: what a broker with its operator against its users can do to what it says: the engine is
// the real one, and between it and the sockets stands this. It holds the broker's log keys, as such
// an operator would, and signs heads of its own. It holds no key of an organisation.
//
// Which lie is told is read from a file, a line a lie, so that a test can switch it while the
// broker runs. One thread.
#pragma once

#include <filesystem>
#include <map>
#include <set>

#include "broker/engine/commands.h"
#include "broker/engine/store.h"
#include "core/crypto/ed25519.h"

namespace relais::dishonest {

using broker::Input;
using broker::Output;

struct LogKeys {
    Name domain;
    Ed25519Key& audit;
    Ed25519Key& directory;
};

//   drop MESSAGE MAILBOX     never delivers it there; what follows moves up
//   swap MAILBOX             delivers the next two envelopes there in the other order
//   replay MAILBOX           delivers the next envelope there a second time, under the next number
//   early MAILBOX MESSAGE    delivers what of it is held there, before anything releases it
//   size MAILBOX N           says of envelopes there that they were accepted at that size
//   key STATION              gives it directory entries with another key in each epoch
//   hide STATION POSITION    gives it a directory without that entry, signed as if there were none
//   ignore STATION           takes no head of the audit log that it offers after a restore
//   incarnation new          begins another one when it starts, and says nothing of a restore
//   audit STATION            gives it heads of another audit log, signed
class Lies {
public:
    Lies(std::filesystem::path file, broker::Store& store, const LogKeys& keys)
        : file_(std::move(file)), store_(store), keys_(keys) {}

    // Before the engine loads what it has.
    Result<void> begin();
    // Reads the file again; knows the sessions and envelopes that come in.
    void listen(std::vector<Input>& inputs);
    std::vector<Output> tell(std::vector<Output> outputs);

private:
    using LaneKey = std::tuple<broker::SessionId, std::string, Lane>;
    struct LaneLie {
        std::int64_t shift = 0;
        std::uint64_t last = 0;  // number that was used
        std::optional<wire::Delivery> kept;
    };
    struct Line {
        std::string lie;
        std::string whom;
        std::string what;
    };

    void read_file();
    [[nodiscard]] const Line* line(const std::string& lie, const std::string& whom) const;
    void use_up(const std::string& lie, const std::string& whom);
    void say(broker::SessionId session, std::uint64_t number, wire::Body body);
    void deliver(broker::SessionId session, wire::Delivery delivery);
    void number(broker::SessionId session, wire::Delivery delivery);
    void deliver_early();
    std::optional<EnvelopeEntry> held_for(const Line& early, Lane lane);
    [[nodiscard]] std::set<std::uint64_t> hidden_from(broker::SessionId session) const;
    [[nodiscard]] std::string name_of(broker::SessionId session) const;
    void alter(broker::SessionId session, wire::Body& body);
    void alter_entries(broker::SessionId session, wire::DirectoryEntries& entries);
    [[nodiscard]] std::string other_head(const std::string& note);
    // The directory of a station that entries are hidden from: its tree as far as entry `end`.
    [[nodiscard]] std::vector<Digest> shown_leaves(const std::set<std::uint64_t>& hidden,
                                                   std::uint64_t end) const;
    [[nodiscard]] std::string shown_head(const std::vector<Digest>& leaves);
    [[nodiscard]] wire::Consistency shown_consistency(const std::set<std::uint64_t>& hidden,
                                                      const wire::Consistency& honest);

    std::filesystem::path file_;
    broker::Store& store_;
    LogKeys keys_;
    std::vector<Line> lines_;
    std::set<std::string> used_up_;
    std::map<broker::SessionId, StationId> stations_;
    std::vector<MessageId> held_;  // envelopes with a box that waits
    std::map<LaneKey, LaneLie> lanes_;
    std::vector<Output> said_;
};

}  // namespace relais::dishonest
