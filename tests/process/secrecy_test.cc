// secrecy_test.cc: guarantees S2, S3 and S4: nothing readable at the broker nor on a stolen disk,
// and nothing altered is shown as valid.
#include <gtest/gtest.h>

#include "clients/station/seal/content.h"
#include "core/base/contexts.h"
#include "core/codecs/codecs.h"
#include "core/database/database.h"
#include "core/files/files.h"
#include "tests/process/support/admission.h"
#include "tests/process/support/broker_leaks.h"
#include "tests/process/support/speaker.h"
#include "tests/support/engine/unpacked.h"

namespace relais::test {
namespace {

constexpr const char* kMarker = "ZEPHYRINE-QUATREMARE";

class Secrecy : public testing::Test {
protected:
    // A case whose every free text holds the marker, played to its end.
    void play() {
        territory_.practice.synchronise();
        auto draft = admission_.draft();
        admission_.id = draft.thread;
        draft.acts[0].form["reason"] = std::string("Chute, ") + kMarker;
        draft.acts[1].form["patient"]["birth_name"] = kMarker;
        auto signer = territory_.practice.signer();
        admission_.opening =
            must(station::send_draft(territory_.practice.station(), draft, signer));
        territory_.synchronise_all();
        admission_.act(territory_.geriatrie, "geriatrie", "offer", {}, {{"bed", "full"}});
        admission_.act(territory_.practice, "", "choose", {"geriatrie"});
    }
    std::vector<std::string> leaks(const MarkerScan& scan) {
        return leaks_of(territory_.broker, scan);
    }
    // A copy of a sent envelope under new ids and counters, whose content begins with these bytes,
    // as a station that forgets to seal would send it; accepted.
    void send_unsealed(std::string_view text) {
        auto& station = territory_.practice.station();
        const auto sent = must(station.store().outgoing(admission_.opening[0]));
        const Envelope sealed = must(Envelope::parse(sent->envelope));
        Header header = sealed.header();
        header.id = make_uuid_v7<MessageId>(station.random(), station.now());
        header.thread = make_uuid_v7<ThreadId>(station.random(), station.now());
        for (Recipient& recipient : header.to) {
            recipient.counter = must(station.store().take_counter(recipient.mailbox, header.lane));
        }
        const Bytes bytes = encode_header(header);
        auto signer = territory_.practice.signer();
        const Digest digest = header_digest(bytes);
        const auto signature = sign_headers({&digest, 1}, signer.key);
        Bytes content = to_bytes(sealed.content());
        std::ranges::copy(text, content.begin());
        must(
            station.store().queue(header.id, header.thread,
                                  encode_envelope({bytes, signature[0]}, content, sealed.boxes())));
        territory_.practice.synchronise();
        ASSERT_EQ(must(station.store().outgoing(header.id))->state, station::SendState::accepted);
    }

    RunningTerritory territory_;
    Admission admission_{territory_};
};

TEST_F(Secrecy, S2_NoMarkerIsInTheBrokersFilesMemoryLogsOrPages) {
    territory_.broker.stop();
    territory_.broker.log_everything();
    territory_.broker.start();
    play();
    const auto view = admission_.view(territory_.geriatrie);
    bool readable = false;
    for (const auto& item : view.items) {
        readable = readable ||
                   (item.opened && item.opened->form.dump().find(kMarker) != std::string::npos);
    }
    ASSERT_TRUE(readable) << "the marker never travelled";
    EXPECT_EQ(leaks(MarkerScan(kMarker)), std::vector<std::string>{});
}

// What a station that forgets to seal would leave: the scan must see each form of it.
TEST_F(Secrecy, S2_TheScanCatchesAStationThatDoesNotSeal) {
    play();
    const MarkerScan scan(kMarker);
    for (const auto& form : scan.forms()) send_unsealed(form.bytes);
    const auto found = leaks(scan);
    for (const auto& form : scan.forms()) {
        const auto in_file = [&](const std::string& line) {
            return line.find("relais.db") != std::string::npos && line.ends_with(" " + form.name);
        };
        EXPECT_TRUE(std::ranges::any_of(found, in_file)) << form.name;
    }
}

// What a broker that writes down what passes through it would leave: the scan must see each form of
// it, in its log, in its files and in its memory.
TEST_F(Secrecy, S2_TheScanCatchesABrokerThatWritesDownWhatItReceives) {
    territory_.broker.stop();
    territory_.broker.start(
        {}, {"LD_PRELOAD=" RELAIS_LEAK_SHIM, std::string("RELAIS_TEST_LEAK=") + kMarker,
             "RELAIS_TEST_LEAK_FILE=" + (territory_.broker.data() / "careless.txt").string()});
    play();
    send_unsealed(kMarker);
    const MarkerScan scan(kMarker);
    const auto found = leaks(scan);
    for (const auto& form : scan.forms()) {
        for (const std::string where : {"log holds", "careless.txt holds", "memory "}) {
            const auto there = [&](const std::string& line) {
                return line.find(where) != std::string::npos && line.ends_with(" " + form.name);
            };
            EXPECT_TRUE(std::ranges::any_of(found, there)) << where << " " << form.name;
        }
    }
}

// The operator, or who broke into the machine, edits what the broker stores for a ward that was
// away. Nothing of it is shown; the untouched message beside it is.
TEST_F(Secrecy, S3_WhatIsAlteredInTheBrokersStoreIsNeverShown) {
    territory_.geriatrie.close();
    territory_.practice.synchronise();
    admission_.id = {};
    std::vector<ThreadId> threads;
    for (int i = 0; i < 4; ++i) {
        auto draft = admission_.draft({"geriatrie"});
        threads.push_back(draft.thread);
        auto signer = territory_.practice.signer();
        must(station::send_draft(territory_.practice.station(), draft, signer));
    }
    territory_.practice.synchronise();
    territory_.broker.stop();
    {
        auto database = must(Database::open((territory_.broker.data() / "relais.db").string(),
                                            {Database::Mode::existing, ""}));
        broker::Unpacked tables(database);
        std::vector<std::pair<std::uint64_t, Bytes>> calls;
        {
            auto query = database.query("SELECT number, bytes FROM envelope ORDER BY number");
            while (must(query.row())) {
                Bytes bytes = to_bytes(query.blob(1));
                if (must(Envelope::parse(bytes)).header().act == "call") {
                    calls.emplace_back(query.number(0), std::move(bytes));
                }
            }
        }
        ASSERT_EQ(calls.size(), 4U);
        const auto rewrite = [&](std::uint64_t number, const Bytes& bytes) {
            auto query = database.query("UPDATE envelope SET bytes = ? WHERE number = ?");
            query.bind(bytes).bind(number);
            must(query.run());
        };
        const Envelope first = must(Envelope::parse(calls[0].second));
        const Envelope second = must(Envelope::parse(calls[1].second));
        Bytes flipped = to_bytes(first.content());
        flipped[100] ^= 1;  // altered content
        rewrite(calls[0].first, encode_envelope(first.signed_header(), flipped, first.boxes()));
        // The content of another message under this header, with its own boxes: re-addressed.
        rewrite(calls[1].first,
                encode_envelope(second.signed_header(), first.content(), first.boxes()));
        rewrite(calls[2].first, calls[3].second);  // one message in the place of another: replayed
        tables.pack();
    }
    territory_.broker.start();
    territory_.geriatrie.synchronise();
    std::map<ErrorCode, int> verdicts;
    for (const auto& entry : must(territory_.geriatrie.station().store().entries(0, 10'000))) {
        if (std::holds_alternative<EnvelopeEntry>(entry.delivery.entry)) ++verdicts[entry.status];
    }
    EXPECT_EQ(verdicts[ErrorCode::ok], 1);
    EXPECT_EQ(verdicts[ErrorCode::content_undecryptable], 1);
    EXPECT_EQ(verdicts[ErrorCode::box_unopenable], 1);
    EXPECT_EQ(verdicts[ErrorCode::replayed], 1);
    int shown = 0;
    for (const ThreadId& thread : threads) {
        const auto view = station::view_thread(territory_.geriatrie.station(), thread);
        if (!view.ok()) continue;
        for (const auto& item : view->items) shown += item.opened.has_value();
    }
    EXPECT_EQ(shown, 1);
}

TEST_F(Secrecy, S4_AStationsFilesShowNothingWithoutItsPassphrase) {
    play();
    auto draft = admission_.draft();  // drafts as well
    draft.acts[1].form["patient"]["birth_name"] = kMarker;
    must(territory_.practice.station().store().put_draft(draft.id,
                                                         must(station::encode_draft(draft))));
    const MarkerScan scan(kMarker);
    for (Post* post : {&territory_.practice, &territory_.geriatrie}) {
        EXPECT_EQ(scan.in_folder(post->folder().path), std::vector<std::string>{});  // in use
        post->close();
        EXPECT_EQ(scan.in_folder(post->folder().path), std::vector<std::string>{});
        const auto wrong =
            station::Station::open(post->folder(), passphrase("another passphrase altogether"));
        EXPECT_EQ(wrong.code(), ErrorCode::wrong_passphrase);
    }
}

TEST_F(Secrecy, S4_TheScanFindsWhatIsNotSealed) {
    const MarkerScan scan(kMarker);
    for (const auto& form : scan.forms()) {
        must(write_file(territory_.folder("planted"), as_bytes("aa" + form.bytes), 0600,
                        Replace::yes));
        EXPECT_EQ(scan.in_folder(territory_.broker.folder()).size(), 1U) << form.name;
    }
}

}  // namespace
}  // namespace relais::test
