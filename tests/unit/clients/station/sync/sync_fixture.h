// sync_fixture.h: the protocol of the ward's station on a bench: a test is the broker, frame by
// frame.
#pragma once

#include "clients/station/sync/sync.h"
#include "core/codecs/codecs.h"
#include "tests/unit/clients/station/sync/fixture.h"

namespace relais::station {

inline P256Key copy_of(const P256Key& key) { return P256Key::from_scalar(key.scalar()).value(); }

class SyncTest : public World {
protected:
    SyncTest()
        : identity_{territory_.domain(),      territory_.state().authority(),
                    territory_.hospital.name, territory_.geriatrics_station.id,
                    "tcp://127.0.0.1:1",      territory_.geriatrics_station.curve},
          keys_{generate_curve_keys(), copy_of(*territory_.geriatrics_station.sealing),
                copy_of(*territory_.geriatrics_station.signing), std::nullopt},
          sync_({*store_, identity_, keys_, *replica_, *kinds_, *keyring_, *judge_,
                 territory_.verifier(), &shelf_}) {}

    std::vector<wire::Frame> said() {
        std::vector<wire::Frame> frames;
        for (const Bytes& bytes : sync_.take_frames()) {
            frames.push_back(wire::parse_frame(bytes).value());
        }
        return frames;
    }
    // What was said of one kind; the rest is dropped.
    template <typename Body>
    std::vector<std::pair<std::uint64_t, Body>> said_of() {
        std::vector<std::pair<std::uint64_t, Body>> list;
        for (const wire::Frame& frame : said()) {
            if (const auto* body = std::get_if<Body>(&frame.body)) {
                list.emplace_back(frame.number, *body);
            }
        }
        return list;
    }
    void hear(std::uint64_t number, wire::Body body) { hear(wire::encode_frame({number, body})); }
    void hear(const Bytes& frame) {
        store_->begin().value();
        sync_.receive(frame).value();
        store_->commit().value();
    }
    void flush(std::int64_t now_ms = 0) {
        store_->begin().value();
        sync_.flush({now_ms}).value();
        store_->commit().value();
    }
    [[nodiscard]] ErrorCode alarm() {
        const auto alarm = sync_.take_events().alarm;
        return alarm ? alarm->code : ErrorCode::ok;
    }

    [[nodiscard]] wire::Welcome welcome() const {
        return {territory_.domain(),
                incarnation_,
                identity_.station,
                test::kTestTime,
                replica_->size(),
                false,
                "tcp://127.0.0.1:1",
                "",
                restored_};
    }
    // The broker was restored: it begins anew, and says so.
    void broker_restored() {
        incarnation_ = territory_.random().make<Incarnation>();
        restored_ = wire::Restored{{3}, {}, later_log(), false};
        next_seq_ = 1;
        sync_.disconnected();
    }
    // The audit log's name in this incarnation.
    [[nodiscard]] std::string later_log() const {
        return "indre/audit/" + hex(incarnation_.view().first(8));
    }
    // Connects until every mailbox is attached, empty.
    void get_ready() {
        sync_.connected();
        hear(said().at(0).number, welcome());
        std::vector<wire::Frame> frames = said();
        for (std::size_t i = 0; i < frames.size(); ++i) {
            const std::uint64_t number = frames[i].number;
            if (std::holds_alternative<wire::OfferAgain>(frames[i].body)) {
                hear(number, wire::Done{});
            } else if (std::holds_alternative<wire::Attach>(frames[i].body)) {
                hear(number, wire::Attached{incarnation_, {}});
            } else {
                continue;
            }
            for (wire::Frame& frame : said()) frames.push_back(std::move(frame));
        }
        ASSERT_TRUE(sync_.ready());
    }
    [[nodiscard]] wire::Delivery next_delivery() { return delivery(make({.counter = next_seq_})); }
    [[nodiscard]] std::vector<StoredEntry> stored() { return store_->entries(0, 100).value(); }

    MessageId queue(Bytes envelope) {
        const auto message = territory_.random().make<MessageId>();
        store_->queue(message, territory_.random().make<ThreadId>(), envelope).value();
        return message;
    }
    // Of the ward, with the next of its counters.
    Header header_to(const std::string& to, Lane lane = Lane::urgent) {
        return test::make_header({.from = ward_.text(),
                                  .to = {to},
                                  .by = territory_.geriatrician.id,
                                  .station = territory_.geriatrics_station.id,
                                  .lane = lane,
                                  .counter = ++counter_},
                                 territory_.random());
    }
    MessageId queue_envelope(const Header& header, const std::vector<Digest>& chunks = {}) {
        const Bytes bytes = test::make_envelope(header, *territory_.geriatrician.key,
                                                territory_.random(), Release::at_once, chunks);
        store_->queue(header.id, header.thread, bytes).value();
        return header.id;
    }
    static std::vector<MessageId> ids_of(
        const std::vector<std::pair<std::uint64_t, wire::Submit>>& submits) {
        std::vector<MessageId> ids;
        for (const auto& [number, submit] : submits) {
            ids.push_back(Envelope::parse(Bytes(submit.envelope))->header().id);
        }
        return ids;
    }
    [[nodiscard]] wire::Receipt receipt(const MessageId& message) {
        return {message, {test::kTestTime, replica_->size(), {3}, {}}, false};
    }
    [[nodiscard]] SendState state_of(const MessageId& message) {
        return store_->outgoing(message).value().value().state;
    }

    std::uint64_t counter_ = 0;
    std::optional<wire::Restored> restored_;
    Identity identity_;
    StationKeys keys_;
    ChunkShelf shelf_{folder_.file("attachments")};
    Sync sync_;
};

}  // namespace relais::station
