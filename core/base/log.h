// log.h: what programs say of their running. Fields take log-safe types only: ids, names of the
// public directory, counts, codes, literals. There is no way to log a free string, so no level
// prints content.
#pragma once

#include <concepts>
#include <initializer_list>
#include <string>
#include <string_view>

#include "core/base/ids.h"
#include "core/base/names.h"
#include "core/base/result.h"

namespace relais {

enum class LogLevel { debug, info, warning, error };

// "name=value".
class LogField {
public:
    template <std::integral Integer>
    LogField(std::string_view name, Integer value)
        : LogField(name, std::to_string(value), Safe{}) {}
    // A literal: what the program itself says.
    template <std::size_t N>
    LogField(std::string_view name, const char (&literal)[N])
        : LogField(name, std::string(literal), Safe{}) {}
    LogField(std::string_view name, const Name& value) : LogField(name, value.text(), Safe{}) {}
    LogField(std::string_view name, const Address& value) : LogField(name, value.text(), Safe{}) {}
    LogField(std::string_view name, ErrorCode value)
        : LogField(name, std::string(error_name(value)), Safe{}) {}
    // Details of errors name fields, files and objects, never content (core/base/error.h).
    LogField(std::string_view name, const Error& value)
        : LogField(name, value.describe(), Safe{}) {}
    template <typename Tag>
    LogField(std::string_view name, const FixedBytes<Tag, 16>& id)
        : LogField(name, short_hex(id.view()), Safe{}) {}

    // A path or address from the configuration.
    static LogField configured(std::string_view name, const std::string& value) {
        return {name, value, Safe{}};
    }

    [[nodiscard]] const std::string& text() const { return text_; }

private:
    struct Safe {};
    LogField(std::string_view name, const std::string& value, Safe);
    static std::string short_hex(ByteView bytes);
    std::string text_;
};

// Thread-safe. Implemented over spdlog in broker/app, and by tests.
class Log {
public:
    virtual ~Log() = default;
    virtual void write(LogLevel level, std::string_view event,
                       std::initializer_list<LogField> fields) = 0;
};

}  // namespace relais
