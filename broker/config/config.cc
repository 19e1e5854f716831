#include "broker/config/config.h"

#include <toml++/toml.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>

#include "core/codecs/codecs.h"
#include "core/files/files.h"

namespace relais::broker {

namespace {

constexpr std::size_t kConfigBytesMax = 64 * 1024;
constexpr std::size_t kMailAddressBytesMax = 254;
constexpr std::size_t kDataPathBytesMax = 96;  // so that admin.sock fits a sockaddr_un

// Reads keys of one table, remembers the first mistake, and knows which keys were asked for.
class Table {
public:
    Table(const toml::table& table, std::string prefix, std::optional<std::string>& mistake)
        : table_(table), prefix_(std::move(prefix)), mistake_(mistake) {}

    void text(const char* key, std::string& value) {
        if (const toml::node* node = find(key)) {
            if (const auto* found = node->as_string())
                value = found->get();
            else
                complain(*node, key, "a text in quotes");
        }
    }

    void flag(const char* key, bool& value) {
        if (const toml::node* node = find(key)) {
            if (const auto* found = node->as_boolean())
                value = found->get();
            else
                complain(*node, key, "true or false");
        }
    }

    void texts(const char* key, std::vector<std::string>& values) {
        const toml::node* node = find(key);
        if (node == nullptr) return;
        const auto* found = node->as_array();
        if (found == nullptr) return complain(*node, key, "a list of texts");
        for (const toml::node& item : *found) {
            const auto* text = item.as_string();
            if (text == nullptr) return complain(*node, key, "a list of texts");
            values.push_back(text->get());
        }
    }

    template <typename Integer>
    void number(const char* key, Integer& value, std::int64_t min, std::int64_t max) {
        const toml::node* node = find(key);
        if (node == nullptr) return;
        const auto* found = node->as_integer();
        if (found == nullptr || found->get() < min || found->get() > max) {
            complain(*node, key,
                     "a number from " + std::to_string(min) + " to " + std::to_string(max));
            return;
        }
        value = static_cast<Integer>(found->get());
    }

    template <typename Fill>
    void table(const char* key, Fill fill) {
        const toml::node* node = find(key);
        if (node == nullptr) return;
        if (const auto* inner = node->as_table()) {
            Table reader(*inner, prefix_ + key + ".", mistake_);
            fill(reader);
            reader.finish();
        } else {
            complain(*node, key, "a table");
        }
    }

    // Complains of the first key that nobody asked for.
    void finish() {
        for (const auto& [key, node] : table_) {
            if (!known_.contains(std::string(key.str()))) {
                complain(node, std::string(key.str()), "no such key");
            }
        }
    }

    void complain(const toml::node& node, const std::string& key, const std::string& expected) {
        if (mistake_) return;
        mistake_ = "line " + std::to_string(node.source().begin.line) + ": " + prefix_ + key +
                   ": " + expected;
    }
    void check(const char* key, bool good, const std::string& expected) {
        const toml::node* node = find(key);
        if (node == nullptr && !mistake_)
            mistake_ = prefix_ + key + ": missing";
        else if (node != nullptr && !good)
            complain(*node, key, expected);
    }

    // As check(), for a value that may be the default's.
    void refuse(const char* key, const std::string& expected) {
        const toml::node* node = find(key);
        if (node != nullptr) return complain(*node, key, expected);
        if (!mistake_) mistake_ = prefix_ + key + ": " + expected;
    }
    [[nodiscard]] bool mistaken() const { return mistake_.has_value(); }

private:
    const toml::node* find(const char* key) {
        known_.insert(key);
        return table_.get(key);
    }

    const toml::table& table_;
    std::string prefix_;
    std::optional<std::string>& mistake_;
    std::set<std::string> known_;
};

// A name or an address, "*" for every interface: what goes into tokens and pages as it is.
bool is_host(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view(".-_:[]*").find(c) != std::string_view::npos;
    });
}

bool is_tcp_endpoint(const std::string& text) {
    constexpr std::size_t kScheme = std::string_view("tcp://").size();
    const std::size_t colon = text.rfind(':');
    if (!text.starts_with("tcp://") || colon <= kScheme) return false;
    if (!is_host(std::string_view(text).substr(kScheme, colon - kScheme))) return false;
    const std::string_view port = std::string_view(text).substr(colon + 1);
    unsigned value = 0;
    const auto parsed = std::from_chars(port.data(), port.data() + port.size(), value);
    return parsed.ec == std::errc() && parsed.ptr == port.data() + port.size() && value <= 65535;
}

// "127.0.0.1:7413", "[::1]:7413", "*:7413": as endpoints are written, though the HTTP server wants
// an address without brackets, and one that is none for every interface.
bool split_http(const std::string& text, Config& config) {
    if (!is_tcp_endpoint("tcp://" + text)) return false;
    const std::size_t colon = text.rfind(':');
    std::string host = text.substr(0, colon);
    if (host == "*") host = "0.0.0.0";
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    if (host.empty() || host.find_first_of("[]*") != std::string::npos) return false;
    config.http_address = std::move(host);
    config.http_port = std::stoi(text.substr(colon + 1));
    return true;
}

constexpr const char* kEndpointForm = "an endpoint such as \"tcp://127.0.0.1:7411\"";

// What two sockets cannot both have. A port 0 is the system's choice, another for each.
bool same_socket(const std::string& one, const std::string& other) {
    const auto port = [](const std::string& text) { return text.substr(text.rfind(':') + 1); };
    const auto host = [](const std::string& text) {
        const std::string_view prefix = text.starts_with("tcp://") ? "tcp://" : "";
        return text.substr(prefix.size(), text.rfind(':') - prefix.size());
    };
    const auto everywhere = [](const std::string& name) {
        return name == "*" || name == "0.0.0.0" || name == "[::]";
    };
    if (port(one) != port(other) || std::stoi(port(one)) == 0) return false;
    return host(one) == host(other) || everywhere(host(one)) || everywhere(host(other));
}

void check_sockets(Table& table, const Config& config) {
    const std::string http = config.http_endpoint(config.http_port);
    if (same_socket(config.listen_broker, config.listen_enrolment)) {
        table.refuse("enrolment", "a port that listen.broker does not have");
    }
    if (same_socket(http, config.listen_broker)) {
        table.refuse("http", "a port that listen.broker does not have");
    }
    if (same_socket(http, config.listen_enrolment)) {
        table.refuse("http", "a port that listen.enrolment does not have");
    }
}

void read_listen(Table& table, Config& config) {
    std::string http = config.http_endpoint(config.http_port);
    table.text("broker", config.listen_broker);
    table.text("enrolment", config.listen_enrolment);
    table.text("http", http);
    if (!is_tcp_endpoint(config.listen_broker)) table.check("broker", false, kEndpointForm);
    if (!is_tcp_endpoint(config.listen_enrolment)) table.check("enrolment", false, kEndpointForm);
    if (!split_http(http, config)) {
        table.check("http", false, "an address such as \"127.0.0.1:7413\"");
    }
    if (!table.mistaken()) check_sockets(table, config);
}

void read_public(Table& table, Config& config) {
    table.text("broker", config.public_broker);
    table.text("enrolment", config.public_enrolment);
    if (!config.public_broker.empty() && !is_tcp_endpoint(config.public_broker)) {
        table.check("broker", false, kEndpointForm);
    }
    if (!config.public_enrolment.empty() && !is_tcp_endpoint(config.public_enrolment)) {
        table.check("enrolment", false, kEndpointForm);
    }
}

void read_limits(Table& table, Config& config) {
    table.number("sessions", config.sessions_max, 1, 60'000);
    table.number("undelivered_per_mailbox", config.undelivered_max, 1, 1'000'000'000);
    table.number("attachment_mib", config.attachment_mib, 0, 256);
    table.number("attachments_waiting_mib", config.attachments_waiting_mib, 0, 1'000'000);
    table.number("attachments_kept_mib", config.attachments_kept_mib, 0, 1'000'000);
    table.number("workers", config.workers, 0, 256);
}

void read_backup(Table& table, Config& config) {
    constexpr std::size_t kKeyDigits = 2 * P256Public::kSize;
    constexpr std::string_view kKeyPrefix = "relais-backup-key-1 ";
    std::string journal;
    table.text("key", config.backup_key);
    table.text("erasures", journal);
    // The line of the public file, as `backup-key new` wrote it, or its digits alone.
    if (config.backup_key.starts_with(kKeyPrefix)) config.backup_key.erase(0, kKeyPrefix.size());
    const auto key = parse_hex(config.backup_key);
    if (!config.backup_key.empty() && (!key.ok() || config.backup_key.size() != kKeyDigits)) {
        table.check("key", false,
                    "the line of the public file that backup-key new wrote, or its 130 hex digits");
    }
    if (!journal.empty() && !journal.starts_with('/')) {
        table.check("erasures", false, "an absolute path");
    } else if (!journal.empty() && (journal + "/").starts_with(config.data.string() + "/")) {
        table.check("erasures", false, "a path outside of data, on another disk");
    }
    config.erasure_journal = journal;
}

bool is_mail_address(const std::string& text) {
    const std::size_t at = text.find('@');
    return at != std::string::npos && at > 0 && at == text.rfind('@') && at + 1 < text.size() &&
           text.size() <= kMailAddressBytesMax && std::ranges::all_of(text, [](char c) {
               return c > ' ' && c < 0x7F &&
                      std::string_view("<>(),;:\\\"[]").find(c) == std::string_view::npos;
           });
}

// "smtp://host:port" or "smtps://host:port".
bool is_relay(const std::string& text) {
    const std::size_t scheme = text.find("://");
    if (!text.starts_with("smtp://") && !text.starts_with("smtps://")) return false;
    return is_tcp_endpoint("tcp" + text.substr(scheme));
}

bool is_link(const std::string& text) {
    return (text.starts_with("https://") || text.starts_with("http://")) &&
           std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7F; });
}

void check_mail(Table& table, const Config::Ringing& ringing) {
    if (!is_relay(ringing.relay)) {
        table.check("relay", false, "a relay such as \"smtp://smtp.exemple.test:587\"");
    }
    if (!is_mail_address(ringing.from)) {
        table.check("from", false, "the address that mails come from");
    }
}

void read_ringing(Table& table, Config& config) {
    Config::Ringing ringing;
    std::string credentials;
    table.text("relay", ringing.relay);
    table.text("from", ringing.from);
    table.flag("tls", ringing.tls);
    table.text("credentials", credentials);
    table.text("link", ringing.link);
    table.text("ca", ringing.ca);
    table.texts("allow", ringing.allow);
    if (!ringing.relay.empty()) check_mail(table, ringing);
    if (!credentials.empty() && !credentials.starts_with('/')) {
        table.check("credentials", false, "an absolute path");
    }
    if (!ringing.ca.empty() && !ringing.ca.starts_with('/')) {
        table.check("ca", false, "an absolute path");
    }
    if (!ringing.link.empty() && !is_link(ringing.link)) {
        table.check("link", false, "the beginning of a URL");
    }
    for (const std::string& host : ringing.allow) {
        if (!is_host(host)) table.check("allow", false, "names or addresses of hosts");
    }
    ringing.credentials = credentials;
    config.ringing = std::move(ringing);
}

void read_log(Table& table, Config& config) {
    std::string level = "info";
    table.text("level", level);
    if (level == "debug")
        config.log_level = Config::LogLevel::debug;
    else if (level == "info")
        config.log_level = Config::LogLevel::info;
    else if (level == "warning")
        config.log_level = Config::LogLevel::warning;
    else if (level == "error")
        config.log_level = Config::LogLevel::error;
    else
        table.check("level", false, "debug, info, warning or error");
}

Result<Config> from_table(const toml::table& root) {
    std::optional<std::string> mistake;
    Table table(root, "", mistake);
    std::string domain;
    std::string authority;
    std::string data;
    table.text("domain", domain);
    table.text("authority", authority);
    table.text("data", data);
    const auto name = Name::parse(domain);
    const auto fingerprint = hex_from<Digest>(authority);
    table.check("domain", name.ok(), "a name of a-z, 0-9 and '-'");
    table.check("authority", fingerprint.ok(), "the 64 hex digits of a fingerprint");
    table.check("data", data.starts_with('/') && data.size() <= kDataPathBytesMax,
                "an absolute path of at most " + std::to_string(kDataPathBytesMax) + " bytes");
    if (mistake) return fail(ErrorCode::bad_configuration, *mistake);
    Config config{*name, *fingerprint, data};
    table.table("listen", [&](Table& inner) { read_listen(inner, config); });
    table.table("public", [&](Table& inner) { read_public(inner, config); });
    table.table("limits", [&](Table& inner) { read_limits(inner, config); });
    table.table("ringing", [&](Table& inner) { read_ringing(inner, config); });
    table.table("backup", [&](Table& inner) { read_backup(inner, config); });
    table.table("log", [&](Table& inner) { read_log(inner, config); });
    table.finish();
    if (mistake) return fail(ErrorCode::bad_configuration, *mistake);
    return config;
}

}  // namespace

std::string Config::http_endpoint(int port) const {
    const bool is_ipv6 = http_address.find(':') != std::string::npos;
    const std::string host = is_ipv6 ? "[" + http_address + "]" : http_address;
    return host + ":" + std::to_string(port);
}

Result<Config> parse_config(std::string_view text, const std::string& file_name) {
    const auto in_file = [&](const std::string& mistake) {
        return fail(ErrorCode::bad_configuration, file_name + ": " + mistake);
    };
    try {
        auto config = from_table(toml::parse(text));
        if (!config.ok()) return in_file(config.error().detail);
        return config;
    } catch (const toml::parse_error& error) {  // the library's way; it goes no further
        return in_file("line " + std::to_string(error.source().begin.line) + ": " +
                       std::string(error.description()));
    }
}

Result<Config> read_config(const std::filesystem::path& file) {
    RELAIS_ASSIGN(const Bytes bytes, read_file(file, kConfigBytesMax));
    return parse_config(as_text(bytes), file.string());
}

}  // namespace relais::broker
