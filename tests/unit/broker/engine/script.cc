#include "tests/unit/broker/engine/script.h"
#include "tests/support/engine/unpacked.h"

#include "core/base/contexts.h"
#include "core/codecs/codecs.h"
#include "core/merkle/tree.h"

namespace relais::broker {

RandomCase::RandomCase(EngineBench& bench, std::uint64_t seed)
    : thread(bench), bench_(bench), random_(seed) {
    attach_sides(bench, thread);
}

ErrorCode RandomCase::next() {
    steps_.push_back(choose());
    answers_.push_back(play(bench_, thread, steps_.back()));
    return answers_.back();
}

ScriptStep RandomCase::choose_act() {
    const auto& kind = admission_kind();
    const int side = static_cast<int>(random_.below(3)) - 1;
    const int to = static_cast<int>(random_.below(2));
    const auto stored = thread.stored();
    std::string act = kind.acts[random_.below(kind.acts.size())].name;
    if (!stored && !random_.one_in(10))
        return {ScriptStep::What::submit, kOpener, thread.make(kOpener, "call", to), {}};
    if (stored && !random_.one_in(5)) {
        const auto possible = workflow::possible_acts(kind, stored->thread,
                                                      test::address(AdmissionCase::mailbox(side)));
        if (!possible.empty()) act = kind.acts[possible[random_.below(possible.size())]].name;
    }
    return {ScriptStep::What::submit, side, thread.make(side, act, to), {}};
}

namespace {

// A statement over what stands in a lane behind the station's cursor; none where nothing does.
std::optional<Bytes> statement(EngineBench& bench, AdmissionCase& thread, int side,
                               std::uint64_t count) {
    const auto& station = bench.station_of(thread.session(side));
    const SessionId reader = thread.session(side);
    const wire::Body body = bench.attach(reader, AdmissionCase::mailbox(side), 0);
    const auto& attached = std::get<wire::Attached>(body);
    const auto& urgent = attached.lanes[static_cast<std::size_t>(Lane::urgent)];
    const std::uint64_t first = urgent.acknowledged.value + 1;
    const std::uint64_t last = std::min(urgent.last.value, first + count);
    if (last < first) return std::nullopt;
    std::vector<Digest> digests;
    const auto records = bench.log_of(AdmissionCase::mailbox(side));
    for (std::uint64_t seq = first; seq <= last; ++seq) {
        const LogRecord& record = records[seq - 1];
        if (const auto* ref = std::get_if<EnvelopeRef>(&record)) {
            const auto stored = bench.sqlite().envelope(ref->number).value();
            digests.push_back(Envelope::parse(stored.bytes).value().digest());
        } else if (const auto* notice = std::get_if<NoticeEntry>(&record)) {
            digests.push_back(entry_digest(*notice));
        } else {
            digests.push_back(std::get<Tombstone>(record).digest);
        }
    }
    const DeliveredStatement said{station.id,
                                  test::address(AdmissionCase::mailbox(side)),
                                  attached.incarnation,
                                  Lane::urgent,
                                  {first},
                                  {last},
                                  merkle::tree_root(digests)};
    return encode_statement(
        make_statement(contexts::kDelivered, encode_delivered(said), *station.signing));
}

}  // namespace

ScriptStep RandomCase::choose() {
    switch (random_.below(8)) {
        case 0: {  // the same again
            std::vector<const ScriptStep*> sent;
            for (const ScriptStep& step : steps_) {
                if (step.what == ScriptStep::What::submit) sent.push_back(&step);
            }
            if (!sent.empty()) return *sent[random_.below(sent.size())];
            return choose_act();
        }
        case 1:
            return {
                ScriptStep::What::idle, kOpener, {}, Milliseconds(random_.below(30) * 60'000 + 1)};
        case 2: {
            const int side = static_cast<int>(random_.below(3)) - 1;
            auto said = statement(bench_, thread, side, random_.below(4));
            if (said) return {ScriptStep::What::acknowledge, side, *std::move(said), {}};
            return choose_act();
        }
        case 3:
            if (random_.one_in(6)) {
                return {ScriptStep::What::idle,
                        kOpener,
                        {},
                        Milliseconds(random_.below(15) * 24 * 3'600'000 + 1)};
            }
            return choose_act();
        default: return choose_act();
    }
}

void attach_sides(EngineBench& bench, AdmissionCase& thread) {
    for (const int side : {kOpener, kGeri, kCardio}) {
        bench.attach(thread.session(side), AdmissionCase::mailbox(side), 0);
    }
}

ErrorCode play(EngineBench& bench, AdmissionCase& thread, const ScriptStep& step) {
    switch (step.what) {
        case ScriptStep::What::submit: return code_of(thread.send(step.side, step.bytes));
        case ScriptStep::What::acknowledge:
            return code_of(bench.ask(thread.session(step.side), wire::Acknowledge{step.bytes}));
        case ScriptStep::What::idle: bench.idle(step.time); return ErrorCode::ok;
    }
    return ErrorCode::internal;
}

namespace {

void dump(SqliteStore& store, const char* sql, int columns, std::string& out) {
    Query query = store.database().query(sql);
    out += std::string(sql) + "\n";
    while (query.row().value()) {
        for (int column = 0; column < columns; ++column) {
            out += hex(query.blob(column)) + "|";
        }
        out += "\n";
    }
}

}  // namespace

std::string everything(SqliteStore& store) {
    std::string out = lasting(store);
    const Unpacked tables(store.database());
    dump(store, "SELECT * FROM value ORDER BY name", 2, out);
    dump(store, "SELECT * FROM audit_leaf ORDER BY position", 2, out);
    dump(store, "SELECT * FROM checkpoint ORDER BY log, size", 3, out);
    dump(store, "SELECT * FROM tile ORDER BY key", 2, out);
    dump(store, "SELECT * FROM envelope ORDER BY number", 7, out);
    dump(store, "SELECT * FROM remembered ORDER BY id, station", 8, out);
    return out;
}

std::string lasting(SqliteStore& store) {
    const Unpacked tables(store.database());
    std::string out;
    dump(store, "SELECT * FROM channel ORDER BY id", 2, out);
    dump(store, "SELECT * FROM log ORDER BY channel, lane, seq", 9, out);
    dump(store, "SELECT number, bytes, places FROM envelope ORDER BY number", 3, out);
    dump(store,
         "SELECT id, station, digest, number FROM remembered WHERE code = 0 ORDER BY id, station",
         4, out);
    dump(store, "SELECT * FROM counter ORDER BY station, channel, lane", 4, out);
    dump(store, "SELECT * FROM cursor ORDER BY channel, lane, station", 4, out);
    dump(store, "SELECT * FROM thread ORDER BY id", 2, out);
    dump(store, "SELECT * FROM timer WHERE kind < 4 ORDER BY kind, at, key", 3, out);
    dump(store, "SELECT * FROM held ORDER BY thread, condition, channel, number", 7, out);
    return out;
}

}  // namespace relais::broker
