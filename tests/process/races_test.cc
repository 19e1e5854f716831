// Races on real processes: in each round the practice and both wards act in the same instant, from
// stations of their own: offers, choices, refusals, cancellations; and the end of a held place
// among them. One outcome, the same for all; whoever lost is told so, and by which act or clock.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
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
    // When the time of a held place is over: before anything of this instant is sent, in the same
    // instant, or once all of it has been answered.
    enum class Lapse { none, before, together, after };
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

    // All three at once, each on a thread of its own; a lapse of this instant on another.
    void synchronise_together(bool with_lapse = false) {
        std::vector<std::future<void>> under_way;
        if (with_lapse) under_way.push_back(std::async(std::launch::async, [&] { pass_hold(); }));
        for (Side& side : sides_) {
            under_way.push_back(
                std::async(std::launch::async, [&side] { side.post.synchronise(); }));
        }
        for (auto& each : under_way) each.get();
    }
    // The broker's clocks run on; what is due is done with the first that it hears of anybody.
    void pass_hold() {
        ahead_ += kHold;
        territory_.broker.set_clocks(ahead_, ahead_);
        territory_.cpts.synchronise();
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
    void race(Lapse lapse = Lapse::none) {
        if (lapse == Lapse::before) pass_hold();
        synchronise_together(lapse == Lapse::together);
        if (lapse == Lapse::after) pass_hold();
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
    // Whether the practice or a ward has the broker's word that the time of a held place is over.
    [[nodiscard]] bool knows_of_lapse(std::size_t side) {
        const Side& seer = sides_[side];
        const auto view = must(
            station::view_thread(seer.post.station(), admission_.id, seer.post.mailbox(seer.unit)));
        return std::ranges::find(view.items, std::optional(NoticeKind::overdue),
                                 &station::TimelineItem::notice) != view.items.end();
    }
    // The ward that holds a place, as the practice knows; 0: none.
    [[nodiscard]] std::size_t holder() {
        const auto known = seen_by(0);
        for (const std::size_t ward : {1UL, 2UL}) {
            if (state_of(known, ward) == "held") return ward;
        }
        return 0;
    }
    // It has the signed act that withdrew the request.
    [[nodiscard]] bool is_told(std::size_t ward) {
        const auto view = must(station::view_thread(sides_[ward].post.station(), admission_.id));
        return std::ranges::any_of(view.items, [](const station::TimelineItem& item) {
            return item.type == station::TimelineItem::Type::notice &&
                   item.title.starts_with("Demande retirée : Service choisi — cabinet-dupont@");
        });
    }
    // A place is held, another stands by, and the first is chosen while its time ends: either it
    // was chosen, or it lapsed, the other is held and the choice is refused. Never both, never
    // neither.
    void play_lapse(Lapse lapse) {
        accepted_.clear();
        call();
        plan(1, "offer", {{"bed", "full"}});
        plan(2, "offer", {{"bed", "full"}});
        race();
        const std::size_t held = holder();
        ASSERT_NE(held, 0U) << "one of two offers is held";
        const std::size_t other = 3 - held;
        plan(0, "choose", {}, sides_[held].unit);
        race(lapse);
        expect_one_outcome();
        const bool chosen = did("choose", sides_[held].unit);
        const bool lapsed = knows_of_lapse(0);
        EXPECT_NE(chosen, lapsed);
        EXPECT_EQ(knows_of_lapse(held), lapsed) << "the same for all";
        EXPECT_EQ(state_of(seen_by(0), held), lapsed ? "lapsed" : "chosen");
        EXPECT_EQ(state_of(seen_by(0), other), lapsed ? "held" : "withdrawn");
        EXPECT_TRUE(lapsed || lapse != Lapse::before);
        EXPECT_TRUE(chosen || lapse != Lapse::after);
        if (lapse == Lapse::together) ++(lapsed ? lapse_won_ : lapse_lost_);
        lapses_ += lapsed ? 1 : 0;
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
        race(random_.one_in(3) ? Lapse::together : Lapse::none);
        expect_one_outcome();
        lapses_ += knows_of_lapse(0) ? 1 : 0;
    }
    // Every third round ends the time of a held place, by turns in each of its places: some do
    // lapse, whatever the others come to.
    void play_round(std::size_t round) {
        if (round % 3 != 0) return play();
        constexpr std::array kTurns = {Lapse::before, Lapse::together, Lapse::after};
        play_lapse(kTurns[round / 3 % kTurns.size()]);
    }

    static constexpr std::chrono::minutes kHold{20};  // of the kind

    RunningTerritory territory_;
    Admission admission_{territory_};
    SeededRandom random_{campaign_seed(1)};
    Budget budget_;
    std::vector<Side> sides_;
    std::vector<Move> moves_;
    std::vector<Move> accepted_;  // in this round
    std::size_t lost_ = 0;
    std::size_t proven_ = 0;
    std::chrono::minutes ahead_{0};
    std::size_t lapses_ = 0;
    std::size_t lapse_won_ = 0;  // of the same instant, against the choice
    std::size_t lapse_lost_ = 0;
    std::map<std::string, std::size_t> states_;
};

TEST_F(Races, ActsOfTheSameInstantHaveOneOutcomeTheSameForAll) {
    const std::size_t wanted = long_campaign() ? 1000 : 20;
    territory_.synchronise_all();
    std::size_t rounds = 0;
    for (; rounds < wanted && !budget_.over() && !HasFailure(); ++rounds) {
        play_round(rounds);
    }
    std::string reached = std::to_string(rounds) + " rounds, " + std::to_string(lost_) + " lost";
    for (const auto& [state, count] : states_)
        reached += ", " + std::to_string(count) + " " + state;
    reached += ", " + std::to_string(lapses_) + " lapses (" + std::to_string(lapse_won_) +
               " before and " + std::to_string(lapse_lost_) + " after a choice of that instant)";
    tell_reached("races", reached, 1);
    if (budget_.bounded()) return;
    EXPECT_EQ(rounds, wanted);
    EXPECT_GT(lost_, 0U);
    EXPECT_GT(proven_, 0U);
    EXPECT_GT(lapses_, 0U);
    EXPECT_GT(states_["chosen"], 0U);
    EXPECT_GT(states_["cancelled"], 0U);
}

}  // namespace
}  // namespace relais::test
