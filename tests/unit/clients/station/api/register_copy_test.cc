// What a station keeps of a register: the entries of one incarnation of the broker, never a mixture
// of two, whatever a restore did to their order and number.
#include "clients/station/api/register_copy.h"

#include <gtest/gtest.h>

#include "core/base/system.h"
#include "tests/support/envelopes.h"
#include "tests/support/folder.h"
#include "tests/support/printers.h"
#include "tests/support/random.h"

namespace relais::station {
namespace {

// What one incarnation of a broker holds.
struct ToldRegister {
    Incarnation incarnation;
    std::vector<RegisterLine> lines{};
    int asked = 0;

    RegisterSource read() {
        return [this](std::uint64_t from) -> Result<RegisterPart> {
            ++asked;
            RegisterPart part{{}, lines.size(), incarnation};
            for (std::size_t i = from; i < lines.size(); ++i) part.lines.push_back(lines[i]);
            return part;
        };
    }
};

class CopyOfARegister : public testing::Test {
protected:
    void set(ToldRegister& told, const std::string& key, std::int64_t value) {
        const Header act = test::make_header({}, random_);
        told.lines.push_back(
            {key, value, act, {{static_cast<std::int64_t>(leaf_)}, {leaf_}, {}, {}}});
        ++leaf_;
    }
    // As it is kept and read again.
    RegisterCopy kept(const RegisterCopy& copy) {
        keep_register_copy(*store_, "capacity", "beds", copy).value();
        return register_copy(*store_, "capacity", "beds").value().value();
    }
    std::unique_ptr<StationStore> open() {
        return StationStore::open(folder_.file("station.db"), Database::Mode::create,
                                  RowSealer(Secret(32), system_random_))
            .value();
    }

    test::SeededRandom random_{5};
    SystemRandom system_random_;
    test::TestFolder folder_;
    std::unique_ptr<StationStore> store_ = open();
    std::uint64_t leaf_ = 1;
    ToldRegister first_{random_.make<Incarnation>()};
    ToldRegister second_{random_.make<Incarnation>()};
};

TEST_F(CopyOfARegister, IsReadOnFromWhereItWas) {
    set(first_, "geriatrie", 3);
    const RegisterCopy copy = kept(bring_up_to_date({}, first_.read()).value());
    EXPECT_EQ(copy.incarnation, first_.incarnation);
    EXPECT_EQ(first_.asked, 1);
    set(first_, "geriatrie", 2);
    set(first_, "medecine", 5);
    const RegisterCopy next = kept(bring_up_to_date(copy, first_.read()).value());
    EXPECT_EQ(next.latest,
              (std::map<std::string, std::int64_t>{{"geriatrie", 2}, {"medecine", 5}}));
    EXPECT_EQ(next.position, 3U);
    EXPECT_EQ(next.sets.at("geriatrie"), set_by(first_.lines[1]));
    EXPECT_EQ(first_.asked, 2) << "what it had is not told again";
}

// The restored broker has as many entries, or more, and others, or the same in another order.
TEST_F(CopyOfARegister, OfABrokerBeforeItsRestoreIsReadAnew) {
    set(first_, "geriatrie", 3);
    set(first_, "geriatrie", 1);
    const RegisterCopy before = kept(bring_up_to_date({}, first_.read()).value());
    set(second_, "medecine", 7);
    set(second_, "geriatrie", 3);
    const std::map<std::string, std::int64_t> now = {{"geriatrie", 3}, {"medecine", 7}};
    const RegisterCopy same_size = kept(bring_up_to_date(before, second_.read()).value());
    EXPECT_EQ(same_size.latest, now);
    EXPECT_EQ(same_size.position, 2U);
    EXPECT_EQ(same_size.sets.at("geriatrie"), set_by(second_.lines[1]));
    set(second_, "chirurgie", 2);
    EXPECT_EQ(bring_up_to_date(before, second_.read()).value(),
              bring_up_to_date({}, second_.read()).value())
        << "nothing of before is left in it";
}

TEST_F(CopyOfARegister, ThatAnOlderVersionKeptIsReadAnew) {
    set(first_, "geriatrie", 3);
    RegisterCopy old = bring_up_to_date({}, first_.read()).value();
    old.incarnation = {};
    old.latest["geriatrie"] = 9;
    EXPECT_EQ(bring_up_to_date(old, first_.read()).value().latest.at("geriatrie"), 3);
}

}  // namespace
}  // namespace relais::station
