#include "tests/process/support/broker_leaks.h"

#include <httplib.h>

#include "tests/process/support/must.h"

namespace relais::test {

std::vector<std::string> leaks_of(RunningBroker& broker, const MarkerScan& scan) {
    auto found = scan.in_folder(broker.data());
    const auto add = [&](std::vector<std::string> more) {
        found.insert(found.end(), more.begin(), more.end());
    };
    add(scan.in_memory(broker.child().pid()));
    auto op = broker.connect();
    for (std::uint64_t read = 0;;) {
        const auto page =
            must(op.client().ask_for<wire::Leaves>(wire::FetchLeaves{wire::LogName::audit, read}));
        if (page.leaves.empty()) break;
        read += page.leaves.size();
        for (const Bytes& leaf : page.leaves) add(scan.in_bytes("audit", leaf));
    }
    httplib::Client pages("http://" + broker.http());
    for (const char* page : {"/metrics", "/health"}) {
        const auto answer = pages.Get(page);
        if (!answer || answer->body.empty()) fail_test(std::string("nothing at ") + page);
        add(scan.in_bytes(page, as_bytes(answer->body)));
    }
    broker.stop();  // its log is whole
    add(scan.in_bytes("log", as_bytes(broker.log())));
    return found;
}

}  // namespace relais::test
