// verified_before.h: for reading one's own replica again: its entries were verified when they came,
// and what keeps them since (a signed head, sealed rows) has been checked by whoever uses this.
#pragma once

#include "core/base/ports.h"

namespace relais::directory {

class VerifiedBefore final : public Verifier {
public:
    Result<void> verify(const P256Public&, ByteView, const Signature&) const override { return {}; }
};

}  // namespace relais::directory
