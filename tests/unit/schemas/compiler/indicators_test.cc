// Indicators of a declaration: written in a closed vocabulary, each mistake said; and every one of
// the kinds that are published has its definition in the guide.
#include <gtest/gtest.h>

#include <set>

#include "schemas/indicators/indicator.h"
#include "tests/unit/schemas/compiler/compiled_kind.h"

namespace relais::compiler {
namespace {

using indicators::Indicator;
using indicators::Measure;
using indicators::MomentKind;

const std::string kDelay =
    "\n[[indicator]]\n"
    "name = \"essai\"\n"
    "label = \"Essai\"\n"
    "definition = \"De l'appel au choix.\"\n"
    "measure = \"delay\"\n"
    "since = [\"act call\"]\n"
    "moments = [\"state chosen\"]\n"
    "by = \"urgency\"\n";

// What the compiler says of the admission with `added` at the end of its declaration.
std::string said(const std::string& added) {
    const KindsFolder folder;
    folder.write("declaration.toml", read_file(folder.kind() / "declaration.toml") + added);
    const auto bundle = compile_kind(folder.kind());
    return bundle.ok() ? "accepted" : bundle.error().detail;
}

const std::string kNoCall =
    "what calls is an act that opens, or a state that it or a release leads to";

std::string altered(const std::string& from, const std::string& to) {
    std::string text = kDelay;
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return said(text.replace(at, from.size(), to));
}

std::vector<Indicator> indicators_of(const CompiledKind& of) {
    return indicators::load_indicators(of.bytes, of.kind).value();
}

const Indicator& named(const std::vector<Indicator>& all, const std::string& name) {
    const auto found = std::ranges::find(all, name, &Indicator::name);
    EXPECT_NE(found, all.end()) << name;
    return *found;
}

TEST(Indicators, AreCompiledAsTheyAreDeclared) {
    const CompiledKind& admission = CompiledKind::of("admission");
    const auto all = indicators_of(admission);
    const Indicator& answer = named(all, "first-answer");
    EXPECT_EQ(answer.measure, Measure::delay);
    EXPECT_EQ(answer.since.size(), 3);
    EXPECT_EQ(admission.kind.acts[answer.moments[0].index].name, "opinion");
    EXPECT_EQ(admission.kind.public_field(answer.by_public)->name, "urgency");
    const Indicator& letter = named(all, "letter-on-the-day");
    EXPECT_EQ(letter.moments[0].kind, MomentKind::followed);
    EXPECT_EQ(admission.kind.rows[letter.moments[0].index].opening.act, "discharge-letter");
    const auto liaison = indicators_of(CompiledKind::of("liaison"));
    EXPECT_EQ(named(liaison, "letter-on-the-day").moments[1].number, 1);
    EXPECT_EQ(named(liaison, "letter-on-the-day").moments[1].value, 1);
    EXPECT_EQ(named(liaison, "read-in-time").within, std::chrono::hours(48));
    const auto protocol = indicators_of(CompiledKind::of("protocol"));
    EXPECT_EQ(named(protocol, "agreements").key_parts, 3);
    EXPECT_EQ(named(protocol, "agreements").value, 1);
}

std::set<std::string> acts_of(const CompiledKind& of, const Indicator& figure) {
    std::set<std::string> acts;
    for (const indicators::Moment& moment : figure.moments) {
        EXPECT_EQ(moment.kind, MomentKind::act);
        acts.insert(of.kind.acts[moment.index].name);
    }
    return acts;
}

// Whatever tells a prescriber of a substitution, and whatever rests on an agreement.
TEST(Indicators, OfSubstitutionsCountEveryNoticeAndEveryOneUnderTheProtocol) {
    const CompiledKind& substitution = CompiledKind::of("substitution");
    const workflow::Kind& kind = substitution.kind;
    std::set<std::string> notices;
    std::set<std::string> under_protocol;
    for (const workflow::Act& act : kind.acts) {
        const bool has_basis = std::ranges::any_of(act.publics, [&](const auto& use) {
            return kind.public_field(use.number)->name == "legal-basis";
        });
        if (act.opens && has_basis) notices.insert(act.name);
    }
    for (const workflow::Row& row : kind.rows) {
        const bool rests = std::ranges::any_of(row.guards, [&](const workflow::Guard& guard) {
            return guard.op == workflow::GuardOp::register_is &&
                   kind.registers[guard.reg].name == "agreement";
        });
        if (rests) under_protocol.insert(kind.acts[row.index].name);
    }
    const auto all = indicators_of(substitution);
    EXPECT_EQ(notices.size(), 3u);
    EXPECT_EQ(acts_of(substitution, named(all, "notices")), notices);
    EXPECT_EQ(under_protocol.size(), 2u);
    EXPECT_EQ(acts_of(substitution, named(all, "under-protocol")), under_protocol);
    EXPECT_EQ(acts_of(substitution, named(all, "withdrawn")), std::set<std::string>{"withdraw"});
}

TEST(Indicators, AreSaidToBeWrongWithTheirLine) {
    EXPECT_EQ(said(kDelay), "accepted");
    expect_part(altered("measure = \"delay\"", "measure = \"speed\""),
                "indicator \"essai\": key \"measure\" must be one of threads, acts, delay, share, "
                "reach, entries, not \"speed\"");
    expect_part(altered("since = [\"act call\"]\n", ""), "key \"since\" is missing");
    expect_part(altered("state chosen", "state chosn"), "unknown state \"chosn\"");
    expect_part(altered("act call", "act cal"), "unknown act \"cal\"");
    expect_part(altered("state chosen", "chosen"), "not a moment: \"chosen\"");
    expect_part(altered("state chosen", "clock chosen"), "unknown clock \"chosen\"");
    expect_part(altered("act call", "act call, urgency is never"),
                "\"never\" is not a value of the field");
    expect_part(altered("act call", "act call, bed is full"),
                "act \"call\" does not publish \"bed\"");
    expect_part(altered("state chosen", "followed liaison/entry-letter"),
                "no row for what follows: \"liaison/entry-letter\"");
    expect_part(altered("[\"state chosen\"]", "[]"), "key \"moments\" is an empty list");
    expect_part(altered("by = \"urgency\"", "by = \"urgence\""),
                "unknown public field \"urgence\"");
    expect_part(altered("definition = \"De l'appel au choix.\"\n", ""),
                "key \"definition\" is missing");
    expect_part(altered("essai", "called"), "indicator \"called\": name declared twice");
}

// A key that the measure would not look at is no key of it.
TEST(Indicators, TakeTheKeysOfTheirMeasureAlone) {
    expect_part(altered("by =", "within = \"2d\"\nby ="), "unknown key \"within\"");
    expect_part(altered("by =", "missed = [\"act cancel\"]\nby ="), "unknown key \"missed\"");
    expect_part(altered("measure = \"delay\"", "measure = \"acts\""), "unknown key \"since\"");
    expect_part(altered("measure = \"delay\"", "measure = \"share\"\nmissed = [\"act cancel\"]"),
                "unknown key \"by\"");
    const std::string entries =
        "\n[[indicator]]\nname = \"essai\"\nlabel = \"Essai\"\ndefinition = \"Essai.\"\n"
        "measure = \"entries\"\nregister = \"agreement\"\nvalue = 1\n";
    expect_part(said(entries), "unknown register \"agreement\"");
    expect_part(said(entries + "by = \"urgency\"\n"), "unknown key \"by\"");
}

TEST(Indicators, OfReachAreAboutPartiesThatAreCalledAndAct) {
    const std::string reach =
        "\n[[indicator]]\nname = \"essai\"\nlabel = \"Essai\"\ndefinition = \"Essai.\"\n"
        "measure = \"reach\"\nwithin = \"1d\"\n";
    EXPECT_EQ(said(reach + "since = [\"act call\"]\nmoments = [\"act receive\"]\n"), "accepted");
    expect_part(said(reach + "since = [\"act deposit\"]\nmoments = [\"act receive\"]\n"), kNoCall);
    expect_part(said(reach + "since = [\"act call\"]\nmoments = [\"state chosen\"]\n"),
                "those called do acts");
    EXPECT_EQ(said(reach + "since = [\"state called\"]\nmoments = [\"act receive\"]\n"),
              "accepted");
    expect_part(said(reach + "since = [\"state cancelled\"]\nmoments = [\"act receive\"]\n"),
                kNoCall);
    expect_part(said(reach + "since = [\"clock answer\"]\nmoments = [\"act receive\"]\n"), kNoCall);
}

// An exercise never counts for an alert: no state of one is a state of the other.
TEST(Indicators, OfAlertsExercisesAndTestsHaveNoMomentInCommon) {
    const CompiledKind& alert = CompiledKind::of("alert");
    const auto all = indicators_of(alert);
    std::set<std::string> states;
    std::size_t count = 0;
    for (const char* name : {"reach", "exercise-reach", "test-reach"}) {
        const Indicator& reach = named(all, name);
        EXPECT_EQ(reach.measure, Measure::reach);
        for (const indicators::Moment& moment : reach.since) {
            ASSERT_EQ(moment.kind, MomentKind::state);
            states.insert(alert.kind.thread_states[moment.index].name);
            ++count;
        }
        ASSERT_EQ(reach.moments.size(), 1);
    }
    EXPECT_EQ(states.size(), count);
    EXPECT_EQ(states, (std::set<std::string>{"alert", "alert-confirmed", "alert-single", "exercise",
                                             "exercise-confirmed", "exercise-single", "test"}));
}

TEST(Indicators, StandInTheDifferenceThatIsSigned) {
    const Bytes before = CompiledKind::of("admission").bytes;
    const KindsFolder folder;
    folder.replace("declaration.toml", "moments = [\"act decline\"]",
                   "moments = [\"act decline\", \"act defer\"]");
    const auto text = describe_difference(before, compile_kind(folder.kind()).value()).value();
    expect_part(text, "indicator \"declines\"");
    expect_part(text, "act decline, act defer");
}

TEST(Guide, HasTheDefinitionOfEachIndicator) {
    const std::string page = read_file(RELAIS_SOURCE_DIR "/docs/guide/indicators.md");
    for (const std::string& name : CompiledKind::names()) {
        for (const Indicator& indicator : indicators_of(CompiledKind::of(name))) {
            const std::string row = "| `" + name + "/" + indicator.name + "` | " + indicator.label +
                                    " | " + indicator.definition + " |";
            EXPECT_NE(page.find(row), std::string::npos) << row;
        }
    }
}

}  // namespace
}  // namespace relais::compiler
