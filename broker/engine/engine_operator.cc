// engine_operator.cc: what the operator's local socket asks: state, evidence, and a few commands,
// each with its leaf.
#include <algorithm>

#include "broker/engine/engine.h"
#include "core/base/contexts.h"
#include "core/base/limits.h"
#include "core/codecs/codecs.h"

namespace relais::broker {

namespace {

constexpr std::size_t kLeavesBytesPerFrame = 512 * 1024;
constexpr std::size_t kCheckpointsPerFrame = 256;

Error registrar_only() { return fail(ErrorCode::forbidden, "the operator's socket only"); }

std::string json_number(const char* name, std::uint64_t value) {
    return std::string("\"") + name + "\":" + std::to_string(value);
}

}  // namespace

Result<wire::Body> Engine::handle(const Input& input, const wire::AskStatus&) {
    if (input.principal != Principal::registrar) return registrar_only();
    const EngineCounts now = counts();
    std::string json = "{\"domain\":\"" + options_.domain.text() + "\",\"incarnation\":\"" +
                       hex(incarnation_.view()) +
                       "\",\"clock_suspect\":" + (time_.suspect() ? "true" : "false") +
                       ",\"endpoint\":\"" + endpoint_ + "\",\"enrolment_endpoint\":\"" +
                       enrolment_endpoint_ + "\",\"audit_origin\":\"" + audit_log_.origin() +
                       "\",\"restored\":" + (restoration_.told() ? "true" : "false") +
                       ",\"restore_open\":" + (restoration_.open() ? "true" : "false");
    for (const auto& [name, value] : std::initializer_list<std::pair<const char*, std::uint64_t>>{
             {"accepted", now.accepted},
             {"refused", now.refused},
             {"duplicates", now.duplicates},
             {"acknowledged", now.acknowledged},
             {"rung", now.rung},
             {"ring_failures", now.ring_failures},
             {"undelivered", now.undelivered},
             {"sessions", now.sessions},
             {"mailboxes", mailboxes_.count()},
             {"leaves", now.leaves},
             {"checkpoint_size", audit_log_.checkpoint_size()},
             {"directory_entries", now.directory_entries},
             {"invitations_open", enrolment_.open_count()}}) {
        json += "," + json_number(name, value);
    }
    RELAIS_ASSIGN(const std::string silence, reckoner_.json());
    return wire::Body(wire::Status{json + ",\"witnesses\":" + witness_desk_.json() +
                                   ",\"silence\":" + silence + "}"});
}

// The commit of this step is part of the probe: its answer leaves only after it. A broker whose key
// is over is not well: stations take nothing that it signs.
Result<wire::Body> Engine::handle(const Input& input, const wire::Probe&) {
    if (input.principal != Principal::registrar) return registrar_only();
    const directory::Domain* domain = broker_signer_.named();
    if (domain == nullptr) return fail(ErrorCode::ahead_of_directory, "no domain entry");
    if (time_.wall() >= domain->broker_key_until) {
        return fail(ErrorCode::revoked, "the broker's key is over: stations take nothing from it");
    }
    Bytes time;
    append_u64(time, static_cast<std::uint64_t>(time_.time().ms));
    RELAIS_TRY(store_.set_value("probe", time));
    const Signature signature = broker_signer_.sign(signed_message(contexts::kHealth, time));
    return wire::Body(wire::Probed{std::move(time), signature});
}

Result<wire::Body> Engine::handle(const Input& input, const wire::FetchLeaves& fetch) {
    if (input.principal != Principal::registrar) return registrar_only();
    if (fetch.from == 0 && fetch.log == wire::LogName::audit) {
        RELAIS_TRY(auditor_.record(leaf_of(Event::evidence_read)));
    }
    RELAIS_ASSIGN(auto leaves,
                  store_.read_leaves(fetch.log, std::min(fetch.from, limits::kNumberMax),
                                     limits::kEntriesPerFrameMax));
    std::size_t bytes = 0;
    std::size_t count = 0;
    while (count < leaves.size() && bytes < kLeavesBytesPerFrame) bytes += leaves[count++].size();
    leaves.resize(count);
    return wire::Body(wire::Leaves{fetch.from, std::move(leaves)});
}

Result<wire::Body> Engine::handle(const Input& input, const wire::FetchCheckpoints& fetch) {
    if (input.principal != Principal::registrar) return registrar_only();
    RELAIS_ASSIGN(auto notes,
                  store_.checkpoints(fetch.log, std::min(fetch.from_size, limits::kNumberMax),
                                     kCheckpointsPerFrame));
    return wire::Body(wire::Checkpoints{std::move(notes)});
}

Result<wire::Body> Engine::handle(const Input& input, const wire::Administer& administer) {
    if (input.principal != Principal::registrar) return registrar_only();
    Leaf leaf = leaf_of(Event::administered);
    switch (administer.command) {
        case wire::Command::trust_clock:
            leaf.subject = "trust_clock";
            if (time_.suspect()) RELAIS_TRY(reckoner_.interrupted());
            time_.trust(time_.record().reading);
            RELAIS_TRY(store_.set_time(time_.record()));
            break;
        case wire::Command::close_invitation:
            if (!administer.locator) return fail(ErrorCode::missing_field, "locator");
            leaf.subject = "close_invitation";
            RELAIS_TRY(enrolment_.close(input, *administer.locator));
            break;
        case wire::Command::erase:
            leaf.subject = "erase";
            leaf.message = administer.message;
            RELAIS_TRY(erase(administer));
            break;
        case wire::Command::note_backup: leaf.subject = "backup"; break;
        case wire::Command::settle:
            leaf.subject = "settle";
            RELAIS_TRY(restoration_.settle());
            break;
        case wire::Command::make_broker_key: {
            leaf.subject = "make_broker_key";
            const auto made = broker_signer_.make_next();
            // Its file is none of the store's: what it does not allow fails no step.
            if (!made.ok()) return fail(ErrorCode::busy, "keys: " + made.error().describe());
            RELAIS_TRY(auditor_.record(std::move(leaf)));
            return wire::Body(wire::Done{*made});
        }
    }
    RELAIS_TRY(auditor_.record(std::move(leaf)));
    return wire::Body(wire::Done{});
}

Result<void> Engine::erase(const wire::Administer& administer) {
    if (!administer.message) return fail(ErrorCode::missing_field, "message");
    if (!administer.reason) return fail(ErrorCode::missing_field, "reason");
    RELAIS_ASSIGN(const auto places,
                  erasures_.order(*administer.message, administer.from, *administer.reason));
    for (const Place& place : places) sessions_.expired(place);
    return {};
}

}  // namespace relais::broker
