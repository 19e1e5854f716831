// ids.h: the ids that a query of the station's store names, one a row.
#pragma once

#include "core/database/database.h"

namespace relais::station {

// Of the first column, to the last row. Errors: corrupt  one of another size, in that table; the
// database's.
template <typename Id>
Result<std::vector<Id>> read_ids(Query& query, const char* table) {
    std::vector<Id> ids;
    for (;;) {
        RELAIS_ASSIGN(const bool more, query.row());
        if (!more) return ids;
        if (query.blob(0).size() != Id::kSize) return fail(ErrorCode::corrupt, table);
        ids.push_back(Id::from(query.blob(0)));
    }
}

}  // namespace relais::station
