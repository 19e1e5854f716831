// small_territory.h: a territory with something in it: the CPTS that stations pin, a hospital with
// two wards, a practice. All are established, the doctors attested, every mailbox has an epoch.
#pragma once

#include "tests/support/territory.h"

namespace relais::test {

class SmallTerritory : public TestTerritory {
public:
    // The wards take `kinds`.
    explicit SmallTerritory(const std::vector<std::string>& kinds = {"admission"},
                            std::uint64_t seed = 1);

    TestOrganisation cpts;
    TestPerson coordinator;  // registrar of the CPTS
    TestStation cpts_station;

    TestOrganisation hospital;
    TestUnit geriatrics;
    TestUnit cardiology;
    TestPerson geriatrician;  // attested
    TestPerson cardiologist;  // attested
    TestPerson nurse;         // of geriatrics, not attested
    TestStation geriatrics_station;
    TestStation cardiology_station;

    TestOrganisation practice;  // its own mailbox, no unit
    TestPerson doctor;          // attested
    TestPerson secretary;       // holds a mandate of the doctor for every act of `kinds`
    TestStation practice_station;
};

}  // namespace relais::test
