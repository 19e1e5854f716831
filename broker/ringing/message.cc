#include "broker/ringing/message.h"

#include <array>
#include <ctime>
#include <nlohmann/json.hpp>

#include "core/calendar/calendar.h"
#include "core/codecs/codecs.h"
#include "core/crypto/sha256.h"

namespace relais::broker {

namespace {

constexpr std::size_t kShortDigits = 8;
constexpr std::size_t kIdBytes = 16;
constexpr std::size_t kWordBytes = 39;  // 64 characters in all: a line of at most 76 with a name
constexpr std::size_t kLineBytes = 57;  // 76 characters of base64

struct Urgency {
    const char* name;
    const char* label;
};
constexpr std::array<Urgency, kLanes> kUrgencies = {{
    {"routine", "courante"},
    {"urgent", "urgente"},
    {"crisis", "crise"},
}};

const Urgency& urgency_of(Lane lane) { return kUrgencies[static_cast<std::size_t>(lane)]; }

// In the words of the kind where it has some.
std::string urgency_label(const Ring& ring) {
    return ring.urgency.empty() ? urgency_of(ring.lane).label : ring.urgency;
}

// Mon, 30 Nov 2026 08:05:00 +0000
std::string mail_date(WallTime at) {
    constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const std::time_t seconds = at.ms / 1000;
    std::tm utc{};
    ::gmtime_r(&seconds, &utc);
    char text[64];
    std::snprintf(text, sizeof text, "%s, %02d %s %d %02d:%02d:%02d +0000", kDays[utc.tm_wday],
                  utc.tm_mday, kMonths[utc.tm_mon], utc.tm_year + 1900, utc.tm_hour, utc.tm_min,
                  utc.tm_sec);
    return text;
}

// As the clock on the unit's wall shows it.
std::string deadline_text(const Ring& ring) {
    if (!ring.deadline) return "aucune";
    const auto civil = calendar::civil_text({.zone = ring.zone}, *ring.deadline);
    return civil.ok() ? *civil : format_utc(*ring.deadline);
}

std::string link_of(const Ring& ring, const RingingOptions& options) {
    return options.link.empty() ? "" : options.link + short_number(ring.thread);
}

std::string mail_body(const Ring& ring, const RingingOptions& options) {
    std::string body = "Quelque chose attend la boîte " + ring.mailbox.text() + ".\r\n\r\n" +
                       "Type d'échange : " + ring.title + "\r\n" +
                       "Urgence : " + urgency_label(ring) + "\r\n" +
                       "Échéance : " + deadline_text(ring) + "\r\n" +
                       "Dossier : " + short_number(ring.thread) + "\r\n";
    const std::string link = link_of(ring, options);
    if (!link.empty()) body += "Lien : " + link + "\r\n";
    return body +
           "\r\nCe message ne contient aucune donnée de santé et n'en attend aucune : n'y répondez"
           " pas, ouvrez Relais.\r\n";
}

std::string in_lines(std::string_view text) {
    std::string lines;
    for (std::size_t at = 0; at < text.size(); at += kLineBytes) {
        lines += base64(as_bytes(text.substr(at, kLineBytes))) + "\r\n";
    }
    return lines;
}

bool begins_character(char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }

}  // namespace

std::string ring_id(const Ring& ring) {
    Bytes about = to_bytes(ring.message.view());
    append(about, ring.thread.view());
    append(about, as_bytes(ring.mailbox.text()));
    about.push_back(ring.step);
    return hex(sha256(about).view().first(kIdBytes));
}

std::string short_number(const ThreadId& thread) {
    const std::string digits = hex(thread.view());
    return digits.substr(digits.size() - kShortDigits);
}

std::string encoded_words(std::string_view text) {
    std::string words;
    while (!text.empty()) {
        std::size_t size = std::min(text.size(), kWordBytes);
        while (size > 1 && size < text.size() && !begins_character(text[size])) --size;
        if (!words.empty()) words += "\r\n ";
        words += "=?UTF-8?B?" + base64(as_bytes(text.substr(0, size))) + "?=";
        text.remove_prefix(size);
    }
    return words;
}

std::string mail_text(const Ring& ring, const RingingOptions& options, WallTime now) {
    const std::string subject = "Relais : " + ring.title + ", " + urgency_label(ring) +
                                ", dossier " + short_number(ring.thread);
    const std::string host = options.from.substr(options.from.find('@') + 1);
    return "From: Relais <" + options.from + ">\r\n" + "To: <" + ring.to + ">\r\n" +
           "Subject: " + encoded_words(subject) + "\r\n" + "Date: " + mail_date(now) + "\r\n" +
           "Message-ID: <" + ring_id(ring) + "." + std::to_string(ring.attempt) + "@" + host +
           ">\r\n" +
           "Auto-Submitted: auto-generated\r\n"
           "MIME-Version: 1.0\r\n"
           "Content-Type: text/plain; charset=UTF-8\r\n"
           "Content-Transfer-Encoding: base64\r\n"
           "\r\n" +
           in_lines(mail_body(ring, options));
}

std::string hook_text(const Ring& ring, const RingingOptions& options, WallTime now) {
    nlohmann::json text = {{"type", "relais.ring/1"},
                           {"id", ring_id(ring)},
                           {"attempt", ring.attempt},
                           {"sent", format_utc(now)},
                           {"domain", options.domain.text()},
                           {"mailbox", ring.mailbox.text()},
                           {"kind", ring.title},
                           {"urgency", urgency_of(ring.lane).name},
                           {"thread", short_number(ring.thread)}};
    if (ring.deadline) text["deadline"] = format_utc(*ring.deadline);
    if (!ring.urgency.empty()) text["urgency_label"] = ring.urgency;
    const std::string link = link_of(ring, options);
    if (!link.empty()) text["link"] = link;
    return text.dump();
}

}  // namespace relais::broker
