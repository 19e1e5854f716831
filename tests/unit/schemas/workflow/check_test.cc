// The rules of a kind as a whole: each bundle that breaks one alone is refused and says which.
#include "core/base/limits.h"
#include "tests/unit/schemas/workflow/fixture.h"

namespace relais::workflow {
namespace {

using test::bed_request;
using test::KindBuilder;
using test::states;

std::string large(const std::function<void(KindBuilder&)>& change) {
    return said(bed_request(), change);
}

TEST(KindRules, TheKindsOfTheTestsPass) {
    EXPECT_EQ(least([](auto&) {}), "accepted");
    EXPECT_EQ(large([](auto&) {}), "accepted");
    EXPECT_TRUE(test::double_approval().load().ok());
}

TEST(KindRules, NothingIsNamedTwice) {
    EXPECT_EQ(large([](auto& k) { k.bundle.roles[1]->name = k.bundle.roles[0]->name; }),
              "role requester: named twice");
    EXPECT_EQ(large([](auto& k) { k.bundle.thread_states[1]->name = "called"; }),
              "thread state called: named twice");
    EXPECT_EQ(large([](auto& k) { k.bundle.party_states[2]->name = "held"; }),
              "party state held: named twice");
    EXPECT_EQ(large([](auto& k) { k.bundle.publics[2]->name = "beds"; }),
              "public field beds: named twice");
    EXPECT_EQ(large([](auto& k) { k.bundle.acts[2]->name = "call"; }), "act call: named twice");
    EXPECT_EQ(large([](auto& k) { k.bundle.clocks[1]->name = "answer"; }),
              "clock answer: named twice");
}

// States, roles and the like are bits of masks or kept beside each thread: their number is bounded.
TEST(KindRules, ListsAreBounded) {
    const auto with_party_states = [](std::size_t count) {
        return [count](KindBuilder& k) {
            while (k.bundle.party_states.size() < count) {
                k.add_party_state("s" + std::to_string(k.bundle.party_states.size()));
            }
        };
    };
    EXPECT_EQ(least(with_party_states(limits::kKindStatesMax)), "accepted");
    EXPECT_EQ(least(with_party_states(limits::kKindStatesMax + 1)), "party state: too many");
    const auto with_roles = [](std::size_t count) {
        return [count](KindBuilder& k) {
            while (k.bundle.roles.size() < count) {
                k.add_role("r" + std::to_string(k.bundle.roles.size()), {});
            }
        };
    };
    EXPECT_EQ(least(with_roles(limits::kKindRolesMax)), "accepted");
    EXPECT_EQ(least(with_roles(limits::kKindRolesMax + 1)), "role: too many");
    const auto with_publics = [](std::size_t count) {
        return [count](KindBuilder& k) {
            for (std::size_t i = 1; i <= count; ++i) {
                k.add_public(static_cast<std::uint16_t>(i), "p" + std::to_string(i),
                             fb::PublicType::boolean);
            }
        };
    };
    EXPECT_EQ(least(with_publics(limits::kPublicFieldsMax)), "accepted");
    EXPECT_EQ(least(with_publics(limits::kPublicFieldsMax + 1)), "public field: too many");
}

TEST(KindRules, ActsClocksFormsAndRowsAreBounded) {
    const auto with_acts = [](std::size_t count) {
        return [count](KindBuilder& k) {
            while (k.bundle.acts.size() < count) {
                const int act = k.add_act("a" + std::to_string(k.bundle.acts.size()),
                                          fb::Side::party, fb::Recipients::opener);
                k.on_act(act, states({0}), kAny, {}, {});
            }
        };
    };
    EXPECT_EQ(least(with_acts(limits::kKindActsMax)), "accepted");
    EXPECT_EQ(least(with_acts(limits::kKindActsMax + 1)), "act: too many");
    const auto with_clocks = [](std::size_t count) {
        return [count](KindBuilder& k) {
            while (k.bundle.clocks.size() < count) {
                const int clock = k.add_clock("c" + std::to_string(k.bundle.clocks.size()), 60);
                k.on_clock(clock, states({0}), kAny, {}, {});
            }
        };
    };
    EXPECT_EQ(least(with_clocks(limits::kKindClocksMax)), "accepted");
    EXPECT_EQ(least(with_clocks(limits::kKindClocksMax + 1)), "clock: too many");
    const auto with_forms = [](std::size_t count) {
        return [count](KindBuilder& k) {
            for (std::size_t i = 0; i < count; ++i) {
                fb::FormDeclaredT form;
                form.name = "F" + std::to_string(i);
                form.label = "Formulaire";
                k.bundle.forms.push_back(std::make_unique<fb::FormDeclaredT>(form));
            }
        };
    };
    EXPECT_EQ(least(with_forms(limits::kKindFormsMax)), "accepted");
    EXPECT_EQ(least(with_forms(limits::kKindFormsMax + 1)), "form: too many");
}

TEST(KindRules, TheStepsOfARowAreBounded) {
    const auto with_guards = [](std::size_t count) {
        return [count](KindBuilder& k) {
            for (std::size_t i = 0; i < count; ++i) {
                k.bundle.rows[1]->guards.push_back(
                    std::make_unique<fb::GuardDeclaredT>(test::all_parties_in(states({0}))));
            }
        };
    };
    EXPECT_EQ(least(with_guards(limits::kKindStepsMax)), "accepted");
    EXPECT_EQ(least(with_guards(limits::kKindStepsMax + 1)), "row 1 (answer): too many steps");
    EXPECT_EQ(least([](KindBuilder& k) {
                  while (k.bundle.rows[1]->effects.size() <= limits::kKindStepsMax) {
                      k.bundle.rows[1]->effects.push_back(
                          std::make_unique<fb::EffectDeclaredT>(test::to_party_state(0)));
                  }
              }),
              "row 1 (answer): too many steps");
}

TEST(KindRules, ThereAreThreadStatesAndPartyStatesAndTheFirstIsNoEnd) {
    EXPECT_EQ(least([](auto& k) { k.bundle.party_states.clear(); }),
              "a kind has thread states and, where there are parties, party states");
    EXPECT_EQ(least([](auto& k) { k.bundle.thread_states.clear(); }),
              "a kind has thread states and, where there are parties, party states");
    EXPECT_EQ(least([](auto& k) { k.bundle.thread_states[0]->terminal = true; }),
              "row 1 (answer): applies in a terminal state");
}

TEST(KindRules, OneActOrSeveralOpen) {
    EXPECT_EQ(least([](auto& k) { k.bundle.acts[0]->opens = false; }), "an act opens a thread");
    EXPECT_EQ(least([](auto& k) {
                  const int act =
                      k.add_act("again", fb::Side::opener, fb::Recipients::parties, true);
                  k.on_act(act, 0, kAny, {}, {test::start_clock(0)});
              }),
              "accepted");
}

TEST(PublicRules, NumbersAreFrom1AndDistinct) {
    EXPECT_EQ(large([](auto& k) { k.bundle.publics[1]->number = 0; }),
              "public field beds: numbers start at 1");
    EXPECT_EQ(large([](auto& k) { k.bundle.publics[1]->number = 1; }),
              "public field beds: number repeated");
}

TEST(PublicRules, ACodeFieldHas1To64DistinctCodes) {
    const std::string count = "public field urgency: 1 to 64 codes";
    EXPECT_EQ(large([](auto& k) { k.bundle.publics[0]->values.clear(); }), count);
    EXPECT_EQ(large([](auto& k) { k.bundle.publics[0]->values[1]->value = 1; }),
              "public field urgency: value repeated");
    EXPECT_EQ(large([](auto& k) { k.bundle.publics[0]->values[1]->code = "U1"; }),
              "public field urgency: code repeated");
    const auto codes = [](std::size_t wanted) {
        return [wanted](KindBuilder& k) {
            auto& values = k.bundle.publics[0]->values;
            while (values.size() < wanted) {
                values.push_back(std::make_unique<fb::PublicValueT>(*values[0]));
                values.back()->value = static_cast<std::int64_t>(values.size());
                values.back()->code = "U" + std::to_string(values.size());
            }
        };
    };
    EXPECT_EQ(large(codes(64)), "accepted");
    EXPECT_EQ(large(codes(65)), count);
}

TEST(PublicRules, OnlyACodeFieldHasCodes) {
    EXPECT_EQ(large([](auto& k) {
                  k.bundle.publics[1]->values.push_back(
                      std::make_unique<fb::PublicValueT>(*k.bundle.publics[0]->values[0]));
              }),
              "public field beds: codes belong to a code field");
}

// Of the number of beds.
auto bounds(std::int64_t min, std::int64_t max) {
    return [=](KindBuilder& k) {
        k.bundle.publics[1]->min = min;
        k.bundle.publics[1]->max = max;
    };
}

// Nothing that a patient's number could be put into.
TEST(PublicRules, IntegersHaveBoundsWithinAThousandMillion) {
    const std::string rule = "public field beds: bounds within a thousand million";
    EXPECT_EQ(large(bounds(2, 1)), rule);
    EXPECT_EQ(large(bounds(1, 1)), "accepted");
    EXPECT_EQ(large(bounds(-limits::kPublicValueMax, 0)), "accepted");
    EXPECT_EQ(large(bounds(limits::kPublicValueMax, limits::kPublicValueMax)), "accepted");
    EXPECT_EQ(large(bounds(0, limits::kPublicValueMax + 1)), rule);
    EXPECT_EQ(large(bounds(-limits::kPublicValueMax - 1, 0)), rule);
    EXPECT_EQ(large(bounds(INT64_MIN, INT64_MAX)), rule);
}

TEST(PublicRules, NoIntegerHasRoomForADateOfBirth) {
    const std::string rule = "public field beds: its bounds leave room for a date of birth";
    EXPECT_EQ(large(bounds(19000101, 20301231)), rule);
    EXPECT_EQ(large(bounds(0, limits::kPublicValueMax)), rule);
    EXPECT_EQ(large(bounds(19360621, 19360621)), rule);
    EXPECT_EQ(large(bounds(20260101, 20991231)), "accepted") << "days of work";
    EXPECT_EQ(large(bounds(0, 9'999'999)), "accepted");
}

TEST(PublicRules, OneCodeIsTheUrgency) {
    const auto urgent = [](std::initializer_list<std::size_t> places) {
        return [=](KindBuilder& k) {
            for (const std::size_t place : places) k.bundle.publics[place]->urgency = true;
        };
    };
    EXPECT_EQ(large(urgent({0})), "accepted");
    EXPECT_EQ(large(urgent({1})), "public field beds: an urgency is a code");
    EXPECT_EQ(
        large([](KindBuilder& k) {
            k.bundle.publics.push_back(std::make_unique<fb::PublicDeclaredT>(*k.bundle.publics[0]));
            k.bundle.publics.back()->number = 9;
            k.bundle.publics.back()->name = "other";
            k.bundle.publics[0]->urgency = k.bundle.publics.back()->urgency = true;
        }),
        "one public field is the urgency");
}

TEST(ActRules, SomebodyMayDoIt) {
    EXPECT_EQ(least([](auto& k) { k.bundle.acts[1]->roles.clear(); }),
              "act answer: nobody may do it");
    EXPECT_EQ(least([](auto& k) { k.bundle.acts[1]->roles = {1}; }), "act answer: unknown role");
}

TEST(ActRules, ItsPublicFieldsAndFormAreDeclared) {
    EXPECT_EQ(large([](auto& k) { k.bundle.acts[0]->public_[0]->number = 9; }),
              "act call: public field");
    EXPECT_EQ(large([](auto& k) { k.bundle.acts[0]->form = "Call"; }), "act call: form");
}

TEST(ActRules, WhatWasToldOffTheNetworkIsSaidByAFormOfALaterAct) {
    const auto told = [](auto change) {
        return [change](KindBuilder& k) {
            fb::FormDeclaredT form;
            form.name = "Told";
            form.label = "Appel";
            form.schema = Bytes(40, 1);
            k.bundle.forms.push_back(std::make_unique<fb::FormDeclaredT>(form));
            k.bundle.acts[1]->form = "Told";
            k.bundle.acts[1]->off_network = true;
            change(k);
        };
    };
    const std::string rule = ": what was told off the network is said by a form of a later act";
    EXPECT_EQ(least(told([](auto&) {})), "accepted");
    EXPECT_EQ(least(told([](auto& k) { k.bundle.acts[1]->form.clear(); })), "act answer" + rule);
    EXPECT_EQ(least(told([](auto& k) { k.bundle.acts[1]->release = fb::Release::chosen; })),
              "act answer" + rule);
    EXPECT_EQ(least(told([](auto& k) {
                  k.bundle.acts[0]->form = "Told";
                  k.bundle.acts[0]->off_network = true;
              })),
              "act ask" + rule);
}

TEST(ActRules, ItHasALane) {
    EXPECT_EQ(least([](auto& k) { k.bundle.acts[1]->lanes = 0; }), "act answer: lanes");
    EXPECT_EQ(least([](auto& k) { k.bundle.acts[1]->lanes = 0b1000; }), "act answer: lanes");
    EXPECT_EQ(least([](auto& k) { k.bundle.acts[1]->lanes = 0b100; }), "accepted");
}

TEST(ActRules, AnOpeningActGoesFromTheOpenerToTheParties) {
    const std::string rule = "act ask: an opening act goes from the opener to the parties";
    EXPECT_EQ(least([](auto& k) { k.bundle.acts[0]->side = fb::Side::party; }), rule);
    EXPECT_EQ(least([](auto& k) { k.bundle.acts[0]->recipients = fb::Recipients::one_party; }),
              rule);
}

TEST(ActRules, AnActGoesToTheOtherSide) {
    EXPECT_EQ(least([](auto& k) { k.bundle.acts[1]->recipients = fb::Recipients::parties; }),
              "act answer: a party's or a member's act goes to the opener");
    EXPECT_EQ(large([](auto& k) { k.bundle.acts[4]->recipients = fb::Recipients::opener; }),
              "act choose: the opener does not write to itself");
}

TEST(ActRules, ActsThatGoTogetherAreOfOneSide) {
    const std::string rule = "act call: together with an act of the same side";
    EXPECT_EQ(large([](auto& k) { k.bundle.acts[0]->together = {"nothing"}; }), rule);
    EXPECT_EQ(large([](auto& k) { k.bundle.acts[0]->together = {"offer"}; }), rule);
    EXPECT_EQ(large([](auto& k) { k.bundle.acts[0]->together = {"call"}; }), rule);
    EXPECT_EQ(large([](auto& k) {
                  k.bundle.acts[0]->together = {"deposit", "choose"};
              }),
              "accepted");
}

TEST(ActRules, ItHasARow) {
    EXPECT_EQ(least([](auto& k) { k.add_act("remark", fb::Side::party, fb::Recipients::opener); }),
              "act remark: has no row");
}

TEST(ClockRules, HalfOfOneThatRemindsIsASecond) {
    const auto reminding = [](std::uint32_t least, bool remind) {
        return [=](KindBuilder& k) {
            k.bundle.clocks[0]->min_s = least;
            k.bundle.clocks[0]->remind_half = remind;
        };
    };
    EXPECT_EQ(large(reminding(2, true)), "accepted");
    EXPECT_EQ(large(reminding(1, false)), "accepted");
    EXPECT_EQ(large(reminding(1, true)), "clock answer: half of it is no second");
}

TEST(ClockRules, ItsCeilingIsOfOpeningHoursAndNotBelowItsBounds) {
    const auto capped = [](fb::ClockHours counted, std::uint32_t at_most) {
        return [=](KindBuilder& k) {
            k.bundle.clocks[0]->hours = counted;
            k.bundle.clocks[0]->at_most_s = at_most;
        };
    };
    const std::uint32_t max = test::bed_request().bundle.clocks[0]->max_s;
    EXPECT_EQ(large(capped(fb::ClockHours::opening, max)), "accepted");
    EXPECT_EQ(large(capped(fb::ClockHours::opening, max - 1)),
              "clock answer: max <= at_most <= 90 days");
    EXPECT_EQ(large(capped(fb::ClockHours::day, max)),
              "clock answer: at_most is of one that counts opening hours");
}

TEST(ClockRules, ItsLengthsAreInOrderAndWithin90Days) {
    const std::string rule = "clock answer: 0 < min <= default <= max <= 90 days";
    constexpr std::uint32_t kMost = 90 * 24 * 3600;
    const auto lengths = [](std::uint32_t min, std::uint32_t length, std::uint32_t max) {
        return [=](KindBuilder& k) {
            k.bundle.clocks[0]->min_s = min;
            k.bundle.clocks[0]->seconds = length;
            k.bundle.clocks[0]->max_s = max;
            k.bundle.clocks[0]->remind_half = false;
        };
    };
    EXPECT_EQ(large(lengths(1, 1, 1)), "accepted");
    EXPECT_EQ(large(lengths(1, kMost, kMost)), "accepted");
    EXPECT_EQ(large(lengths(0, 1, 1)), rule);
    EXPECT_EQ(large(lengths(2, 1, 2)), rule);
    EXPECT_EQ(large(lengths(1, 3, 2)), rule);
    EXPECT_EQ(large(lengths(1, 1, kMost + 1)), rule);
}

TEST(ClockRules, ItsEndDoesSomething) {
    EXPECT_EQ(least([](auto& k) { k.add_clock("other", 60); }), "clock other: has no end");
}

// ---- rows
// ----------------------------------------------------------------------------------------

TEST(RowRules, ItIsOfAnActOrAClockThatExists) {
    EXPECT_EQ(least([](auto& k) { k.bundle.rows[1]->index = 2; }), "row 1: unknown trigger");
    EXPECT_EQ(least([](auto& k) { k.bundle.rows[2]->index = 1; }), "row 2: unknown trigger");
}

TEST(RowRules, ARowOfTheOpeningActAloneHasNoThreadStates) {
    EXPECT_EQ(least([](auto& k) { k.bundle.rows[0]->threads = states({0}); }),
              "row 0 (ask): thread states");
    EXPECT_EQ(least([](auto& k) { k.bundle.rows[1]->threads = 0; }),
              "row 1 (answer): thread states");
    EXPECT_EQ(least([](auto& k) { k.bundle.rows[2]->threads = 0; }), "row 2 (life): thread states");
}

TEST(RowRules, PartyStatesAreAskedOfASubjectAlone) {
    EXPECT_EQ(least([](auto& k) { k.bundle.rows[2]->parties = states({0}); }),
              "row 2 (life): no party is its subject");
    EXPECT_EQ(large([](auto& k) { k.bundle.rows[1]->parties = states({0}); }),
              "row 1 (deposit): no party is its subject");
    EXPECT_EQ(least([](auto& k) { k.bundle.rows[1]->parties = states({0}); }), "accepted");
}

TEST(RowRules, ItsGuardsNameWhatExists) {
    const auto guarded = [](const fb::GuardDeclaredT& guard) {
        return [guard](KindBuilder& k) {
            k.bundle.rows[1]->guards.push_back(std::make_unique<fb::GuardDeclaredT>(guard));
        };
    };
    EXPECT_EQ(large(guarded(test::public_is(9, 1))), "row 1 (deposit): public field");
    EXPECT_EQ(large(guarded(test::public_is(2, 1))), "accepted");
    EXPECT_EQ(large(guarded(test::quorum(1))), "row 1 (deposit): quorum");
    EXPECT_EQ(large(guarded(test::quorum(0))), "row 1 (deposit): quorum");
    EXPECT_EQ(large(guarded(test::quorum(2))), "accepted");
}

// Adds an effect to `row` of the large kind: 1 deposit (no subject), 2 offer (a party).
std::string with_effect(std::size_t row, const fb::EffectDeclaredT& effect) {
    return large([&](KindBuilder& k) {
        k.bundle.rows[row]->effects.push_back(std::make_unique<fb::EffectDeclaredT>(effect));
    });
}

TEST(RowRules, ItsEffectsNameStatesAndClocksThatExist) {
    EXPECT_EQ(with_effect(1, test::to_thread_state(5)), "row 1 (deposit): unknown state");
    EXPECT_EQ(with_effect(1, test::to_thread_state(1)), "accepted");
    EXPECT_EQ(with_effect(3, test::withdraw(states({0}), 7)), "row 3 (offer): unknown state");
    EXPECT_EQ(with_effect(3, test::promote(states({0}), 7)), "row 3 (offer): unknown state");
    EXPECT_EQ(with_effect(1, test::start_clock(3)), "row 1 (deposit): unknown clock");
    EXPECT_EQ(with_effect(1, test::stop_clock(3)), "row 1 (deposit): unknown clock");
    EXPECT_EQ(with_effect(1, test::promote(states({2}), 1, 3)), "row 1 (deposit): unknown clock");
    EXPECT_EQ(with_effect(1, test::promote(states({2}), 1, 1)), "accepted");
}

TEST(RowRules, APromotionStartsAClockOfTheParty) {
    EXPECT_EQ(with_effect(1, test::promote(states({2}), 1, 0)),
              "row 1 (deposit): a promotion starts a clock of the party");
}

TEST(RowRules, AReleaseIsOfBoxesThatAreHeld) {
    EXPECT_EQ(with_effect(2, test::release_boxes(fb::Release::at_once)),
              "row 2 (offer): releases a held box");
    EXPECT_EQ(with_effect(2, test::release_boxes(fb::Release::overdue)), "accepted");
}

TEST(RowRules, WhatActsOnASubjectNeedsOne) {
    const std::string rule = "row 1 (deposit): its effect needs a party as subject";
    EXPECT_EQ(with_effect(1, test::to_party_state(1)), rule);
    EXPECT_EQ(with_effect(1, test::release_boxes(fb::Release::chosen)), "accepted")
        << "everybody's";
    EXPECT_EQ(with_effect(1, test::start_clock(1)), rule);
    EXPECT_EQ(with_effect(1, test::stop_clock(1)), "accepted") << "stops every party's";
    EXPECT_EQ(with_effect(1, test::withdraw(states({0}), 6)), "accepted");
}

// The table would read two ways: which state a row leads to must not depend on who reads it.
TEST(RowRules, ARowGivesAThreadOneStateAtMost) {
    EXPECT_EQ(least([](KindBuilder& k) {
                  k.bundle.rows[1]->effects.push_back(
                      std::make_unique<fb::EffectDeclaredT>(test::to_thread_state(2)));
              }),
              "row 1 (answer): two thread states");
}

}  // namespace
}  // namespace relais::workflow
