// result.h: the one error idiom across module borders. A Result holds a value or an Error; it must
// be looked at. RELAIS_TRY returns the error to the caller, RELAIS_ASSIGN also names the value.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "core/base/check.h"
#include "core/base/error.h"

namespace relais {

template <typename T>
class [[nodiscard]] Result {
public:
    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

    [[nodiscard]] bool ok() const { return state_.index() == 0; }
    explicit operator bool() const { return ok(); }

    // Require ok().
    T& value() & {
        RELAIS_CHECK(ok());
        return *std::get_if<0>(&state_);
    }
    const T& value() const& {
        RELAIS_CHECK(ok());
        return *std::get_if<0>(&state_);
    }
    T&& value() && {
        RELAIS_CHECK(ok());
        return std::move(*std::get_if<0>(&state_));
    }
    T& operator*() & { return value(); }
    const T& operator*() const& { return value(); }
    T&& operator*() && { return std::move(*this).value(); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }

    // Requires !ok().
    const Error& error() const {
        RELAIS_CHECK(!ok());
        return *std::get_if<1>(&state_);
    }
    [[nodiscard]] ErrorCode code() const { return ok() ? ErrorCode::ok : error().code; }

private:
    std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
public:
    Result() = default;
    Result(Error error) : error_(std::move(error)) {}

    [[nodiscard]] bool ok() const { return !error_.has_value(); }
    explicit operator bool() const { return ok(); }
    void value() const { RELAIS_CHECK(ok()); }
    const Error& error() const {
        RELAIS_CHECK(!ok());
        return *error_;
    }
    [[nodiscard]] ErrorCode code() const { return ok() ? ErrorCode::ok : error_->code; }

private:
    std::optional<Error> error_;
};

}  // namespace relais

#define RELAIS_CONCAT_INNER(a, b) a##b
#define RELAIS_CONCAT(a, b) RELAIS_CONCAT_INNER(a, b)

// Returns the error of `expression`, a Result<void> (or any Result whose value is not wanted).
#define RELAIS_TRY(expression)                                                    \
    do {                                                                          \
        auto relais_try_result = (expression);                                    \
        if (!relais_try_result.ok()) return std::move(relais_try_result).error(); \
    } while (false)

// RELAIS_ASSIGN(auto x, parse(bytes)): declares x with the value, or returns the error.
#define RELAIS_ASSIGN(declaration, expression) \
    RELAIS_ASSIGN_INNER(RELAIS_CONCAT(relais_assign_, __LINE__), declaration, expression)
#define RELAIS_ASSIGN_INNER(temporary, declaration, expression) \
    auto temporary = (expression);                              \
    if (!temporary.ok()) return temporary.error();              \
    declaration = std::move(temporary).value()
