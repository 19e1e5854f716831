// A CAP document of others: what is read is written as a valid document, which reads as the same
// message; what of it becomes a form becomes the same message's form again.
#include "clients/cap/alert_form.h"
#include "clients/cap/message.h"
#include "tests/fuzz/target.h"
#include "tests/support/cap/cap_schema.h"

namespace relais::fuzz {

namespace {

using nlohmann::json;

json read_again(const json& message) {
    cap::Findings findings;
    const auto document = cap::write_message(message, findings);
    RELAIS_CHECK(document.ok() && findings.empty());
    RELAIS_CHECK(test::schema_objection(*document).empty());
    const auto again = cap::read_message(as_bytes(*document), findings);
    RELAIS_CHECK(again.ok() && findings.empty());
    return *again;
}

// Where CAP can say all of what was taken, saying it again changes no more than who said it.
void check_form(const json& message) {
    cap::Findings findings;
    const auto taken = cap::import_message(message, findings);
    if (!taken.ok()) return;
    cap::Envelope again = taken->envelope;
    const auto made = cap::message_of(again, taken->form, findings);
    if (!made.ok()) return;
    const auto twice = cap::import_message(*made, findings);
    RELAIS_CHECK(twice.ok() && twice->envelope.status == again.status);
    json form = twice->form;
    json& relays = form["origin"]["relays"];
    RELAIS_CHECK(relays.is_array() && !relays.empty());
    relays.erase(relays.size() - 1);
    if (relays.empty()) form["origin"].erase("relays");
    RELAIS_CHECK(form == taken->form);
}

}  // namespace

bool accepts(ByteView input) {
    cap::Findings findings;
    const auto message = cap::read_message(input, findings);
    if (!message.ok()) {
        RELAIS_CHECK(!message.error().detail.empty());
        return false;
    }
    RELAIS_CHECK(cap::first_error(findings) == nullptr);
    RELAIS_CHECK(read_again(*message) == *message);
    check_form(*message);
    return true;
}

}  // namespace relais::fuzz
