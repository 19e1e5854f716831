// in_process.h: the broker's engine and store in this process, on a domain's folder: to measure
// them alone, and to fill a folder quickly before a real broker serves it. Confined to one thread.
#pragma once

#include <atomic>
#include <memory>

#include "broker/engine/engine.h"
#include "broker/store/sqlite_store.h"
#include "core/base/system.h"
#include "tests/bench/domain.h"
#include "tests/support/engine/held_keys.h"

namespace relais::bench {

class InProcess {
public:
    // Opens the folder; the first time, gives the engine the domain's directory and kinds.
    explicit InProcess(Domain& domain);

    // Says Hello for that station.
    broker::SessionId connect(const Seat& seat);
    // A submission whose signature counts as checked, by the key that the directory holds. May be
    // made while another thread steps.
    broker::Input submission(broker::SessionId session, const Producer& producer, Bytes envelope);
    // Of that session, without its request.
    broker::Input request(broker::SessionId session, const Producer& producer);
    // One step, of which every answer must be good.
    void step(std::vector<broker::Input> inputs);
    // Steps of `batch` submissions each.
    void submit_all(std::vector<broker::Input> inputs, std::size_t batch);
    broker::Engine& engine() { return *engine_; }
    broker::SqliteStore& store() { return *store_; }
    // Ends as a broker ends: last checkpoint, database closed.
    void close();

private:
    void give_directory();

    Domain& domain_;
    SystemRandom random_;
    SystemClock clock_;
    P256Verifier verifier_;
    std::unique_ptr<broker::SqliteStore> store_;
    std::unique_ptr<broker::SharedDirectory> directory_;
    broker::HeldKeys own_keys_;
    std::unique_ptr<broker::Engine> engine_;
    broker::SessionId last_session_ = 0;
    std::atomic<std::uint64_t> last_number_{0};
};

// Fills the mailboxes of `posts` with `each` notes, evenly from all producers, and closes.
void fill(Domain& domain, const std::vector<std::size_t>& posts, std::size_t each, Lane lane);

}  // namespace relais::bench
