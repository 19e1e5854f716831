// disk_test.cc: real processes on bad disks: full, read-only, slow, failing, damaged, somebody
// else's, badly protected. Each has its refusal, its exit code and a line that says what is wrong;
// nothing acknowledged is lost, and what was refused for now goes through when the disk is well.
#include <gtest/gtest.h>
#include <httplib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "core/base/limits.h"
#include "core/codecs/codecs.h"
#include "core/crypto/sha256.h"
#include "core/files/files.h"
#include "tests/process/support/admission.h"
#include "tests/process/support/small_disk.h"
#include "tests/process/support/speaker.h"

namespace relais::test {
namespace {

using station::SendState;

int health(const RunningBroker& broker) {
    const auto page = httplib::Client("http://" + broker.http()).Get("/health");
    return page ? page->status : -1;
}

double metric(const RunningBroker& broker, const std::string& name) {
    const auto page = httplib::Client("http://" + broker.http()).Get("/metrics");
    if (!page) fail_test("no metrics");
    const auto at = page->body.find("\n" + name + " ");
    if (at == std::string::npos) fail_test("no metric " + name);
    return std::stod(page->body.substr(at + name.size() + 2));
}

void set_mode(const std::filesystem::path& path, mode_t mode) {
    ASSERT_EQ(::chmod(path.c_str(), mode), 0);
}

// A territory with an open case, to which the practice adds notes.
class Disk : public testing::Test {
protected:
    Disk() { admission_.call(); }

    std::vector<MessageId> queue_notes(int count) {
        auto& station = territory_.practice.station();
        auto note = admission_.prepare(territory_.practice, "", "answer", {"geriatrie"});
        auto signer = territory_.practice.signer();
        std::vector<MessageId> made;
        for (int i = 0; i < count; ++i) {
            note.id = make_uuid_v7<MessageId>(station.random(), station.now());
            made.push_back(must(station::send_draft(station, note, signer)).front());
        }
        notes_.insert(notes_.end(), made.begin(), made.end());
        return made;
    }
    SendState state_of(const MessageId& note) {
        return must(territory_.practice.station().store().outgoing(note))->state;
    }
    bool all_accepted() {
        return std::ranges::all_of(
            notes_, [&](const auto& id) { return state_of(id) == SendState::accepted; });
    }
    std::vector<MessageId> received() {
        std::vector<MessageId> found;
        for (const auto& entry : must(territory_.geriatrie.station().store().entries(0, 10'000))) {
            const auto* envelope = std::get_if<EnvelopeEntry>(&entry.delivery.entry);
            if (envelope == nullptr) continue;
            EXPECT_EQ(entry.status, ErrorCode::ok);
            const Header header = must(parse_header(envelope->header.bytes));
            if (header.act == "answer") found.push_back(header.id);
        }
        return found;
    }
    RunningBroker& broker() { return territory_.broker; }
    static int overdue(Post& post) {
        int count = 0;
        for (const auto& entry : must(post.station().store().entries(0, 10'000))) {
            const auto* notice = std::get_if<NoticeEntry>(&entry.delivery.entry);
            if (notice == nullptr) continue;
            const auto opened = post.station().judge().open_notice(*notice);
            count += opened.ok() && opened->kind == NoticeKind::overdue;
        }
        return count;
    }
    static int fsck(const RunningBroker& broker) {
        return run_program(program("relais-fsck"), {"--data", broker.data().string(), "--stopped"})
            .code;
    }
    Said check() {
        return run_program(program("relais-broker"),
                           {"--config", broker().config().string(), "--check"});
    }

    RunningTerritory territory_;
    Admission admission_{territory_};
    std::vector<MessageId> notes_;
};

class SmallDisks : public Disk {
protected:
    void SetUp() override {
        if (!may_mount()) GTEST_SKIP() << "SKIPPED: this user may not mount a file system";
    }
    // `relais` for the practice, its passphrase on descriptor 3.
    Said relais(std::vector<std::string> words) {
        const auto file = territory_.folder("words");
        must(write_file(file, as_bytes(std::string(kPostPassphrase) + "\n"), 0600, Replace::yes));
        words.insert(words.begin(),
                     {"--station", territory_.practice.folder().path, "--passphrase-fd", "3"});
        return run_program(program("relais"), words, file);
    }
    // A new message is refused for now, again and again, and never acknowledged.
    void expect_new_is_refused() {
        const MessageId late = queue_notes(1).front();
        const Bytes envelope = must(territory_.practice.station().store().outgoing(late))->envelope;
        auto& station = territory_.practice.station();
        const CurveKeyPair curve{station.keys().curve.public_key,
                                 station.keys().curve.secret_key.duplicate()};
        const auto identity = station.identity();
        territory_.practice.close();
        for (int times = 0; times < 3; ++times) {
            Speaker speaker(identity.endpoint, identity.broker_curve, curve);
            ASSERT_TRUE(speaker.greet());
            const auto answer = speaker.ask(wire::Submit{envelope});
            ASSERT_TRUE(answer && std::holds_alternative<wire::Refusal>(*answer));
            EXPECT_EQ(std::get<wire::Refusal>(*answer).code, ErrorCode::storage_full);
            EXPECT_EQ(std::get<wire::Refusal>(*answer).retry, Retry::later);
        }
    }
};

// Chunks that are on their way to the disk when it fills up would take what is kept for acts.
TEST_F(SmallDisks, AttachmentsLeaveTheLastOfTheDiskToActs) {
    broker().stop();
    SmallDisk disk(broker().data(), 64U << 20);
    broker().start();
    const auto filler = broker().data() / "filler";
    const auto free = std::filesystem::space(broker().data()).available;
    must(write_file(filler, Bytes(free - (12U << 20), 'f'), 0600, Replace::no));

    auto& station = territory_.practice.station();
    const CurveKeyPair curve{station.keys().curve.public_key,
                             station.keys().curve.secret_key.duplicate()};
    const auto identity = station.identity();
    const Bytes chunk(limits::kChunkSealedBytesMax, 'c');
    const auto upload = [&] {
        territory_.practice.close();
        Speaker speaker(identity.endpoint, identity.broker_curve, curve);
        if (!speaker.greet()) fail_test("not welcome");
        const auto answer = speaker.ask(wire::PutChunk{sha256(chunk), chunk});
        if (!answer) fail_test("no answer");
        const auto* refusal = std::get_if<wire::Refusal>(&*answer);
        return refusal == nullptr ? ErrorCode::ok : refusal->code;
    };
    EXPECT_EQ(upload(), ErrorCode::storage_full);
    queue_notes(2);
    territory_.practice.synchronise();
    EXPECT_TRUE(all_accepted());
    EXPECT_EQ(health(broker()), 200);
    std::filesystem::remove(filler);
    EXPECT_EQ(upload(), ErrorCode::ok);
}

TEST_F(SmallDisks, AFullDiskRefusesWhatIsNewAndCommitsWhatEndsThings) {
    queue_notes(3);
    territory_.practice.synchronise();  // waits for the ward, which is not connected
    territory_.geriatrie.close();
    broker().stop();
    SmallDisk disk(broker().data(), 64U << 20);
    broker().start();
    broker().stop();
    disk.fill();
    broker().start();
    EXPECT_EQ(health(broker()), 503) << "it starts on its reserve";
    disk.empty();
    EXPECT_EQ(health(broker()), 200);
    const pid_t process = broker().child().pid();
    ASSERT_TRUE(std::filesystem::exists(broker().data() / "ballast"));
    EXPECT_EQ(health(broker()), 200);
    disk.fill();

    expect_new_is_refused();
    const Said sent = relais({"sync", "--wait", "5s"});
    EXPECT_EQ(sent.code, 6) << sent.text;
    EXPECT_TRUE(sent.says("busy") && sent.says("Espace de stockage saturé")) << sent.text;
    EXPECT_EQ(health(broker()), 503);
    EXPECT_EQ(metric(broker(), "relais_storage_full"), 1);
    ASSERT_TRUE(broker().child().wait_for_line("storage_full"));

    // Deliveries and acknowledgements commit; a restart does, on what is left of the reserve.
    territory_.geriatrie.synchronise();
    EXPECT_EQ(received().size(), 3U);
    EXPECT_GE(metric(broker(), "relais_acknowledged_total"), 3);
    // So do erasures, and the ward is told.
    {
        auto op = broker().connect();
        must(admin::erase(op, {uuid(notes_.front()), "request"}, {}));
    }
    notes_.erase(notes_.begin());
    territory_.geriatrie.synchronise();
    EXPECT_EQ(received().size(), 2U);
    EXPECT_EQ(health(broker()), 503) << "still on the reserve";
    EXPECT_EQ(broker().child().pid(), process) << "it never stopped";
    territory_.geriatrie.close();

    // So do clocks: the thread's delay ends.
    broker().set_clocks(std::chrono::hours(5), std::chrono::hours(5));
    must(territory_.medecine.station().connect());
    territory_.medecine.until([&] { return overdue(territory_.medecine) > 0; });
    broker().restart_after_kill();
    EXPECT_EQ(health(broker()), 503) << "it starts full as it was killed";

    // Room again: no restart, nothing lost, nothing twice.
    disk.empty();
    must(territory_.practice.station().connect());
    territory_.practice.until([&] { return all_accepted(); });
    EXPECT_EQ(health(broker()), 200);
    EXPECT_TRUE(std::filesystem::exists(broker().data() / "ballast"));
    territory_.geriatrie.synchronise();
    EXPECT_EQ(received(), notes_);
    broker().stop();
    EXPECT_EQ(fsck(broker()), 0);
}

TEST_F(SmallDisks, AReadOnlyDataFolderIsNamedAndNothingStarts) {
    broker().stop();
    SmallDisk disk(broker().data(), 64U << 20);
    disk.set_read_only(true);
    const Said said = broker().try_start();
    EXPECT_EQ(said.code, 8) << said.text;
    EXPECT_TRUE(said.says("wrong_permissions") && said.says("Read-only")) << said.text;
    const Said checked = check();
    EXPECT_EQ(checked.code, 8);
    EXPECT_TRUE(checked.says("BAD   data folder")) << checked.text;
    disk.set_read_only(false);
    EXPECT_EQ(check().code, 0) << check().text;
    broker().start();
}

TEST_F(SmallDisks, AStationOnAFullDiskSaysSoAndLosesNothing) {
    territory_.practice.close();
    SmallDisk disk(territory_.practice.folder().path, 8U << 20);
    const auto send = [&] {
        return relais({"act", uuid(admission_.id), "answer", "--to", "geriatrie.ch-valmont",
                       "--form",
                       "answer=" + std::string(RELAIS_SOURCE_DIR) +
                           "/schemas/kinds/admission/examples/answer.json"});
    };
    EXPECT_EQ(relais({"status", "--offline"}).code, 0);
    disk.fill();
    const Said full = send();
    EXPECT_EQ(full.code, 6) << full.text;
    EXPECT_TRUE(full.says("Espace de stockage saturé")) << full.text;
    EXPECT_EQ(relais({"inbox", "--offline"}).code, 6) << "not even an index fits";
    disk.empty();
    const Said sent = send();
    EXPECT_EQ(sent.code, 0) << sent.text;
    territory_.geriatrie.synchronise();
    EXPECT_EQ(received().size(), 1U);
}

TEST_F(SmallDisks, AReadOnlyStationFolderIsSaidInFrench) {
    territory_.practice.close();
    SmallDisk disk(territory_.practice.folder().path, 8U << 20);
    disk.set_read_only(true);
    const Said said = relais({"status"});
    EXPECT_EQ(said.code, 8) << said.text;
    EXPECT_TRUE(said.says("Droits d'accès")) << said.text;
    disk.set_read_only(false);
    EXPECT_EQ(relais({"status"}).code, 0);
    set_mode(territory_.practice.folder().vault(), 0644);
    const Said open = relais({"status"});
    EXPECT_EQ(open.code, 8) << open.text;
    EXPECT_TRUE(open.says("vault.json")) << open.text;
    set_mode(territory_.practice.folder().vault(), 0600);
}

TEST_F(Disk, ASlowDiskCommitsMoreAtOnceAndLosesNothing) {
    broker().set_disk(std::chrono::milliseconds(40), false);
    const double steps = metric(broker(), "relais_steps_total");
    queue_notes(200);
    territory_.practice.synchronise();
    EXPECT_TRUE(all_accepted());
    EXPECT_LT(metric(broker(), "relais_steps_total") - steps, 100) << "batches must grow";
    broker().set_disk(std::chrono::milliseconds(0), false);
    territory_.geriatrie.synchronise();
    EXPECT_EQ(received(), notes_);
}

TEST_F(Disk, AFlushThatFailsEndsTheProcessAndAcknowledgesNothing) {
    broker().set_disk(std::chrono::milliseconds(40), true);
    queue_notes(100);  // so that steps wait for the disk while others run
    auto& station = territory_.practice.station();
    must(station.connect());
    const Said end = [&] {
        for (;;) {
            const auto turned = station.turn(std::chrono::milliseconds(20));
            if (!turned.ok()) fail_test(turned.error().describe());
            if (::kill(broker().child().pid(), 0) != 0 || !station.connected()) break;
        }
        return broker().wait_for_end();
    }();
    EXPECT_EQ(end.code, 8) << end.text;
    EXPECT_TRUE(end.says("io_failed")) << end.text;
    for (const MessageId& note : notes_) EXPECT_EQ(state_of(note), SendState::queued);
    broker().set_disk(std::chrono::milliseconds(0), false);
    broker().start();
    territory_.practice.synchronise();
    EXPECT_TRUE(all_accepted());
    territory_.geriatrie.synchronise();
    EXPECT_EQ(received(), notes_);
    broker().stop();
    EXPECT_EQ(fsck(broker()), 0);
}

TEST_F(Disk, ATornLogIsCutAtTheLastCommit) {
    queue_notes(10);
    territory_.practice.synchronise();
    broker().kill();
    const auto wal = broker().data() / "relais.db-wal";
    ASSERT_GT(std::filesystem::file_size(wal), 4096U);
    {
        // The first part of a frame that the power took away: a header, and half of its page.
        const Bytes frames = must(read_file(wal, 1U << 28));
        std::ofstream file(wal, std::ios::binary | std::ios::app);
        file.write(reinterpret_cast<const char*>(frames.data()) + 32, 2000);
    }
    broker().start();
    territory_.geriatrie.synchronise();
    EXPECT_EQ(received(), notes_);
    broker().stop();
    EXPECT_EQ(fsck(broker()), 0);
}

TEST_F(Disk, DamagedPagesStopTheProcessAndAreFound) {
    broker().stop();
    const auto database = broker().data() / "relais.db";
    const Bytes good = must(read_file(database, 1U << 28));
    for (const std::size_t from : {std::size_t{0}, std::size_t{4096}}) {
        Bytes bad = good;
        for (std::size_t i = from; i < bad.size(); ++i) bad[i] = static_cast<std::uint8_t>(i * 7);
        must(write_file(database, bad, 0600, Replace::yes));
        const Said said = broker().try_start();
        EXPECT_EQ(said.code, 8) << said.text;
        EXPECT_TRUE(said.says("corrupt")) << said.text;
        EXPECT_NE(fsck(broker()), 0);
        EXPECT_EQ(check().code, 8) << "the check before the start says so already";
    }
    must(write_file(database, good, 0600, Replace::yes));
    broker().start();
    territory_.practice.synchronise();
}

TEST_F(Disk, AFolderOfAnotherDomainIsRefused) {
    RunningBroker other("autre");
    other.stop();
    broker().stop();
    const auto own = broker().folder() / "own";
    std::filesystem::rename(broker().data() / "relais.db", own);
    std::filesystem::copy_file(other.data() / "relais.db", broker().data() / "relais.db");
    const Said said = broker().try_start();
    EXPECT_EQ(said.code, 8) << said.text;
    EXPECT_TRUE(said.says("wrong_domain") && said.says("autre")) << said.text;
    const Said checked = check();
    EXPECT_EQ(checked.code, 8) << checked.text;
    EXPECT_TRUE(checked.says("BAD   database") && checked.says("autre")) << checked.text;
    std::filesystem::rename(own, broker().data() / "relais.db");
    broker().start();
}

TEST_F(Disk, ASecondBrokerOnAFolderIsRefusedAndTheFirstGoesOn) {
    const Said said = broker().try_start();
    EXPECT_EQ(said.code, 8) << said.text;
    EXPECT_TRUE(said.says("locked")) << said.text;
    queue_notes(1);
    territory_.practice.synchronise();
    EXPECT_TRUE(all_accepted());
}

// D8: a journal that cannot be kept shows at the check and at the start, not at a restore.
TEST_F(Disk, AJournalOfErasuresThatCannotBeKeptIsNamedAndNothingStarts) {
    broker().stop();
    const auto journal = broker().folder() / "journal" / "erasures";
    std::ofstream(broker().config(), std::ios::app)
        << "\n[backup]\nerasures = \"" << journal.string() << "\"\n";
    const Said checked = check();
    EXPECT_NE(checked.code, 0);
    EXPECT_TRUE(checked.says("BAD   journal of erasures")) << checked.text;
    const Said said = broker().try_start();
    EXPECT_EQ(said.code, 8) << said.text;
    EXPECT_TRUE(said.says(journal.string())) << said.text;
    must(make_private_folder(journal.parent_path()));
    EXPECT_EQ(check().code, 0) << check().text;
    broker().start();
    EXPECT_TRUE(std::filesystem::exists(journal));
}

// What a security officer expects: keys and folder are the broker's user's alone, or nothing runs;
// and the check before the start names each of them.
TEST_F(Disk, KeysAndFoldersThatOthersReachAreNamedAndNothingStarts) {
    broker().stop();
    EXPECT_EQ(check().code, 0) << check().text;
    const auto data = broker().data();
    const auto refused = [&](const std::filesystem::path& what, const std::string& named) {
        const Said said = broker().try_start();
        EXPECT_EQ(said.code, 8) << what << ": " << said.text;
        EXPECT_TRUE(said.says("wrong_permissions") && said.says(what.string())) << said.text;
        const Said checked = check();
        EXPECT_EQ(checked.code, 8) << checked.text;
        EXPECT_TRUE(checked.says("BAD   " + named)) << checked.text;
    };
    for (const std::string key : {"broker", "directory-log", "audit-log", "curve", "enrolment"}) {
        const auto file = data / "keys" / (key + ".key");
        set_mode(file, 0640);
        refused(file, "keys");
        set_mode(file, 0600);
    }
    set_mode(data, 0755);
    refused(data, "data folder");
    set_mode(data, 0700);
    if (::geteuid() == 0) {
        const auto key = data / "keys" / "broker.key";
        ASSERT_EQ(::chown(key.c_str(), 65534, 65534), 0);
        refused(key, "keys");
        ASSERT_EQ(::chown(key.c_str(), 0, 0), 0);
        ASSERT_EQ(::chown(data.c_str(), 65534, 65534), 0);
        refused(data, "data folder");
        ASSERT_EQ(::chown(data.c_str(), 0, 0), 0);
    }
    std::filesystem::rename(data, data.string() + ".away");
    const Said missing = check();
    EXPECT_EQ(missing.code, 9) << missing.text;
    EXPECT_TRUE(missing.says("BAD   data folder")) << missing.text;
    std::filesystem::rename(data.string() + ".away", data);
    std::filesystem::rename(data / "relais.db", data / "away");
    const Said lost = check();
    EXPECT_EQ(lost.code, 9) << lost.text;
    EXPECT_TRUE(lost.says("BAD   database") && lost.says("relais-admin restore")) << lost.text;
    std::filesystem::rename(data / "away", data / "relais.db");
    broker().start();
}

}  // namespace
}  // namespace relais::test
