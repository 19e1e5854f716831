#include "core/files/file_error.h"

#include <cerrno>
#include <cstring>

namespace relais {

Error file_error(int number, const std::filesystem::path& path) {
    switch (number) {
        case ENOENT: return fail(ErrorCode::not_found, path.string());
        case EEXIST: return fail(ErrorCode::already_exists, path.string());
        case ENOSPC:
        case EDQUOT: return fail(ErrorCode::storage_full, path.string());
        case EACCES:
        case EPERM:
        case ELOOP:
        case EROFS: return fail(ErrorCode::wrong_permissions, path.string());
        default: return fail(ErrorCode::io_failed, path.string() + ": " + std::strerror(number));
    }
}

}  // namespace relais
