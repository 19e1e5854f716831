#include "schemas/directory/domain_entries.h"

namespace relais::directory {

std::vector<const Domain*> domain_entries(const DirectoryState& state) {
    std::vector<const Domain*> entries;
    for (std::uint64_t size = state.size().value; size > 0; --size) {
        const Domain* domain = state.domain({size});
        if (domain == nullptr) break;  // before the first there is none
        if (entries.empty() || entries.back() != domain) entries.push_back(domain);
    }
    return entries;
}

}  // namespace relais::directory
