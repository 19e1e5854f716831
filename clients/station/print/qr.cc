#include "clients/station/print/qr.h"

#include <qrencode.h>

#include <cerrno>
#include <memory>

namespace relais::print {

Result<Squares> qr_code(const std::string& text) {
    const std::unique_ptr<QRcode, decltype(&QRcode_free)> code(
        QRcode_encodeData(static_cast<int>(text.size()),
                          reinterpret_cast<const unsigned char*>(text.data()), 0, QR_ECLEVEL_M),
        &QRcode_free);
    if (code == nullptr && errno == ERANGE) return fail(ErrorCode::too_large, "QR code");
    if (code == nullptr) return fail(ErrorCode::internal, "QR code");
    Squares squares{static_cast<std::size_t>(code->width), {}};
    for (std::size_t i = 0; i < squares.side * squares.side; ++i) {
        squares.dark.push_back((code->data[i] & 1) != 0);  // the other bits say why
    }
    return squares;
}

}  // namespace relais::print
