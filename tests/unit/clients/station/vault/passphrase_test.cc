// Where a passphrase is read from, and what is refused.
#include "clients/station/vault/passphrase.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "core/base/limits.h"
#include "tests/support/folder.h"
#include "tests/support/printers.h"

namespace relais::station {
namespace {

// A pipe that holds `text` and is closed for writing.
class Piped {
public:
    explicit Piped(std::string_view text) {
        EXPECT_EQ(::pipe(ends_), 0);
        EXPECT_EQ(::write(ends_[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
        ::close(ends_[1]);
    }
    ~Piped() { ::close(ends_[0]); }
    Piped(const Piped&) = delete;
    Piped& operator=(const Piped&) = delete;

    [[nodiscard]] PassphraseSource source() const { return {ends_[0], "", ""}; }
    [[nodiscard]] std::string rest() const {
        char buffer[4096];
        const ssize_t got = ::read(ends_[0], buffer, sizeof buffer);
        return {buffer, static_cast<std::size_t>(got)};
    }

private:
    int ends_[2] = {-1, -1};
};

std::string read(const Piped& pipe) {
    const auto secret = read_passphrase(pipe.source());
    return secret.ok() ? std::string(as_text(secret->expose())) : "";
}

TEST(Passphrase, IsTheDescriptorsFirstLine) {
    EXPECT_EQ(read(Piped("cheval pile agrafe\n")), "cheval pile agrafe");
    EXPECT_EQ(read(Piped("sans fin de ligne")), "sans fin de ligne");
    EXPECT_EQ(read(Piped(" espaces gardés  \nsuite")), " espaces gardés  ");
}

// Two passphrases may come down one descriptor, a line each.
TEST(Passphrase, LeavesWhatFollowsItsLineToTheNextReader) {
    const Piped pipe("la première\nla seconde\n");
    EXPECT_EQ(read(pipe), "la première");
    EXPECT_EQ(read(pipe), "la seconde");
    EXPECT_EQ(pipe.rest(), "");
}

TEST(Passphrase, EmptyOrAbsentIsRefused) {
    EXPECT_EQ(read_passphrase(Piped("").source()).code(), ErrorCode::usage);
    EXPECT_EQ(read_passphrase(Piped("\nautre").source()).code(), ErrorCode::usage);
    EXPECT_EQ(read_passphrase({9999, "", ""}).code(), ErrorCode::io_failed);
}

// Cut short it would be another passphrase than its owner believes.
TEST(Passphrase, LongerThanTheLimitIsRefusedNotCut) {
    EXPECT_EQ(read(Piped(std::string(1024, 'x') + "\n")).size(), 1024U);
    EXPECT_EQ(read(Piped(std::string(1024, 'x'))).size(), 1024U);
    EXPECT_EQ(read_passphrase(Piped(std::string(1025, 'x')).source()).code(), ErrorCode::usage);
}

TEST(Passphrase, ANewOneHasALeastLength) {
    const std::string least(limits::kPassphraseCharactersMin, 'x');
    EXPECT_TRUE(read_new_passphrase(Piped(least).source()).ok());
    EXPECT_EQ(read_new_passphrase(Piped(least.substr(1)).source()).code(),
              ErrorCode::invalid_field);
}

class Credentials : public testing::Test {
protected:
    Credentials() {
        std::ofstream(folder_.file("station")) << "phrase de systemd\n";
        ::setenv("CREDENTIALS_DIRECTORY", folder_.path().c_str(), 1);
    }
    ~Credentials() override { ::unsetenv("CREDENTIALS_DIRECTORY"); }
    test::TestFolder folder_;
};

TEST_F(Credentials, AreReadWhereThereAreAny) {
    const PassphraseSource source{std::nullopt, "station", ""};
    EXPECT_FALSE(prompts(source));
    EXPECT_EQ(as_text(read_passphrase(source).value().expose()), "phrase de systemd");
}

TEST_F(Credentials, TheDescriptorComesFirst) {
    const Piped pipe("du descripteur");
    PassphraseSource source = pipe.source();
    source.credential = "station";
    EXPECT_EQ(as_text(read_passphrase(source).value().expose()), "du descripteur");
}

TEST_F(Credentials, WithoutOneTheTerminalIsAsked) {
    EXPECT_TRUE(prompts({std::nullopt, "autre", ""}));
    EXPECT_TRUE(prompts({std::nullopt, "", ""}));
    ::unsetenv("CREDENTIALS_DIRECTORY");
    EXPECT_TRUE(prompts({std::nullopt, "station", ""}));
}

}  // namespace
}  // namespace relais::station
