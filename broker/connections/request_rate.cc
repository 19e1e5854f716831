#include "broker/connections/request_rate.h"

namespace relais::broker {

bool RequestRate::take(const std::string& source, Moment now) {
    if (now - begun_ >= std::chrono::seconds(1)) {
        begun_ = now;
        all_ = 0;
        sources_.clear();
    }
    int& taken = sources_[source];
    const bool first = taken == 0;
    if (!first && (taken >= of_source_ || all_ >= of_all_)) return false;
    ++taken;
    ++all_;
    return true;
}

}  // namespace relais::broker
