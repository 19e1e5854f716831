#include "clients/cap/alert_form.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>
#include <utility>

#include "clients/cap/form_parts.h"
#include "clients/cap/message.h"

namespace relais::cap {

namespace {

using nlohmann::json;

constexpr std::string_view kCancel = "Cancel";

// RFC 5646: tags have no case; "fra" and "fre" are what others than it call French.
bool speaks_french(const json& info) {
    std::string language = text_in(info, "language");
    language = language.substr(0, language.find('-'));
    std::ranges::transform(language, language.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return language == "fr" || language == "fra" || language == "fre";
}

// What is not known is not held minor.
int gravity(const json& info) {
    constexpr std::array<std::string_view, 5> kRising = {"Minor", "Unknown", "Moderate", "Severe",
                                                         "Extreme"};
    const auto found = std::ranges::find(kRising, text_in(info, "severity"));
    return static_cast<int>(found - kRising.begin());
}

std::string left_out(const json& info, const json& chosen) {
    const std::string kept = "non repris : le formulaire n'en tient qu'un";
    const bool graver = gravity(chosen) > gravity(info);
    // The same said in another language.
    if (!graver && speaks_french(info) != speaks_french(chosen)) return kept;
    return std::string("non repris : ") + (graver ? "moins" : "aussi") +
           " grave que celui qui est repris ; s'il vise d'autres lieux ou d'autres personnes, "
           "faites-en une alerte";
}

// The place among the `info` of the one that is taken: the gravest, for an alert must not be played
// down; of equals the first in French, or else the first. The others are told.
std::size_t choose_info(const json& infos, Findings& findings) {
    const auto rank = [&](std::size_t i) {
        return std::pair(gravity(infos[i]), speaks_french(infos[i]));
    };
    std::size_t chosen = 0;
    for (std::size_t i = 1; i < infos.size(); ++i) {
        if (rank(i) > rank(chosen)) chosen = i;
    }
    for (std::size_t i = 0; i < infos.size(); ++i) {
        if (i == chosen) continue;
        warn(findings, i == 0 ? "info" : "info[" + std::to_string(i + 1) + "]",
             left_out(infos[i], infos[chosen]));
    }
    return chosen;
}

Result<void> check_kind_of_message(const Envelope& envelope, const json& infos) {
    const bool for_people =
        envelope.status == "Actual" || envelope.status == "Exercise" || envelope.status == "Test";
    if (!for_people) {
        return fail(ErrorCode::invalid_field,
                    "status : un message " + envelope.status + " ne se diffuse pas");
    }
    if (envelope.type == "Ack" || envelope.type == "Error") {
        return fail(ErrorCode::invalid_field,
                    "msgType : " + envelope.type + " n'est pas une alerte");
    }
    if (envelope.type != kCancel && infos.empty()) {
        return fail(ErrorCode::invalid_field, "info : absent, l'alerte ne dit rien");
    }
    return {};
}

// Its reason is the note; where there is none, what its `info` says.
void take_cancellation(const json& message, json& form, Findings& findings) {
    const json& infos = member(message, "info");
    const std::string note = text_in(message, "note");
    put_lines(form, "/reason", note);
    if (infos.empty()) return;
    const json& info = infos[choose_info(infos, findings)];
    if (!note.empty()) {
        warn(findings, "info", "non repris : la note donne le motif de l'annulation");
        return;
    }
    std::string reason = text_in(info, "headline");
    for (const char* name : {"description", "instruction"}) {
        const std::string text = text_in(info, name);
        if (!text.empty()) reason += (reason.empty() ? "" : "\n") + text;
    }
    put_lines(form, "/reason", reason);
    warn(findings, "info",
         "titre, description et consigne repris comme motif ; le reste n'est pas repris");
}

}  // namespace

Result<json> message_of(const Envelope& envelope, const json& form, Findings& findings) {
    json message = json::object();
    RELAIS_TRY(put_envelope(envelope, form, message));
    if (envelope.type == kCancel) {
        message["note"] = text_in(form, "reason");
        return message;
    }
    const std::string note = text_at(form, "/exchange/note");
    if (!note.empty()) message["note"] = note;
    RELAIS_ASSIGN(json info, info_of(envelope, form, findings));
    message["info"].push_back(std::move(info));
    return message;
}

Result<Imported> import_message(const json& message, Findings& findings) {
    const json& infos = member(message, "info");
    Imported imported{
        .envelope = {.key = {text_in(message, "sender"), text_in(message, "identifier"),
                             text_in(message, "sent")},
                     .status = text_in(message, "status"),
                     .type = text_in(message, "msgType"),
                     .severity = {}}};
    RELAIS_TRY(check_kind_of_message(imported.envelope, infos));
    take_envelope(message, imported.form);
    if (imported.envelope.type == kCancel) {
        take_cancellation(message, imported.form, findings);
        return imported;
    }
    const json& info = infos[choose_info(infos, findings)];
    imported.envelope.severity = text_in(info, "severity");
    put_lines(imported.form, "/exchange/note", text_in(message, "note"));
    take_info(info, imported.form, findings);
    return imported;
}

}  // namespace relais::cap
