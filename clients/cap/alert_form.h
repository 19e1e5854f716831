// alert_form.h: an alert of ours as a CAP message, and back. The form is data of a kind of exchange
// (its root names CAP as the code system of what happens); its fields stand in the JSON of the form
// under the names used here. Status and severity are public in the kind, and come beside the form.
// What a CAP message says and a form cannot hold is told as a warning, element by element. Pure.
//
//   headline, event, urgency, certainty, description, instruction, effective, onset, expires,
//   sender_name, contact, web             info/ headline, event, ... senderName, contact, web
//   categories[], responses[]             info/ category, responseType
//   areas[] { description, geocodes[], circles[], polygons[] }                    info/area
//   resources[] { description, media, uri, bytes, digest }                        info/resource
//   mobilisation { need, roles[], persons, place }          info/parameter
//   "relais:mobilisation-..." exchange { audience, language, event_codes[], parameters[] } info/
//   ... exchange { headline }                           info/parameter "relais:original-headline"
//   exchange { scope, restriction, addresses[], references[], incidents[], codes[], note }  alert
//   origin { source }                                                             alert/source
//   origin { channel, message, relays[] }        alert/code "relais:channel=", "relais:origin=",
//   ...
#pragma once

#include <nlohmann/json.hpp>

#include "clients/cap/finding.h"
#include "clients/cap/values.h"
#include "core/base/result.h"

namespace relais::cap {

inline constexpr std::size_t kHeadlineCharactersMax = 140;

// What a message is beside its form.
struct Envelope {
    MessageKey key;
    std::string status;                    // Actual, Exercise, Test ...
    std::string type;                      // msgType: Alert, Update, Cancel
    std::string severity;                  // of its info; not of one that cancels
    std::vector<MessageKey> references{};  // earlier messages of the same case
};

struct Imported {
    Envelope envelope;  // its references are all in the form
    nlohmann::json form = nlohmann::json::object();
};

// The message (message.h) of a form; `envelope.type` says which of the two forms it is: that of an
// alert, or that of a cancellation. Requires a form that its schema accepts, normalised.
// `findings` receives what could not be said as it stood. Errors: invalid_field  a value that CAP
// cannot write, as the detail.
Result<nlohmann::json> message_of(const Envelope& envelope, const nlohmann::json& form,
                                  Findings& findings);

// The form of a message that read_message gave. What named the message becomes its origin, or a
// relay of it where it has an origin already. Of several `info` the gravest is taken (an unknown
// severity above Minor), of equals the first in French, or else the first; each other is a finding.
// Errors: invalid_field  neither alert, update nor cancellation, or of a status that is not for
// people (System, Draft); an alert without info.
Result<Imported> import_message(const nlohmann::json& message, Findings& findings);

}  // namespace relais::cap
