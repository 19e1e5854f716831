// qr.h: a QR code (ISO/IEC 18004) as the squares that it is made of.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "core/base/result.h"

namespace relais::print {

struct Squares {
    std::size_t side = 0;
    std::vector<bool> dark;  // row by row
};

// Error correction of level M: a fold or a stain over 15 % of it does no harm.
// Errors: too_large  above 2,331 bytes; internal  the library failed.
[[nodiscard]] Result<Squares> qr_code(const std::string& text);

}  // namespace relais::print
