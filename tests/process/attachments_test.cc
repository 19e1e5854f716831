// attachments_test.cc: a file of 20 MiB between real processes, each killed on the way: it arrives
// as it left, to whoever it is for, and nobody else finds anything of it.
#include <gtest/gtest.h>

#include <fstream>
#include <thread>

#include "clients/station/api/attachments.h"
#include "core/base/limits.h"
#include "core/crypto/sha256.h"
#include "tests/process/support/admission.h"
#include "tests/process/support/broker_leaks.h"
#include "tests/process/support/speaker.h"
#include "tests/support/random.h"

namespace relais::test {
namespace {

constexpr const char* kMarker = "HYACINTHE-BELLEGARDE";
constexpr std::size_t kBigBytes = (20 << 20) + 12'345;

class Attachments : public testing::Test {
protected:
    Attachments() {
        std::filesystem::create_directory(credentials_);
        write(credentials_ / "relais-passphrase", to_bytes(as_bytes(kPostPassphrase)));
        write(file_, pdf(kBigBytes));
        write(small_, pdf(3000));
    }

    static void write(const std::filesystem::path& path, const Bytes& bytes) {
        must(write_file(path, bytes, 0600, Replace::yes));
    }
    static Bytes read(const std::filesystem::path& path) {
        return must(read_file(path, limits::kAttachmentBytesDefault + 1));
    }
    // Random but for its first bytes and a marker here and there.
    static Bytes pdf(std::size_t size) {
        SeededRandom random{7};
        Bytes bytes = random.bytes(size);
        const std::string first = std::string("%PDF-1.7\n") + kMarker;
        for (std::size_t at = 0; at + first.size() < size; at += 1'000'000) {
            std::ranges::copy(as_bytes(first), bytes.begin() + static_cast<std::ptrdiff_t>(at));
        }
        return bytes;
    }
    void queue_call(const std::vector<std::filesystem::path>& files) {
        territory_.practice.synchronise();
        auto draft = admission_.draft();
        admission_.id = draft.thread;
        for (const auto& file : files) {
            draft.acts[1].attachments.push_back(must(station::examine_file(file)));
        }
        auto signer = territory_.practice.signer();
        admission_.opening =
            must(station::send_draft(territory_.practice.station(), draft, signer));
    }
    void choose_geriatrics() {
        territory_.synchronise_all();
        admission_.act(territory_.geriatrie, "geriatrie", "offer", {}, {{"bed", "full"}});
        admission_.act(territory_.practice, "", "choose", {"geriatrie"});
    }
    // `relais` of that station, as a process of its own.
    std::unique_ptr<Child> relais(Post& post, std::vector<std::string> arguments) {
        post.close();
        arguments.insert(arguments.begin(), {"--station", post.folder().path.string()});
        return std::make_unique<Child>(
            program("relais"), arguments,
            std::vector<std::string>{"CREDENTIALS_DIRECTORY=" + credentials_.string()});
    }
    std::size_t chunk_files() {
        std::size_t count = 0;
        std::error_code ignored;
        for (std::filesystem::recursive_directory_iterator
                 files(territory_.broker.data() / "chunks", ignored),
             end;
             files != end; files.increment(ignored)) {
            count += files->is_regular_file(ignored) && files->path().extension() != ".new";
        }
        return count;
    }
    template <typename Condition>
    void wait_until(Condition done) {
        const auto limit = std::chrono::steady_clock::now() + kPatience;
        while (!done()) {
            if (std::chrono::steady_clock::now() > limit) fail_test("what was awaited never came");
            std::this_thread::yield();
        }
    }
    std::shared_ptr<const station::Opened> deposit(Post& post) {
        for (auto& item : admission_.view(post).items) {
            if (item.opened && item.opened->attachments != nullptr) {
                return std::make_shared<const station::Opened>(*item.opened);
            }
        }
        fail_test("no attachment is shown");
    }
    // The deposit as the ward opened it, all that it carries with it.
    std::shared_ptr<const station::Opened> fetched_by_geriatrics() {
        auto opened = deposit(territory_.geriatrie);
        must(station::want_attachments(territory_.geriatrie.station(), *opened));
        territory_.geriatrie.until([&] {
            return must(station::attachment_progress(territory_.geriatrie.station(), *opened))
                .complete();
        });
        return opened;
    }
    std::size_t chunks_here(Post& post, const station::Opened& opened) {
        const station::ChunkShelf shelf(post.folder().chunks());
        const auto& attachments = *opened.attachments;
        return attachments.digests.size() -
               shelf.missing(opened.header.id, attachments.digests, attachments.sizes).size();
    }

    RunningTerritory territory_;
    Admission admission_{territory_};
    std::filesystem::path credentials_ = territory_.folder("credentials");
    std::filesystem::path file_ = territory_.folder("compte-rendu.pdf");
    std::filesystem::path small_ = territory_.folder("ordonnance.pdf");
};

TEST_F(Attachments, D1_TwentyMebibytesArriveThoughEverySideIsKilledOnTheWay) {
    queue_call({file_, small_});
    const std::size_t all = 82;  // 81 of the large file, 1 of the small one
    auto sender = relais(territory_.practice, {"sync"});
    wait_until([&] { return chunk_files() >= 5; });
    sender->kill();
    const std::size_t first = chunk_files();
    EXPECT_LT(first, all) << "killed on the way";

    sender = relais(territory_.practice, {"sync"});
    wait_until([&] { return chunk_files() >= first + 5; });
    territory_.broker.kill();
    sender->kill();
    EXPECT_LT(chunk_files(), all);
    territory_.broker.start();
    EXPECT_GE(chunk_files(), first + 5 - 4) << "what was written is still there";

    territory_.practice.synchronise();
    for (const MessageId& message : admission_.opening) {
        const auto sent = must(territory_.practice.station().store().outgoing(message));
        EXPECT_EQ(sent->state, station::SendState::accepted) << error_name(sent->code);
    }
    EXPECT_EQ(chunk_files(), all);
    choose_geriatrics();

    const auto opened = deposit(territory_.geriatrie);
    const auto out = territory_.folder("recu");
    std::filesystem::create_directory(out);
    const std::vector<std::string> save = {"save", uuid(admission_.id), "--to", out.string()};
    auto reader = relais(territory_.geriatrie, save);
    wait_until([&] { return chunks_here(territory_.geriatrie, *opened) >= 5; });
    reader->kill();
    const std::size_t here = chunks_here(territory_.geriatrie, *opened);
    EXPECT_LT(here, all);
    EXPECT_TRUE(std::filesystem::is_empty(out)) << "whole or not at all";

    reader = relais(territory_.geriatrie, save);
    wait_until([&] { return chunks_here(territory_.geriatrie, *opened) >= here + 5; });
    territory_.broker.restart_after_kill();
    EXPECT_EQ(reader->wait(), 0) << reader->said();
    EXPECT_EQ(read(out / "compte-rendu.pdf"), read(file_));
    EXPECT_EQ(read(out / "ordonnance.pdf"), read(small_));
}

TEST_F(Attachments, TwoOfOneNameAreBothSavedReplacedOrNot) {
    const auto other = territory_.folder("autre");
    std::filesystem::create_directory(other);
    write(other / "ordonnance.pdf", pdf(5000));
    queue_call({small_, other / "ordonnance.pdf"});
    territory_.practice.synchronise();
    choose_geriatrics();
    const auto out = territory_.folder("recu");  // made for them: it is not there
    std::vector<std::string> save = {"save", uuid(admission_.id), "--to", out.string()};
    for (const bool replace : {false, true}) {
        if (replace) save.emplace_back("--replace");
        auto reader = relais(territory_.geriatrie, save);
        EXPECT_EQ(reader->wait(), 0) << reader->said();
        EXPECT_EQ(read(out / "ordonnance.pdf"), read(small_));
        EXPECT_EQ(read(out / "ordonnance (2).pdf"), read(other / "ordonnance.pdf"));
    }
    const auto files = std::filesystem::directory_iterator(out);
    EXPECT_EQ(std::distance(begin(files), end(files)), 2);
    save = {"save", uuid(admission_.id), "--to", small_.string()};
    EXPECT_EQ(WEXITSTATUS(relais(territory_.geriatrie, save)->wait()), 2) << "no folder";
    save = {"save", uuid(admission_.id), "1", "--to", territory_.folder("un").string() + "/"};
    EXPECT_EQ(relais(territory_.geriatrie, save)->wait(), 0);
    EXPECT_EQ(read(territory_.folder("un") / "ordonnance.pdf"), read(small_));
}

// The bound of one act, to the byte: what is beyond it is refused before anything leaves.
TEST_F(Attachments, FiftyMebibytesArriveAndOneByteMoreIsRefusedAtOnce) {
    constexpr std::size_t kMostBytes = limits::kAttachmentBytesDefault;
    territory_.practice.synchronise();
    write(file_, pdf(kMostBytes));
    queue_call({file_});
    auto draft = admission_.draft();
    write(small_, pdf(kMostBytes + 1));
    draft.acts[1].attachments.push_back(must(station::examine_file(small_)));
    auto signer = territory_.practice.signer();
    EXPECT_FALSE(station::send_draft(territory_.practice.station(), draft, signer).ok());
    EXPECT_EQ(must(territory_.practice.station().store().outgoing()).size(), 2U);

    territory_.practice.synchronise();
    EXPECT_EQ(chunk_files(), kMostBytes / limits::kChunkBytes);
    choose_geriatrics();
    const auto opened = fetched_by_geriatrics();
    const auto out = territory_.folder("recu.pdf");
    must(station::save_attachment(territory_.geriatrie.station(), *opened, 0, out, Replace::no));
    EXPECT_TRUE(read(out) == read(file_));
}

// What an erased act carried is gone from the disk, and what no act followed at the next start.
TEST_F(Attachments, P1_NoFileIsLeftOfWhatWasErasedNorOfWhatNobodyWants) {
    queue_call({small_});
    territory_.practice.synchronise();
    EXPECT_EQ(chunk_files(), 1U);
    const auto orphan = territory_.broker.data() / "chunks" / "aa" / std::string(64, 'a');
    {
        auto op = territory_.broker.connect();
        must(admin::erase(op, {uuid(admission_.opening[1]), "request"}, {}));
    }
    wait_until([&] { return chunk_files() == 0; });
    territory_.broker.kill();
    must(make_private_folder(orphan.parent_path()));
    write(orphan, pdf(4112));
    write(orphan.string() + ".new", pdf(100));
    territory_.broker.start();
    wait_until([&] {
        return !std::filesystem::exists(orphan) &&
               !std::filesystem::exists(orphan.string() + ".new");
    });
}

TEST_F(Attachments, S1_WhoItIsNotForGetsNothingOfIt) {
    queue_call({small_});
    choose_geriatrics();
    const auto opened = deposit(territory_.geriatrie);
    auto& other = territory_.medecine.station();
    Speaker speaker(other.identity().endpoint, other.identity().broker_curve, other.keys().curve);
    ASSERT_TRUE(speaker.greet());
    const Digest real = opened->attachments->digests[0];
    SeededRandom random{1};
    const auto told = [&](const Address& mailbox, const Digest& digest) {
        const auto body = speaker.ask(wire::FetchChunk{mailbox, opened->header.id, digest});
        const auto* refusal = body ? std::get_if<wire::Refusal>(&*body) : nullptr;
        return refusal == nullptr ? std::make_pair(ErrorCode::ok, std::string())
                                  : std::make_pair(refusal->code, refusal->detail);
    };
    const Address own = territory_.hospital.mailbox("medecine");
    const auto nothing = told(own, random.make<Digest>());
    EXPECT_EQ(nothing.first, ErrorCode::unknown_object);
    EXPECT_EQ(told(own, real), nothing);
    EXPECT_EQ(told(territory_.hospital.mailbox("geriatrie"), real).first,
              ErrorCode::not_your_mailbox);
}

TEST_F(Attachments, S2_S4_NoMarkerOfAFileIsAtTheBrokerNorOnAStation) {
    territory_.broker.stop();
    territory_.broker.log_everything();
    territory_.broker.start();
    queue_call({file_});
    territory_.practice.synchronise();
    choose_geriatrics();
    const auto opened = fetched_by_geriatrics();
    const MarkerScan scan(kMarker);
    EXPECT_EQ(leaks_of(territory_.broker, scan), std::vector<std::string>{});
    for (Post* post : {&territory_.practice, &territory_.geriatrie, &territory_.medecine}) {
        EXPECT_EQ(scan.in_folder(post->folder().path), std::vector<std::string>{});
    }
    const auto path = territory_.folder("ouvert.pdf");
    must(station::save_attachment(territory_.geriatrie.station(), *opened, 0, path, Replace::no));
    EXPECT_NE(scan.in_bytes("the file that was asked for", read(path)), std::vector<std::string>{});
}

TEST_F(Attachments, AnActOfAnotherCaseDoesNotWaitForABigFile) {
    // The 20 MiB go to one ward; what is queued after them for the other passes at once.
    territory_.practice.synchronise();
    auto& station = territory_.practice.station();
    auto signer = territory_.practice.signer();
    auto big = admission_.draft({"geriatrie"});
    big.acts[1].attachments.push_back(must(station::examine_file(file_)));
    const auto first = must(station::send_draft(station, big, signer));
    auto urgent = admission_.draft({"medecine"});
    const auto second = must(station::send_draft(station, urgent, signer));
    const auto state = [&](const MessageId& message) {
        return must(station.store().outgoing(message))->state;
    };
    must(station.connect());
    territory_.practice.until([&] { return state(second[1]) == station::SendState::accepted; });
    EXPECT_EQ(state(first[1]), station::SendState::queued) << "it still goes, chunk by chunk";
    EXPECT_LT(chunk_files(), 81U);
    territory_.practice.until([&] { return state(first[1]) == station::SendState::accepted; });
}

TEST_F(Attachments, AFileThatChangedSinceItWasAttachedIsNotSent) {
    territory_.practice.synchronise();
    auto draft = admission_.draft();
    draft.acts[1].attachments.push_back(must(station::examine_file(small_)));
    auto signer = territory_.practice.signer();
    for (const std::size_t size : {2999U, 3000U, 3001U}) {
        Bytes other = pdf(size);
        other[size / 2] ^= 1;
        write(small_, other);
        EXPECT_EQ(station::send_draft(territory_.practice.station(), draft, signer).code(),
                  ErrorCode::file_changed)
            << size;
    }
    EXPECT_TRUE(must(territory_.practice.station().store().outgoing()).empty());
}

}  // namespace
}  // namespace relais::test
