// backup_test.cc: what a backup holds of attachments, and says where it lacks some; and what those
// leave behind that were ended before they came to their end.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <csignal>
#include <fstream>

#include "core/codecs/codecs.h"
#include "core/files/files.h"
#include "tests/process/support/admission.h"
#include "tests/support/random.h"
#include "tools/backup/backup.h"

namespace relais::test {
namespace {

constexpr const char* kBackupPassphrase = "backup key of the tests";

std::vector<std::filesystem::path> files_in(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> files;
    for (const auto& each : std::filesystem::recursive_directory_iterator(folder)) {
        if (each.is_regular_file()) files.push_back(each.path());
    }
    return files;
}

std::vector<std::string> parts_in(const std::filesystem::path& folder) {
    std::vector<std::string> parts;
    for (const auto& each : std::filesystem::directory_iterator(folder)) {
        const std::string name = each.path().filename().string();
        if (name.find("partial") != std::string::npos || name.find("verify") != std::string::npos) {
            parts.push_back(name);
        }
    }
    return parts;
}

template <typename Condition>
void wait_until(Condition done) {
    const auto limit = std::chrono::steady_clock::now() + kPatience;
    while (!done()) {
        if (std::chrono::steady_clock::now() > limit) fail_test("what was awaited did not come");
        broker::LocalClient::pause(std::chrono::milliseconds(10));
    }
}

class BackupKeys {
public:
    explicit BackupKeys(std::filesystem::path folder) : folder_(std::move(folder)) {
        admin::BackupKeyRequest request;
        request.key_file = folder_ / "backup-private.json";
        request.public_file = folder_ / "backup-public";
        request.passphrase = given(kBackupPassphrase);
        request.scrypt_log2_n = kWeakScrypt;
        must(admin::new_backup_key(request, {}));
        std::ofstream(folder_ / "passphrase") << kBackupPassphrase << "\n";
    }
    [[nodiscard]] admin::SignerFile private_key() const {
        return {folder_ / "backup-private.json", given(kBackupPassphrase)};
    }
    [[nodiscard]] std::filesystem::path public_key() const { return folder_ / "backup-public"; }
    [[nodiscard]] P256Public recipient() const {
        std::string text(as_text(must(read_file(public_key(), 256))));
        text = text.substr(text.find(' ') + 1, 2 * P256Public::kSize);
        return P256Public::from(must(parse_hex(text)));
    }

private:
    std::filesystem::path folder_;
};

// An envelope with a file waits for its recipient.
class BackupOfAttachments : public testing::Test {
protected:
    BackupOfAttachments() {
        SeededRandom random(7);
        const auto file = territory_.folder("courrier.pdf");
        Bytes bytes = to_bytes(as_bytes("%PDF-1.7\n"));
        append(bytes, random.bytes(300'000));
        must(write_file(file, bytes, 0600, Replace::no));
        admission_.call({"geriatrie"}, {file});
        EXPECT_GE(chunks().size(), 2U);
    }
    [[nodiscard]] std::vector<std::filesystem::path> chunks() const {
        return files_in(territory_.broker.data() / "chunks");
    }
    [[nodiscard]] std::filesystem::path file() const { return territory_.folder("relais.backup"); }
    Result<void> back_up() {
        auto op = territory_.broker.connect();
        return admin::make_backup(op, {file(), keys_.public_key(), {}}, {});
    }
    Result<void> verify() { return admin::verify_backup({file(), keys_.private_key(), {}}, {}); }

    RunningTerritory territory_;
    Admission admission_{territory_};
    BackupKeys keys_{territory_.broker.folder()};
};

TEST_F(BackupOfAttachments, IsWholeAndVerified) {
    must(back_up());
    must(verify());
}

TEST_F(BackupOfAttachments, OneThatIsMissingIsSaidThenAndWheneverItIsVerified) {
    std::filesystem::remove(chunks().front());
    EXPECT_EQ(back_up().code(), ErrorCode::corrupt);
    ASSERT_TRUE(std::filesystem::exists(file())) << "what there is is saved all the same";
    EXPECT_EQ(verify().code(), ErrorCode::evidence_altered);
}

// Its message is erased after the database was copied and before the files are.
TEST_F(BackupOfAttachments, OneWhoseEnvelopeEndedMeanwhileIsNotMissed) {
    bool erased = false;
    const auto made = must(backup::make_backup(
        {territory_.broker.data(), file(), {}, must(Name::parse("essai")), keys_.recipient()},
        [&](std::uint64_t) {
            if (std::exchange(erased, true)) return;
            auto op = territory_.broker.connect();
            must(admin::erase(op, {uuid(admission_.opening.back()), "request"}, {}));
            wait_until([&] { return chunks().empty(); });
        }));
    EXPECT_TRUE(erased && made.missing.empty());
    must(verify());
}

// What a backup says of itself stands in the folder it was restored to, and in no later backup.
TEST_F(BackupOfAttachments, OfARestoredDomainIsRestoredAsWell) {
    must(back_up());
    territory_.broker.kill();
    std::filesystem::remove_all(territory_.broker.data());
    must(admin::restore({file(), territory_.broker.data(), keys_.private_key(), {}, {}}, {}));
    territory_.broker.start();
    std::filesystem::remove(file());
    must(back_up());
    must(verify());
}

// A work that waits for the rest of its file is ended there.
class EndedWork : public testing::Test {
protected:
    EndedWork() {
        auto op = broker_.connect();
        must(admin::make_backup(op, {whole(), keys_.public_key(), {}}, {}));
        EXPECT_EQ(::mkfifo(pipe().c_str(), 0600), 0);
        std::filesystem::create_directory(work());
    }
    [[nodiscard]] std::filesystem::path whole() const { return broker_.folder() / "whole"; }
    [[nodiscard]] std::filesystem::path pipe() const { return broker_.folder() / "pipe"; }
    [[nodiscard]] std::filesystem::path work() const { return broker_.folder() / "work"; }
    [[nodiscard]] std::string target() const { return work() / "data"; }
    // Begun, with its part there; then ended by the signal.
    void end(const std::vector<std::string>& command, int signal) {
        std::vector<std::string> words = {
            "-c", "exec \"$@\" 3<" + (broker_.folder() / "passphrase").string(), "sh",
            program("relais-admin")};
        words.insert(words.end(), command.begin(), command.end());
        const std::string key = broker_.folder() / "backup-private.json";
        words.insert(words.end(), {"--backup-key", key, "--passphrase-fd", "3"});
        Child child("/bin/sh", words);
        wait_until([&] { return !parts_in(work()).empty(); });
        child.signal(signal);
        const int status = child.wait();
        EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == signal) << child.said();
    }

    RunningBroker broker_;
    BackupKeys keys_{broker_.folder()};
};

TEST_F(EndedWork, ARestoreLeavesNothing) {
    for (const int signal : {SIGINT, SIGTERM}) {
        end({"restore", pipe(), "--to", target()}, signal);
        EXPECT_EQ(files_in(work()).size() + parts_in(work()).size(), 0U) << signal;
    }
}

TEST_F(EndedWork, AVerificationLeavesNothing) {
    end({"backup", "verify", pipe(), "--work", work()}, SIGTERM);
    EXPECT_TRUE(parts_in(work()).empty());
}

TEST_F(EndedWork, WhatOneThatWasKilledLeftGoesWithTheNext) {
    end({"restore", pipe(), "--to", target()}, SIGKILL);
    ASSERT_EQ(parts_in(work()).size(), 1U);
    std::ofstream(work() / parts_in(work()).front() / "broker.key") << "a key in clear";
    must(admin::restore({whole(), target(), keys_.private_key(), {}, {}}, {}));
    EXPECT_TRUE(parts_in(work()).empty());
    EXPECT_FALSE(std::filesystem::exists(work() / "data" / "broker.key"));
    end({"backup", "verify", pipe(), "--work", work()}, SIGKILL);
    ASSERT_EQ(parts_in(work()).size(), 1U);
    must(admin::verify_backup({whole(), keys_.private_key(), work()}, {}));
    EXPECT_TRUE(parts_in(work()).empty());
}

}  // namespace
}  // namespace relais::test
