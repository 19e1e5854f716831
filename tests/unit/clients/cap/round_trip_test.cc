// Any form that can be sent is the same again after CAP, but for who sent it; and what it becomes
// on the way is valid for a stock validator.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "tests/support/cap/cap_schema.h"
#include "tests/unit/clients/cap/fixture.h"

namespace relais::cap {
namespace {

using forms::Field;
using forms::FieldType;
using nlohmann::json;

// Letters that XML, lists and paths could stumble over; no two spaces together.
rc::Gen<std::string> letters(const Field& field, const std::vector<std::string>& allowed) {
    const auto many = rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(allowed));
    return rc::gen::map(many, [&field](const std::vector<std::string>& drawn) {
        std::string text = "t";
        std::size_t characters = 2;
        for (const std::string& letter : drawn) {
            const bool again = letter == text.substr(text.size() - 1);
            const bool fits = text.size() + letter.size() < field.bytes_max &&
                              (field.characters_max == 0 || characters < field.characters_max);
            if (again || !fits) continue;
            text += letter;
            ++characters;
        }
        return text + "t";
    });
}

rc::Gen<std::string> text_of(const Field& field) {
    const auto one_of = [](const std::vector<std::string>& texts) {
        return rc::gen::elementOf(texts);
    };
    const std::string& name = field.name;
    if (field.format == forms::TextFormat::date_time) {
        return one_of({"2026-11-22T14:30:00+01:00", "2024-02-29T00:00:00-00:00"});
    }
    if (name == "web" || name == "uri") return one_of({"https://a.test/b?c=d&e", "urn:x"});
    if (name == "circles") return one_of({"46.8,1.6 12.5", "-90,180 0"});
    if (name == "polygons") return one_of({"1,1 2,2 3,3 1,1", "0,0 0,9 9,9 9,0 0,0"});
    if (name == "language") return one_of({"en-GB", "de"});
    if (name == "sender" || name == "identifier") {
        return letters(field, {"a", "é", "@", ".", "\"", ">", "'", "="});
    }
    if (name == "addresses" || name == "incidents") {
        return letters(field, {"a", "é", " ", ",", "<", "&"});
    }
    if (field.format == forms::TextFormat::lines) {
        return letters(field, {"a", "é", " ", "\n", "<", "&", "]]>", "\"", "🚨"});
    }
    return letters(field, {"a", "é", " ", "<", "&", "]]>", "\"", "🚨"});
}

rc::Gen<json> values_of(const Field& table);

rc::Gen<json> one_of(const Field& field) {
    const auto to_json = [](const auto& value) { return json(value); };
    switch (field.type) {
        case FieldType::integer:
            return rc::gen::map(rc::gen::inRange<std::int64_t>(field.min, field.max), to_json);
        case FieldType::text: return rc::gen::map(text_of(field), to_json);
        case FieldType::choice:
            return rc::gen::map(rc::gen::elementOf(field.choices),
                                [](const forms::Choice& choice) { return json(choice.name); });
        case FieldType::table: return values_of(field);
        default: break;
    }
    return rc::gen::just(json());
}

rc::Gen<json> answer_to(const Field& field) {
    if (!field.repeated) return one_of(field);
    return rc::gen::exec([&field] {
        json items = json::array();
        const auto count = *rc::gen::inRange<std::size_t>(1, 4);
        for (std::size_t i = 0; i < count; ++i) items.push_back(*one_of(field));
        return items;
    });
}

rc::Gen<json> values_of(const Field& table) {
    return rc::gen::exec([&table] {
        json values = json::object();
        for (const Field& field : table.fields) {
            if (field.mandatory || *rc::gen::arbitrary<bool>()) {
                values[field.name] = *answer_to(field);
            }
        }
        return values;
    });
}

// A form as its schema normalises it, and as CAP can say it: what stands for itself is not said
// (a scope that is Restricted), one that is private has somebody to go to.
json sendable(const std::string& file) {
    json values = *values_of(form(file).root());
    if (values.contains("exchange")) {
        json& exchange = values["exchange"];
        if (exchange.value("scope", "") == "Restricted") exchange.erase("scope");
        if (exchange.value("scope", "") == "Private") exchange["addresses"] = {"a", "b c"};
        if (file == "cancellation.fbs") {
            for (const char* of_info :
                 {"language", "audience", "event_codes", "parameters", "note", "headline"}) {
                exchange.erase(of_info);
            }
        }
    }
    forms::Findings findings;
    const auto checked = forms::check(form(file), values, InsEnvironment::test, findings);
    RC_ASSERT(checked.ok());
    return *checked;
}

// Who passed it on is added; references of the message stand among those of the form.
json expected(json values, const Envelope& sent) {
    const json key = {
        {"sender", sent.key.sender}, {"identifier", sent.key.identifier}, {"sent", sent.key.sent}};
    if (values.contains("/origin/message"_json_pointer)) {
        values["origin"]["relays"].push_back(key);
    } else {
        values["origin"]["message"] = key;
    }
    json references = json::array();
    for (const MessageKey& earlier : sent.references) {
        references.push_back({{"sender", earlier.sender},
                              {"identifier", earlier.identifier},
                              {"sent", earlier.sent}});
    }
    if (values.contains("/exchange/references"_json_pointer)) {
        for (const json& item : values["exchange"]["references"]) {
            if (std::ranges::find(references, item) == references.end()) references.push_back(item);
        }
    }
    if (!references.empty()) values["exchange"]["references"] = references;
    return values;
}

void comes_back(const std::string& file, const Envelope& sent) {
    const json values = sendable(file);
    Findings findings;
    const auto message = message_of(sent, values, findings);
    RC_ASSERT(message.ok());
    const auto document = write_message(*message, findings);
    RC_ASSERT(document.ok());
    RC_ASSERT(test::schema_objection(*document).empty());
    const auto again = read_message(as_bytes(*document), findings);
    RC_ASSERT(again.ok());
    RC_ASSERT(*again == *message);
    const auto taken = import_message(*again, findings);
    RC_ASSERT(taken.ok());
    RC_ASSERT(findings.empty());
    RC_ASSERT(taken->form == expected(values, sent));
    RC_ASSERT(taken->envelope.key == sent.key && taken->envelope.status == sent.status &&
              taken->envelope.type == sent.type && taken->envelope.severity == sent.severity);
}

RC_GTEST_PROP(CapRoundTrip, AnAlertIsTheSameAfterCap, ()) {
    Envelope sent = envelope(*rc::gen::element<std::string>("Alert", "Update"));
    sent.status = *rc::gen::element<std::string>("Actual", "Exercise", "Test");
    sent.severity =
        *rc::gen::element<std::string>("Extreme", "Severe", "Moderate", "Minor", "Unknown");
    if (sent.type == "Update") sent.references = {{"a", "1", "2026-12-14T07:00:00-00:00"}};
    comes_back("alert.fbs", sent);
}

RC_GTEST_PROP(CapRoundTrip, ACancellationIsTheSameAfterCap, ()) {
    Envelope sent = envelope("Cancel");
    sent.severity = "";
    sent.references = {{"a", "1", "2026-12-14T07:00:00-00:00"}};
    comes_back("cancellation.fbs", sent);
}

}  // namespace
}  // namespace relais::cap
