#include "core/base/log.h"

namespace relais {

LogField::LogField(std::string_view name, const std::string& value, Safe)
    : text_(std::string(name) + "=" + value) {}

std::string LogField::short_hex(ByteView bytes) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    for (const std::uint8_t byte : bytes) {
        text.push_back(kDigits[byte >> 4]);
        text.push_back(kDigits[byte & 0x0F]);
    }
    return text;
}

}  // namespace relais
