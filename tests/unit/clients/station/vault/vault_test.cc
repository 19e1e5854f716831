// The vault: opens under its passphrases alone, notices every damage, and shows nothing without.
#include "clients/station/vault/vault.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <regex>
#include <thread>

#include "tests/support/folder.h"
#include "tests/support/markers.h"
#include "tests/support/printers.h"
#include "tests/support/random.h"

namespace relais::station {
namespace {

constexpr ScryptCost kCheap{10, 1, 1};
constexpr std::string_view kSecret = "SECRET-DU-POSTE-5521";

Secret words(std::string_view text) { return Secret::copy_of(text); }
std::string shown(const Secret& secret) { return std::string(as_text(secret.expose())); }

class VaultTest : public testing::Test {
protected:
    VaultTest() : path_(folder_.file("vault.json")) {
        Vault vault = Vault::create(path_, words("phrase du poste"), kCheap).value();
        vault.put("curve", words(kSecret));
        vault.put("sealing", words("autre secret"));
        vault.put_person(doctor_, key_, words("phrase du docteur")).value();
        row_key_ = vault.row_key();
        vault.save().value();
    }

    [[nodiscard]] Result<Vault> open(std::string_view passphrase = "phrase du poste") const {
        return Vault::open(path_, words(passphrase));
    }
    [[nodiscard]] std::string text() const { return test::whole_file(path_); }
    void write(std::string_view text) const {
        std::ofstream stream(path_, std::ios::binary | std::ios::trunc);
        stream << text;
    }
    // The file with the first match of `pattern` replaced.
    void replace(const std::string& pattern, const std::string& with) const {
        const std::string before = text();
        const std::string after = std::regex_replace(before, std::regex(pattern), with,
                                                     std::regex_constants::format_first_only);
        ASSERT_NE(before, after) << pattern;
        write(after);
    }

    test::TestFolder folder_;
    std::string path_;
    test::SeededRandom random_{31};
    PersonId doctor_ = random_.make<PersonId>();
    P256Key key_ = test::make_p256_key(random_);
    Secret row_key_;
};

TEST_F(VaultTest, GivesBackWhatWasPutThere) {
    const Vault vault = open().value();
    EXPECT_EQ(shown(vault.get("curve").value()), kSecret);
    EXPECT_EQ(shown(vault.get("sealing").value()), "autre secret");
    EXPECT_TRUE(vault.has("curve"));
    EXPECT_FALSE(vault.has("authority"));
    EXPECT_EQ(vault.get("authority").code(), ErrorCode::not_here);
    EXPECT_EQ(hex(vault.row_key().expose()), hex(row_key_.expose()));
    EXPECT_EQ(vault.person_key(doctor_, words("phrase du docteur")).value().public_key(),
              key_.public_key());
}

TEST_F(VaultTest, AnotherPassphraseDoesNotOpenIt) {
    for (const char* passphrase :
         {"", "phrase du post", "phrase du poste ", "Phrase du poste", "phrase du docteur"}) {
        EXPECT_EQ(open(passphrase).code(), ErrorCode::wrong_passphrase) << passphrase;
    }
}

// Two persons on one station cannot sign for each other, nor can the station for them.
TEST_F(VaultTest, APersonsKeyOpensUnderThatPersonsPassphraseAlone) {
    const Vault vault = open().value();
    for (const char* passphrase : {"", "phrase du poste", "phrase du Docteur"}) {
        EXPECT_EQ(vault.person_key(doctor_, words(passphrase)).code(), ErrorCode::wrong_passphrase);
    }
    EXPECT_EQ(vault.person_key(random_.make<PersonId>(), words("phrase du docteur")).code(),
              ErrorCode::not_here);
    EXPECT_TRUE(vault.has_person(doctor_));
}

TEST_F(VaultTest, WhatIsRemovedIsGoneFromTheFile) {
    Vault vault = open().value();
    vault.remove("curve");
    vault.remove_person(doctor_);
    vault.save().value();
    const Vault again = open().value();
    EXPECT_FALSE(again.has("curve"));
    EXPECT_FALSE(again.has_person(doctor_));
    EXPECT_TRUE(again.has("sealing"));
    EXPECT_EQ(text().find("curve"), std::string::npos);
}

// Two programs have one key file open for as long as they like: `approve --wait` and `invite`.
TEST_F(VaultTest, WhatAnotherWroteMeanwhileStays) {
    Vault waiting = open().value();
    Vault inviting = open().value();
    inviting.put("invitation-1", words("premier"));
    inviting.remove("sealing");
    inviting.put_person(doctor_, key_, words("autre phrase")).value();
    inviting.save().value();
    waiting.remove("curve");
    waiting.put("invitation-2", words("second"));
    waiting.save().value();
    for (const Vault* vault : std::initializer_list<const Vault*>{&waiting, nullptr}) {
        const Vault again = open().value();
        const Vault& seen = vault != nullptr ? *vault : again;
        EXPECT_EQ(shown(seen.get("invitation-1").value()), "premier");
        EXPECT_EQ(shown(seen.get("invitation-2").value()), "second");
        EXPECT_FALSE(seen.has("curve"));
        EXPECT_FALSE(seen.has("sealing")) << "what one took out another does not put back";
        EXPECT_TRUE(seen.person_key(doctor_, words("autre phrase")).ok());
    }
}

TEST_F(VaultTest, IsReadAnewWithoutLosingWhatIsNotWrittenYet) {
    Vault waiting = open().value();
    waiting.put("own", words("à écrire"));
    Vault inviting = open().value();
    inviting.put("invitation-1", words("premier"));
    inviting.save().value();
    EXPECT_FALSE(waiting.has("invitation-1"));
    ASSERT_TRUE(waiting.reload().ok());
    EXPECT_TRUE(waiting.has("invitation-1"));
    EXPECT_TRUE(waiting.has("own"));
}

TEST_F(VaultTest, OfManyThatWriteAtOnceNothingIsLost) {
    constexpr int kWriters = 4;
    constexpr int kEach = 8;
    std::vector<std::thread> writers;
    for (int writer = 0; writer < kWriters; ++writer) {
        writers.emplace_back([&, writer] {
            Vault vault = open().value();
            for (int i = 0; i < kEach; ++i) {
                vault.put(std::to_string(writer) + "-" + std::to_string(i), words("secret"));
                EXPECT_TRUE(vault.save().ok());
            }
        });
    }
    for (std::thread& writer : writers) writer.join();
    const Vault vault = open().value();
    for (int i = 0; i < kWriters * kEach; ++i) {
        EXPECT_TRUE(vault.has(std::to_string(i / kEach) + "-" + std::to_string(i % kEach))) << i;
    }
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_.path()), {}), 1)
        << "nothing stays beside it";
}

TEST_F(VaultTest, AnotherVaultThatTookItsPlaceIsNotWrittenOver) {
    Vault before = open().value();
    std::filesystem::remove(path_);
    Vault::create(path_, words("phrase du poste"), kCheap).value().save().value();
    before.put("own", words("ancien"));
    EXPECT_EQ(before.save().code(), ErrorCode::conflict);
    EXPECT_EQ(before.reload().code(), ErrorCode::conflict);
    EXPECT_EQ(Vault::create(path_, words("phrase du poste"), kCheap).value().save().code(),
              ErrorCode::already_exists);
    EXPECT_FALSE(open().value().has("own"));
}

TEST_F(VaultTest, ShowsNoSecretInAnyForm) {
    const std::vector<std::string> markers = {std::string(kSecret), "autre secret",
                                              "phrase du poste",    "phrase du docteur",
                                              shown(key_.scalar()), shown(row_key_)};
    EXPECT_EQ(test::markers_in(folder_.path(), markers), std::vector<std::string>{});
}

TEST_F(VaultTest, BelongsToItsOwnerAlone) {
    struct stat status {};
    ASSERT_EQ(::stat(path_.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600U);
    for (const mode_t mode : {0640U, 0604U, 0660U, 0610U, 0601U, 0777U}) {
        ASSERT_EQ(::chmod(path_.c_str(), mode), 0);
        EXPECT_EQ(open().code(), ErrorCode::wrong_permissions) << std::oct << mode;
    }
    ASSERT_EQ(::chmod(path_.c_str(), 0400), 0);
    EXPECT_TRUE(open().ok());
}

TEST_F(VaultTest, AFileOfAnotherUserIsRefused) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
    ASSERT_EQ(::chown(path_.c_str(), 65534, 65534), 0);
    EXPECT_EQ(open().code(), ErrorCode::wrong_permissions);
}

TEST_F(VaultTest, ALinkToAVaultIsNoVault) {
    const std::string link = folder_.file("link.json");
    std::filesystem::create_symlink(path_, link);
    EXPECT_FALSE(Vault::open(link, words("phrase du poste")).ok());
}

TEST_F(VaultTest, AMissingFileIsNotFound) {
    EXPECT_EQ(Vault::open(folder_.file("none.json"), words("phrase du poste")).code(),
              ErrorCode::not_found);
}

TEST_F(VaultTest, ATruncatedFileIsRefusedAtEachLength) {
    const std::string whole = text();
    for (std::size_t size = 0; size + 2 <= whole.size(); ++size) {  // the last is a newline
        write(whole.substr(0, size));
        ASSERT_EQ(open().code(), ErrorCode::malformed) << size;
    }
}

// What a damaged file may do: not open, or open without the secret that was damaged. It never gives
// another secret than was put there.
TEST_F(VaultTest, AnyByteChangedIsRefusedOrChangesNoSecret) {
    const std::string whole = text();
    for (std::size_t at = 0; at < whole.size(); ++at) {
        std::string bad = whole;
        bad[at] = static_cast<char>(bad[at] ^ 1);
        write(bad);
        const auto vault = open();
        if (!vault.ok()) {
            ASSERT_TRUE(vault.code() == ErrorCode::malformed ||
                        vault.code() == ErrorCode::wrong_passphrase ||
                        vault.code() == ErrorCode::invalid_field)
                << at << " " << error_name(vault.code());
            continue;
        }
        for (const auto& [name, secret] : {std::pair("curve", std::string(kSecret)),
                                           std::pair("sealing", std::string("autre secret"))}) {
            const auto got = vault->get(name);
            ASSERT_TRUE(got.ok()
                            ? shown(*got) == secret
                            : got.code() == ErrorCode::corrupt || got.code() == ErrorCode::not_here)
                << at;
        }
        const auto key = vault->person_key(doctor_, words("phrase du docteur"));
        ASSERT_TRUE(key.ok() ? key->public_key() == key_.public_key()
                             : key.code() == ErrorCode::wrong_passphrase ||
                                   key.code() == ErrorCode::not_here)
            << at;
    }
}

TEST_F(VaultTest, SecretsExchangedForEachOtherAreNoticed) {
    const std::string whole = text();
    std::smatch curve;
    std::smatch sealing;
    ASSERT_TRUE(std::regex_search(whole, curve, std::regex("\"curve\": \"([^\"]*)\"")));
    ASSERT_TRUE(std::regex_search(whole, sealing, std::regex("\"sealing\": \"([^\"]*)\"")));
    std::string bad = whole;
    bad.replace(static_cast<std::size_t>(curve.position(1)),
                static_cast<std::size_t>(curve.length(1)), sealing.str(1));
    write(bad);
    EXPECT_EQ(open().value().get("curve").code(), ErrorCode::corrupt);
    EXPECT_TRUE(open().value().get("sealing").ok());
}

TEST_F(VaultTest, ValuesOfAnotherTypeAreMalformed) {
    const std::string whole = text();
    const std::vector<std::pair<std::string, std::string>> changes = {
        {"\"format\": 1", "\"format\": \"1\""},
        {"\"format\": 1", "\"format\": 2"},
        {"\"scrypt\": \\{[^}]*\\}", "\"scrypt\": 3"},
        {"\"secrets\": \\{[^}]*\\}", "\"secrets\": [1]"},
        {"\"secrets\": \\{[^}]*\\}", "\"secrets\": {\"curve\": 1}"},
        {"\"salt\"", "\"sel\""},
        {"\"master\"", "\"maitre\""},
        {"\"persons\": \\{", "\"persons\": {\"x\": {},"},
        {"\"persons\"", "\"personnes\""}};
    for (const auto& [pattern, with] : changes) {
        write(whole);
        replace(pattern, with);
        EXPECT_EQ(open().code(), ErrorCode::malformed) << with;
    }
    for (const char* other : {"", "null", "[]", "3", "{}", "\xff"}) {
        write(other);
        EXPECT_EQ(open().code(), ErrorCode::malformed) << other;
    }
}

// A stored cost is somebody else's until the passphrase has opened the file.
TEST_F(VaultTest, AScryptCostThatIsOutOfBoundsIsRefusedBeforeAnyWork) {
    const std::string whole = text();
    for (const char* cost :
         {"9", "21", "64", "4294967306", "-10", "1e1", "10.0", "\"10\"", "null", "true"}) {
        write(whole);
        replace("\"log2_n\": 10", std::string("\"log2_n\": ") + cost);
        EXPECT_EQ(open().code(), ErrorCode::invalid_field) << cost;
    }
    for (const char* name : {"r", "p"}) {
        for (const char* cost : {"0", "33", "4294967297"}) {
            write(whole);
            replace(std::string("\"") + name + "\": 1", std::string("\"") + name + "\": " + cost);
            EXPECT_EQ(open().code(), ErrorCode::invalid_field) << name << cost;
        }
    }
}

TEST_F(VaultTest, EverySaveSealsUnderAnotherNonce) {
    Vault vault = open().value();
    vault.put("curve", words(kSecret));
    const std::string before = text();
    vault.save().value();
    std::smatch old_curve;
    const std::string after = text();
    ASSERT_TRUE(std::regex_search(before, old_curve, std::regex("\"curve\": \"([^\"]*)\"")));
    EXPECT_EQ(after.find(old_curve.str(1)), std::string::npos);
    EXPECT_EQ(shown(open().value().get("curve").value()), kSecret);
}

TEST_F(VaultTest, AFailedSaveLeavesTheFileAsItWas) {
    Vault vault = open().value();
    vault.put("curve", words("nouveau"));
    const std::string before = text();
    std::filesystem::create_directory(folder_.file("vault.json.new"));
    std::ofstream(folder_.file("vault.json.new") + "/occupied") << "x";
    EXPECT_FALSE(vault.save().ok());
    EXPECT_EQ(text(), before);
}

}  // namespace
}  // namespace relais::station
