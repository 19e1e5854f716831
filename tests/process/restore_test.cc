// restore_test.cc: guarantee D8 on real processes: a backup taken under load, exchanges and
// erasures after it, the disk lost, the backup put back: stations and broker find together again.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <atomic>
#include <fstream>
#include <map>
#include <set>
#include <thread>

#include "broker/store/listing.h"
#include "clients/station/api/attachments.h"
#include "clients/station/api/proofs.h"
#include "clients/station/sync/contradictions.h"
#include "core/codecs/codecs.h"
#include "core/files/files.h"
#include "core/merkle/checkpoint.h"
#include "tests/process/support/admission.h"
#include "tests/process/support/audit_leaves.h"
#include "tests/support/random.h"

namespace relais::test {
namespace {

using station::SendState;

constexpr const char* kBackupPassphrase = "backup key of the tests";
constexpr std::size_t kFileBytes = 600'000;  // three chunks

int exchanges() { return std::getenv("RELAIS_LONG") != nullptr ? 1000 : 300; }

class Restore : public testing::Test {
protected:
    Restore() {
        admin::BackupKeyRequest request;
        request.key_file = folder("backup-private.json");
        request.public_file = folder("backup-public");
        request.passphrase = given(kBackupPassphrase);
        request.scrypt_log2_n = kWeakScrypt;
        must(admin::new_backup_key(request, {}));
        admission_.call();
    }

    [[nodiscard]] std::filesystem::path folder(const std::string& name) const {
        return territory_.folder(name);
    }
    [[nodiscard]] std::filesystem::path backup_file() const { return folder("relais.backup"); }
    [[nodiscard]] admin::SignerFile private_key() const {
        return {folder("backup-private.json"), given(kBackupPassphrase)};
    }
    void back_up() {
        auto op = territory_.broker.connect();
        must(admin::make_backup(op, {backup_file(), folder("backup-public"), {}}, {}));
    }
    admin::RestoreRequest restore_request() {
        return {backup_file(), territory_.broker.data(), private_key(), {}, {}};
    }
    void lose_the_disk() {
        territory_.broker.kill();
        std::filesystem::remove_all(territory_.broker.data());
    }

    // `count` questions of the ward and answers of the practice.
    void exchange(int count) {
        for (int i = 0; i < count; ++i) {
            queue(territory_.practice, "", "answer", {"geriatrie"});
            if (i % 3 == 0) queue(territory_.geriatrie, "geriatrie", "ask", {});
        }
        territory_.practice.synchronise();
        territory_.geriatrie.synchronise();
        territory_.practice.synchronise();
    }
    void queue(Post& post, const std::string& unit, const std::string& act,
               const std::vector<std::string>& to) {
        auto& draft =
            drafts_.try_emplace(act, admission_.prepare(post, unit, act, to)).first->second;
        draft.id = make_uuid_v7<MessageId>(post.station().random(), post.station().now());
        if (!signers_.contains(&post)) signers_.emplace(&post, post.signer());
        const auto ids = must(station::send_draft(post.station(), draft, signers_.at(&post)));
        sent_.push_back({&post, ids.front()});
    }

    // Envelopes of a station that it shows, and how often.
    static std::map<MessageId, int> shown(Post& post) {
        std::map<MessageId, int> found;
        for (const auto& entry : must(post.station().store().entries(0, 100'000))) {
            const auto* envelope = std::get_if<EnvelopeEntry>(&entry.delivery.entry);
            if (envelope == nullptr || entry.status == ErrorCode::already_exists) continue;
            EXPECT_EQ(entry.status, ErrorCode::ok);
            ++found[must(parse_header(envelope->header.bytes)).id];
        }
        return found;
    }
    static std::map<NoticeKind, int> notices(Post& post) {
        std::map<NoticeKind, int> found;
        for (const auto& entry : must(post.station().store().entries(0, 100'000))) {
            const auto* notice = std::get_if<NoticeEntry>(&entry.delivery.entry);
            if (notice == nullptr || entry.status != ErrorCode::ok) continue;
            ++found[must(post.station().judge().open_notice(*notice)).kind];
        }
        return found;
    }
    // Messages that the broker's store holds.
    std::multiset<MessageId> stored() {
        const auto store =
            must(broker::SqliteStore::open((territory_.broker.data() / "relais.db").string(),
                                           {Database::Mode::read_only, "", ""}));
        broker::StoreListing listing(*store);
        must(listing.begin());
        std::multiset<MessageId> found;
        for (const auto number : must(listing.envelopes())) {
            const Envelope envelope = must(Envelope::parse(must(store->envelope(number)).bytes));
            found.insert(envelope.header().id);
        }
        return found;
    }
    static int run(const std::string& name, const std::vector<std::string>& arguments) {
        Child child(program(name), arguments);
        const int status = child.wait();
        if (status != 0) ADD_FAILURE() << name << ": " << child.said();
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }
    void erase(const MessageId& message) {
        auto op = territory_.broker.connect();
        must(admin::erase(op, {uuid(message), "request"}, {}));
    }
    std::string incarnation() {
        auto op = territory_.broker.connect();
        return must(op.status())["incarnation"].get<std::string>();
    }

    RunningTerritory territory_;
    Admission admission_{territory_};
    std::map<std::string, station::Draft> drafts_;
    std::map<Post*, station::SigningPerson> signers_;
    struct Sent {
        Post* post;
        MessageId id;
    };
    std::vector<Sent> sent_;
};

// The whole way of D8, step by step.
class RestoreUnderLoad : public Restore {
protected:
    void back_up_while_sending() {
        exchange(20);
        for (int i = 0; i < 60; ++i) queue(territory_.practice, "", "answer", {"geriatrie"});
        must(territory_.practice.station().connect());
        std::atomic<bool> backed_up{false};
        std::thread load([&] {
            while (!backed_up)
                must(territory_.practice.station().turn(std::chrono::milliseconds(1)));
        });
        back_up();
        backed_up = true;
        load.join();
        territory_.synchronise_all();
        before_ = sent_.size();
    }
    // Two stations cosign from now on; what they cosigned last is beyond the backup when the disk
    // is lost, and beyond what anyone has read.
    void let_witness() {
        for (Post* post : witnesses()) must(post->registrar().set_witness(true));
    }
    std::vector<Post*> witnesses() { return {&territory_.cpts, &territory_.hospital}; }
    static merkle::Checkpoint cosigned_last(Post& post) {
        const auto note = must(post.station().store().value("cosigned last"));
        if (!note) return {};
        return must(merkle::parse_checkpoint(must(merkle::parse_note(as_text(*note))).text));
    }
    void cosign_beyond(std::uint64_t size) {
        for (Post* post : witnesses()) {
            post->until([&] {
                must(territory_.practice.station().turn(std::chrono::milliseconds(1)));
                return cosigned_last(*post).size > size;
            });
            largest_ = std::max(largest_, cosigned_last(*post).size);
        }
    }
    // The last head that the restored log calls lost.
    merkle::Checkpoint cited() {
        merkle::Checkpoint last;
        for (const Leaf& leaf : audit_leaves(territory_.broker)) {
            if (leaf.event != Event::restored || leaf.statement.empty()) continue;
            last = must(
                merkle::parse_checkpoint(must(merkle::parse_note(as_text(leaf.statement))).text));
        }
        return last;
    }
    void expect_all_that_was_cosigned_is_called_lost() {
        EXPECT_GE(cited().size, largest_);
        for (Post* post : witnesses()) {
            post->until([&] { return cosigned_last(*post).origin == cited().origin + new_name(); });
            EXPECT_TRUE(must(station::contradictions(post->station().store())).empty());
        }
    }
    std::string new_name() { return "/" + incarnation().substr(0, 16); }
    // Exchanges, a directory entry, a new case up to the choice, erasures, a proof.
    void go_on() {
        exchange(exchanges());
        must(territory_.hospital.registrar().add_unit({must(Name::parse("cardiologie")),
                                                       "Cardiologie",
                                                       "",
                                                       "02 54 00 00 01",
                                                       {"admission"}}));
        Bytes letter = to_bytes(as_bytes("%PDF-1.7\n"));
        append(letter, SeededRandom(8).bytes(kFileBytes));
        must(write_file(file_, letter, 0600, Replace::no));
        second_.call({"geriatrie", "medecine"}, {file_});
        second_.act(territory_.geriatrie, "geriatrie", "offer", {}, {{"bed", "full"}});
        second_.act(territory_.practice, "", "choose", {"geriatrie"});
        erased_ = {sent_[3].id, sent_[before_ + 5].id, sent_[before_ + 50].id};
        for (const MessageId& message : erased_) erase(message);
        territory_.synchronise_all();
        EXPECT_TRUE(prove_last().ok());
        auto& station = territory_.practice.station();
        const std::string log = station.identity().domain.text() + "/audit";
        const std::string head = must(station::known_head(station.store(), log));
        must(write_file(folder("last-head"), as_bytes(head), 0600, Replace::no));
        held_ = shown(territory_.practice);
        held_by_ward_ = shown(territory_.geriatrie);
        told_ = notices(territory_.practice);
        for (const MessageId& message : erased_) {
            EXPECT_FALSE(held_.contains(message) || held_by_ward_.contains(message));
        }
    }
    Result<std::string> prove_last() {
        auto& station = territory_.practice.station();
        const auto message = must(station::provable_message(station, sent_.back().id));
        Result<std::string> proof = fail(ErrorCode::not_yet_proven);
        territory_.practice.until([&] {
            proof = station::fetch_proof(station, message);
            return proof.ok() || proof.code() != ErrorCode::not_yet_proven;
        });
        return proof;
    }
    // Until nothing waits on either side: the acts of each answer those of the other.
    void meet_again() {
        must(territory_.practice.station().connect());
        territory_.geriatrie.until([&] {
            must(territory_.practice.station().turn(std::chrono::milliseconds(1)));
            return territory_.geriatrie.station().sync().ready() &&
                   territory_.practice.station().sync().ready() &&
                   must(territory_.practice.station().store().queued(0, 1)).empty() &&
                   must(territory_.geriatrie.station().store().queued(0, 1)).empty();
        });
        territory_.synchronise_all();
        territory_.synchronise_all();
    }
    void expect_stations_show_the_same() {
        EXPECT_EQ(shown(territory_.practice), held_) << "nothing lost, nothing doubled";
        EXPECT_EQ(shown(territory_.geriatrie), held_by_ward_);
        for (const auto& [message, times] : held_by_ward_) EXPECT_EQ(times, 1);
        EXPECT_EQ(notices(territory_.practice), told_) << "nothing is told twice";
        EXPECT_TRUE(second_.reads(territory_.geriatrie, "deposit")) << "released to the chosen";
    }
    // What the backup lacks, and its sender has: nobody had fetched it.
    void expect_the_file_comes() {
        Post& ward = territory_.geriatrie;
        std::size_t files = 0;
        for (const auto& item : second_.view(ward).items) {
            if (!item.opened || item.opened->attachments == nullptr) continue;
            const auto out = folder("recu.pdf");
            must(station::want_attachments(ward.station(), *item.opened));
            ward.until([&] {
                return must(station::attachment_progress(ward.station(), *item.opened)).complete();
            });
            must(station::save_attachment(ward.station(), *item.opened, 0, out, Replace::no));
            EXPECT_EQ(must(read_file(out, 2 * kFileBytes)), must(read_file(file_, 2 * kFileBytes)));
            ++files;
        }
        EXPECT_EQ(files, 1U);
    }
    void expect_broker_holds_all_but_the_erased() {
        const auto in_store = stored();
        EXPECT_EQ(std::set<MessageId>(in_store.begin(), in_store.end()).size(), in_store.size());
        std::size_t missing = 0;
        for (const Sent& sent : sent_) {
            const auto outgoing = must(sent.post->station().store().outgoing(sent.id));
            if (erased_.contains(sent.id)) {
                EXPECT_FALSE(in_store.contains(sent.id)) << "what was erased came back";
                EXPECT_FALSE(outgoing);
            } else {
                missing += in_store.contains(sent.id) ? 0 : 1;
                EXPECT_TRUE(outgoing && outgoing->state == SendState::accepted);
            }
        }
        EXPECT_EQ(missing, 0U) << "of " << sent_.size();
        for (const MessageId& message : second_.opening) EXPECT_TRUE(in_store.contains(message));
        std::cout << "exchanges after the backup: " << sent_.size() - before_ << "\n";
    }
    void expect_evidence_holds() {
        const auto evidence = folder("evidence").string();
        const auto authority = hex(territory_.practice.station().identity().authority.view());
        const auto data = territory_.broker.data().string();
        EXPECT_EQ(run("relais-audit", {"export", "--data", data, "--out", evidence}), 0);
        EXPECT_EQ(run("relais-audit", {"verify", evidence, "--authority", authority, "--expect",
                                       folder("last-head").string()}),
                  0);
        EXPECT_EQ(run("relais-fsck", {"--data", data}), 0);
    }

    // With the keys of the export, which know the log under the name that it had first.
    void expect_a_stranger_checks(const std::string& proof) {
        const auto file = folder("last.tlog-proof");
        must(write_file(file, as_bytes(proof), 0600, Replace::no));
        EXPECT_NE(proof.find("/audit" + new_name() + "\n"), std::string::npos);
        EXPECT_EQ(run("relais-audit", {"check", file.string(), "--key",
                                       (folder("evidence") / "verifier-keys").string()}),
                  0);
    }

    Admission second_{territory_};
    std::filesystem::path file_ = folder("courrier.pdf");
    std::size_t before_ = 0;     // messages sent until the backup
    std::uint64_t largest_ = 0;  // head that a witness cosigned
    std::set<MessageId> erased_;
    std::map<MessageId, int> held_;
    std::map<MessageId, int> held_by_ward_;
    std::map<NoticeKind, int> told_;
};

TEST_F(RestoreUnderLoad, D8_NothingIsLostThatAStationHoldsNothingDoubledNothingErasedComesBack) {
    let_witness();
    back_up_while_sending();
    go_on();
    cosign_beyond(audit_leaves(territory_.broker).size() - 1);
    const std::string former = incarnation();
    lose_the_disk();
    must(admin::verify_backup({backup_file(), private_key(), {}}, {}));
    must(admin::restore(restore_request(), {}));
    territory_.broker.start();
    EXPECT_NE(incarnation(), former);
    meet_again();
    expect_stations_show_the_same();
    expect_the_file_comes();
    expect_broker_holds_all_but_the_erased();

    auto op = territory_.broker.connect();
    expect_all_that_was_cosigned_is_called_lost();
    EXPECT_EQ(must(op.directory()).size(), territory_.practice.station().directory().size());
    must(admin::settle(op, {}));
    must(territory_.hospital.registrar().add_unit(
        {must(Name::parse("urgences")), "Urgences", "", "02 54 00 00 02", {"admission"}}));
    exchange(3);
    const auto proof = prove_last();  // by a station that knew the log under its former name
    EXPECT_TRUE(proof.ok()) << proof.error().describe();
    expect_evidence_holds();
    expect_a_stranger_checks(must(proof));
}

TEST_F(Restore, ABackupThatWasAlteredAnywhereIsRefused) {
    back_up();
    const Bytes good = must(read_file(backup_file(), std::size_t{1} << 30));
    const auto refused = [&](const Bytes& bytes) {
        const auto file = folder("bad.backup");
        must(write_file(file, bytes, 0600, Replace::yes));
        auto request = restore_request();
        request.file = file;
        request.folder = folder("restored");
        const auto done = admin::restore(request, {});
        EXPECT_EQ(std::filesystem::exists(request.folder), done.ok());
        return !done.ok();
    };
    for (const std::size_t at :
         {std::size_t{0}, std::size_t{18}, std::size_t{30}, std::size_t{70}, std::size_t{121},
          std::size_t{125}, good.size() / 2, good.size() - 1}) {
        Bytes bad = good;
        bad[at] ^= 1;
        EXPECT_TRUE(refused(bad)) << "byte " << at;
    }
    Bytes longer = good;
    longer.push_back(0);
    EXPECT_TRUE(refused(longer));
    for (const std::size_t size : {good.size() - 1, good.size() / 2, std::size_t{130}}) {
        EXPECT_TRUE(refused(Bytes(good.begin(), good.begin() + static_cast<long>(size))));
    }
    EXPECT_FALSE(refused(good)) << "the same, unaltered, is taken";
}

TEST_F(Restore, AnotherKeyOrAFolderInUseIsRefused) {
    back_up();
    admin::BackupKeyRequest other;
    other.key_file = folder("other-private.json");
    other.public_file = folder("other-public");
    other.passphrase = given(kBackupPassphrase);
    other.scrypt_log2_n = kWeakScrypt;
    must(admin::new_backup_key(other, {}));
    auto request = restore_request();
    request.folder = folder("restored");
    request.key = {other.key_file, given(kBackupPassphrase)};
    EXPECT_EQ(admin::restore(request, {}).code(), ErrorCode::box_unopenable);
    EXPECT_EQ(admin::restore(restore_request(), {}).code(), ErrorCode::already_exists);
}

class RestoreWithJournal : public Restore {
protected:
    RestoreWithJournal() {
        exchange(2);
        territory_.broker.stop();
        std::ofstream(territory_.broker.config(), std::ios::app)
            << "\n[backup]\nerasures = \"" << journal_.string() << "\"\n";
        territory_.broker.start();
    }
    // No station hears of it.
    void erase_unheard(const MessageId& message) {
        territory_.practice.close();
        territory_.geriatrie.close();
        territory_.medecine.close();
        erase(message);
    }
    void expect_the_first_stays_erased() {
        EXPECT_FALSE(stored().contains(sent_[0].id));
        EXPECT_TRUE(stored().contains(sent_[1].id));
        territory_.synchronise_all();
        EXPECT_FALSE(shown(territory_.geriatrie).contains(sent_[0].id));
        EXPECT_FALSE(shown(territory_.practice).contains(sent_[0].id));
        EXPECT_FALSE(stored().contains(sent_[0].id));
    }

    std::filesystem::path journal_ = folder("erasures");
};

TEST_F(RestoreWithJournal, WhatItSaysWasErasedDoesNotComeBackThoughNoStationKnows) {
    back_up();
    erase_unheard(sent_[0].id);
    lose_the_disk();
    auto request = restore_request();
    const auto mistaken = folder("mistaken");
    must(write_file(mistaken, as_bytes("import this\n\nprint(42)\n"), 0600, Replace::no));
    auto wrong = restore_request();
    wrong.erasures = mistaken;
    EXPECT_EQ(admin::restore(wrong, {}).code(), ErrorCode::malformed) << "no journal";
    auto missing = restore_request();
    missing.erasures = folder("nowhere");
    EXPECT_EQ(admin::restore(missing, {}).code(), ErrorCode::not_found);
    request.erasures = journal_;
    must(admin::restore(request, {}));
    territory_.broker.start();
    expect_the_first_stays_erased();
}

TEST_F(RestoreWithJournal, TheBrokerReadsItItselfWhereTheRestoreWasNotToldOfIt) {
    back_up();
    erase_unheard(sent_[0].id);
    lose_the_disk();
    must(admin::restore(restore_request(), {}));
    const auto elsewhere = folder("elsewhere");
    std::filesystem::rename(journal_, elsewhere);
    EXPECT_NE(territory_.broker.try_start().text.find(journal_.string()), std::string::npos);
    EXPECT_FALSE(std::filesystem::exists(journal_)) << "an empty one would pass at the next start";
    std::filesystem::rename(elsewhere, journal_);
    territory_.broker.start();
    expect_the_first_stays_erased();
}

TEST_F(RestoreWithJournal, TheBrokerReadsItAtItsFirstStartOnACopyOfItsFolder) {
    const auto data = territory_.broker.data();
    territory_.broker.stop();
    std::error_code ignored;
    std::filesystem::remove(data / "admin.sock", ignored);
    std::filesystem::copy(data, folder("copy"), std::filesystem::copy_options::recursive);
    territory_.broker.start();
    erase_unheard(sent_[0].id);
    lose_the_disk();
    std::filesystem::rename(folder("copy"), data);
    territory_.broker.start({"--after-restore"});
    expect_the_first_stays_erased();
}

}  // namespace
}  // namespace relais::test
