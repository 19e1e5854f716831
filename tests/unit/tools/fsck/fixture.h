// fixture.h: a store as a real engine leaves it: one thread in which a bed was chosen (with boxes
// held, and released), deliveries acknowledged, a message opened; one thread that still waits, its
// clocks running and its boxes held.
#pragma once

#include <algorithm>

#include "core/base/contexts.h"
#include "tests/support/engine/admission_case.h"
#include "tests/support/engine/unpacked.h"
#include "tools/fsck/check.h"

namespace relais::fsck {

// So that the directory vouches for the heads that the bench signs.
inline void name_log_keys(broker::EngineBench& bench) {
    auto body = bench.territory.domain_body();
    body.audit_log = bench.audit_key();
    body.directory_log = Ed25519Key::from_seed(Secret::copy_of(Bytes(32, 1))).value().public_key();
    bench.territory.append("", *bench.territory.authority(), body);
    bench.publish_directory();
}

class StoredTerritory {
public:
    StoredTerritory() : chosen(bench), waiting(bench) {
        name_log_keys(bench);
        using broker::AdmissionCase;
        attach_all();
        for (const char* act : {"call", "deposit"}) act_of(chosen, AdmissionCase::kOpener, act);
        act_of(chosen, 0, "offer");
        act_of(chosen, 1, "offer");
        acknowledge_all();
        act_of(chosen, AdmissionCase::kOpener, "choose");
        for (const char* act : {"call", "deposit"}) act_of(waiting, AdmissionCase::kOpener, act);
        acknowledge_all();
        bench.idle(std::chrono::seconds(5));
    }

    Report check() { return check_store(bench.sqlite()).value(); }
    // Names of the problems, each once.
    std::set<std::string> problems() {
        std::set<std::string> names;
        for (const Problem& problem : check().problems) names.insert(problem.name);
        return names;
    }
    std::string described() {
        std::string text;
        for (const Problem& problem : check().problems) text += problem.describe() + "\n";
        return text;
    }

    // On the store's tables, its packed sequences unpacked.
    void execute(const std::string& sql) {
        broker::Unpacked tables(bench.sqlite().database());
        bench.sqlite().database().execute(sql).value();
        tables.pack();
    }
    // One bit of a blob; `offset` from its end where negative.
    void flip(const char* select, const char* update, int offset) {
        Database& database = bench.sqlite().database();
        broker::Unpacked tables(database);
        Bytes bytes;
        {
            Query query = database.query(select);
            RELAIS_CHECK(query.row().value());
            bytes = to_bytes(query.blob(0));
        }
        const std::size_t at = offset >= 0 ? static_cast<std::size_t>(offset)
                                           : bytes.size() - static_cast<std::size_t>(-offset);
        bytes.at(at) ^= 1;
        database.query(update).bind(bytes).run().value();
        tables.pack();
    }

    void acknowledge_all() {
        bench.settle();
        for (const int side : {-1, 0, 1}) {
            const SessionOf session = chosen.session(side);
            const auto deliveries = bench.take_deliveries(session);
            for (const Lane lane : kLanesByUrgency) acknowledge(session, deliveries, lane);
        }
    }

    using SessionOf = broker::SessionId;
    broker::EngineBench bench;
    broker::AdmissionCase chosen;
    broker::AdmissionCase waiting;

private:
    void attach_all() {
        chosen.reconnect();
        for (const int side : {-1, 0, 1}) {
            bench.attach(chosen.session(side), broker::AdmissionCase::mailbox(side));
        }
    }
    void act_of(broker::AdmissionCase& thread, int side, const char* act) {
        const Bytes envelope = thread.make(side, act);
        const wire::Body body =
            bench.ask(bench.input(chosen.session(side), wire::Submit{envelope}));
        RELAIS_CHECK(std::holds_alternative<wire::Receipt>(body));
    }
    void acknowledge(SessionOf session, const std::vector<wire::Delivery>& all, Lane lane) {
        std::vector<wire::Delivery> of_lane;
        for (const wire::Delivery& delivery : all) {
            if (delivery.lane == lane) of_lane.push_back(delivery);
        }
        if (of_lane.empty()) return;
        if (session == chosen.session(0)) mark(session, of_lane);
        const wire::Body body = bench.acknowledge(session, of_lane);
        RELAIS_CHECK(std::holds_alternative<wire::Done>(body));
    }
    // The first envelope is opened, once.
    void mark(SessionOf session, const std::vector<wire::Delivery>& deliveries) {
        if (std::exchange(marked_, true)) return;
        const auto& entry = std::get<EnvelopeEntry>(deliveries.front().entry);
        const Digest digest = header_digest(entry.header.bytes);
        const MessageId message = parse_header(entry.header.bytes)->id;
        const auto& station = bench.territory.geriatrics_station;
        const auto& person = bench.territory.geriatrician;
        const Address& mailbox = deliveries.front().mailbox;
        const Bytes said =
            encode_mark({person.id, mailbox, message, digest, Word::opened, test::kTestTime});
        const Bytes seen =
            encode_opened({station.id, mailbox, message, digest, Word::opened, test::kTestTime});
        const wire::Body body = bench.ask(
            session,
            wire::MarkEntry{
                encode_statement(make_statement(contexts::kMark, said, *person.key)),
                encode_statement(make_statement(contexts::kOpened, seen, *station.signing))});
        RELAIS_CHECK(std::holds_alternative<wire::Done>(body));
    }

    bool marked_ = false;
};

}  // namespace relais::fsck
