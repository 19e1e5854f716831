// contexts.h: what a P-256 signature is about. Every signed message begins with one of these names
// and a zero byte, so that a signature made for one purpose is never valid for another.
#pragma once

#include <string_view>

#include "core/base/bytes.h"

namespace relais {

namespace contexts {
inline constexpr std::string_view kEnvelope = "relais/v1/envelope";    // then the batch root
inline constexpr std::string_view kEntry = "relais/v1/entry";          // then the Entry's bytes
inline constexpr std::string_view kDelivered = "relais/v1/delivered";  // then the statement's body
inline constexpr std::string_view kOpened = "relais/v1/opened";
inline constexpr std::string_view kMark = "relais/v1/mark";
inline constexpr std::string_view kNotice = "relais/v1/notice";
inline constexpr std::string_view kHealth = "relais/v1/health";
inline constexpr std::string_view kDay = "relais/v1/day";
// Under an invitation's authenticator (HMAC).
inline constexpr std::string_view kEnrol = "relais/v1/enrol";
inline constexpr std::string_view kEnrolAnswer = "relais/v1/enrol-answer";
}  // namespace contexts

inline Bytes signed_message(std::string_view context, ByteView body) {
    Bytes message;
    message.reserve(context.size() + 1 + body.size());
    append(message, context);
    message.push_back(0);
    append(message, body);
    return message;
}

}  // namespace relais
