#include "schemas/flat/flat.h"

namespace relais::flat {

Result<Lane> lane(fb::Lane value) {
    if (value > fb::Lane::crisis) return fail(ErrorCode::invalid_field, "lane");
    return static_cast<Lane>(value);
}

}  // namespace relais::flat
