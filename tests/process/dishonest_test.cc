// A broker against its users: each lie that it can tell with the keys it holds is caught, and by
// whom. docs/security.md names each test beside its threat.
#include <gtest/gtest.h>

#include <fstream>

#include "broker/keys/key_files.h"
#include "clients/station/api/acceptances.h"
#include "clients/station/api/heads.h"
#include "clients/station/sync/gaps.h"
#include "core/base/contexts.h"
#include "core/codecs/codecs.h"
#include "core/files/files.h"
#include "core/merkle/checkpoint.h"
#include "schemas/envelope/notice.h"
#include "tests/process/support/admission.h"
#include "tests/process/support/audit_leaves.h"
#include "tests/process/support/child.h"
#include "tests/process/support/relais_line.h"
#include "tests/support/envelopes.h"

namespace relais::test {
namespace {

class Dishonest : public testing::Test {
protected:
    // From now on the broker is the dishonest one, which tells these lies.
    void lie(const std::string& lines) {
        write_lies(lines);
        territory_.broker.stop();
        territory_.broker.use_program("relais-dishonest-broker");
        territory_.broker.start();
        reconnect();
    }
    void write_lies(const std::string& lines) {
        const auto file = territory_.broker.data() / "lies";
        std::ofstream(file.string() + ".new") << lines;
        std::filesystem::rename(file.string() + ".new", file);
    }
    void reconnect() {
        for (Post* post : {&territory_.cpts, &territory_.practice, &territory_.hospital,
                           &territory_.geriatrie, &territory_.medecine}) {
            post->close();
        }
    }
    MessageId note() {
        return admission_.queue(territory_.practice, "", "answer", {"geriatrie"}).front();
    }
    // The verdict of a ward's station on a message; none where it has not come.
    std::optional<ErrorCode> verdict(Post& post, const MessageId& message) {
        for (const auto& entry : must(post.station().store().entries_of_message(message))) {
            if (std::holds_alternative<EnvelopeEntry>(entry.delivery.entry)) return entry.status;
        }
        return std::nullopt;
    }
    std::vector<station::Contradiction> kept(Post& post) {
        return must(station::contradictions(post.station().store()));
    }
    bool keeps(Post& post, ErrorCode code) {
        for (const auto& item : kept(post)) {
            if (item.code == code && !item.first.empty() && !item.second.empty()) return true;
        }
        return false;
    }
    // The alarm that ends this station's use of the broker.
    ErrorCode alarm(Post& post) {
        const auto limit = std::chrono::steady_clock::now() + kPatience;
        must(post.station().connect());
        while (std::chrono::steady_clock::now() < limit) {
            const auto turned = post.station().turn(std::chrono::milliseconds(50));
            if (!turned.ok()) return turned.code();
        }
        fail_test("no alarm");
    }
    static std::vector<std::filesystem::path> database_of(const std::filesystem::path& folder) {
        std::vector<std::filesystem::path> files;
        for (const auto& file : std::filesystem::directory_iterator(folder)) {
            const std::string name = file.path().filename();
            if (name.starts_with("relais.db")) files.push_back(file.path());
        }
        return files;
    }
    static void copy_database(const std::filesystem::path& from, const std::filesystem::path& to) {
        for (const auto& file : database_of(to)) std::filesystem::remove(file);
        for (const auto& file : database_of(from)) {
            std::filesystem::copy(file, to / file.filename());
        }
    }
    static std::string early(const std::string& mailbox, const MessageId& message) {
        return "early " + mailbox + " " + uuid(message) + "\n";
    }
    // Another case of which that ward has the call, so that its mailbox is read in that lane.
    void call_before(const std::string& ward) {
        Admission before(territory_);
        before.call({ward});
    }
    Address ward(const std::string& unit) { return territory_.hospital.mailbox(unit); }
    // `relais` on that station, as a process of its own.
    Said relais(Post& post, std::vector<std::string> arguments) {
        return line_(post, std::move(arguments));
    }
    // Whether `relais watch` says so, by itself, as the minutes pass.
    bool is_told_by_watch(Post& post, const std::string& text) {
        post.close();
        const auto said = territory_.folder("said");
        const auto clock = territory_.folder("clock-of-the-station");
        Child watch("/bin/sh",
                    {"-c", "exec \"$0\" --station \"$1\" watch > \"$2\"", program("relais"),
                     post.folder().path, said},
                    {line_.environment(), "LD_PRELOAD=" + std::string(RELAIS_CLOCK_SHIM),
                     "RELAIS_TEST_CLOCK=" + clock.string()});
        const auto limit = std::chrono::steady_clock::now() + kPatience;
        for (std::int64_t ahead = 0; std::chrono::steady_clock::now() < limit; ahead += 90'000) {
            const std::string both = std::to_string(ahead) + " " + std::to_string(ahead);
            must(write_file(clock, as_bytes(both), 0600, Replace::yes));
            must(territory_.cpts.station().turn(std::chrono::milliseconds(500)));
            const auto so_far = read_file(said, 1 << 20);
            if (so_far.ok() && as_text(*so_far).find(text) != std::string_view::npos) return true;
            if (watch.ended()) return false;
        }
        return false;
    }
    std::string station_of(Post& post) { return uuid(post.station().identity().station); }
    // The broker's own key signs that the request is withdrawn from the ward, and quotes that act.
    void say_withdrawn(const SignedHeader& act) {
        Notice notice{.kind = NoticeKind::withdrawn};
        notice.state = "chosen";
        say_quoting(std::move(notice), act);
    }
    void say_quoting(Notice notice, const SignedHeader& act) {
        auto keys = must(broker::read_keys(territory_.broker.data() / "keys"));
        notice.time = territory_.geriatrie.station().now();
        notice.thread = admission_.id;
        notice.act = act;
        const ChannelEntry said = NoticeEntry{encode_statement(
            make_statement(contexts::kNotice, encode_notice(notice), keys.broker))};
        station::StationStore& store = territory_.geriatrie.station().store();
        must(store.begin());
        must(store.add_entry(
            {.serial = 0,
             .delivery =
                 {must(Address::parse(kWard)), Incarnation{}, Lane::urgent, {++said_}, said},
             .digest = entry_digest(said),
             .thread = admission_.id,
             .message = std::nullopt,
             .status = ErrorCode::ok}));
        must(store.commit());
    }
    // As the practice signed it, in the ward's own mailbox.
    SignedHeader act_seen(const std::string& act) {
        auto& store = territory_.geriatrie.station().store();
        for (const auto& entry : must(store.entries_of_thread(admission_.id))) {
            const auto* envelope = std::get_if<EnvelopeEntry>(&entry.delivery.entry);
            if (envelope == nullptr) continue;
            if (must(parse_header(envelope->header.bytes)).act == act) return envelope->header;
        }
        fail_test("no act " + act);
    }
    std::uint64_t said_ = 0;
    static constexpr const char* kAhead =
        "message(s) accepté(s) sous un annuaire que ce poste n'a pas reçu.";
    static constexpr const char* kWard = "geriatrie.ch-valmont@essai";

    RunningTerritory territory_;
    const RelaisLine line_{territory_.folder("credentials")};
    Admission admission_{territory_};
};

TEST_F(Dishonest, AMessageThatIsDroppedIsMissedByItsReaderAndNeverCalledDelivered) {
    admission_.call();
    const MessageId first = note();
    territory_.synchronise_all();
    // What is held for the chosen ward left a gap here already: a gap alone proves nothing.
    const auto before = must(station::gaps(territory_.geriatrie.station().store())).size();
    const MessageId dropped = note();
    lie("drop " + uuid(dropped) + " " + kWard + "\n");
    const MessageId after = note();
    territory_.practice.synchronise();
    territory_.geriatrie.until([&] { return verdict(territory_.geriatrie, after).has_value(); });
    EXPECT_EQ(verdict(territory_.geriatrie, first), ErrorCode::ok);
    EXPECT_EQ(verdict(territory_.geriatrie, dropped), std::nullopt);
    const auto gaps = must(station::gaps(territory_.geriatrie.station().store()));
    ASSERT_EQ(gaps.size(), before + 1) << "its number is missing";
    EXPECT_EQ(gaps.back().first, gaps.back().last);
    EXPECT_EQ(gaps.back().mailbox, kWard);
    territory_.practice.synchronise();
    const auto sent = must(territory_.practice.station().store().outgoing(dropped));
    EXPECT_EQ(sent->state, station::SendState::accepted) << "the broker took it";
    EXPECT_TRUE(must(territory_.practice.station().store().delivered_notices(dropped)).empty())
        << "only the ward's station can say that it holds it";
}

TEST_F(Dishonest, MessagesInAnotherOrderAreRefusedByTheirReader) {
    admission_.call();
    note();
    territory_.synchronise_all();
    lie(std::string("swap ") + kWard + "\n");
    const MessageId one = note();
    const MessageId two = note();
    territory_.practice.synchronise();
    territory_.geriatrie.until([&] { return verdict(territory_.geriatrie, one).has_value(); });
    EXPECT_EQ(verdict(territory_.geriatrie, two), ErrorCode::ok);
    EXPECT_EQ(verdict(territory_.geriatrie, one), ErrorCode::counter_contradiction);
    EXPECT_TRUE(keeps(territory_.geriatrie, ErrorCode::counter_contradiction));
}

TEST_F(Dishonest, AMessageDeliveredAgainUnderANewNumberIsNotTakenTwice) {
    admission_.call();
    lie(std::string("replay ") + kWard + "\n");
    const MessageId once = note();
    territory_.practice.synchronise();
    territory_.geriatrie.until([&] { return keeps(territory_.geriatrie, ErrorCode::replayed); });
    int good = 0;
    for (const auto& entry :
         must(territory_.geriatrie.station().store().entries_of_message(once))) {
        good += entry.status == ErrorCode::ok;
    }
    EXPECT_EQ(good, 1);
}

TEST_F(Dishonest, AnotherKeyInTheDirectoryIsNotTakenByTheStationItIsShownTo) {
    const std::string station = station_of(territory_.practice);
    const auto before =
        territory_.practice.station().directory().epoch(territory_.hospital.mailbox("geriatrie"));
    ASSERT_NE(before, nullptr);
    const P256Public key = before->epoch.key;
    const auto size = territory_.practice.station().replica().size();
    lie("key " + station + "\n");
    must(territory_.hospital.registrar().roll_epoch(territory_.hospital.mailbox("geriatrie")));
    EXPECT_EQ(alarm(territory_.practice), ErrorCode::bad_signature);
    EXPECT_EQ(territory_.practice.station().replica().size(), size);
    EXPECT_EQ(territory_.practice.station()
                  .directory()
                  .epoch(territory_.hospital.mailbox("geriatrie"))
                  ->epoch.key,
              key);
    EXPECT_TRUE(keeps(territory_.practice, ErrorCode::bad_signature));
}

// The place that the lie takes is none of the broker's own log, which refuses to hear of it: the
// station notices that as well.
TEST_F(Dishonest, WhatIsHeldIsNotShownToAWardThatWasNotChosen) {
    lie("");
    admission_.call();
    admission_.act(territory_.medecine, "medecine", "offer", {}, {{"bed", "full"}});
    write_lies(early(kWard, admission_.opening[1]));
    EXPECT_EQ(alarm(territory_.geriatrie), ErrorCode::inconsistent_log);
    EXPECT_TRUE(keeps(territory_.geriatrie, ErrorCode::inconsistent_log));
    EXPECT_FALSE(admission_.reads(territory_.geriatrie, "deposit"));
    EXPECT_EQ(
        must(territory_.geriatrie.station().store().entries_with(ErrorCode::release_unproven, 10))
            .size(),
        1U)
        << "flagged";
}

// A delegate has the directory and its own clock to go by.
TEST_F(Dishonest, ADelegateIsNotShownWhatWaitsForAnAbsenceThatHasNotBegun) {
    lie("");
    call_before("medecine");
    const WallTime now = territory_.hospital.station().now();
    must(territory_.hospital.registrar().set_absence(
        {must(Name::parse("geriatrie")),
         {{now + std::chrono::hours(24), now + std::chrono::hours(240), ward("medecine")}}}));
    territory_.synchronise_all();
    admission_.call({"geriatrie"});
    const MessageId held = admission_.opening[0];
    ASSERT_EQ(verdict(territory_.geriatrie, held), ErrorCode::ok);
    ASSERT_EQ(verdict(territory_.medecine, held), std::nullopt);
    write_lies(early(ward("medecine").text(), held));
    EXPECT_EQ(alarm(territory_.medecine), ErrorCode::inconsistent_log);
    EXPECT_EQ(verdict(territory_.medecine, held), ErrorCode::release_unproven);
    EXPECT_FALSE(admission_.reads(territory_.medecine, "call"));
}

// What waits for a clock rests on the broker's word that the time has come (docs/security.md, "what
// is not defended"): its fallback reads it. Its mailbox has no such place, which shows.
TEST_F(Dishonest, AFallbackIsShownWhatWaitsForAClockWhenTheBrokerSaysSo) {
    lie("");
    call_before("medecine");
    must(territory_.hospital.registrar().add_unit({must(Name::parse("geriatrie")),
                                                   "Gériatrie aiguë",
                                                   "",
                                                   "02 54 00 00 00",
                                                   {"admission"},
                                                   {},
                                                   ward("medecine")}));
    territory_.synchronise_all();
    admission_.call({"geriatrie"});
    const MessageId held = admission_.opening[0];
    ASSERT_EQ(verdict(territory_.medecine, held), std::nullopt);
    write_lies(early(ward("medecine").text(), held));
    EXPECT_EQ(alarm(territory_.medecine), ErrorCode::inconsistent_log);
    EXPECT_EQ(verdict(territory_.medecine, held), ErrorCode::ok);
    EXPECT_FALSE(admission_.reads(territory_.medecine, "deposit")) << "which waits for a choice";
}

// Of an act that cannot be checked yet, and of one's own choice: the ward may still do all that it
// could, and its delays run on.
TEST_F(Dishonest, AWithdrawalThatNothingProvesHidesNeitherActsNorDelays) {
    admission_.call();
    const auto before = admission_.view(territory_.geriatrie);
    ASSERT_FALSE(before.possible.empty());
    ASSERT_FALSE(before.deadlines.empty());
    Header forged = must(parse_header(act_seen("call").bytes));
    forged.act = "choose";
    forged.publics.clear();
    forged.head.size.value += 1000;
    P256Key nobody = P256Key::generate();
    say_withdrawn(sign_header(forged, nobody));
    const auto shown = admission_.view(territory_.geriatrie);
    EXPECT_TRUE(shown.items.back().title.ends_with("(l'action citée reste à vérifier)"));
    EXPECT_EQ(shown.possible, before.possible);
    EXPECT_EQ(shown.deadlines.size(), before.deadlines.size());

    admission_.act(territory_.geriatrie, "geriatrie", "offer", {}, {{"bed", "full"}});
    admission_.act(territory_.practice, "", "choose", {"geriatrie"});
    territory_.geriatrie.until([&] { return admission_.reads(territory_.geriatrie, "deposit"); });
    const auto chosen = admission_.view(territory_.geriatrie);
    ASSERT_FALSE(chosen.possible.empty());
    say_withdrawn(act_seen("choose"));
    const auto after = admission_.view(territory_.geriatrie);
    EXPECT_EQ(after.possible, chosen.possible);
    EXPECT_EQ(after.items.back().type, station::TimelineItem::Type::problem);
}

// Well signed, by who could, of a case that follows this one: of this case it is no act.
TEST_F(Dishonest, AnActOfAnotherCaseThatIsQuotedChangesNothingInThisOne) {
    admission_.call();
    const auto before = admission_.view(territory_.geriatrie);
    ASSERT_FALSE(before.deadlines.empty());
    Header other = must(parse_header(act_seen("call").bytes));
    other.follows = admission_.id;
    other.thread = must(uuid_from<ThreadId>("01890a5d-ac96-774b-bcce-b302099a8057"));
    other.act = "cancel";
    other.publics.clear();
    auto doctor = territory_.practice.signer();
    Notice placed{.kind = NoticeKind::placed};
    placed.mailbox = kWard;
    placed.state = "called";
    say_quoting(placed, sign_header(other, doctor.key));
    const auto after = admission_.view(territory_.geriatrie);
    EXPECT_TRUE(after.items.back().title.ends_with("(l'action citée reste à vérifier)"))
        << after.items.back().title;
    EXPECT_EQ(after.state->state, before.state->state);
    EXPECT_EQ(after.possible, before.possible);
    EXPECT_EQ(after.deadlines.size(), before.deadlines.size());
}

TEST_F(Dishonest, ARolledBackBrokerIsNoticedByWhoeverSawMore) {
    must(territory_.cpts.registrar().set_witness(true));
    territory_.cpts.until([&] {
        return must(territory_.cpts.station().store().value("cosigned essai/audit")).has_value();
    });
    admission_.call();
    territory_.broker.stop();
    const auto copy = territory_.folder("copy");
    std::filesystem::create_directory(copy);
    copy_database(territory_.broker.data(), copy);
    territory_.broker.start();
    reconnect();
    note();
    territory_.synchronise_all();
    territory_.cpts.synchronise();
    const auto size = [&] {
        const auto head = must(station::check_heads(territory_.cpts.station(), kPatience));
        return head[0].size;
    };
    const auto before = size();
    territory_.cpts.until([&] { return size() > before; });
    territory_.broker.stop();
    copy_database(copy, territory_.broker.data());
    territory_.broker.start();
    reconnect();
    EXPECT_EQ(alarm(territory_.geriatrie), ErrorCode::wrong_position)
        << "its mailbox holds less than this station has taken from it";
    const auto heads = station::check_heads(territory_.cpts.station(), kPatience);
    EXPECT_EQ(heads.code(), ErrorCode::inconsistent_log);
    EXPECT_TRUE(keeps(territory_.cpts, ErrorCode::inconsistent_log));
}

// It would begin every lane again, and what a station had seen of it would say nothing any more.
TEST_F(Dishonest, AnotherIncarnationThatIsNoRestoreIsNotTaken) {
    admission_.call();
    territory_.synchronise_all();
    lie("incarnation new\n");
    for (Post* post : {&territory_.geriatrie, &territory_.practice}) {
        EXPECT_EQ(alarm(*post), ErrorCode::wrong_position);
        EXPECT_TRUE(keeps(*post, ErrorCode::wrong_position));
        post->close();
        EXPECT_EQ(alarm(*post), ErrorCode::wrong_position) << "as long as it lasts";
    }
}

TEST_F(Dishonest, TwoDirectoriesAreShownByTheFirstMessageBetweenThem) {
    admission_.call();
    const std::string ward = station_of(territory_.geriatrie);
    // The ward's station is shown a directory without the next entry, well signed.
    const auto next = territory_.cpts.station().replica().size().value;
    lie("hide " + ward + " " + std::to_string(next) + "\n");
    must(territory_.practice.registrar().roll_epoch(territory_.practice.mailbox()));
    must(territory_.cpts.registrar().roll_epoch(territory_.cpts.mailbox()));
    must(territory_.cpts.registrar().roll_epoch(territory_.cpts.mailbox()));
    territory_.practice.synchronise();
    const MessageId message = note();
    territory_.practice.synchronise();
    must(territory_.cpts.registrar().roll_epoch(territory_.cpts.mailbox()));
    territory_.geriatrie.until([&] {
        const auto said = verdict(territory_.geriatrie, message);
        return said && *said != ErrorCode::ahead_of_directory;
    });
    EXPECT_EQ(verdict(territory_.geriatrie, message), ErrorCode::head_contradiction);
    EXPECT_TRUE(keeps(territory_.geriatrie, ErrorCode::head_contradiction));
    EXPECT_FALSE(admission_.reads(territory_.geriatrie, "answer"));
}

// The branch that the ward is shown ends before the head that a sender signed: nothing there can
// contradict it. The message is not shown, and its station tells of it, asked or not.
TEST_F(Dishonest, ADirectoryThatEndsBeforeWhatASenderSawIsTold) {
    admission_.call();
    const auto next = territory_.cpts.station().replica().size().value;
    lie("hide " + station_of(territory_.geriatrie) + " " + std::to_string(next) + "\n");
    must(territory_.practice.registrar().roll_epoch(territory_.practice.mailbox()));
    must(territory_.cpts.registrar().roll_epoch(territory_.cpts.mailbox()));
    territory_.practice.synchronise();
    const Said before = relais(territory_.geriatrie, {"status"});
    EXPECT_EQ(before.code, 0) << before.text;
    EXPECT_FALSE(before.says(kAhead)) << before.text;
    const MessageId message = note();
    territory_.practice.synchronise();
    const Said told = relais(territory_.geriatrie, {"status"});
    EXPECT_TRUE(told.says(std::string("1 ") + kAhead)) << told.text;
    EXPECT_EQ(verdict(territory_.geriatrie, message), ErrorCode::ahead_of_directory);
    EXPECT_TRUE(kept(territory_.geriatrie).empty()) << "each head that it was shown fits its own";
    EXPECT_FALSE(admission_.reads(territory_.geriatrie, "answer"));
    EXPECT_TRUE(is_told_by_watch(territory_.geriatrie, std::string("1 ") + kAhead));
}

TEST_F(Dishonest, AForkedAuditLogIsNotCosignedAndBothHeadsAreKept) {
    must(territory_.cpts.registrar().set_witness(true));
    territory_.cpts.until([&] {
        return must(territory_.cpts.station().store().value("cosigned essai/audit")).has_value();
    });
    const Bytes before = *must(territory_.cpts.station().store().value("cosigned essai/audit"));
    lie("audit " + station_of(territory_.cpts) + "\n");
    EXPECT_EQ(alarm(territory_.cpts), ErrorCode::inconsistent_log);
    EXPECT_TRUE(keeps(territory_.cpts, ErrorCode::inconsistent_log));
    EXPECT_EQ(kept(territory_.cpts)[0].first, as_text(before)) << "what it had cosigned";
    EXPECT_EQ(*must(territory_.cpts.station().store().value("cosigned essai/audit")), before)
        << "it vouches for nothing else";
}

TEST_F(Dishonest, ARestoreThatCallsLostLessThanAWitnessCosignedIsNotCosignedByIt) {
    must(territory_.cpts.registrar().set_witness(true));
    const std::string last = "cosigned last";
    const auto cosigned = [&] { return must(territory_.cpts.station().store().value(last)); };
    territory_.cpts.until([&] { return cosigned().has_value(); });
    admin::BackupKeyRequest key;
    key.key_file = territory_.folder("backup-private.json");
    key.public_file = territory_.folder("backup-public");
    key.passphrase = given("backup key of the tests");
    key.scrypt_log2_n = kWeakScrypt;
    must(admin::new_backup_key(key, {}));
    const auto backup = territory_.folder("relais.backup");
    {
        auto op = territory_.broker.connect();
        must(admin::make_backup(op, {backup, key.public_file, {}}, {}));
    }
    const auto size = [](const Bytes& note) {
        return must(merkle::parse_checkpoint(must(merkle::parse_note(as_text(note))).text)).size;
    };
    const std::uint64_t in_backup = audit_leaves(territory_.broker).size();
    admission_.call();
    territory_.cpts.until([&] { return size(*cosigned()) > in_backup; });
    const Bytes before = *cosigned();
    territory_.broker.kill();
    std::filesystem::remove_all(territory_.broker.data());
    must(admin::restore({backup,
                         territory_.broker.data(),
                         {key.key_file, given("backup key of the tests")},
                         {},
                         {}},
                        {}));
    write_lies("ignore " + station_of(territory_.cpts) + "\n");
    territory_.broker.use_program("relais-dishonest-broker");
    territory_.broker.start();
    reconnect();
    EXPECT_EQ(alarm(territory_.cpts), ErrorCode::inconsistent_log);
    ASSERT_EQ(kept(territory_.cpts).size(), 1U);
    EXPECT_EQ(kept(territory_.cpts)[0].first, as_text(before));
    EXPECT_NE(kept(territory_.cpts)[0].second.find("essai/audit/"), std::string::npos);
    EXPECT_EQ(*cosigned(), before) << "it vouches for nothing under the new name";
}

TEST_F(Dishonest, AForkedAuditLogIsNoticedByAReaderWhoHadAHead) {
    territory_.practice.until([&] {
        return must(station::check_heads(territory_.practice.station(), kPatience))[0].size != 0;
    });
    lie("audit " + station_of(territory_.practice) + "\n");
    EXPECT_EQ(station::check_heads(territory_.practice.station(), kPatience).code(),
              ErrorCode::inconsistent_log);
    EXPECT_TRUE(keeps(territory_.practice, ErrorCode::inconsistent_log));
}

TEST_F(Dishonest, AnotherDirectorySizeThanTheLogRecordsIsFoundByTheProof) {
    admission_.call();
    territory_.geriatrie.synchronise();
    const auto size = territory_.geriatrie.station().replica().size().value;
    must(territory_.cpts.registrar().roll_epoch(territory_.cpts.mailbox()));
    lie(std::string("size ") + kWard + " " + std::to_string(size) + "\n");
    territory_.practice.close();  // its header will name the head of before the new entry
    const MessageId message = note();
    territory_.practice.synchronise();
    territory_.geriatrie.until([&] { return verdict(territory_.geriatrie, message).has_value(); });
    std::size_t bad = 0;
    territory_.geriatrie.until([&] {
        bad += must(station::check_acceptances(territory_.geriatrie.station(), 100)).bad;
        return bad != 0;
    });
    EXPECT_TRUE(keeps(territory_.geriatrie, ErrorCode::proof_invalid));
}

}  // namespace
}  // namespace relais::test
