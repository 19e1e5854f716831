// config.h: the broker's configuration file (TOML). Strict: a key that is not known, or a value out
// of its form, is an error with its line, never ignored.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/base/ids.h"
#include "core/base/names.h"
#include "core/base/result.h"

namespace relais::broker {

struct Config {
    Name domain;
    Digest authority;  // fingerprint of the domain authority's key
    std::filesystem::path data;

    std::string listen_broker = "tcp://127.0.0.1:7411";
    std::string listen_enrolment = "tcp://127.0.0.1:7412";
    std::string http_address = "127.0.0.1";  // without brackets
    int http_port = 7413;
    // What stations are told, where an address translation stands between.
    std::string public_broker = {};
    std::string public_enrolment = {};

    int sessions_max = 4096;
    std::uint64_t undelivered_max = 1'000'000;  // of one mailbox
    // Attachments, in MiB: of one envelope; of one station, uploaded and not sent; kept.
    std::uint64_t attachment_mib = 50;
    std::uint64_t attachments_waiting_mib = 256;
    std::uint64_t attachments_kept_mib = 4096;
    unsigned workers = 0;  // that check signatures; 0: one a processor

    // How units are told outside that something waits; absent: they are not.
    struct Ringing {
        std::string from = {};   // address
        std::string relay = {};  // smtp://host:port, smtps://host:port; empty: no mail
        bool tls = true;
        std::filesystem::path credentials = {};  // file of two lines; empty: none
        std::string link = {};
        std::string ca = {};
        std::vector<std::string> allow = {};
    };
    std::optional<Ringing> ringing = {};

    std::string backup_key = {};                 // public half, 130 hex digits; empty: none
    std::filesystem::path erasure_journal = {};  // on another disk; empty: none

    enum class LogLevel { debug, info, warning, error } log_level = LogLevel::info;

    // As it is written: an address of IPv6 in brackets. `port`: where the system chose it.
    [[nodiscard]] std::string http_endpoint(int port) const;
    [[nodiscard]] std::filesystem::path keys_folder() const { return data / "keys"; }
    [[nodiscard]] std::filesystem::path database() const { return data / "relais.db"; }
    // There since the domain has a store; one that is missing or empty is a loss from then on.
    [[nodiscard]] std::filesystem::path begun() const { return data / "begun"; }
    [[nodiscard]] std::filesystem::path chunks() const { return data / "chunks"; }
    [[nodiscard]] std::filesystem::path ballast() const { return data / "ballast"; }
    [[nodiscard]] std::filesystem::path lock() const { return data / "lock"; }
    [[nodiscard]] std::filesystem::path socket() const { return data / "admin.sock"; }
};

// Errors: bad_configuration  with "line 12: listen.http: ...".
Result<Config> parse_config(std::string_view text, const std::string& file_name);
// Errors: as parse_config; not_found; io_failed.
Result<Config> read_config(const std::filesystem::path& file);

}  // namespace relais::broker
