// info_form.cc: what an alert says, as the element `info`, and back.
#include <algorithm>
#include <array>
#include <charconv>

#include "clients/cap/form_parts.h"
#include "clients/cap/message.h"

namespace relais::cap {

namespace {

using nlohmann::json;

constexpr std::string_view kLanguage = "fr-FR";
constexpr std::string_view kLanguageOfCap = "en-US";  // where a message says none
constexpr std::string_view kNeed = "relais:mobilisation-need";
constexpr std::string_view kRole = "relais:mobilisation-role";
constexpr std::string_view kPersons = "relais:mobilisation-persons";
constexpr std::string_view kPlace = "relais:mobilisation-place";
constexpr std::string_view kHeadline = "relais:original-headline";
constexpr unsigned kPersonsMax = 9999;
constexpr std::int64_t kBytesMax = 2147483647;

struct Text {
    const char* field;  // JSON pointer
    const char* element;
    bool lines;
};

// Those that are the same on both sides. The headline is apart, for its length.
constexpr std::array kTexts = {
    Text{"/event", "event", false},
    Text{"/urgency", "urgency", false},
    Text{"/certainty", "certainty", false},
    Text{"/exchange/audience", "audience", false},
    Text{"/sender_name", "senderName", false},
    Text{"/description", "description", true},
    Text{"/instruction", "instruction", true},
    Text{"/web", "web", false},
    Text{"/contact", "contact", false},
};
constexpr std::array kTimes = {"effective", "onset", "expires"};

std::size_t characters(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(
        text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

// The first `count` characters of a UTF-8 text.
std::string first_characters(std::string_view text, std::size_t count) {
    std::size_t at = 0;
    while (at < text.size()) {
        const bool begins = (static_cast<unsigned char>(text[at]) & 0xC0) != 0x80;
        if (begins && count-- == 0) break;
        ++at;
    }
    return std::string(text.substr(0, at));
}

json named(std::string_view name, const std::string& value) {
    return {{"valueName", name}, {"value", value}};
}

json named_elements(const json& list) {
    json made = json::array();
    for (const json& item : list)
        made.push_back(named(text_in(item, "name"), text_in(item, "value")));
    return made;
}

json named_fields(const json& list) {
    json made = json::array();
    for (const json& item : list) {
        made.push_back({{"name", collapsed(text_in(item, "valueName"))},
                        {"value", collapsed(text_in(item, "value"))}});
    }
    return made;
}

void put(json& into, const char* name, json value) {
    if (!value.empty()) into[name] = std::move(value);
}

// ---- to CAP

Result<void> put_times(const json& form, json& info, Findings& findings) {
    for (const char* name : kTimes) {
        const std::string said = text_in(form, name);
        if (said.empty()) continue;
        const auto time = cap_time(said);
        if (!time)
            return fail(ErrorCode::invalid_field, std::string(name) + " : décalage non admis");
        if (said.find('.') != std::string::npos) {
            warn(findings, std::string("info/") + name, "fraction de seconde non écrite");
        }
        info[name] = *time;
    }
    return {};
}

json parameters_of(const json& form) {
    json made = named_elements(member(member(form, "exchange"), "parameters"));
    const std::string headline = text_at(form, "/exchange/headline");
    if (!headline.empty()) made.push_back(named(kHeadline, headline));
    const json& mobilisation = member(form, "mobilisation");
    if (mobilisation.is_null()) return made;
    made.push_back(named(kNeed, text_in(mobilisation, "need")));
    for (const json& role : member(mobilisation, "roles"))
        made.push_back(named(kRole, role.get<std::string>()));
    if (const json& persons = member(mobilisation, "persons"); !persons.is_null()) {
        made.push_back(named(kPersons, std::to_string(persons.get<unsigned>())));
    }
    const std::string place = text_in(mobilisation, "place");
    if (!place.empty()) made.push_back(named(kPlace, place));
    return made;
}

json area_element(const json& area) {
    json made = {{"areaDesc", text_in(area, "description")}};
    put(made, "polygon", member(area, "polygons"));
    put(made, "circle", member(area, "circles"));
    put(made, "geocode", named_elements(member(area, "geocodes")));
    return made;
}

json resource_element(const json& resource) {
    json made = {{"resourceDesc", text_in(resource, "description")},
                 {"mimeType", text_in(resource, "media")}};
    if (const json& bytes = member(resource, "bytes"); !bytes.is_null()) {
        made["size"] = std::to_string(bytes.get<std::int64_t>());
    }
    put(made, "uri", member(resource, "uri"));
    put(made, "digest", member(resource, "digest"));
    return made;
}

template <typename Make>
json each(const json& list, Make make) {
    json made = json::array();
    for (const json& item : list) made.push_back(make(item));
    return made;
}

// ---- from CAP

// Whether the parameter is one of ours, and was taken.
bool take_own_parameter(const std::string& name, const std::string& value, json& form) {
    if (name == kHeadline) {
        put_line(form, "/exchange/headline", value);
    } else if (name == kNeed) {
        put_lines(form, "/mobilisation/need", value);
    } else if (name == kRole) {
        form["mobilisation"]["roles"].push_back(value);
    } else if (name == kPlace) {
        put_line(form, "/mobilisation/place", value);
    } else if (name == kPersons) {
        unsigned count = 0;
        const auto [end, problem] =
            std::from_chars(value.data(), value.data() + value.size(), count);
        const bool whole = problem == std::errc{} && end == value.data() + value.size();
        if (!whole || count == 0 || count > kPersonsMax) return false;
        form["mobilisation"]["persons"] = count;
    } else {
        return false;
    }
    return true;
}

void take_parameters(const json& info, json& form) {
    json others = json::array();
    for (const json& parameter : member(info, "parameter")) {
        const std::string name = text_in(parameter, "valueName");
        if (!take_own_parameter(name, text_in(parameter, "value"), form)) {
            others.push_back(parameter);
        }
    }
    if (!others.empty()) form["exchange"]["parameters"] = named_fields(others);
}

// One that is too long is cut, and kept whole beside.
void take_headline(const json& info, json& form, Findings& findings) {
    const std::string headline = collapsed(text_in(info, "headline"));
    if (headline.empty()) {
        put_line(form, "/headline",
                 first_characters(text_in(info, "event"), kHeadlineCharactersMax));
        warn(findings, "info/headline", "absent : l'événement en tient lieu");
        return;
    }
    if (characters(headline) <= kHeadlineCharactersMax) {
        form["headline"] = headline;
        return;
    }
    form["headline"] = first_characters(headline, kHeadlineCharactersMax - 1) + "…";
    form["exchange"]["headline"] = headline;
    warn(findings, "info/headline",
         "plus de 140 signes : coupé, gardé entier dans « Titre d'origine »");
}

json area_fields(const json& area, const std::string& where, Findings& findings) {
    json made = {{"description", collapsed(text_in(area, "areaDesc"))}};
    put(made, "polygons", member(area, "polygon"));
    put(made, "circles", member(area, "circle"));
    put(made, "geocodes", named_fields(member(area, "geocode")));
    for (const char* name : {"altitude", "ceiling"}) {
        if (!text_in(area, name).empty()) warn(findings, where + "/" + name, "non repris");
    }
    return made;
}

json resource_fields(const json& resource, const std::string& where, Findings& findings) {
    json made = json::object();
    put_line(made, "/description", text_in(resource, "resourceDesc"));
    put_line(made, "/media", text_in(resource, "mimeType"));
    put_line(made, "/uri", text_in(resource, "uri"));
    put_line(made, "/digest", text_in(resource, "digest"));
    const std::string size = text_in(resource, "size");
    if (!size.empty()) {
        std::int64_t bytes = -1;
        const auto read = std::from_chars(size.data(), size.data() + size.size(), bytes);
        const bool whole = read.ec == std::errc{} && read.ptr == size.data() + size.size();
        if (whole && bytes >= 0 && bytes <= kBytesMax) {
            made["bytes"] = bytes;
        } else {
            warn(findings, where + "/size", "non repris");
        }
    }
    if (!text_in(resource, "derefUri").empty()) {
        warn(findings, where + "/derefUri",
             "contenu embarqué non repris : enregistrez-le et joignez-le à l'envoi");
    }
    return made;
}

template <typename Make>
void take_each(const json& info, const char* element, const char* field, json& form,
               Findings& findings, Make make) {
    const json& list = member(info, element);
    for (std::size_t i = 0; i < list.size(); ++i) {
        const std::string place = i == 0 ? "" : "[" + std::to_string(i + 1) + "]";
        form[field].push_back(make(list[i], std::string("info/") + element + place, findings));
    }
}

void take_language(const json& info, json& form) {
    const std::string language = text_in(info, "language");
    if (language == kLanguage) return;
    form["exchange"]["language"] = language.empty() ? std::string(kLanguageOfCap) : language;
}

}  // namespace

Result<json> info_of(const Envelope& envelope, const json& form, Findings& findings) {
    json info = {{"severity", envelope.severity}};
    for (const Text& text : kTexts) {
        const std::string said = text_at(form, text.field);
        if (!said.empty()) info[text.element] = said;
    }
    const std::string language = text_at(form, "/exchange/language");
    info["language"] = language.empty() ? std::string(kLanguage) : language;
    put(info, "headline", member(form, "headline"));
    put(info, "category", member(form, "categories"));
    put(info, "responseType", member(form, "responses"));
    put(info, "eventCode", named_elements(member(member(form, "exchange"), "event_codes")));
    RELAIS_TRY(put_times(form, info, findings));
    put(info, "parameter", parameters_of(form));
    put(info, "resource", each(member(form, "resources"), resource_element));
    put(info, "area", each(member(form, "areas"), area_element));
    return info;
}

void take_info(const json& info, json& form, Findings& findings) {
    for (const Text& text : kTexts) {
        const std::string said = text_in(info, text.element);
        if (text.lines) {
            put_lines(form, text.field, said);
        } else {
            put_line(form, text.field, said);
        }
    }
    for (const char* name : kTimes) put(form, name, member(info, name));
    take_language(info, form);
    put(form, "categories", member(info, "category"));
    put(form, "responses", member(info, "responseType"));
    if (const json& codes = member(info, "eventCode"); !codes.empty()) {
        form["exchange"]["event_codes"] = named_fields(codes);
    }
    take_parameters(info, form);
    take_headline(info, form, findings);
    take_each(info, "resource", "resources", form, findings, resource_fields);
    take_each(info, "area", "areas", form, findings, area_fields);
}

}  // namespace relais::cap
