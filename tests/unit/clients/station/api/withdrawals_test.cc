// Which acts, quoted by the broker, prove to a ward that the request was taken back from it.
#include "clients/station/api/withdrawals.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "schemas/compiler/compiler.h"
#include "tests/support/envelopes.h"
#include "tests/support/random.h"

namespace relais::station {
namespace {

class Withdrawals : public testing::Test {
protected:
    Withdrawals()
        : kind_(std::make_shared<LoadedKind>(
              load_kind(
                  compiler::compile_kind(RELAIS_SOURCE_DIR "/schemas/kinds/admission").value())
                  .value())) {
        thread_.id = random_.make<ThreadId>();
        thread_.kind = kind_->kind.digest;
        thread_.state = state("called", kind_->kind.thread_states);
        thread_.parties = {{geriatrics_, party_state("held"), 0},
                           {cardiology_, party_state("called"), 0}};
        thread_.parties[1].delegate = delegate_;
    }
    [[nodiscard]] static workflow::StateIndex state(const std::string& name,
                                                    const std::vector<workflow::State>& states) {
        const auto found = std::ranges::find(states, name, &workflow::State::name);
        return static_cast<workflow::StateIndex>(found - states.begin());
    }
    [[nodiscard]] workflow::StateIndex party_state(const std::string& name) const {
        return state(name, kind_->kind.party_states);
    }
    [[nodiscard]] QuotedAct quoted(const std::string& act, const Address& from,
                                   const std::vector<Address>& to,
                                   const std::vector<PublicField>& publics = {}) {
        Header header = test::make_header({.act = act, .publics = publics}, random_);
        header.thread = thread_.id;
        header.kind = thread_.kind;
        header.from = from;
        header.to.clear();
        for (const Address& each : to) header.to.push_back({each, 1});
        return {std::move(header), kind_, kind_->kind.act(act).value()};
    }
    [[nodiscard]] QuotedAct choice(const Address& of) { return quoted("choose", practice_, {of}); }
    // The one value of the public field by that name.
    [[nodiscard]] PublicField field(const std::string& name, const std::string& value) const {
        for (const workflow::PublicDeclared& declared : kind_->kind.publics) {
            if (declared.name != name) continue;
            for (const workflow::PublicValue& each : declared.values) {
                if (each.code == value) return {declared.number, each.value};
            }
        }
        return {};
    }
    [[nodiscard]] bool withdrawn(const QuotedAct& act, const Address& mailbox) const {
        return withdraws(act, thread_, kind_->kind.act(opening_).value(), mailbox);
    }

    test::SeededRandom random_{11};
    std::shared_ptr<const LoadedKind> kind_;
    const Address practice_ = test::address("cabinet@indre");
    const Address geriatrics_ = test::address("geriatrie.ch-valmont@indre");
    const Address cardiology_ = test::address("cardiologie.ch-valmont@indre");
    const Address delegate_ = test::address("medecine.ch-valmont@indre");
    workflow::Thread thread_{.id = {}, .kind = {}, .opener = practice_};
    std::string opening_ = "call";
};

TEST_F(Withdrawals, TheChoiceOfAnotherWithdrawsAndOnesOwnDoesNot) {
    EXPECT_TRUE(withdrawn(choice(cardiology_), geriatrics_));
    EXPECT_FALSE(withdrawn(choice(geriatrics_), geriatrics_)) << "the ward that was chosen";
}

TEST_F(Withdrawals, ADelegateStandsWithTheOneWhomItStandsInFor) {
    EXPECT_TRUE(withdrawn(choice(geriatrics_), delegate_));
    EXPECT_FALSE(withdrawn(choice(cardiology_), delegate_));
    EXPECT_FALSE(withdrawn(choice(delegate_), cardiology_));
    thread_.parties[1].delegated = true;
    EXPECT_TRUE(withdrawn(choice(geriatrics_), delegate_));
    EXPECT_FALSE(withdrawn(choice(cardiology_), delegate_));
    auto with_delegate = choice(cardiology_);
    with_delegate.header.to.push_back({delegate_, 1, relais::Standing::delegate, std::nullopt, 1});
    EXPECT_TRUE(withdrawn(with_delegate, geriatrics_));
}

TEST_F(Withdrawals, TheOpenerAloneChoosesAndOneOfThoseWhoWereAsked) {
    EXPECT_FALSE(withdrawn(quoted("choose", cardiology_, {cardiology_}), geriatrics_));
    EXPECT_FALSE(withdrawn(quoted("choose", practice_, {practice_}), geriatrics_));
    EXPECT_FALSE(withdrawn(quoted("choose", practice_, {}), geriatrics_));
    EXPECT_FALSE(withdrawn(choice(cardiology_), practice_)) << "nothing was asked of the opener";
}

TEST_F(Withdrawals, WhoIsChosenOrHasDeclinedHasNothingToBeTakenBack) {
    for (const char* state : {"chosen", "declined"}) {
        thread_.parties[0].state = party_state(state);
        EXPECT_FALSE(withdrawn(choice(cardiology_), geriatrics_)) << state;
    }
}

// Its signature was not even looked at: a broker can make such an act of anybody, for ever.
TEST_F(Withdrawals, WhatCannotBeCheckedYetIsNotProven) {
    const auto opening = kind_->kind.act(opening_);
    const auto judged = [&](const Result<QuotedAct>& act) {
        return judge_withdrawal(act, thread_, opening, geriatrics_);
    };
    EXPECT_EQ(judged(choice(cardiology_)), Withdrawal::proven);
    EXPECT_EQ(judged(fail(ErrorCode::ahead_of_directory)), Withdrawal::unchecked);
    EXPECT_EQ(judged(fail(ErrorCode::unknown_kind)), Withdrawal::unchecked);
    EXPECT_EQ(judged(fail(ErrorCode::bad_signature)), Withdrawal::unproven);
    EXPECT_EQ(judged(choice(geriatrics_)), Withdrawal::unproven);
    EXPECT_EQ(judge_withdrawal(choice(cardiology_), std::nullopt, std::nullopt, geriatrics_),
              Withdrawal::unchecked);
}

TEST_F(Withdrawals, AnotherThreadOrKindProvesNothing) {
    QuotedAct other = choice(cardiology_);
    other.header.thread = random_.make<ThreadId>();
    EXPECT_FALSE(withdrawn(other, geriatrics_));
    other = choice(cardiology_);
    other.header.kind = random_.make<Digest>();
    EXPECT_FALSE(withdrawn(other, geriatrics_));
}

// A full bed, where the first one is taken; and what was said by telephone.
TEST_F(Withdrawals, TheCodesOfTheActAreThoseThatTheTableAsksFor) {
    const auto offer = [&](const char* bed) {
        return quoted("offer", cardiology_, {practice_}, {field("bed", bed)});
    };
    thread_.parties[0].state = party_state("called");
    EXPECT_FALSE(withdrawn(offer("full"), geriatrics_)) << "the caller has a choice";
    opening_ = "call-first";
    thread_.state = state("called-first", kind_->kind.thread_states);
    EXPECT_TRUE(withdrawn(offer("full"), geriatrics_));
    EXPECT_FALSE(withdrawn(offer("day"), geriatrics_));
    EXPECT_FALSE(withdrawn(offer("full"), cardiology_)) << "its own offer";
    const auto told = [&](const char* answer) {
        return quoted("phone-outside", practice_, {}, {field("outside-answer", answer)});
    };
    EXPECT_TRUE(withdrawn(told("ACCEPTED"), geriatrics_));
    EXPECT_FALSE(withdrawn(told("NOT_REACHED"), geriatrics_));
    EXPECT_FALSE(withdrawn(quoted("decline", cardiology_, {practice_}), geriatrics_))
        << "takes nothing back";
}

}  // namespace
}  // namespace relais::station
