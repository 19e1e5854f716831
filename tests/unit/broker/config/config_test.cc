// The configuration is strict: what is not understood is an error that names its line and key, so
// that no broker runs on a setting that its operator did not mean.
#include "broker/config/config.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "core/codecs/codecs.h"
#include "tests/support/folder.h"

namespace relais::broker {
namespace {

const std::string kExample = RELAIS_SOURCE_DIR "/broker/config/example.toml";
const std::string kAuthority(64, 'a');

std::string minimal() {
    return "domain = \"indre\"\nauthority = \"" + kAuthority + "\"\ndata = \"/srv/relais\"\n";
}

// Why `text` is refused; empty where it is not.
std::string mistake_in(const std::string& text) {
    const auto config = parse_config(text, "relais.toml");
    if (config.ok()) return "";
    EXPECT_EQ(config.code(), ErrorCode::bad_configuration);
    return config.error().detail;
}

TEST(Configuration, TheExampleIsRead) {
    const auto config = read_config(kExample);
    ASSERT_TRUE(config.ok()) << config.error().describe();
    EXPECT_EQ(config->domain.text(), "indre");
    EXPECT_TRUE(hex(config->authority.view()).starts_with("5f2c1de6"));
    EXPECT_EQ(config->data, "/var/lib/relais/indre");
    EXPECT_EQ(config->public_broker, "tcp://relais.exemple-indre.test:7411");
    EXPECT_EQ(config->public_enrolment, "tcp://relais.exemple-indre.test:7412");
}

// What the example shows as the default of a key is what a file without it gives.
TEST(Configuration, TheExampleShowsTheDefaults) {
    const Config shown = read_config(kExample).value();
    const Config left_out = parse_config(minimal(), "relais.toml").value();
    EXPECT_EQ(shown.listen_broker, left_out.listen_broker);
    EXPECT_EQ(shown.listen_enrolment, left_out.listen_enrolment);
    EXPECT_EQ(shown.http_address, left_out.http_address);
    EXPECT_EQ(shown.http_port, left_out.http_port);
    EXPECT_EQ(shown.sessions_max, left_out.sessions_max);
    EXPECT_EQ(shown.undelivered_max, left_out.undelivered_max);
    EXPECT_EQ(shown.workers, left_out.workers);
    EXPECT_EQ(shown.log_level, left_out.log_level);
    EXPECT_EQ(left_out.public_broker, "");
    EXPECT_EQ(left_out.public_enrolment, "");
}

struct Wrong {
    const char* name;  // as the error gives it
    const char* line;  // with a value out of form
};
constexpr Wrong kWrong[] = {
    {"domain", "domain = \"Indre\""},
    {"domain", "domain = 36"},
    {"authority", "authority = \"5f2c\""},
    {"authority", "authority = \"zz\""},
    {"data", "data = \"relais/indre\""},
    {"data", "data = \"\""},
    {"listen.broker", "broker = \"127.0.0.1:7411\""},
    {"listen.broker", "broker = \"tcp://127.0.0.1\""},
    {"listen.broker", "broker = \"tcp://127.0.0.1:70000\""},
    {"listen.broker", "broker = \"tcp://:7411\""},
    {"listen.broker", "broker = 7411"},
    {"listen.enrolment", "enrolment = \"ipc:///tmp/relais\""},
    {"listen.http", "http = \"http://127.0.0.1:7413\""},
    {"listen.http", "http = \"7413\""},
    {"listen.http", "http = \"[]:7413\""},
    {"listen.http", "http = \"[::1:7413\""},
    {"listen.http", "http = \"127.0.0.*:7413\""},
    {"public.broker", "broker = \"tcp://a\\\"b:7411\""},
    {"public.enrolment", "enrolment = \"relais.exemple.test\""},
    {"limits.sessions", "sessions = 0"},
    {"limits.sessions", "sessions = 60001"},
    {"limits.sessions", "sessions = \"many\""},
    {"limits.sessions", "sessions = 1.5"},
    {"limits.undelivered_per_mailbox", "undelivered_per_mailbox = -1"},
    {"limits.workers", "workers = 257"},
    {"log.level", "level = \"verbose\""},
    {"ringing.relay", "relay = \"http://smtp.exemple.test:25\""},
    {"ringing.relay", "relay = \"smtp://smtp.exemple.test\""},
    {"ringing.relay", "relay = \"smtp://user@smtp.exemple.test:25\""},
    {"ringing.relay", "relay = \"smtp://smtp.exemple.test:25/path\""},
    {"ringing.from", "from = \"relais\""},
    {"ringing.from", "from = \"a@b.test>\\r\\nBcc: <c@d.test\""},
    {"ringing.tls", "tls = \"no\""},
    {"backup.erasures", "erasures = \"erasures\""},
    {"backup.erasures", "erasures = \"/var/lib/relais/indre/erasures\""},
    {"ringing.credentials", "credentials = \"smtp\""},
    {"ringing.link", "link = \"relais.exemple.test\""},
    {"ringing.link", "link = \"https://relais.exemple.test/ x\""},
    {"ringing.ca", "ca = \"ca.pem\""},
    {"ringing.allow", "allow = \"127.0.0.1\""},
    {"ringing.allow", "allow = [127]"},
    {"ringing.allow", "allow = [\"https://127.0.0.1\"]"},
};

// The example with the line of that key replaced, and the number of that line.
std::pair<std::string, int> example_with(const Wrong& wrong) {
    std::ifstream file(kExample);
    const std::string key = std::string(wrong.name).substr(std::string(wrong.name).rfind('.') + 1);
    std::string table;
    std::string text;
    int at = 0;
    int number = 1;
    for (std::string line; std::getline(file, line); ++number) {
        if (line.starts_with('[')) table = line.substr(1, line.size() - 2) + ".";
        if (table + key == wrong.name && line.starts_with(key + " = ")) {
            line = wrong.line;
            at = number;
        }
        text += line + "\n";
    }
    return {text, at};
}

TEST(Configuration, AWrongValueIsNamedByLineAndKey) {
    for (const Wrong& wrong : kWrong) {
        const auto [text, line] = example_with(wrong);
        ASSERT_NE(line, 0) << wrong.name << " is not in the example";
        const std::string start =
            "relais.toml: line " + std::to_string(line) + ": " + wrong.name + ": ";
        EXPECT_TRUE(mistake_in(text).starts_with(start)) << wrong.line << "\n" << mistake_in(text);
    }
}

TEST(Configuration, AKeyThatIsNotKnownIsRefused) {
    EXPECT_EQ(mistake_in(minimal() + "color = 1\n"), "relais.toml: line 4: color: no such key");
    EXPECT_EQ(mistake_in(minimal() + "[listen]\nbrocker = \"tcp://127.0.0.1:1\"\n"),
              "relais.toml: line 5: listen.brocker: no such key");
    EXPECT_EQ(mistake_in(minimal() + "[limit]\nworkers = 1\n"),
              "relais.toml: line 4: limit: no such key");
    EXPECT_EQ(mistake_in(minimal() + "log = \"info\"\n"), "relais.toml: line 4: log: a table");
}

TEST(Configuration, AMissingKeyIsNamed) {
    for (const char* key : {"domain", "authority", "data"}) {
        std::string text = minimal();
        const std::size_t start = text.find(std::string(key) + " = ");
        text.erase(start, text.find('\n', start) + 1 - start);
        EXPECT_EQ(mistake_in(text), "relais.toml: " + std::string(key) + ": missing");
    }
}

TEST(Configuration, TextThatIsNoTomlIsNamedByItsLine) {
    EXPECT_TRUE(mistake_in(minimal() + "[listen\n").starts_with("relais.toml: line 4: "));
    EXPECT_TRUE(mistake_in(minimal() + "data = \"/twice\"\n").starts_with("relais.toml: line 4: "));
    EXPECT_NE(mistake_in("\xFF\xFE"), "");
    EXPECT_NE(mistake_in(std::string(1, '\0')), "");
}

// The operator's socket stands in the data folder, and a socket's address has 107 characters.
TEST(Configuration, TheDataFolderLeavesRoomForItsSocket) {
    const auto with_length = [](std::size_t length) {
        std::string text = minimal();
        return text.replace(text.find("/srv/relais"), 11, "/" + std::string(length - 1, 'd'));
    };
    const auto longest = parse_config(with_length(96), "relais.toml");
    ASSERT_TRUE(longest.ok());
    EXPECT_EQ(longest->socket().native().size(), 107U);
    EXPECT_TRUE(mistake_in(with_length(97)).starts_with("relais.toml: line 3: data: "));
}

TEST(Configuration, EveryLogLevelHasItsName) {
    const std::pair<const char*, Config::LogLevel> levels[] = {
        {"debug", Config::LogLevel::debug},
        {"info", Config::LogLevel::info},
        {"warning", Config::LogLevel::warning},
        {"error", Config::LogLevel::error}};
    for (const auto& [name, level] : levels) {
        const std::string text = minimal() + "[log]\nlevel = \"" + name + "\"\n";
        EXPECT_EQ(parse_config(text, "relais.toml").value().log_level, level);
    }
}

TEST(Configuration, TheBackupKeyIsTheLineOfItsFileOrItsDigits) {
    const std::string digits = "04" + std::string(128, 'b');
    for (const std::string& given : {digits, "relais-backup-key-1 " + digits}) {
        const auto config =
            parse_config(minimal() + "[backup]\nkey = \"" + given + "\"\n", "relais.toml");
        ASSERT_TRUE(config.ok()) << config.error().describe();
        EXPECT_EQ(config->backup_key, digits);
    }
    EXPECT_NE(mistake_in(minimal() + "[backup]\nkey = \"relais-backup-key-2 " + digits + "\"\n"),
              "");
}

TEST(Configuration, AnAddressMayBeOfAnyFamily) {
    for (const char* endpoint : {"tcp://[::1]:7411", "tcp://*:0", "tcp://relais.exemple.test:1"}) {
        const std::string text = minimal() + "[listen]\nbroker = \"" + endpoint + "\"\n";
        EXPECT_EQ(parse_config(text, "relais.toml").value().listen_broker, endpoint);
    }
}

// The HTTP server takes an address as it is, and no star.
TEST(Configuration, ThePagesListenWhereAnEndpointWould) {
    const auto listen = [](const std::string& http) {
        return parse_config(minimal() + "[listen]\nhttp = \"" + http + "\"\n", "relais.toml")
            .value();
    };
    EXPECT_EQ(listen("[::1]:7413").http_address, "::1");
    EXPECT_EQ(listen("[::1]:7413").http_endpoint(80), "[::1]:80");
    EXPECT_EQ(listen("[::]:7413").http_address, "::");
    EXPECT_EQ(listen("*:7413").http_address, "0.0.0.0");
    EXPECT_EQ(listen("relais.exemple.test:7413").http_endpoint(7413), "relais.exemple.test:7413");
}

TEST(Configuration, TwoSocketsOnOnePortAreNamed) {
    const auto listen = [](const std::string& lines) {
        return mistake_in(minimal() + "[listen]\n" + lines);
    };
    EXPECT_EQ(listen("enrolment = \"tcp://127.0.0.1:7411\"\n"),
              "relais.toml: line 5: listen.enrolment: a port that listen.broker does not have");
    EXPECT_NE(listen("http = \"0.0.0.0:7412\"\n"), "");
    EXPECT_NE(listen("broker = \"tcp://*:7413\"\n"), "") << "the default of http";
    EXPECT_NE(listen("http = \"[::]:7411\"\n"), "");
    EXPECT_NE(listen("broker = \"tcp://[::1]:7411\"\nhttp = \"[::1]:7411\"\n"), "");
    EXPECT_EQ(listen("enrolment = \"tcp://127.0.0.2:7411\"\n"), "") << "another address";
    EXPECT_EQ(listen("broker = \"tcp://127.0.0.1:0\"\nhttp = \"127.0.0.1:0\"\n"), "");
}

TEST(Configuration, RingingIsOffUnlessItsSectionIsThere) {
    EXPECT_FALSE(parse_config(minimal(), "relais.toml").value().ringing);
    const auto bare = parse_config(minimal() + "[ringing]\n", "relais.toml");
    ASSERT_TRUE(bare.ok()) << bare.error().describe();
    ASSERT_TRUE(bare->ringing);
    EXPECT_EQ(bare->ringing->relay, "") << "webhooks need none";
    EXPECT_TRUE(bare->ringing->tls);
    const auto whole = read_config(kExample).value().ringing;
    ASSERT_TRUE(whole);
    EXPECT_EQ(whole->relay, "smtp://smtp.exemple-indre.test:587");
    EXPECT_EQ(whole->from, "relais@exemple-indre.test");
}

TEST(Configuration, AMailNeedsAnAddressThatItComesFrom) {
    EXPECT_EQ(mistake_in(minimal() + "[ringing]\nrelay = \"smtps://smtp.exemple.test:465\"\n"),
              "relais.toml: ringing.from: missing");
}

TEST(Configuration, AFileThatCannotBeReadIsSaidSo) {
    const test::TestFolder folder;
    EXPECT_EQ(read_config(folder.file("none.toml")).code(), ErrorCode::not_found);
    std::ofstream(folder.file("large.toml")) << std::string(64 * 1024 + 1, '#');
    EXPECT_EQ(read_config(folder.file("large.toml")).code(), ErrorCode::too_large);
}

}  // namespace
}  // namespace relais::broker
