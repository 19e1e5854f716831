#include "clients/cli/show_witnesses.h"

#include "clients/station/api/acceptances.h"
#include "clients/station/sync/gaps.h"
#include "core/codecs/codecs.h"

namespace relais::cli {

namespace {

using nlohmann::json;

constexpr std::size_t kAcceptancesAtOnce = 100;
constexpr std::size_t kShownMax = 1000;

json head_json(const station::LogHead& head, WallTime now) {
    json by = json::array();
    for (const std::string& organisation : head.standing.organisations) by.push_back(organisation);
    json shown = {{"log", head.origin},
                  {"size", head.size},
                  {"witnessed_size", head.witnessed_size},
                  {"asked", head.standing.asked},
                  {"known", head.standing.known},
                  {"by", std::move(by)},
                  {"met", head.standing.met()},
                  {"late", head.standing.late(now)}};
    if (head.standing.as_of) {
        shown["at"] = format_utc(*head.standing.as_of);
        shown["age_s"] = (now - *head.standing.as_of).count() / 1000;
    }
    return shown;
}

Result<json> contradictions_json(station::Station& station) {
    json kept = json::array();
    RELAIS_ASSIGN(const auto all, station::contradictions(station.store()));
    for (const station::Contradiction& item : all) {
        kept.push_back({{"code", error_info(item.code).name},
                        {"text", error_info(item.code).french},
                        {"about", item.about},
                        {"seen", format_utc(item.seen)}});
    }
    return kept;
}

// Contradictions are for the caller to show; what could not be asked now is asked again.
Result<void> pass_over(const Result<void>& result) {
    const ErrorCode code = result.code();
    const bool fault = code == ErrorCode::inconsistent_log || code == ErrorCode::note_invalid;
    const bool later = code == ErrorCode::unreachable || code == ErrorCode::timed_out;
    return fault || later ? Result<void>{} : result;
}

Result<void> hold_to_it(station::Station& station) {
    const auto heads = station::check_heads(station, station::kAnswerPatience);
    if (!heads.ok()) return pass_over(heads.error());
    const auto checked = station::check_acceptances(station, kAcceptancesAtOnce);
    return checked.ok() ? Result<void>{} : pass_over(checked.error());
}

void print_head(Output& out, const json& head) {
    const std::string log = head["log"];
    const auto asked = head["asked"].get<std::size_t>();
    const std::size_t by = head["by"].size();
    if (asked == 0 && by == 0) {
        out.line("  journal " + log + " : sans témoin");
        return;
    }
    std::string line = "  journal " + log + " : " + std::to_string(by) + " organisation(s) sur " +
                       std::to_string(asked) + " demandée(s)";
    if (head.contains("at")) line += ", le " + head["at"].get<std::string>();
    if (!head["met"].get<bool>()) {
        out.alarm("Pas assez de témoins :" + line);
    } else if (head["late"].get<bool>()) {
        out.alarm("Témoins en retard :" + line);
    } else {
        out.line(line);
    }
}

}  // namespace

Result<json> witnesses_json(station::Station& station, bool online) {
    if (online) RELAIS_TRY(hold_to_it(station));
    RELAIS_ASSIGN(const auto heads, station::known_heads(station));
    RELAIS_ASSIGN(json kept, contradictions_json(station));
    RELAIS_ASSIGN(const auto ahead,
                  station.store().entries_with(ErrorCode::ahead_of_directory, kShownMax));
    RELAIS_ASSIGN(const auto unproven,
                  station.store().entries_with(ErrorCode::release_unproven, kShownMax));
    RELAIS_ASSIGN(const auto missing, station::gaps(station.store()));
    json absent = json::array();
    for (const station::Gap& gap : missing) {
        absent.push_back({{"station", uuid(gap.station)},
                          {"mailbox", gap.mailbox},
                          {"first", gap.first},
                          {"last", gap.last}});
    }
    json logs = json::array();
    for (const station::LogHead& head : heads) logs.push_back(head_json(head, station.now()));
    const auto* own = station.directory().witness(station.identity().station);
    return json{{"witness", own != nullptr},          {"logs", std::move(logs)},
                {"ahead_of_directory", ahead.size()}, {"release_unproven", unproven.size()},
                {"gaps", std::move(absent)},          {"contradictions", std::move(kept)}};
}

void print_witnesses(Output& out, const json& shown) {
    if (shown["witness"].get<bool>()) out.line("  ce poste est témoin");
    for (const json& head : shown["logs"]) print_head(out, head);
    if (const auto ahead = shown["ahead_of_directory"].get<std::size_t>(); ahead != 0) {
        out.alarm(std::to_string(ahead) +
                  " message(s) accepté(s) sous un annuaire que ce poste n'a pas reçu.");
    }
    if (const auto early = shown["release_unproven"].get<std::size_t>(); early != 0) {
        out.alarm(std::to_string(early) + " contenu(s) remis sans l'acte qui les libère.");
    }
    if (const std::size_t missing = shown["gaps"].size(); missing != 0) {
        out.line("  " + std::to_string(missing) +
                 " lacune(s) de numérotation : contenu confié à un autre service, envoi refusé, ou "
                 "message retenu ; en cas de doute, demandez à l'expéditeur");
    }
    for (const json& item : shown["contradictions"]) {
        out.alarm(item["text"].get<std::string>() + " (" + item["about"].get<std::string>() + ", " +
                  item["seen"].get<std::string>() + " ; « relais witness evidence »)");
    }
}

}  // namespace relais::cli
