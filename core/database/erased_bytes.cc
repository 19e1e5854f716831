#include "core/database/erased_bytes.h"

#include <utility>

namespace relais {

Result<void> ErasedBytes::erased() {
    RELAIS_TRY(remove_copies(path_));
    erased_ = true;
    return {};
}

void ErasedBytes::committed(Database& database) {
    if (!std::exchange(erased_, false)) return;
    log_to_empty_ = true;
    forget(database);
}

void ErasedBytes::forget(Database& database) {
    if (!log_to_empty_) return;
    const Result<bool> emptied = database.empty_log();
    log_to_empty_ = !emptied.ok() || !*emptied;
}

}  // namespace relais
