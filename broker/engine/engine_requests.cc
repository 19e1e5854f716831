// engine_requests.cc: what stations and invitees ask.
#include <algorithm>

#include "broker/engine/engine.h"
#include "core/base/limits.h"
#include "core/merkle/tree.h"

namespace relais::broker {

Result<wire::Body> Engine::handle(const Input&, const Malformed& malformed) {
    return malformed.error;
}

Result<wire::Body> Engine::handle(const Input& input, const Disconnected&) {
    if (const Session* session = sessions_.find(input.session)) {
        RELAIS_TRY(day_desk_.seen(*session));
    }
    sessions_.close(input.session);
    return wire::Body(wire::Done{});
}

Result<wire::Body> Engine::handle(const Input& input, const KeysRefused& refused) {
    const bool known = !input.station.is_zero();
    auditor_.count_refusals(known ? std::optional(input.station) : std::nullopt, refused.code,
                            refused.count);
    return wire::Body(wire::Done{});
}

Result<wire::Body> Engine::handle(const Input&, const Rung& rung) {
    RELAIS_TRY(rings_.finished(rung));
    if (rung.code == ErrorCode::quota_reached)
        return wire::Body(wire::Done{});  // nobody was called
    ++(rung.code == ErrorCode::ok ? counts_.rung : counts_.ring_failures);
    return wire::Body(wire::Done{});
}

Result<wire::Body> Engine::handle(const Input& input, const wire::Hello& hello) {
    if (input.principal != Principal::station) return fail(ErrorCode::forbidden, "not a station");
    if (hello.protocol != wire::kProtocolVersion) {
        return fail(ErrorCode::unsupported_version,
                    "this broker speaks version " + std::to_string(wire::kProtocolVersion));
    }
    // Said again in its session it changes nothing, and the log does not grow with it.
    if (session_of(input) == nullptr) {
        Leaf leaf = leaf_of(Event::station_attached);
        leaf.station = input.station;
        RELAIS_TRY(auditor_.record(std::move(leaf)));
        sessions_.open(input.session, input.station);
        greeted_.push_back(input.session);
    }
    return wire::Body(wire::Welcome{options_.domain, incarnation_, input.station, time_.wall(),
                                    parts_.state().size(), time_.suspect(), endpoint_,
                                    enrolment_endpoint_, restoration_.told()});
}

Result<wire::Body> Engine::handle(const Input& input, const Submission& submission) {
    Session& session = own_session(input);
    if (stalled(session, submission)) {
        auditor_.count_refusals(input.station, ErrorCode::busy, 1);
        return fail(ErrorCode::busy, "behind one that has to wait");
    }
    RELAIS_ASSIGN(wire::Body body, submissions_.submit(input.station, submission));
    if (const auto* receipt = std::get_if<wire::Receipt>(&body)) {
        ++(receipt->duplicate ? counts_.duplicates : counts_.accepted);
    }
    const auto* refusal = std::get_if<wire::Refusal>(&body);
    note_stall(session, submission, refusal == nullptr ? Retry::never : refusal->retry);
    return body;
}

bool Engine::stalled(const Session& session, const Submission& submission) {
    if (!submission.envelope.ok()) return false;
    const Header& header = submission.envelope->header();
    // Where no more can be noted, all waits but what may clear a place.
    const bool full = session.stalled.size() >= limits::kStalledLanesMax;
    return std::ranges::any_of(header.to, [&](const Recipient& recipient) {
        const auto found = session.stalled.find({recipient.mailbox, header.lane});
        return found == session.stalled.end() ? full : recipient.counter > found->second;
    });
}

void Engine::note_stall(Session& session, const Submission& submission, Retry retry) {
    if (!submission.envelope.ok()) return;
    const Header& header = submission.envelope->header();
    for (const Recipient& recipient : header.to) {
        const std::pair key{recipient.mailbox, header.lane};
        const bool full = session.stalled.size() >= limits::kStalledLanesMax;
        if (retry != Retry::never) {
            if (full && !session.stalled.contains(key)) continue;
            auto& counter = session.stalled.try_emplace(key, recipient.counter).first->second;
            counter = std::min(counter, recipient.counter);
        } else if (const auto found = session.stalled.find(key);
                   found != session.stalled.end() && recipient.counter >= found->second) {
            session.stalled.erase(found);
        }
    }
}

Result<wire::Body> Engine::handle(const Input& input, const wire::Attach& attach) {
    Session& session = own_session(input);
    const auto* station = parts_.state().station(input.station);
    if (!parts_.state().serves(*station, attach.mailbox)) {
        return fail(ErrorCode::not_your_mailbox, attach.mailbox.text());
    }
    if (attach.incarnation && *attach.incarnation != incarnation_) {
        return fail(ErrorCode::wrong_position, "another incarnation");
    }
    RELAIS_ASSIGN(Mailbox* const mailbox, mailboxes_.open(attach.mailbox));
    wire::Attached attached{incarnation_, {}};
    for (const Lane lane : kLanesByUrgency) {
        const auto index = static_cast<std::size_t>(lane);
        const ChannelSeq last = mailbox->lane(lane).last;
        if (attach.lanes[index].next > last.next()) {
            return fail(ErrorCode::wrong_position, attach.mailbox.text());
        }
        RELAIS_ASSIGN(const ChannelSeq cursor,
                      store_.cursor(mailbox->channel, input.station, lane));
        attached.lanes[index] = {cursor, last};
    }
    if (session.subscriptions.size() >= limits::kSubscriptionsMax) {
        return fail(ErrorCode::quota_reached, "subscriptions");
    }
    RELAIS_TRY(day_desk_.connected(*mailbox, input.station));
    sessions_.subscribe(session, *mailbox, attach);
    attached_.emplace_back(input.session, mailbox->channel);
    return wire::Body(std::move(attached));
}

Result<wire::Body> Engine::handle(const Input& input, const Acknowledgement& acknowledgement) {
    Session& session = own_session(input);
    RELAIS_TRY(receipts_.acknowledge(session, acknowledgement));
    const DeliveredStatement& statement = *acknowledgement.statement;
    counts_.acknowledged += statement.last.value - statement.first.value + 1;
    after_commit_.push_back([this, id = input.session, lane = statement.lane,
                             channel = mailboxes_.find(statement.mailbox)->channel,
                             last = statement.last] {
        if (Session* still = sessions_.find(id))
            sessions_.acknowledged(*still, channel, lane, last);
    });
    return wire::Body(wire::Done{});
}

Result<wire::Body> Engine::handle(const Input& input, const Marking& marking) {
    Session& session = own_session(input);
    RELAIS_TRY(receipts_.mark(session, marking));
    return wire::Body(wire::Done{});
}

Result<wire::Body> Engine::handle(const Input& input, const DayStating& stating) {
    RELAIS_ASSIGN(auto counted, day_desk_.state(own_session(input), stating));
    return wire::Body(std::move(counted));
}

Result<wire::Body> Engine::handle(const Input& input, const wire::FollowDirectory& follow) {
    Session& session = own_session(input);
    if (follow.from > parts_.state().size()) return fail(ErrorCode::wrong_position, "directory");
    sessions_.follow_directory(session, follow.from);
    return wire::Body(wire::Done{});
}

Result<wire::Body> Engine::handle(const Input& input, const wire::AppendEntries& append) {
    if (input.principal == Principal::enrolment) return fail(ErrorCode::forbidden);
    if (restoration_.open()) return fail(ErrorCode::not_restored_yet, "settle the restore first");
    RELAIS_TRY(directory_keeper_.append(input, append.entries));
    RELAIS_TRY(directory_changed());
    return wire::Body(wire::Done{});
}

Result<wire::Body> Engine::handle(const Input& input, const wire::OfferAgain& offer) {
    if (input.principal != Principal::station) return fail(ErrorCode::forbidden, "not a station");
    const DirectorySize before = parts_.state().size();
    RELAIS_ASSIGN(const auto places, restoration_.take(input, offer));
    for (const Place& place : places) sessions_.expired(place);
    if (parts_.state().size() != before) RELAIS_TRY(directory_changed());
    return wire::Body(wire::Done{});
}

Result<wire::Body> Engine::handle(const Input& input, const wire::PublishBundle& publish) {
    if (input.principal == Principal::enrolment) return fail(ErrorCode::forbidden);
    RELAIS_TRY(directory_keeper_.publish_bundle(input, publish.bundle, restoration_.open()));
    return wire::Body(wire::Done{});
}

Result<wire::Body> Engine::handle(const Input& input, const wire::FetchRegister& fetch) {
    const auto* station = parts_.state().station(input.station);
    RELAIS_ASSIGN(wire::RegisterEntries entries, registers_.read(station->organisation, fetch));
    return wire::Body(std::move(entries));
}

Result<wire::Body> Engine::handle(const Input&, const wire::FetchBundle& fetch) {
    RELAIS_ASSIGN(auto bundle, store_.bundle(fetch.digest));
    if (!bundle) return fail(ErrorCode::unknown_object, "bundle");
    return wire::Body(wire::Bundle{*std::move(bundle)});
}

Result<std::optional<wire::Body>> Engine::take_chunk(Input& input, ChunkPut& put) {
    RELAIS_ASSIGN(auto known, chunks_.upload(input.station, put));
    if (!known) {
        outputs_.push_back(StoreChunk{input.session, input.station, input.number, put.digest,
                                      std::move(put.bytes)});
    }
    return known;
}

Result<std::optional<wire::Body>> Engine::take_chunk(Input& input, const wire::FetchChunk& fetch) {
    RELAIS_TRY(chunks_.fetch(input.station, fetch));
    outputs_.push_back(SendChunk{input.session, input.number, fetch.digest});
    return std::optional<wire::Body>();
}

Result<wire::Body> Engine::handle(const Input& input, const ChunkStored& stored) {
    return chunks_.stored(input.station, stored);
}

Result<wire::Body> Engine::handle(const Input&, const ChunksFound& found) {
    RELAIS_TRY(chunks_.found(found.digests));
    return wire::Body(wire::Done{});
}

Result<wire::Body> Engine::handle(const Input& input, const wire::AskChunks& ask) {
    return chunks_.missing(input.station, ask);
}

Result<wire::Body> Engine::handle(const Input&, const wire::FetchProof& fetch) {
    if (fetch.leaf.value >= audit_log_.size()) return fail(ErrorCode::unknown_object, "leaf");
    RELAIS_ASSIGN(const auto leaves, store_.read_leaves(wire::LogName::audit, fetch.leaf.value, 1));
    if (leaves.empty() || merkle::leaf_hash(leaves[0]) != fetch.leaf_hash) {
        return fail(ErrorCode::unknown_object, "leaf");
    }
    std::string note;
    RELAIS_ASSIGN(auto hashes, audit_log_.inclusion(fetch.leaf, note));
    return wire::Body(wire::Proof{leaves[0], fetch.leaf, std::move(hashes), std::move(note)});
}

Result<wire::Body> Engine::handle(const Input&, const wire::FetchConsistency& fetch) {
    MerkleLog& log = fetch.log == wire::LogName::audit ? audit_log_ : directory_log_;
    if (log.checkpoint().empty()) return fail(ErrorCode::not_yet_proven);
    RELAIS_ASSIGN(auto hashes, log.consistency(fetch.from_size));
    RELAIS_ASSIGN(auto witnessed_hashes, log.from_witnessed());
    return wire::Body(wire::Consistency{fetch.from_size, std::move(hashes), log.checkpoint(),
                                        log.witnessed(), std::move(witnessed_hashes)});
}

Result<wire::Body> Engine::handle(const Input& input, const wire::FollowCheckpoints& follow) {
    RELAIS_TRY(witness_desk_.follow(own_session(input), follow));
    return wire::Body(wire::Done{});
}

Result<wire::Body> Engine::handle(const Input& input, const wire::Cosign& cosign) {
    RELAIS_TRY(witness_desk_.cosign(own_session(input), cosign));
    after_commit_.push_back([this, session = input.session, cosign] {
        witness_desk_.cosigned(session, cosign.log, cosign.size);
    });
    return wire::Body(wire::Done{});
}

Result<wire::Body> Engine::handle(const Input& input, const wire::OpenInvitation& open) {
    if (input.principal == Principal::enrolment) return fail(ErrorCode::forbidden);
    RELAIS_TRY(enrolment_.open(input, open));
    return wire::Body(wire::Done{});
}

Result<wire::Body> Engine::handle(const Input& input, const wire::FetchProposals&) {
    if (input.principal == Principal::enrolment) return fail(ErrorCode::forbidden);
    RELAIS_ASSIGN(auto waiting, enrolment_.waiting(input));
    return wire::Body(std::move(waiting));
}

Result<wire::Body> Engine::handle(const Input& input, const wire::DecideProposal& decide) {
    if (input.principal == Principal::enrolment) return fail(ErrorCode::forbidden);
    RELAIS_TRY(enrolment_.decide(input, decide));
    return wire::Body(wire::Done{});
}

Result<wire::Body> Engine::handle(const Input& input, const wire::Enrol& enrol) {
    if (input.principal != Principal::enrolment) return fail(ErrorCode::forbidden);
    RELAIS_TRY(enrolment_.propose(enrol));
    return wire::Body(wire::Done{});
}

Result<wire::Body> Engine::handle(const Input& input, const wire::EnrolmentStatus& status) {
    if (input.principal != Principal::enrolment) return fail(ErrorCode::forbidden);
    RELAIS_ASSIGN(const auto decision, enrolment_.status(status));
    return wire::Body(decision);
}

}  // namespace relais::broker
