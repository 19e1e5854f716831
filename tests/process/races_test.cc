// Races on real processes: in each round the practice and both wards act in the same instant, from
// stations of their own: offers, choices, refusals, cancellations. One outcome, the same for all;
// whoever lost is told so, and by which act.
#include <gtest/gtest.h>

#include <algorithm>
#include <future>
#include <map>

#include "tests/process/support/admission.h"
#include "tests/process/support/exchange.h"
#include "tests/support/campaign.h"
#include "tests/support/random.h"

namespace relais::test {
namespace {

class Races : public testing::Test {
protected:
    struct Side {
        Post& post;
        std::string unit;  // empty: the practice
        station::SigningPerson signer;
    };
    // What a side tries in this instant.
    struct Move {
        std::size_t side;
        std::string act;
        std::string to;
        MessageId message;
    };

    Races() {
        sides_.push_back({territory_.practice, "", territory_.practice.signer()});
        sides_.push_back({territory_.geriatrie, "geriatrie", territory_.geriatrie.signer()});
        sides_.push_back({territory_.medecine, "medecine", territory_.medecine.signer()});
    }

    // All three at once, each on a thread of its own.
    void synchronise_together() {
        std::vector<std::future<void>> under_way;
        for (Side& side : sides_) {
            under_way.push_back(
                std::async(std::launch::async, [&side] { side.post.synchronise(); }));
        }
        for (auto& each : under_way) each.get();
    }
    // Until everybody has what the others did.
    void settle() {
        for (int i = 0; i < 2; ++i) synchronise_together();
    }
    void call() {
        auto draft = admission_.draft();
        admission_.id = draft.thread;
        must(station::send_draft(territory_.practice.station(), draft, sides_[0].signer));
        settle();
    }
    void plan(std::size_t side, const std::string& act, const Publics& publics = {},
              const std::string& to = "") {
        Side& mover = sides_[side];
        std::vector<std::string> wards;
        if (!to.empty()) wards = {to};
        if (act == "cancel") wards = {"geriatrie", "medecine"};
        const auto draft = admission_.prepare(mover.post, mover.unit, act, wards, publics);
        const auto ids = must(station::send_draft(mover.post.station(), draft, mover.signer));
        moves_.push_back({side, act, to, ids.at(0)});
    }
    void plan_ward(std::size_t side) {
        switch (random_.below(4)) {
            case 0: return plan(side, "decline", {{"decline-reason", "NO_BED"}});
            case 1: return;
            default: return plan(side, "offer", {{"bed", "full"}});
        }
    }
    void race() {
        synchronise_together();
        settle();
        for (const Move& move : moves_) {
            const auto sent = must(sides_[move.side].post.station().store().outgoing(move.message));
            ASSERT_TRUE(sent);
            ASSERT_NE(sent->state, station::SendState::queued) << move.act;
            if (sent->state == station::SendState::accepted) {
                accepted_.push_back(move);
            } else {
                ++lost_;
                expect_told_why(move, *sent);
            }
        }
        moves_.clear();
    }

    // By the act that was before it, where its author may know of that one.
    void expect_told_why(const Move& move, const station::StoredOutgoing& sent) {
        EXPECT_TRUE(sent.code == ErrorCode::conflict || sent.code == ErrorCode::act_refused)
            << move.act << ": " << error_name(sent.code);
        if (sent.code != ErrorCode::conflict) return;
        ++proven_;
        const Side& loser = sides_[move.side];
        const auto view = must(station::view_thread(loser.post.station(), admission_.id,
                                                    loser.post.mailbox(loser.unit)));
        const auto item = std::ranges::find(view.items, std::optional(move.message),
                                            &station::TimelineItem::message);
        ASSERT_NE(item, view.items.end());
        EXPECT_NE(item->text.find("Acceptée avant : "), std::string::npos) << item->text;
        EXPECT_NE(item->text.find("@essai, Dr"), std::string::npos) << item->text;
    }

    [[nodiscard]] workflow::Thread seen_by(std::size_t side) {
        const Side& seer = sides_[side];
        const auto view = must(
            station::view_thread(seer.post.station(), admission_.id, seer.post.mailbox(seer.unit)));
        if (!view.state) fail_test("no state of the thread");
        return *view.state;
    }
    [[nodiscard]] const workflow::Kind& kind() {
        return must(station::view_thread(territory_.practice.station(), admission_.id)).kind->kind;
    }
    [[nodiscard]] std::string state_of(const workflow::Thread& thread, std::size_t ward) {
        const auto party = thread.party(territory_.hospital.mailbox(sides_[ward].unit));
        return party ? kind().party_states[thread.parties[*party].state].name : "";
    }
    [[nodiscard]] bool did(const std::string& act, const std::string& to = "") const {
        return std::ranges::any_of(
            accepted_, [&](const Move& each) { return each.act == act && each.to == to; });
    }
    // Every ward knows of itself what the practice knows of it, and how the request stands; one
    // that another was preferred to knows that it was, and nothing of what came after.
    void expect_one_outcome() {
        const auto known = seen_by(0);
        const std::string state = kind().thread_states[known.state].name;
        const bool any_chosen = did("choose", "geriatrie") || did("choose", "medecine");
        EXPECT_FALSE(did("choose", "geriatrie") && did("choose", "medecine"));
        for (const std::size_t ward : {1UL, 2UL}) {
            const std::string& unit = sides_[ward].unit;
            const std::string standing = state_of(known, ward);
            EXPECT_EQ(standing == "chosen", did("choose", unit)) << unit;
            if (any_chosen && standing != "chosen") {
                EXPECT_TRUE(standing == "declined" || is_told(ward)) << unit << " is not told";
                continue;
            }
            const auto own = seen_by(ward);
            EXPECT_EQ(state_of(own, ward), standing) << unit;
            EXPECT_EQ(kind().thread_states[own.state].name, state) << unit;
        }
        EXPECT_EQ(state == "cancelled", did("cancel"));
        ++states_[state];
    }
    // It has the signed act that withdrew the request.
    [[nodiscard]] bool is_told(std::size_t ward) {
        const auto view = must(station::view_thread(sides_[ward].post.station(), admission_.id));
        return std::ranges::any_of(view.items, [](const station::TimelineItem& item) {
            return item.type == station::TimelineItem::Type::notice &&
                   item.title.starts_with("Demande retirée : Service choisi — cabinet-dupont@");
        });
    }
    void play() {
        accepted_.clear();
        call();
        plan_ward(1);
        plan_ward(2);
        if (random_.one_in(5)) plan(0, "cancel", {{"cancel-reason", "IMPROVED"}});
        race();
        expect_one_outcome();
        if (did("cancel")) return;
        // The choice, while both may take back what they offered or offer after all.
        const std::size_t ward = 1 + random_.below(2);
        const std::string before = state_of(seen_by(0), ward);
        if (before == "held" || before == "standby") {
            plan(0, "choose", {}, sides_[ward].unit);
        }
        plan_ward(1);
        plan_ward(2);
        if (random_.one_in(4)) plan(0, "cancel", {{"cancel-reason", "IMPROVED"}});
        race();
        expect_one_outcome();
    }

    RunningTerritory territory_;
    Admission admission_{territory_};
    SeededRandom random_{campaign_seed(1)};
    Budget budget_;
    std::vector<Side> sides_;
    std::vector<Move> moves_;
    std::vector<Move> accepted_;  // in this round
    std::size_t lost_ = 0;
    std::size_t proven_ = 0;
    std::map<std::string, std::size_t> states_;
};

TEST_F(Races, ActsOfTheSameInstantHaveOneOutcomeTheSameForAll) {
    const std::size_t wanted = long_campaign() ? 1000 : 20;
    territory_.synchronise_all();
    std::size_t rounds = 0;
    for (; rounds < wanted && !budget_.over() && !HasFailure(); ++rounds) play();
    std::string reached = std::to_string(rounds) + " rounds, " + std::to_string(lost_) + " lost";
    for (const auto& [state, count] : states_)
        reached += ", " + std::to_string(count) + " " + state;
    tell_reached("races", reached, 1);
    if (budget_.bounded()) return;
    EXPECT_EQ(rounds, wanted);
    EXPECT_GT(lost_, 0U);
    EXPECT_GT(proven_, 0U);
    EXPECT_GT(states_["chosen"], 0U);
    EXPECT_GT(states_["cancelled"], 0U);
}

}  // namespace
}  // namespace relais::test
