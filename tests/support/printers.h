// printers.h: how GoogleTest shows our values when an expectation fails. Include it in every test
// that compares them.
#pragma once

#include <ostream>

#include "core/base/error.h"
#include "core/base/ids.h"
#include "core/codecs/codecs.h"

namespace relais {

inline void PrintTo(ErrorCode code, std::ostream* out) { *out << error_name(code); }

template <typename Tag, std::size_t N>
void PrintTo(const FixedBytes<Tag, N>& bytes, std::ostream* out) {
    *out << hex(bytes.view());
}

template <typename Tag>
void PrintTo(const Number<Tag>& number, std::ostream* out) {
    *out << number.value;
}

}  // namespace relais
