#include "clients/cap/form_parts.h"

#include <algorithm>

#include "clients/cap/message.h"

namespace relais::cap {

namespace {

using nlohmann::json;

constexpr std::string_view kScope = "Restricted";
constexpr std::string_view kRestriction = "Professionnels de santé destinataires de l'alerte";
constexpr std::string_view kChannelCode = "relais:channel=";
constexpr std::string_view kOriginCode = "relais:origin=";
constexpr std::string_view kRelayCode = "relais:relay=";

Result<MessageKey> key_of(const json& said, const std::string& field) {
    const auto sent = cap_time(text_in(said, "sent"));
    MessageKey key{text_in(said, "sender"), text_in(said, "identifier"), sent.value_or("")};
    if (is_key(key)) return key;
    return fail(ErrorCode::invalid_field,
                field +
                    " : émetteur et identifiant sans espace, virgule, « < » ni « & », et "
                    "date d'envoi");
}

json key_json(const MessageKey& key) {
    return {{"sender", key.sender}, {"identifier", key.identifier}, {"sent", key.sent}};
}

Result<std::string> words_of(const json& exchange, const char* name) {
    const auto text = join_words(member(exchange, name).get<std::vector<std::string>>());
    if (text) return *text;
    return fail(ErrorCode::invalid_field,
                std::string("exchange.") + name + " : CAP ne peut pas écrire de guillemet");
}

Result<void> put_words(const json& exchange, const char* name, json& message) {
    if (member(exchange, name).empty()) return {};
    RELAIS_ASSIGN(message[name], words_of(exchange, name));
    return {};
}

void put_scope(const json& exchange, json& message) {
    const std::string scope = text_in(exchange, "scope");
    const std::string restriction = text_in(exchange, "restriction");
    message["scope"] = scope.empty() ? std::string(kScope) : scope;
    if (!restriction.empty()) {
        message["restriction"] = restriction;
    } else if (message["scope"] == kScope) {
        message["restriction"] = kRestriction;
    }
}

void take_scope(const json& message, json& form) {
    const std::string scope = text_in(message, "scope");
    const std::string restriction = text_in(message, "restriction");
    if (scope != kScope) form["exchange"]["scope"] = scope;
    if (scope != kScope || restriction != kRestriction) {
        put_line(form, "/exchange/restriction", restriction);
    }
}

// Those of the case, then those that the form names; each once.
Result<void> put_references(const Envelope& envelope, const json& exchange, json& message) {
    std::vector<MessageKey> keys = envelope.references;
    for (const json& said : member(exchange, "references")) {
        RELAIS_ASSIGN(MessageKey key, key_of(said, "exchange.references"));
        if (std::ranges::find(keys, key) == keys.end()) keys.push_back(std::move(key));
    }
    std::string text;
    for (const MessageKey& key : keys) text += (text.empty() ? "" : " ") + key_text(key);
    if (!text.empty()) message["references"] = text;
    return {};
}

// Where it comes from stands in `code`, which every message may have; `info` is not always there.
Result<void> put_origin(const json& origin, json& message) {
    const std::string channel = text_in(origin, "channel");
    if (!channel.empty()) message["code"].push_back(std::string(kChannelCode) + channel);
    if (!member(origin, "message").is_null()) {
        RELAIS_ASSIGN(const MessageKey key, key_of(origin["message"], "origin.message"));
        message["code"].push_back(std::string(kOriginCode) + key_text(key));
    }
    for (const json& relay : member(origin, "relays")) {
        RELAIS_ASSIGN(const MessageKey key, key_of(relay, "origin.relays"));
        message["code"].push_back(std::string(kRelayCode) + key_text(key));
    }
    if (!text_in(origin, "source").empty()) message["source"] = origin["source"];
    return {};
}

// The one key that a code of ours holds; none where it is not one.
std::optional<MessageKey> coded_key(const std::string& code, std::string_view prefix) {
    if (!code.starts_with(prefix)) return std::nullopt;
    const auto keys = split_references(std::string_view(code).substr(prefix.size()));
    if (!keys || keys->size() != 1) return std::nullopt;
    return keys->front();
}

bool is_channel(std::string_view text) {
    return !text.empty() &&
           std::ranges::all_of(text, [](char c) { return (c >= 'A' && c <= 'Z') || c == '_'; });
}

void take_code(const std::string& code, json& form) {
    if (const auto origin = coded_key(code, kOriginCode)) {
        form["origin"]["message"] = key_json(*origin);
    } else if (const auto relay = coded_key(code, kRelayCode)) {
        form["origin"]["relays"].push_back(key_json(*relay));
    } else if (code.starts_with(kChannelCode) && is_channel(code.substr(kChannelCode.size()))) {
        form["origin"]["channel"] = code.substr(kChannelCode.size());
    } else {
        form["exchange"]["codes"].push_back(collapsed(code));
    }
}

// The message that was read is the origin of the alert, or the last who passed it on.
void take_origin(const json& message, json& form) {
    put_line(form, "/origin/source", text_in(message, "source"));
    for (const json& code : member(message, "code")) take_code(code, form);
    const MessageKey key{text_in(message, "sender"), text_in(message, "identifier"),
                         text_in(message, "sent")};
    if (form.contains("/origin/message"_json_pointer)) {
        form["origin"]["relays"].push_back(key_json(key));
    } else {
        form["origin"]["message"] = key_json(key);
    }
}

void take_words(const json& message, const char* name, json& form) {
    const auto words = split_words(text_in(message, name));
    if (!words) return;
    for (const std::string& word : *words) form["exchange"][name].push_back(collapsed(word));
}

}  // namespace

const json& member(const json& object, const char* name) {
    static const json kNothing;
    const auto found = object.find(name);
    return found == object.end() ? kNothing : *found;
}

std::string text_at(const json& form, const char* pointer) {
    const json::json_pointer place(pointer);
    return form.contains(place) && form[place].is_string() ? form[place].get<std::string>() : "";
}

void put_line(json& form, const char* pointer, const std::string& text) {
    const std::string line = collapsed(text);
    if (!line.empty()) form[json::json_pointer(pointer)] = line;
}

void put_lines(json& form, const char* pointer, const std::string& text) {
    if (!collapsed(text).empty()) form[json::json_pointer(pointer)] = text;
}

void warn(Findings& findings, std::string element, std::string message) {
    findings.push_back({Severity::warning, 0, std::move(element), std::move(message)});
}

Result<void> put_envelope(const Envelope& envelope, const json& form, json& message) {
    const json& exchange = member(form, "exchange");
    message["identifier"] = envelope.key.identifier;
    message["sender"] = envelope.key.sender;
    message["sent"] = envelope.key.sent;
    message["status"] = envelope.status;
    message["msgType"] = envelope.type;
    put_scope(exchange, message);
    RELAIS_TRY(put_words(exchange, "addresses", message));
    RELAIS_TRY(put_words(exchange, "incidents", message));
    for (const json& code : member(exchange, "codes")) message["code"].push_back(code);
    RELAIS_TRY(put_references(envelope, exchange, message));
    return put_origin(member(form, "origin"), message);
}

void take_envelope(const json& message, json& form) {
    take_scope(message, form);
    take_words(message, "addresses", form);
    take_words(message, "incidents", form);
    const auto references = split_references(text_in(message, "references"));
    if (references) {
        for (const MessageKey& key : *references) {
            form["exchange"]["references"].push_back(key_json(key));
        }
    }
    take_origin(message, form);
}

}  // namespace relais::cap
