// damage_test.cc: what a broker does, as a process, with a data folder that is not as it left it.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include "tests/process/support/running_broker.h"

namespace relais::test {
namespace {

TEST(Damage, D1_AStoreThatIsGoneOrEmptiedIsNotBegunAnew) {
    RunningBroker broker;
    broker.stop();
    const auto database = broker.data() / "relais.db";
    for (const bool gone : {false, true}) {
        if (gone) {
            std::filesystem::remove(database);
        } else {
            std::filesystem::resize_file(database, 0);
        }
        Child again(program("relais-broker"), {"--config", broker.config().string()});
        const int status = again.wait();
        ASSERT_TRUE(WIFEXITED(status));
        EXPECT_NE(WEXITSTATUS(status), 0);
        EXPECT_NE(again.said().find("relais.db"), std::string::npos) << again.said();
        EXPECT_EQ(again.said().find("started"), std::string::npos) << again.said();
    }
}

}  // namespace
}  // namespace relais::test
