// load.h: the load of the benchmark: notes of 1 KiB within one open case, sealed beforehand, and
// two ways to send them: as fast as a window allows, or at a steady rate towards a connected ward.
#pragma once

#include <vector>

#include "tests/process/support/admission.h"

namespace relais::bench {

class Load {
public:
    Load();

    [[nodiscard]] const std::filesystem::path& folder() const { return territory_.broker.folder(); }
    // Acknowledged submits a second, `window` of them in flight. Each is signed alone, checked,
    // audited and durable before its acknowledgement.
    double submits_per_second(int count, std::size_t window);
    // Seconds from the sending of a note to the ward's station having stored it, at `rate` a
    // second.
    std::vector<double> seconds_to_delivery(int count, double rate);

private:
    std::vector<Bytes> seal_notes(int count);
    Bytes seal_note(test::Post& practice, const station::SigningPerson& signer, P256Key& key,
                    const Digest& kind);
    std::unique_ptr<station::Link> connect();

    test::RunningTerritory territory_;
    test::Admission admission_{territory_};
};

}  // namespace relais::bench
