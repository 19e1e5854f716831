#include "clients/cap/dictionary.h"

#include <algorithm>
#include <array>

#include "clients/cap/values.h"

namespace relais::cap {

namespace {

using namespace std::string_view_literals;

constexpr std::array kStatuses = {"Actual"sv, "Exercise"sv, "System"sv, "Test"sv, "Draft"sv};
constexpr std::array kMessageTypes = {"Alert"sv, "Update"sv, "Cancel"sv, "Ack"sv, "Error"sv};
constexpr std::array kScopes = {"Public"sv, "Restricted"sv, "Private"sv};
constexpr std::array kCategories = {"Geo"sv,       "Met"sv,   "Safety"sv, "Security"sv,
                                    "Rescue"sv,    "Fire"sv,  "Health"sv, "Env"sv,
                                    "Transport"sv, "Infra"sv, "CBRNE"sv,  "Other"sv};
constexpr std::array kResponseTypes = {"Shelter"sv, "Evacuate"sv, "Prepare"sv,
                                       "Execute"sv, "Avoid"sv,    "Monitor"sv,
                                       "Assess"sv,  "AllClear"sv, "None"sv};
constexpr std::array kUrgencies = {"Immediate"sv, "Expected"sv, "Future"sv, "Past"sv, "Unknown"sv};
constexpr std::array kSeverities = {"Extreme"sv, "Severe"sv, "Moderate"sv, "Minor"sv, "Unknown"sv};
constexpr std::array kCertainties = {"Observed"sv, "Likely"sv, "Possible"sv, "Unlikely"sv,
                                     "Unknown"sv};

enum class Often { optional, once, any, some };

constexpr Rule element(std::string_view name, Often often, Type type = Type::text) {
    return {name, type, often == Often::once || often == Often::some,
            often == Often::any || often == Often::some};
}

constexpr Rule choice(std::string_view name, Often often,
                      std::span<const std::string_view> choices) {
    Rule rule = element(name, often, Type::choice);
    rule.choices = choices;
    return rule;
}

constexpr Rule group(std::string_view name, Often often, std::span<const Rule> parts) {
    Rule rule = element(name, often, Type::group);
    rule.first_part = parts.data();
    rule.part_count = parts.size();
    return rule;
}

constexpr std::array kNamedValue = {
    element("valueName", Often::once),
    element("value", Often::once),
};

constexpr std::array kResource = {
    element("resourceDesc", Often::once),
    element("mimeType", Often::once),
    element("size", Often::optional, Type::integer),
    element("uri", Often::optional, Type::uri),
    element("derefUri", Often::optional),
    element("digest", Often::optional),
};

constexpr std::array kArea = {
    element("areaDesc", Often::once),
    element("polygon", Often::any, Type::polygon),
    element("circle", Often::any, Type::circle),
    group("geocode", Often::any, kNamedValue),
    element("altitude", Often::optional, Type::decimal),
    element("ceiling", Often::optional, Type::decimal),
};

constexpr std::array kInfo = {
    element("language", Often::optional, Type::language),
    choice("category", Often::some, kCategories),
    element("event", Often::once),
    choice("responseType", Often::any, kResponseTypes),
    choice("urgency", Often::once, kUrgencies),
    choice("severity", Often::once, kSeverities),
    choice("certainty", Often::once, kCertainties),
    element("audience", Often::optional),
    group("eventCode", Often::any, kNamedValue),
    element("effective", Often::optional, Type::time),
    element("onset", Often::optional, Type::time),
    element("expires", Often::optional, Type::time),
    element("senderName", Often::optional),
    element("headline", Often::optional),
    element("description", Often::optional),
    element("instruction", Often::optional),
    element("web", Often::optional, Type::uri),
    element("contact", Often::optional),
    group("parameter", Often::any, kNamedValue),
    group("resource", Often::any, kResource),
    group("area", Often::any, kArea),
};

constexpr std::array kAlert = {
    element("identifier", Often::once, Type::name),
    element("sender", Often::once, Type::name),
    element("sent", Often::once, Type::time),
    choice("status", Often::once, kStatuses),
    choice("msgType", Often::once, kMessageTypes),
    element("source", Often::optional),
    choice("scope", Often::once, kScopes),
    element("restriction", Often::optional),
    element("addresses", Often::optional, Type::words),
    element("code", Often::any),
    element("note", Often::optional),
    element("references", Often::optional, Type::references),
    element("incidents", Often::optional, Type::words),
    group("info", Often::any, kInfo),
};

constexpr Rule kWhole = group("alert", Often::once, kAlert);

std::string among(std::span<const std::string_view> choices) {
    std::string text = "valeur attendue, à la lettre près, parmi";
    for (const std::string_view choice : choices) {
        text.append(choice == choices.front() ? " " : ", ").append(choice);
    }
    return text;
}

std::string unless(bool good, const char* message) { return good ? "" : message; }

// What the type asks of a text that XML can hold.
std::string type_objection(const Rule& rule, std::string_view text) {
    switch (rule.type) {
        case Type::text:
        case Type::group: return "";
        case Type::name: return unless(is_name(text), "ni espace, ni virgule, ni « < », ni « & »");
        case Type::time:
            return unless(is_time(text),
                          "date et heure attendues, avec le décalage et sans « Z » : "
                          "2026-11-22T14:30:00+01:00 (-00:00 pour l'heure universelle)");
        case Type::choice: {
            const bool known = std::ranges::find(rule.choices, text) != rule.choices.end();
            return known ? "" : among(rule.choices);
        }
        case Type::language: return unless(is_language(text), "code de langue attendu : fr-FR");
        case Type::uri: return unless(is_uri(text), "adresse (URI) attendue, sans espace");
        case Type::decimal: return unless(is_decimal(text), "nombre attendu");
        case Type::integer: return unless(is_integer(text), "nombre entier attendu");
        case Type::polygon:
            return unless(is_polygon(text),
                          "quatre sommets « latitude,longitude » au moins, séparés par un espace, "
                          "le dernier égal au premier");
        case Type::circle: return unless(is_circle(text), "« latitude,longitude rayon » attendu");
        case Type::references:
            return unless(
                split_references(text).has_value(),
                "triplets « émetteur,identifiant,envoi » attendus, séparés par un espace");
        case Type::words:
            return unless(split_words(text).has_value(),
                          "liste séparée par des espaces attendue, guillemets par paires");
    }
    return "";
}

}  // namespace

const Rule& alert_rule() { return kWhole; }

std::string objection(const Rule& rule, std::string_view text) {
    if (!is_xml_text(text)) return "caractère que XML ne peut pas porter";
    if (text.empty()) return rule.mandatory ? "vide" : "";
    return type_objection(rule, text);
}

}  // namespace relais::cap
