// Each mistake in a declaration is said, with its line and what it is about.
#include <gtest/gtest.h>

#include <algorithm>

#include "core/base/limits.h"
#include "schemas/compiler/compiler.h"
#include "tests/unit/schemas/compiler/folder.h"

namespace relais::compiler {
namespace {

// `from` replaced by `to` in the declaration of the admission. The mistake is said of the line of
// `at`: the last one before the end of the change; with '@' in front, the first of the file.
struct Mistake {
    std::string rule;
    std::string from;
    std::string to;
    std::string at;
    std::string said;
};

std::size_t line_of(const std::string& text, std::size_t place) {
    const auto end = text.begin() + static_cast<std::ptrdiff_t>(place);
    return 1 + static_cast<std::size_t>(std::count(text.begin(), end, '\n'));
}

std::size_t expected_line(const std::string& text, std::size_t change_end, const std::string& at) {
    const bool first = at.starts_with('@');
    const std::size_t place = first ? text.find(at.substr(1)) : text.rfind(at, change_end);
    RELAIS_CHECK(place != std::string::npos);
    return line_of(text, place);
}

// ---- pieces of the declaration
// --------------------------------------------------------------------

const std::string kStaff = "[[role]]\nname = \"requester-staff\"";
const std::string kOffer = "[[act]]\nname = \"offer\"";
const std::string kDefer = "[[act]]\nname = \"defer\"";
const std::string kCallRow = "[[row]]\nact = \"call\"\n";
const std::string kCallEffects =
    "effects = [\"thread called\", \"start answer\", \"start life\", \"start limit\"]";
const std::string kDepositTrigger =
    "[[row]]\nact = \"deposit\"\nthread = [\"called\", \"overdue\", \"called-first\", "
    "\"first-overdue\", \"in-turn\"]\n";
const std::string kDepositRow = kDepositTrigger + "effects = []";
const std::string kOfferRow = "[[row]]\nact = \"offer\"\n";
const std::string kOfferParty =
    "party = [\"called\", \"received\", \"deferred\", \"lapsed\", \"countered\"]";
const std::string kOfferWhen = "when = [\"no party in held\"]";
const std::string kDeferRow = "[[row]]\nact = \"defer\"\n";
const std::string kDeferEffects = "effects = [\"party deferred\"]";
const std::string kDivertedThread = "thread = [\"chosen\", \"admitted\"]";
const std::string kCloseEffects = "effects = [\"thread closed\"]";
const std::string kWithdraw =
    "\"withdraw called received deferred held standby lapsed countered waiting passed reserve to "
    "withdrawn\"";
const std::string kPromote = "\"promote standby to held, start hold\"";
const std::string kAnswerWhen = "when = [\"no party in held standby countered\"]";

std::vector<Mistake> heading_mistakes() {
    return {
        {"toml", "version = 1", "version = ", "version", "Error"},
        {"kind_name", "name = \"admission\"", "name = \"Admission\"", "name",
         "kind \"Admission\": a name is 1 to 40 characters"},
        {"no_title", "title = \"Demande d'admission directe\"\n", "", "@# Direct",
         "kind \"admission\": key \"title\" is missing"},
        {"empty_title", "title = \"Demande d'admission directe\"", "title = \"\"", "title",
         "kind \"admission\": key \"title\" must be one line"},
        {"version_text", "version = 1", "version = \"1\"", "version",
         "key \"version\" must be a whole number from 1"},
        {"version_zero", "version = 1", "version = 0", "version",
         "key \"version\" must be a whole number from 1"},
        {"patient", "patient = \"sealed\"", "patient = \"open\"", "patient",
         "key \"patient\" must be one of sealed, never, not \"open\""},
        {"patient_unset", "patient = \"sealed\"", "patient = \"unset\"", "patient",
         "key \"patient\" must be one of sealed, never"},
        {"basis", "basis = \"care_team\"", "basis = \"law\"", "basis",
         "key \"basis\" must be one of care_team, agreement, none"},
        {"retention", "retention = \"30d\"", "retention = \"30\"", "retention",
         "key \"retention\" is not a duration: \"30\""},
        {"retention_long", "retention = \"30d\"", "retention = \"91d\"", "retention",
         "key \"retention\" is not a duration"},
        {"unknown_key", "version = 1", "version = 1\ncolour = \"red\"", "colour",
         "kind \"admission\": unknown key \"colour\""},
        {"unknown_table", "# ---- who may sign", "[[colour]]\nname = \"red\"\n# ----", "[[colour]]",
         "kind \"admission\": unknown key \"colour\""},
        {"patient_never", "patient = \"sealed\"", "patient = \"never\"", "@# Direct",
         "kind: patient is \"never\", but a form holds an identity block"},
    };
}

std::vector<Mistake> role_mistakes() {
    return {
        {"role_key", "attested = true", "atested = true", "atested",
         "role \"requester\": unknown key \"atested\""},
        {"role_flag", "attested = true", "attested = 1", "attested",
         "role \"requester\": key \"attested\" must be true or false"},
        {"organisation", "\"practice\", \"ehpad\"", "\"cabinet\", \"ehpad\"", "cabinet",
         "role \"requester\": unknown kind of organisation \"cabinet\""},
        {"organisation_unset", "\"practice\", \"ehpad\"", "\"unset\", \"ehpad\"", "unset",
         "role \"requester\": unknown kind of organisation \"unset\""},
        {"no_organisation", "organisation_kinds = [\"hospital\"]", "organisation_kinds = []",
         "[[role]]", "role \"physician\": no kind of organisation"},
        {"profession", "professions = [\"10\"]", "professions = [\"Médecin\"]", "professions",
         "role \"requester\": not a profession"},
        {"attested_any", "professions = [\"10\"]\n", "", "[[role]]",
         "role \"requester\": attested, but of no profession"},
        {"role_twice", kStaff, "[[role]]\nname = \"physician\"", "[[role]]",
         "role \"physician\": name declared twice"},
        {"role_slug", kStaff, "[[role]]\nname = \"requester staff\"", "name",
         "role \"requester staff\": a name is 1 to 40 characters"},
        {"role_number", kStaff, "[[role]]\nname = 3", "name", "role: key \"name\" must be a text"},
        {"role_unused", kStaff,
         "[[role]]\nname = \"idle\"\nlabel = \"X\"\norganisation_kinds = [\"dac\"]\n\n" + kStaff,
         "[[role]]\nname = \"idle\"", "role \"idle\": no act uses it"},
    };
}

std::vector<Mistake> state_mistakes() {
    return {
        {"state_label", "label = \"Services appelés\"", "", "[[thread_state]]",
         "thread_state \"called\": key \"label\" is missing"},
        {"state_terminal", "label = \"Appelé\"", "label = \"Appelé\"\nterminal = true", "terminal",
         "party_state \"called\": unknown key \"terminal\""},
        {"state_unreached", "effects = [\"thread diverted\"]", "effects = []",
         "@[[thread_state]]\nname = \"diverted\"", "thread_state \"diverted\": no row leads to it"},
        {"party_unreached", kDeferEffects, "effects = []", "@[[party_state]]\nname = \"deferred\"",
         "party_state \"deferred\": no row leads to it"},
        {"state_twice", "[[party_state]]\nname = \"received\"",
         "[[party_state]]\nname = \"called\"", "[[party_state]]",
         "party_state \"called\": name declared twice"},
        {"state_endless",
         "[[row]]\nclock = \"limit\"\nthread = [\"chosen\"]\neffects = [\"thread "
         "outcome-unknown\"]",
         "", "@# Direct", "ends the thread from every state"},
    };
}

std::vector<Mistake> public_mistakes() {
    const std::string boolean = "type = \"boolean\"";
    return {
        {"public_text", boolean, "type = \"text\"", "type",
         "public \"favourable\": key \"type\" must be one of boolean, code, integer"},
        {"public_number", "number = 4", "number = 3", "[[public]]",
         "public \"favourable\": number declared twice"},
        {"public_number_zero", "number = 4", "number = 0", "number",
         "key \"number\" must be a whole number from 1 to 65535"},
        {"code_without_values", boolean, "type = \"code\"", "[[public]]",
         "public \"favourable\": a code has values"},
        {"boolean_values", boolean, boolean + "\nvalues = []", "values",
         "public \"favourable\": unknown key \"values\""},
        {"value_key", "code = \"stat\", ", "code = \"stat\", free = \"x\", ", "free",
         "value \"stat\": unknown key \"free\""},
        {"public_code", "code = \"stat\"", "code = \"M. Dupont\"", "Dupont",
         "value \"M. Dupont\": a code is 1 to 40 letters"},
        {"code_twice", "code = \"asap\"", "code = \"stat\"", "stat",
         "value \"stat\": code or value declared twice"},
        {"value_twice", "value = 2, code = \"asap\"", "value = 1, code = \"asap\"", "asap",
         "value \"asap\": code or value declared twice"},
        {"value_large", "value = 2, code = \"asap\"", "value = 1000000001, code = \"asap\"", "asap",
         "key \"value\" must be a whole number from 0 to 1000000000"},
        {"integer_bounds", boolean, "type = \"integer\"\nmin = 3\nmax = 2", "[[public]]",
         "public \"favourable\": min is above max"},
        {"integer_without_max", boolean, "type = \"integer\"\nmin = 3", "[[public]]",
         "public \"favourable\": key \"max\" is missing"},
        {"integer_large", boolean, "type = \"integer\"\nmin = 0\nmax = 1000000001", "max",
         "public \"favourable\": key \"max\" must be a whole number"},
        {"public_unused", "public = [\"counter!\"]\n", "public = []\n", "@[[public]]\nnumber = 6",
         "public \"counter\": no act uses it"},
    };
}

std::vector<Mistake> clock_mistakes() {
    return {
        {"clock_default", "default = \"4h\"", "default = \"4 hours\"", "default",
         "clock \"answer\": key \"default\" is not a duration: \"4 hours\""},
        {"clock_bounds", "bounds = [\"5min\", \"48h\"]", "bounds = [\"48h\", \"5min\"]", "bounds",
         "clock \"answer\": key \"bounds\" must be two durations, the least first"},
        {"clock_one_bound", "bounds = [\"5min\", \"48h\"]", "bounds = [\"5min\"]", "bounds",
         "clock \"answer\": key \"bounds\" must be two durations"},
        {"clock_outside", "default = \"4h\"", "default = \"49h\"", "[[clock]]",
         "clock \"answer\": default is outside bounds"},
        {"clock_ceiling_low", "at_most = \"48h\"", "at_most = \"47h\"",
         "@[[clock]]\nname = \"answer-open\"",
         "clock \"answer-open\": at_most is below the bounds"},
        {"clock_ceiling_of_all", "default = \"4h\"", "default = \"4h\"\nat_most = \"60h\"",
         "[[clock]]", "clock \"answer\": at_most is of a clock that counts opening hours"},
        {"clock_unstarted", "\"start letter\"", "\"start life\"", "@[[clock]]\nname = \"letter\"",
         "clock \"letter\": nothing starts it"},
        {"clock_endless", "[[row]]\nclock = \"letter\"", "[[row]]\nclock = \"hold\"",
         "@[[clock]]\nname = \"letter\"", "clock \"letter\": no row says what its end does"},
        {"clock_key", "per_party = true", "per_ward = true", "per_ward",
         "clock \"hold\": unknown key \"per_ward\""},
    };
}

std::vector<Mistake> act_mistakes() {
    return {
        {"act_role", "roles = [\"physician\"]", "roles = [\"phisician\"]", "phisician",
         "act \"opinion\": unknown role \"phisician\""},
        {"act_no_role", "roles = [\"physician\"]", "roles = []", "[[act]]",
         "act \"opinion\": no role may sign it"},
        {"act_form", "form = \"Offer\"", "form = \"Ofer\"", "Ofer",
         "act \"offer\": unknown form \"Ofer\""},
        {"form_unused", "form = \"Offer\"\n", "", "@# Direct", "form \"Offer\": no act uses it"},
        {"act_public", "public = [\"bed!\"", "public = [\"bad!\"", "bad!",
         "act \"offer\": unknown public field \"bad\""},
        {"public_use_twice", "public = [\"bed!\"", "public = [\"bed!\", \"bed\"", "bed!",
         "act \"offer\": public field named twice"},
        {"act_lane", "lanes = [\"urgent\"]", "lanes = [\"fast\"]", "fast",
         "act \"call\": unknown lane \"fast\""},
        {"act_no_lane", "lanes = [\"urgent\"]", "lanes = []", "[[act]]", "act \"call\": no lane"},
        {"act_side", "side = \"opener\"", "side = \"hospital\"", "side",
         "act \"call\": key \"side\" must be one of opener, party"},
        {"act_recipients", "recipients = \"parties\"", "recipients = \"all\"", "recipients",
         "act \"call\": key \"recipients\" must be one of"},
        {"act_release", "release = \"chosen\"", "release = \"later\"", "release",
         "act \"deposit\": key \"release\" must be one of at_once, chosen, overdue, absence"},
        {"release_no_form", "form = \"Dossier\"\n", "", "[[act]]",
         "act \"deposit\": a release without a form holds nothing back"},
        {"release_never", "release = \"chosen\"", "release = \"confirmed\"", "[[act]]",
         "act \"deposit\": no effect releases what it holds back"},
        {"party_to_party", "recipients = \"opener\"", "recipients = \"all_parties\"", "[[act]]",
         "act \"receive\": a party or a member sends to the opener"},
        {"opener_to_itself", "recipients = \"all_parties\"", "recipients = \"opener\"", "[[act]]",
         "act \"deposit\": the opener does not send to itself"},
        {"opens_to_one", "recipients = \"parties\"", "recipients = \"one_party\"", "[[act]]",
         "act \"call\": an act that opens is the opener's, to the parties"},
        {"act_together", "together = [\"deposit\"]", "together = [\"depot\"]", "together",
         "act \"call\": unknown act \"depot\""},
        {"together_itself", "together = [\"deposit\"]", "together = [\"call\"]", "together",
         "act \"call\": not another act of the same side"},
        {"together_other_side", "together = [\"deposit\"]", "together = [\"offer\"]", "together",
         "act \"call\": not another act of the same side"},
        {"act_twice", kDefer, kOffer, "[[act]]", "act \"offer\": name declared twice"},
        {"act_no_row", kDeferRow, kOfferRow, "@[[act]]\nname = \"defer\"",
         "act \"defer\": no row admits it"},
        {"outside_opens", "together = [\"deposit\"]", "off_network = true", "[[act]]",
         "act \"call\": off_network is for a later act that holds nothing back"},
        {"outside_held", "release = \"chosen\"", "release = \"chosen\"\noff_network = true",
         "[[act]]", "act \"deposit\": off_network is for a later act that holds nothing back"},
        {"outside_form", "form = \"TelephoneCall\"", "form = \"Remark\"", "[[act]]",
         "act \"phone-outside\": off_network without a form whose mandatory fields say when"},
        {"outside_no_form", "form = \"TelephoneCall\"\n", "", "[[act]]",
         "act \"phone-outside\": off_network without a form whose mandatory fields say when"},
        {"outside_flag", "off_network = true", "off_network = \"yes\"", "off_network",
         "act \"phone-outside\": key \"off_network\" must be true or false"},
        {"act_key", "past = \"Place proposée\"", "pst = \"Place proposée\"", "pst",
         "act \"offer\": unknown key \"pst\""},
    };
}

std::vector<Mistake> row_mistakes() {
    return {
        {"row_act", kOfferRow, "[[row]]\nact = \"ofer\"\n", "ofer",
         "act \"ofer\": unknown act \"ofer\""},
        {"row_clock", "clock = \"hold\"", "clock = \"hld\"", "hld",
         "clock \"hld\": unknown clock \"hld\""},
        {"row_no_trigger", kOfferRow, "[[row]]\n", "[[row]]",
         "row: a row has an act, a clock or what followed"},
        {"row_two_triggers", kOfferRow, kOfferRow + "clock = \"hold\"\n", "[[row]]",
         "row: a row has an act, a clock or what followed"},
        {"row_party", kOfferParty, "party = [\"called\", \"hld\"]", "hld",
         "act \"offer\": unknown state \"hld\""},
        {"row_thread", kDivertedThread, "thread = [\"choosen\"]", "choosen",
         "act \"diverted\": unknown state \"choosen\""},
        {"row_state_twice", kDivertedThread, "thread = [\"chosen\", \"chosen\"]", "thread",
         "act \"diverted\": \"chosen\" named twice"},
        {"row_no_thread", kDivertedThread + "\n", "", "[[row]]",
         "act \"diverted\": key \"thread\" is missing"},
        {"row_empty_thread", kDivertedThread, "thread = []", "[[row]]",
         "act \"diverted\": no state"},
        {"row_empty_party", kOfferParty, "party = []", "[[row]]",
         "act \"offer\": no state of the party"},
        {"row_terminal", kDivertedThread, "thread = [\"chosen\", \"closed\"]", "[[row]]",
         "act \"diverted\": \"closed\" is terminal"},
        {"row_opening_thread", kCallRow, kCallRow + "thread = [\"called\"]\n", "[[row]]",
         "act \"call\": an opening act meets no thread"},
        {"row_party_of_all", kDepositRow, kDepositRow + "\nparty = [\"called\"]", "[[row]]",
         "act \"deposit\": it is about no single party"},
        {"row_no_effects", kDeferEffects, "", "[[row]]",
         "act \"defer\": key \"effects\" is missing"},
        {"row_key", kDeferEffects, kDeferEffects + "\nthen = []", "then",
         "act \"defer\": unknown key \"then\""},
        {"row_hidden", "# Nobody answered",
         kDeferRow + "thread = [\"called\"]\nparty = [\"called\"]\neffects = []\n# Nobody answered",
         "[[row]]", "act \"defer\": never reached: the row of line "},
        {"opening_no_state", "effects = [\"thread called\", ", "effects = [", "[[row]]",
         "act \"call\": opening gives the thread no state"},
        {"opening_no_clock", kCallEffects, "effects = [\"thread called\"]", "[[row]]",
         "act \"call\": opening starts no clock"},
        {"guard", kOfferWhen, "when = [\"nobody in held\"]", "when",
         "act \"offer\": not a guard: \"nobody in held\""},
        {"guard_state", kOfferWhen, "when = [\"no party in hold\"]", "when",
         "act \"offer\": unknown state \"hold\""},
        {"guard_no_state", kOfferWhen, "when = [\"no party in\"]", "when",
         "act \"offer\": not a guard"},
        {"guard_public", kOfferWhen, "when = [\"bad is full\"]", "when",
         "act \"offer\": unknown public field \"bad\""},
        {"guard_value", kOfferWhen, "when = [\"bed is broken\"]", "when",
         "act \"offer\": \"broken\" is not a value of the field"},
        {"guard_other_act", kOfferWhen, "when = [\"urgency is stat\"]", "when",
         "act \"offer\": \"urgency\" is not mandatory in the act"},
        {"guard_of_clock", kAnswerWhen, "when = [\"urgency is stat\"]", "when",
         "clock \"answer\": \"urgency\" is not mandatory in the act"},
        {"quorum_one", kOfferWhen, "when = [\"quorum 1\"]", "when",
         "act \"offer\": a quorum is 2 to 16 persons"},
        {"quorum_word", kOfferWhen, "when = [\"quorum all\"]", "when",
         "act \"offer\": a quorum is 2 to 16 persons"},
        {"quorum_of_clock", kAnswerWhen, "when = [\"quorum 2\"]", "when",
         "clock \"answer\": a clock has no quorum"},
    };
}

std::vector<Mistake> effect_mistakes() {
    return {
        {"effect", kDeferEffects, "effects = [\"party is deferred\"]", "effects",
         "act \"defer\": not an effect: \"party is deferred\""},
        {"effect_empty", kDeferEffects, "effects = [\"\"]", "effects",
         "act \"defer\": not an effect: \"\""},
        {"effect_state", kDeferEffects, "effects = [\"party defered\"]", "effects",
         "act \"defer\": unknown state \"defered\""},
        {"effect_of_party_state", kCloseEffects, "effects = [\"thread held\"]", "effects",
         "act \"close\": unknown state \"held\""},
        {"effect_party_of_all", kDepositRow, kDepositTrigger + "effects = [\"party held\"]",
         "effects", "act \"deposit\": an effect on a party"},
        {"effect_clock", "\"start hold\"]", "\"start hld\"]", "hld",
         "act \"offer\": unknown clock \"hld\""},
        {"effect_party_clock", kCallEffects,
         "effects = [\"thread called\", \"start answer\", \"start life\", \"start limit\", "
         "\"start hold\"]",
         "effects", "act \"call\": an effect on a party"},
        {"effect_release", "\"release chosen\"", "\"release at_once\"", "release at_once",
         "act \"choose\": not an effect: \"release at_once\""},
        {"withdraw_no_to", kWithdraw, "\"withdraw called received\"", "withdraw called",
         "act \"choose\": not an effect: \"withdraw called received\""},
        {"withdraw_nobody", kWithdraw, "\"withdraw to withdrawn\"", "withdraw to",
         "act \"choose\": not an effect"},
        {"withdraw_start", kWithdraw, "\"withdraw called to withdrawn, start hold\"",
         "withdraw called", "act \"choose\": not an effect"},
        {"promote_clock", kPromote, "\"promote standby to held, start life\"", "promote",
         "clock \"hold\": clock \"life\" is not per party"},
        {"promote_stop", kPromote, "\"promote standby to held, stop hold\"", "promote",
         "clock \"hold\": not an effect"},
        {"two_thread_states", kCloseEffects, "effects = [\"thread closed\", \"thread diverted\"]",
         "[[row]]", "act \"close\": two effects give two states"},
        {"effect_number", kDeferEffects, "effects = [3]", "effects",
         "act \"defer\": key \"effects\" must be a list of texts"},
    };
}

std::vector<Mistake> mistakes() {
    std::vector<Mistake> all;
    for (const auto& part :
         {heading_mistakes(), role_mistakes(), state_mistakes(), public_mistakes(),
          clock_mistakes(), act_mistakes(), row_mistakes(), effect_mistakes()}) {
        all.insert(all.end(), part.begin(), part.end());
    }
    return all;
}

void PrintTo(const Mistake& mistake, std::ostream* out) { *out << mistake.rule; }

class DeclarationMistake : public testing::TestWithParam<Mistake> {};

TEST_P(DeclarationMistake, IsSaidWithItsLine) {
    const Mistake& mistake = GetParam();
    const KindsFolder folder;
    const std::size_t change = folder.replace("declaration.toml", mistake.from, mistake.to);
    const std::string text = read_file(folder.kind() / "declaration.toml");
    const Result<Bytes> compiled = compile_kind(folder.kind());
    ASSERT_FALSE(compiled.ok());
    EXPECT_EQ(compiled.code(), ErrorCode::bad_configuration);
    const std::string& detail = compiled.error().detail;
    const std::size_t said = detail.find(mistake.said);
    ASSERT_NE(said, std::string::npos) << detail;
    const std::size_t line = expected_line(text, change + mistake.to.size(), mistake.at);
    const std::string begin = "declaration.toml:" + std::to_string(line) + ": ";
    EXPECT_TRUE(detail.substr(detail.rfind('\n', said) + 1).starts_with(begin))
        << detail << "\nexpected " << begin;
}

INSTANTIATE_TEST_SUITE_P(Rules, DeclarationMistake, testing::ValuesIn(mistakes()),
                         [](const auto& param) { return param.param.rule; });

// ---- what the mutations above leave untouched, allowed
// --------------------------------------------

struct DeclarationChange {
    std::string rule;
    std::string from;
    std::string to;
};

std::vector<DeclarationChange> allowed_changes() {
    return {
        {"quorum", kOfferWhen, "when = [\"quorum 2\", \"no party in held\"]"},
        {"public_code", kOfferWhen, "when = [\"bed is full\"]"},
        {"some_party", kOfferWhen, "when = [\"some party in called received\"]"},
        {"several_guards", kOfferWhen, "when = [\"no party in held\", \"bed is day\"]"},
        {"promote_without_clock", kPromote, "\"promote standby to held\""},
        {"integer_public", "type = \"boolean\"", "type = \"integer\"\nmin = -5\nmax = 5"},
        {"retention_longest", "retention = \"30d\"", "retention = \"90d\""},
        {"any_profession", "professions = [\"10\", \"60\", \"secretary\"]\n", ""},
        {"release_to_all", "effects = [\"thread without-offer\"]",
         "effects = [\"thread without-offer\", \"release chosen\"]"},
        {"release_overdue", "effects = [\"party lapsed\", ",
         "effects = [\"release overdue\", \"party lapsed\", "},
        {"row_after_a_guarded_one", kDeferRow,
         kOfferRow + "thread = [\"called\"]\nwhen = [\"quorum 2\"]\neffects = []\n" + kDeferRow},
    };
}

void PrintTo(const DeclarationChange& change, std::ostream* out) { *out << change.rule; }

class AllowedChange : public testing::TestWithParam<DeclarationChange> {};

TEST_P(AllowedChange, Compiles) {
    const KindsFolder folder;
    folder.replace("declaration.toml", GetParam().from, GetParam().to);
    const Result<Bytes> compiled = compile_kind(folder.kind());
    EXPECT_TRUE(compiled.ok()) << compiled.error().describe();
}

INSTANTIATE_TEST_SUITE_P(Rules, AllowedChange, testing::ValuesIn(allowed_changes()),
                         [](const auto& param) { return param.param.rule; });

TEST(Declaration, AllMistakesAreSaidAtOnceByLine) {
    const KindsFolder folder;
    folder.replace("declaration.toml", kDeferEffects, "effects = [\"party defered\"]");
    folder.replace("declaration.toml", "basis = \"care_team\"", "basis = \"law\"");
    folder.replace("declaration.toml", "default = \"4h\"", "default = \"4\"");
    // Known to be unknown when all has been read.
    folder.replace("declaration.toml", "version = 1", "version = 1\ncolour = 1");
    const Result<Bytes> compiled = compile_kind(folder.kind());
    ASSERT_FALSE(compiled.ok());
    const std::string& detail = compiled.error().detail;
    const std::size_t basis = detail.find("\"basis\"");
    const std::size_t clock = detail.find("clock \"answer\"");
    const std::size_t state = detail.find("\"defered\"");
    ASSERT_NE(state, std::string::npos) << detail;
    EXPECT_LT(detail.find("\"colour\""), basis);
    EXPECT_LT(basis, clock);
    EXPECT_LT(clock, state);
}

struct Listed {
    std::string section;  // with % for a number
    std::size_t most;
};

// How many sections of that sort the declaration has.
std::size_t declared_in(const std::string& text, const std::string& section) {
    const std::string heading = section.substr(0, section.find('\n') + 1);
    std::size_t count = 0;
    for (std::size_t at = 0; (at = text.find(heading, at)) != std::string::npos; ++at) ++count;
    return count;
}

// `section` with each '%' replaced by the number.
std::string numbered(std::string_view section, std::size_t number) {
    std::string text;
    for (const char c : section) text += c == '%' ? std::to_string(number) : std::string(1, c);
    return text;
}

TEST(Declaration, ListsAreBounded) {
    const std::string label = "label = \"X\"\n";
    const std::vector<Listed> lists = {
        {"[[role]]\nname = \"x%\"\norganisation_kinds = [\"dac\"]\n" + label,
         limits::kKindRolesMax},
        {"[[thread_state]]\nname = \"x%\"\n" + label, limits::kKindStatesMax},
        {"[[party_state]]\nname = \"x%\"\n" + label, limits::kKindStatesMax},
        {"[[public]]\nname = \"x%\"\nnumber = 1%\ntype = \"boolean\"\n" + label,
         limits::kPublicFieldsMax},
        {"[[clock]]\nname = \"x%\"\ndefault = \"1h\"\nbounds = [\"1h\", \"1h\"]\n" + label,
         limits::kKindClocksMax},
        {"[[act]]\nname = \"x%\"\npast = \"X\"\nside = \"party\"\nrecipients = \"opener\"\nroles = "
         "[\"physician\"]\nlanes = [\"urgent\"]\n" +
             label,
         limits::kKindActsMax},
        {"[[row]]\nact = \"call\"\neffects = []\n", limits::kKindRowsMax},
    };
    for (const auto& [section, most] : lists) {
        for (const bool over : {false, true}) {
            const KindsFolder folder;
            std::string text = read_file(folder.kind() / "declaration.toml");
            const std::size_t declared = declared_in(text, section);
            ASSERT_GT(declared, 0U) << section;
            for (std::size_t i = declared; i < most + (over ? 1 : 0); ++i) {
                text += numbered(section, i);
            }
            folder.write("declaration.toml", text);
            // The added sections hold little: they are full of mistakes, of which this is one or
            // not.
            const std::string said = "more than " + std::to_string(most) + " of them";
            const Result<Bytes> compiled = compile_kind(folder.kind());
            const std::string detail = compiled.ok() ? "" : compiled.error().detail;
            EXPECT_EQ(detail.find(said) != std::string::npos, over) << section << detail;
        }
    }
}

TEST(Declaration, SomeActOpens) {
    const KindsFolder folder;
    for (int opening = 0; opening < 3; ++opening) {
        folder.replace("declaration.toml", "opens = true\n", "");
    }
    const Result<Bytes> compiled = compile_kind(folder.kind());
    ASSERT_FALSE(compiled.ok());
    EXPECT_NE(compiled.error().detail.find("kind \"admission\": no act opens a thread"),
              std::string::npos)
        << compiled.error().detail;
}

TEST(Declaration, StepsAreBounded) {
    for (const std::size_t count : {limits::kKindStepsMax, limits::kKindStepsMax + 1}) {
        const KindsFolder folder;
        std::string steps = "when = [\"no party in held\"";
        for (std::size_t i = 1; i < count; ++i) steps += ", \"quorum 2\"";
        folder.replace("declaration.toml", kOfferWhen, steps + "]");
        const Result<Bytes> compiled = compile_kind(folder.kind());
        EXPECT_EQ(compiled.ok(), count == limits::kKindStepsMax);
    }
}

// Where a public field may be absent, no guard can rest on it.
TEST(Declaration, AGuardRestsOnAMandatoryField) {
    const KindsFolder folder;
    folder.replace("declaration.toml", kOfferWhen, "when = [\"bed is full\"]");
    EXPECT_TRUE(compile_kind(folder.kind()).ok());
    folder.replace("declaration.toml", "public = [\"bed!\"", "public = [\"bed\"");
    const std::string detail = compile_kind(folder.kind()).error().detail;
    EXPECT_NE(detail.find("act \"offer\": \"bed\" is not mandatory in the act"), std::string::npos)
        << detail;
}

// A state from which only acts lead on: nobody need do one.
TEST(Declaration, EveryThreadEndsByItself) {
    const KindsFolder folder;
    folder.replace("declaration.toml", "terminal = true\n\n[[thread_state]]\nname = \"cancelled\"",
                   "\n[[thread_state]]\nname = \"cancelled\"");
    const Result<Bytes> compiled = compile_kind(folder.kind());
    ASSERT_FALSE(compiled.ok());
    EXPECT_NE(compiled.error().detail.find(
                  "thread_state \"closed\": no rows lead from it to a terminal state"),
              std::string::npos)
        << compiled.error().detail;
}

}  // namespace
}  // namespace relais::compiler
