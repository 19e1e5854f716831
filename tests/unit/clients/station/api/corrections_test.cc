// What a correction or a retraction is of, whatever else its author wrote in the case.
#include "clients/station/api/corrections.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "schemas/compiler/compiler.h"
#include "tests/support/envelopes.h"
#include "tests/support/printers.h"
#include "tests/support/random.h"

namespace relais::station {
namespace {

using workflow::Correction;

// A case of the kind `liaison`, as a reader has it before anything is marked.
class Corrections : public testing::Test {
protected:
    Corrections()
        : kind_(std::make_shared<LoadedKind>(
              load_kind(compiler::compile_kind(RELAIS_SOURCE_DIR "/schemas/kinds/liaison").value())
                  .value())) {}

    Digest say(const std::string& act, const std::optional<Digest>& answers = {},
               const std::optional<Address>& from = {}) {
        Header header = test::make_header({.act = act}, random_);
        header.from = from.value_or(ward_);
        header.answers = answers;
        TimelineItem item;
        item.message = header.id;
        item.title = act;
        item.opened = Opened{.header = header,
                             .digest = random_.make<Digest>(),
                             .kind = kind_,
                             .act = kind_->kind.act(act).value(),
                             .form = {},
                             .warnings = {},
                             .accepted = {},
                             .old_epoch = false};
        items_.push_back(std::move(item));
        return items_.back().opened->digest;
    }
    // What the ward would name, did it that act now.
    std::optional<Digest> named(const std::string& act) {
        ThreadView view{{}, kind_, std::nullopt, {}, ward_, {}, items_, {}, 0};
        mark_corrected(view.items);
        return named_by_correction(view, kind_->kind.acts[kind_->kind.act(act).value()]);
    }
    // Each item: how it was corrected, and by the act of which item.
    using How = std::pair<Correction, std::size_t>;
    std::vector<How> marked() {
        std::vector<How> all;
        std::vector<TimelineItem> items = items_;
        mark_corrected(items);
        for (const TimelineItem& item : items) {
            const auto by = std::ranges::find(items, item.corrected_by, &TimelineItem::message);
            all.emplace_back(item.corrected, item.corrected_by ? by - items.begin() : 0);
        }
        return all;
    }

    test::SeededRandom random_{1};
    std::shared_ptr<const LoadedKind> kind_;
    std::vector<TimelineItem> items_;
    const Address ward_ = test::address("geriatrie.ch-valmont@indre");
    const Address practice_ = test::address("cabinet@indre");
    const How stands_ = {Correction::none, 0};
};

TEST_F(Corrections, AreOfTheLastContentOfTheirFormWhateverWasWrittenSince) {
    const Digest letter = say("simple");
    say("write");
    say("slip-outside");
    EXPECT_EQ(named("correct-simple"), letter);
    const Digest second = say("correct-simple", letter);
    say("write");
    EXPECT_EQ(named("correct-simple"), second);
    EXPECT_EQ(marked(),
              (std::vector<How>{{Correction::supersedes, 3}, stands_, stands_, stands_, stands_}));
}

TEST_F(Corrections, AreOfAPartOfTheirFormWhereNothingHasItWhole) {
    say("discharge");
    const Digest letter = say("letter");
    say("write");
    EXPECT_EQ(named("correct-discharge"), letter);
    say("correct-discharge", letter);
    EXPECT_EQ(marked(), (std::vector<How>{stands_, {Correction::supersedes, 3}, stands_, stands_}));
}

// By another program, or by an older one: the word stays as it is, the letter does not.
TEST_F(Corrections, ThatNameWhatTheyCannotBeOfAreOfTheLetterAllTheSame) {
    say("simple");
    const Digest word = say("write");
    say("correct-simple", word);
    EXPECT_EQ(marked(), (std::vector<How>{{Correction::supersedes, 2}, stands_, stands_}));
}

TEST_F(Corrections, OfTheSameVersionLeaveOneThatStands) {
    const Digest letter = say("simple");
    say("correct-simple", letter);
    say("correct-simple", letter);
    EXPECT_EQ(marked(), (std::vector<How>{
                            {Correction::supersedes, 1}, {Correction::supersedes, 2}, stands_}));
}

TEST_F(Corrections, TouchNothingOfAnotherMailbox) {
    const Digest letter = say("simple");
    say("correct-simple", letter, practice_);
    say("withdraw", letter, practice_);
    EXPECT_EQ(marked().front(), stands_);
}

TEST_F(Corrections, ThatRetractTakeBackAllThatWasSaidAndNoRecordOfWhatWasHandedOver) {
    const Digest letter = say("simple-outside");
    const Digest second = say("correct-simple", letter);
    say("slip-outside");
    const Digest word = say("write");
    say("reply", word, practice_);
    EXPECT_EQ(named("withdraw"), second);
    say("withdraw", word);
    const How gone = {Correction::retracts, 5};
    EXPECT_EQ(marked(), (std::vector<How>{gone, gone, stands_, gone, stands_, stands_}));
}

}  // namespace
}  // namespace relais::station
