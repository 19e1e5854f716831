// The kinds `protocol` and `substitution`: from the first draft to the agreement of each doctor,
// and what a pharmacy may then do on it.
#include "tests/unit/schemas/compiler/kind_case.h"

namespace relais::compiler {
namespace {

constexpr auto kAccepted = ErrorCode::ok;
constexpr auto kNotNow = ErrorCode::act_refused;
constexpr auto kRegister = ErrorCode::register_refused;

const std::vector<std::string> kPractices = {"cabinet-a@indre", "cabinet-b@indre",
                                             "pharmacie-c@indre"};
const char* const kDoctor = "01234567897";
const char* const kOther = "99700218896";

Publics version(const std::string& number) { return {{"protocol", "12"}, {"version", number}}; }
Publics of_class(const std::string& number, const std::string& drug_class) {
    return {{"protocol", "12"}, {"version", number}, {"class", drug_class}};
}
Publics with(Publics publics, const std::string& name, const std::string& value) {
    publics.emplace_back(name, value);
    return publics;
}
// What publishing a class tells: its number, and that it is for a drug out of stock.
Publics opening(const std::string& number, const std::string& drug_class) {
    Publics publics = of_class(number, drug_class);
    for (const char* name : {"on-out-of-stock", "on-tension", "on-discontinued", "on-local"}) {
        publics.emplace_back(name, std::string(name) == "on-out-of-stock" ? "true" : "false");
    }
    return publics;
}
const char* const kApprovers[] = {"10100000017", "10100000025", "10100000033", "10100000041"};

class Protocol : public testing::Test {
protected:
    ErrorCode name(const char* act, std::size_t party, const std::string& rpps) {
        c.attention = rpps;
        return c.opener_does(act, {}, static_cast<int>(party));
    }
    // Drafted: whoever may approve is named.
    void draft(const std::string& number) {
        ASSERT_EQ(c.open("draft", kPractices, version(number)), kAccepted);
        for (const std::size_t each : {0U, 1U, 2U, 2U}) {
            ASSERT_EQ(name("appoint", each, kApprovers[each]), kAccepted);
        }
        ASSERT_EQ(name("appoint", 2, kApprovers[3]), kAccepted);
    }
    void submit(const std::string& number) {
        draft(number);
        ASSERT_EQ(c.opener_does("submit", version(number)), kAccepted);
    }
    // One of those named.
    ErrorCode approve(std::size_t party, std::size_t who) {
        return approve_as(party, who, kApprovers[who]);
    }
    ErrorCode approve_as(std::size_t party, std::size_t entry, const std::string& rpps) {
        const std::string before = std::exchange(c.signer, rpps);
        c.by = person(static_cast<int>(entry));
        const ErrorCode said = c.party_does(party, "approve");
        c.signer = before;
        return said;
    }
    void publish(const std::string& number) {
        submit(number);
        for (const std::size_t each : {0U, 1U, 2U}) {
            ASSERT_EQ(approve(each, each), kAccepted);
        }
        ASSERT_EQ(c.opener_does("publish", opening(number, "1")), kAccepted);
    }
    ErrorCode answer(std::size_t party, const std::string& number, const std::string& decision,
                     const std::string& drug_class = "1") {
        return c.party_does(party, "answer",
                            with(of_class(number, drug_class), "decision", decision));
    }
    ErrorCode cpts(const std::string& act) {
        return c.open(act, kPractices, with(of_class("1", "1"), "class-reason", "SHORTAGE"));
    }
    [[nodiscard]] std::int64_t held(const std::string& key) const {
        const auto found = c.registers.values.find("protocol/" + key);
        return found == c.registers.values.end() ? -1 : found->second;
    }
    KindCase c{"protocol", "cpts@indre"};
};

// ---- drafting and approval

TEST_F(Protocol, ThreeDistinctPersonsApproveIt) {
    submit("1");
    ASSERT_EQ(approve(0, 1), kAccepted);
    ASSERT_EQ(approve(0, 1), kAccepted);
    ASSERT_EQ(approve(1, 1), kAccepted);
    EXPECT_EQ(c.state(), "submitted") << "one person, three times";
    ASSERT_EQ(approve(1, 2), kAccepted);
    EXPECT_EQ(c.state(), "submitted");
    EXPECT_EQ(c.opener_does("publish", opening("1", "1")), kNotNow);
    ASSERT_EQ(approve(2, 3), kAccepted);
    EXPECT_EQ(c.state(), "approved");
}

TEST_F(Protocol, OneDoctorWithTwoEntriesIsOneOfTheThree) {
    submit("1");
    ASSERT_EQ(approve_as(0, 10, kApprovers[0]), kAccepted);
    ASSERT_EQ(approve_as(1, 11, kApprovers[0]), kAccepted);
    ASSERT_EQ(approve(1, 1), kAccepted);
    EXPECT_EQ(c.state(), "submitted");
    ASSERT_EQ(approve(2, 2), kAccepted);
    EXPECT_EQ(c.state(), "approved");
}

TEST_F(Protocol, OnlyThoseWhoAreNamedApproveIt) {
    submit("1");
    EXPECT_EQ(approve_as(0, 0, kDoctor), kRegister) << "not one of those named";
    EXPECT_EQ(approve_as(0, 0, ""), kRegister) << "nobody who can be named";
    ASSERT_EQ(approve(0, 0), kAccepted);
    ASSERT_EQ(approve(1, 1), kAccepted);
    EXPECT_EQ(approve_as(2, 9, kDoctor), kRegister) << "nor as the third";
    EXPECT_EQ(c.state(), "submitted");
    ASSERT_EQ(name("appoint", 2, kDoctor), kAccepted) << "in the place of one who is away";
    ASSERT_EQ(approve_as(2, 9, kDoctor), kAccepted);
    EXPECT_EQ(c.state(), "approved");
    submit("2");
    EXPECT_EQ(approve_as(2, 9, kDoctor), kRegister) << "each project has its own";
}

TEST_F(Protocol, AnApproverIsNamedByOnePersonsRppsAndDismissedBeforeTheTextIsSubmitted) {
    draft("1");
    EXPECT_EQ(name("appoint", 0, ""), kRegister) << "to nobody's attention";
    EXPECT_EQ(name("dismiss", 0, kDoctor), kRegister) << "was not named";
    ASSERT_EQ(name("dismiss", 0, kApprovers[0]), kAccepted);
    ASSERT_EQ(c.opener_does("submit", version("1")), kAccepted);
    EXPECT_EQ(name("dismiss", 1, kApprovers[1]), kNotNow) << "whoever may have approved stays";
    EXPECT_EQ(approve(0, 0), kRegister);
    EXPECT_EQ(approve(1, 1), kAccepted);
}

TEST_F(Protocol, WhatIsSubmittedDoesNotChange) {
    draft("1");
    EXPECT_EQ(approve(0, 1), kNotNow) << "a draft is not approved";
    ASSERT_EQ(c.opener_does("revise"), kAccepted);
    ASSERT_EQ(c.opener_does("submit", version("1")), kAccepted);
    EXPECT_EQ(c.opener_does("revise"), kNotNow);
    ASSERT_EQ(c.party_does(0, "object"), kAccepted);
    EXPECT_EQ(c.parties(), "objected asked asked");
    ASSERT_EQ(c.opener_does("abandon"), kAccepted);
    EXPECT_EQ(c.state(), "abandoned");
}

TEST_F(Protocol, OnlyTheVersionOfTheThreadIsSubmittedAndPublished) {
    draft("1");
    EXPECT_EQ(c.opener_does("submit", version("2")), kRegister);
    ASSERT_EQ(c.opener_does("submit", version("1")), kAccepted);
    for (const std::size_t each : {0U, 1U, 2U}) {
        ASSERT_EQ(approve(each, each), kAccepted);
    }
    EXPECT_EQ(c.opener_does("publish", opening("2", "1")), kRegister);
    EXPECT_EQ(held("version/12/1"), -1);
    ASSERT_EQ(c.opener_does("publish", opening("1", "1")), kAccepted);
    EXPECT_EQ(held("version/12/1"), 1);
    EXPECT_EQ(held("class/12/1/1"), 1);
    EXPECT_EQ(held("class/12/1/2"), -1);
    EXPECT_EQ(held("trigger/12/1/1/1"), 1);
    for (const char* other : {"2", "3", "9"}) {
        EXPECT_EQ(held(std::string("trigger/12/1/1/") + other), 0) << other;
    }
    EXPECT_EQ(c.opener_does("publish", opening("1", "1")), kRegister) << "once";
    for (const std::int64_t told : {2, 3}) {
        c.registers.values["protocol/class/12/1/2"] = told;
        EXPECT_EQ(c.opener_does("publish", opening("1", "2")), kRegister) << told;
    }
    c.registers.values.erase("protocol/class/12/1/2");
    ASSERT_EQ(c.opener_does("publish", opening("1", "2")), kAccepted);
    EXPECT_EQ(c.open("draft", kPractices, version("1")), kRegister) << "a published version stays";
}

// Prescribers agree to a number, a version and a class: two texts of one name would share them.
TEST_F(Protocol, OneTextIsPublishedUnderANumberAndVersion) {
    const auto approved = [&] {
        submit("1");
        for (const std::size_t each : {0U, 1U, 2U}) ASSERT_EQ(approve(each, each), kAccepted);
    };
    approved();
    const workflow::Thread first = c.thread;
    approved();
    ASSERT_EQ(c.opener_does("publish", opening("1", "1")), kAccepted);
    ASSERT_EQ(c.opener_does("publish", opening("1", "2")), kAccepted);
    c.thread = first;
    EXPECT_EQ(c.opener_does("publish", opening("1", "3")), kRegister);
}

// Notices and agreements name a number, not a house: it is that of the first that publishes.
TEST_F(Protocol, ANumberIsOfTheCptsThatPublishedUnderItFirst) {
    KindCase neighbour("protocol", "bureau.cpts-b@indre");
    ASSERT_EQ(neighbour.open("draft", kPractices, version("1")), kAccepted);
    for (const int each : {0, 1, 2}) {
        neighbour.attention = kApprovers[each];
        ASSERT_EQ(neighbour.opener_does("appoint", {}, each), kAccepted);
    }
    ASSERT_EQ(neighbour.opener_does("submit", version("1")), kAccepted);
    for (const int each : {0, 1, 2}) {
        neighbour.by = person(each);
        neighbour.signer = kApprovers[each];
        ASSERT_EQ(neighbour.party_does(static_cast<std::size_t>(each), "approve"), kAccepted);
    }
    const workflow::Thread approved = neighbour.thread;
    ++c.thread.id.bytes[1];  // not the neighbour's
    publish("1");
    neighbour.registers.values.merge(c.registers.values);
    c.registers = neighbour.registers;
    for (const char* number : {"1", "2"}) {
        EXPECT_EQ(neighbour.open("draft", kPractices, version(number)), kRegister) << number;
    }
    neighbour.thread = approved;
    EXPECT_EQ(neighbour.opener_does("publish", opening("1", "2")), kRegister)
        << "approved before the other was published";
    neighbour.registers.values.erase("protocol/version/12/1");
    EXPECT_EQ(neighbour.opener_does("publish", opening("1", "2")), kRegister)
        << "the number is taken, whatever the version";
    neighbour.registers.values.erase("protocol/number/12");
    EXPECT_EQ(neighbour.opener_does("publish", opening("1", "2")), kAccepted) << "that alone";
    EXPECT_EQ(c.open("draft", kPractices, version("2")), kAccepted) << "its own next version";
    publish("2");
    EXPECT_EQ(held("class/12/2/1"), 1);
}

TEST_F(Protocol, OnlyTheCptsThatPublishedAClassDecidesOfIt) {
    publish("1");
    KindCase neighbour("protocol", "bureau.cpts-b@indre");
    const auto neighbour_does = [&](const char* act) {
        neighbour.registers = c.registers;
        return neighbour.open(act, kPractices, with(of_class("1", "1"), "class-reason", "SAFETY"));
    };
    EXPECT_EQ(neighbour_does("suspend"), kRegister);
    EXPECT_EQ(neighbour_does("retire"), kRegister);
    ASSERT_EQ(cpts("suspend"), kAccepted);
    EXPECT_EQ(neighbour_does("resume"), kRegister);
    EXPECT_EQ(neighbour_does("retire"), kRegister);
    for (const char* act : {"invite", "announce"}) {
        EXPECT_EQ(neighbour.open(act, kPractices, version("1")), kRegister) << act;
    }
    EXPECT_EQ(cpts("resume"), kAccepted);
    EXPECT_EQ(cpts("retire"), kAccepted);
}

TEST_F(Protocol, WithoutAQuorumItLapses) {
    submit("1");
    ASSERT_EQ(c.clock_ends("approval"), kAccepted);
    EXPECT_EQ(c.state(), "not-approved");
    EXPECT_EQ(approve(0, 1), kNotNow);
    ASSERT_EQ(c.open("draft", kPractices, version("1")), kAccepted);
    ASSERT_EQ(c.clock_ends("life"), kAccepted);
    EXPECT_EQ(c.state(), "abandoned");
    publish("1");
    ASSERT_EQ(c.opener_does("file-away"), kAccepted);
    EXPECT_EQ(c.state(), "filed");
}

// ---- agreements

TEST_F(Protocol, EachDoctorAnswersForEachClassAndNoAnswerIsNone) {
    EXPECT_EQ(c.open("invite", kPractices, version("1")), kRegister) << "not published";
    publish("1");
    ASSERT_EQ(c.open("invite", kPractices, version("1")), kAccepted);
    ASSERT_EQ(answer(0, "1", "AGREE"), kAccepted);
    EXPECT_EQ(answer(0, "1", "AGREE", "2"), kRegister) << "this class is not open";
    c.signer = kOther;
    ASSERT_EQ(answer(1, "1", "REFUSE"), kAccepted);
    EXPECT_EQ(c.parties(), "answered answered asked");
    EXPECT_EQ(held(std::string("agreement/12/1/1/") + kDoctor), 1);
    EXPECT_EQ(held(std::string("agreement/12/1/1/") + kOther), 2);
    ASSERT_EQ(c.clock_ends("invitation"), kAccepted);
    EXPECT_EQ(c.state(), "invitation-ended");
    EXPECT_EQ(c.registers.values.size(), 15u)
        << "file, number, owner, version, class, its four situations, four approvers, two answers";
}

TEST_F(Protocol, AnAnswerWithoutAnRppsIsNone) {
    publish("1");
    ASSERT_EQ(c.open("invite", kPractices, version("1")), kAccepted);
    c.signer.clear();
    EXPECT_EQ(answer(0, "1", "AGREE"), kRegister);
}

TEST_F(Protocol, ADecisionIsTakenAndRevokedAtAnyTime) {
    publish("1");
    KindCase practice("protocol", "cabinet-a@indre");
    practice.registers = c.registers;
    const auto decide = [&](const char* decision) {
        return practice.open("decide", {"cpts@indre"},
                             with(of_class("1", "1"), "decision", decision));
    };
    const std::string key = std::string("protocol/agreement/12/1/1/") + kDoctor;
    const std::vector<std::pair<const char*, std::int64_t>> decisions = {
        {"AGREE", 1}, {"REVOKE", 3}, {"REFUSE", 2}};
    for (const auto& [decision, value] : decisions) {
        ASSERT_EQ(decide(decision), kAccepted) << decision;
        EXPECT_EQ(practice.state(), "said");
        EXPECT_EQ(practice.registers.values[key], value);
    }
    practice.registers.values["protocol/class/12/1/1"] = 2;
    EXPECT_EQ(decide("AGREE"), kRegister) << "the class is suspended";
    EXPECT_EQ(decide("REVOKE"), kAccepted);
}

// Whoever holds the prescriber's role agrees by themselves.
TEST_F(Protocol, NobodyDecidesUnderAMandate) {
    for (const workflow::Act& act : c.kind.acts) EXPECT_FALSE(act.mandate) << act.name;
    EXPECT_EQ(c.kind.patient, workflow::PatientData::never);
}

// ---- a class

TEST_F(Protocol, AClassIsSuspendedReopenedAndRetiredInThatOrder) {
    EXPECT_EQ(cpts("suspend"), kRegister) << "never opened";
    publish("1");
    EXPECT_EQ(cpts("resume"), kRegister);
    ASSERT_EQ(cpts("suspend"), kAccepted);
    EXPECT_TRUE(c.over());
    EXPECT_EQ(held("class/12/1/1"), 2);
    ASSERT_EQ(cpts("resume"), kAccepted);
    EXPECT_EQ(held("class/12/1/1"), 1);
    ASSERT_EQ(cpts("suspend"), kAccepted);
    ASSERT_EQ(cpts("retire"), kAccepted);
    EXPECT_EQ(held("class/12/1/1"), 3);
    for (const char* act : {"suspend", "resume", "retire"}) EXPECT_EQ(cpts(act), kRegister) << act;
    EXPECT_EQ(c.open("announce", kPractices, version("1")), kAccepted);
    EXPECT_EQ(c.open("announce", kPractices, version("2")), kRegister);
}

// ---- substitution

class Substitution : public testing::Test {
protected:
    ErrorCode notice(const std::string& basis) {
        return c.open("notice", {"cabinet-a@indre"}, {{"legal-basis", basis}});
    }
    ErrorCode on_protocol(const std::string& number = "1", const std::string& drug_class = "1",
                          const std::string& basis = "LOCAL_PROTOCOL",
                          const std::string& supply = "OUT_OF_STOCK") {
        return c.open(
            "protocol-notice", {"cabinet-a@indre"},
            with(with(of_class(number, drug_class), "legal-basis", basis), "supply", supply));
    }
    void ask(const std::string& urgency) {
        ASSERT_EQ(c.open("ask", {"cabinet-a@indre"}, {{"urgency", urgency}}, {"garde@indre"}),
                  kAccepted);
    }
    void agree(std::int64_t value) {
        c.registers.values["protocol/class/12/1/1"] = 1;
        c.registers.values["protocol/trigger/12/1/1/1"] = 1;
        c.registers.values[std::string("protocol/agreement/12/1/1/") + kDoctor] = value;
        c.attention = kDoctor;
    }
    static Publics outside(const std::string& answer) { return {{"outside-answer", answer}}; }
    const Publics reason = {{"objection", "DOSE"}};
    KindCase c{"substitution", "pharmacie@indre"};
};

TEST_F(Substitution, EveryBasisButTheLocalProtocolIsANotice) {
    for (const workflow::PublicValue& value : c.kind.public_field("legal-basis")->values) {
        const bool local = value.code == "LOCAL_PROTOCOL";
        EXPECT_EQ(notice(value.code), local ? kNotNow : kAccepted) << value.code;
        agree(1);
        EXPECT_EQ(on_protocol("1", "1", value.code), local ? kAccepted : kNotNow) << value.code;
    }
    EXPECT_EQ(c.kind.public_field("legal-basis")->values.size(), 7u);
}

TEST_F(Substitution, OnAProtocolTheDoctorsOwnAgreementToThatClassAndVersionIsNeeded) {
    EXPECT_EQ(on_protocol(), kRegister) << "nobody agreed";
    for (const std::int64_t value : {0, 2, 3}) {
        agree(value);
        EXPECT_EQ(on_protocol(), kRegister) << value;
    }
    agree(1);
    EXPECT_EQ(on_protocol(), kAccepted);
    EXPECT_EQ(c.state(), "notified");
    c.registers.values["protocol/class/12/2/1"] = 1;
    EXPECT_EQ(on_protocol("2"), kRegister) << "a new version asks again";
    c.registers.values["protocol/class/12/1/2"] = 1;
    EXPECT_EQ(on_protocol("1", "2"), kRegister) << "another class";
    c.attention = kOther;
    EXPECT_EQ(on_protocol(), kRegister) << "a locum is not the doctor replaced";
    c.attention.clear();
    EXPECT_EQ(on_protocol(), kRegister) << "to nobody's attention";
}

TEST_F(Substitution, AClassThatIsSuspendedOrRetiredIsNot) {
    agree(1);
    for (const std::int64_t value : {2, 3}) {
        c.registers.values["protocol/class/12/1/1"] = value;
        EXPECT_EQ(on_protocol(), kRegister) << value;
    }
}

TEST_F(Substitution, ASituationThatTheClassIsNotForIsNot) {
    agree(1);
    const auto with_supply = [&](const char* supply) {
        return on_protocol("1", "1", "LOCAL_PROTOCOL", supply);
    };
    c.registers.values["protocol/trigger/12/1/1/2"] = 0;
    for (const char* supply : {"TENSION", "DISCONTINUED", "AVAILABLE_AGAIN", "LOCAL"}) {
        EXPECT_EQ(with_supply(supply), kRegister) << supply;
    }
    c.registers.values["protocol/trigger/12/1/1/2"] = 1;
    EXPECT_EQ(with_supply("TENSION"), kAccepted);
    EXPECT_EQ(with_supply("OUT_OF_STOCK"), kAccepted);
}

TEST_F(Substitution, ANoticeIsAcknowledgedOrObjectedTo) {
    ASSERT_EQ(notice("BIOSIMILAR"), kAccepted);
    ASSERT_EQ(c.party_does(0, "acknowledge"), kAccepted);
    EXPECT_EQ(c.state(), "acknowledged");
    EXPECT_EQ(c.party_does(0, "authorise"), kNotNow);
    ASSERT_EQ(c.party_does(0, "object", reason), kAccepted) << "on second thoughts";
    EXPECT_EQ(c.state(), "objected");
    ASSERT_EQ(c.opener_does("close"), kAccepted);
    EXPECT_EQ(c.state(), "closed");
}

TEST_F(Substitution, ANoticeThatNobodyConfirmsIsTelephoned) {
    ASSERT_EQ(notice("URGENCY"), kAccepted);
    ASSERT_EQ(c.clock_ends("reading"), kAccepted);
    EXPECT_EQ(c.state(), "unconfirmed");
    EXPECT_EQ(c.opener_does("close"), kNotNow);
    ASSERT_EQ(c.opener_does("told", outside("NOT_REACHED"), 0), kAccepted);
    EXPECT_EQ(c.state(), "unconfirmed") << "an attempt is no proof";
    ASSERT_EQ(c.opener_does("told", outside("TOLD"), 0), kAccepted);
    EXPECT_EQ(c.state(), "told");
    ASSERT_EQ(c.clock_ends("life"), kAccepted);
    EXPECT_EQ(c.state(), "informed");
    ASSERT_EQ(notice("URGENCY"), kAccepted);
    ASSERT_EQ(c.clock_ends("life"), kAccepted);
    EXPECT_EQ(c.state(), "not-confirmed");
}

TEST_F(Substitution, ANoticeIsCorrectedAndWithdrawn) {
    ASSERT_EQ(notice("BIOSIMILAR"), kAccepted);
    ASSERT_EQ(c.opener_does("correct", {{"legal-basis", "BIOSIMILAR"}}), kAccepted);
    ASSERT_EQ(c.opener_does("withdraw"), kAccepted);
    EXPECT_EQ(c.state(), "cancelled");
    const auto correction = [&](const char* act) {
        return c.kind.acts[*c.kind.act(act)].correction;
    };
    EXPECT_EQ(correction("correct"), workflow::Correction::supersedes);
    EXPECT_EQ(correction("withdraw"), workflow::Correction::retracts);
}

// Or the notice would go to a doctor who agreed, and its correction to one who refused.
TEST_F(Substitution, ACorrectionRestsOnABasisAsANoticeDoes) {
    agree(1);
    ASSERT_EQ(on_protocol(), kAccepted);
    const auto corrected = [&](const std::string& drug_class = "1") {
        return c.opener_does("correct-protocol",
                             with(with(of_class("1", drug_class), "legal-basis", "LOCAL_PROTOCOL"),
                                  "supply", "OUT_OF_STOCK"));
    };
    const auto on_basis = [&](const char* basis) {
        return c.opener_does("correct", {{"legal-basis", basis}});
    };
    EXPECT_EQ(corrected(), kAccepted);
    c.registers.values["protocol/class/12/1/2"] = 1;
    EXPECT_EQ(corrected("2"), kRegister) << "another class";
    EXPECT_EQ(on_basis("GENERIC_HYBRID"), kAccepted) << "of another basis, it says so";
    EXPECT_EQ(on_basis("LOCAL_PROTOCOL"), kNotNow) << "as no notice does";
    c.attention = kOther;
    EXPECT_EQ(corrected(), kRegister) << "to another doctor";
    c.attention.clear();
    EXPECT_EQ(corrected(), kRegister) << "to nobody's attention";
    agree(2);
    EXPECT_EQ(corrected(), kRegister) << "they refuse since";
    agree(1);
    EXPECT_EQ(corrected(), kAccepted);
    c.registers.values["protocol/class/12/1/1"] = 2;
    EXPECT_EQ(corrected(), kRegister) << "the class is suspended";
}

TEST_F(Substitution, AnAskedDoctorAuthorisesOrRefuses) {
    ask("waiting");
    EXPECT_EQ(c.started(), "answer life");
    EXPECT_EQ(c.party_does(0, "acknowledge"), kNotNow) << "that is no answer";
    ASSERT_EQ(c.party_does(0, "question"), kAccepted);
    ASSERT_EQ(c.opener_does("reply", {}, 0), kAccepted);
    ASSERT_EQ(c.party_does(0, "authorise"), kAccepted);
    EXPECT_EQ(c.parties(), "authorised withdrawn");
    EXPECT_EQ(c.party_does(0, "refuse", reason), kNotNow);
    ASSERT_EQ(c.opener_does("close"), kAccepted);
    ask("later");
    EXPECT_EQ(c.started(), "answer-open life");
    ASSERT_EQ(c.party_does(0, "refuse", reason), kAccepted);
    EXPECT_EQ(c.state(), "refused");
}

TEST_F(Substitution, WhereNobodyAnswersTheFallbackMay) {
    ask("waiting");
    EXPECT_EQ(c.party_does(1, "authorise"), kNotNow) << "not before";
    ASSERT_EQ(c.clock_ends("answer"), kAccepted);
    EXPECT_EQ(c.state(), "overdue");
    EXPECT_EQ(c.released(Release::overdue), "1");
    ASSERT_EQ(c.party_does(1, "authorise"), kAccepted);
    EXPECT_EQ(c.parties(), "withdrawn authorised");
    ask("later");
    ASSERT_EQ(c.clock_ends("answer-open"), kAccepted);
    ASSERT_EQ(c.clock_ends("life"), kAccepted);
    EXPECT_EQ(c.state(), "unanswered");
    ask("today");
    ASSERT_EQ(c.opener_does("cancel", {{"cancel-reason", "BY_PHONE"}}), kAccepted);
    EXPECT_EQ(c.state(), "cancelled");
}

// By telephone or on paper, a doctor of the network answers as from their mailbox.
TEST_F(Substitution, WhatWasSaidByTelephoneCountsAsAnAnswer) {
    for (const char* act : {"told", "told-by-slip"}) {
        ask("today");
        ASSERT_EQ(c.opener_does(act, outside("NOT_REACHED"), 0), kAccepted);
        ASSERT_EQ(c.opener_does(act, outside("TOLD"), 0), kAccepted);
        EXPECT_EQ(c.state(), "asked") << "told is not agreed";
        ASSERT_EQ(c.opener_does(act, outside("AGREES"), 0), kAccepted);
        EXPECT_EQ(c.state(), "authorised");
        EXPECT_EQ(c.parties(), "authorised withdrawn");
        EXPECT_EQ(c.opener_does(act, outside("OBJECTS"), 0), kNotNow) << "answered already";
        ask("today");
        ASSERT_EQ(c.opener_does(act, outside("OBJECTS"), 0), kAccepted);
        EXPECT_EQ(c.state(), "refused");
        ASSERT_EQ(notice("URGENCY"), kAccepted);
        ASSERT_EQ(c.opener_does(act, outside("OBJECTS"), 0), kAccepted);
        EXPECT_EQ(c.state(), "objected");
        ASSERT_EQ(notice("URGENCY"), kAccepted);
        ASSERT_EQ(c.opener_does(act, outside("AGREES"), 0), kAccepted);
        EXPECT_EQ(c.parties(), "told");
    }
}

// A prescriber without a mailbox.
TEST_F(Substitution, ANoticeToNobodyOfTheNetworkIsTelephonedOrHandedOver) {
    const auto open = [&](const std::string& basis = "URGENCY") {
        return c.open("notice-outside", {}, {{"legal-basis", basis}});
    };
    EXPECT_EQ(open("LOCAL_PROTOCOL"), kNotNow) << "nobody there whose agreement is registered";
    for (const char* act : {"phone-outside", "slip-outside"}) {
        ASSERT_EQ(open(), kAccepted);
        EXPECT_EQ(c.state(), "to-tell");
        EXPECT_EQ(c.started(), "reading life");
        ASSERT_EQ(c.opener_does(act, outside("NOT_REACHED")), kAccepted);
        EXPECT_EQ(c.state(), "to-tell");
        ASSERT_EQ(c.clock_ends("reading"), kAccepted);
        EXPECT_EQ(c.state(), "untold");
        ASSERT_EQ(c.opener_does(act, outside("TOLD")), kAccepted);
        EXPECT_EQ(c.state(), "told");
        ASSERT_EQ(c.opener_does(act, outside("OBJECTS")), kAccepted) << "on second thoughts";
        EXPECT_EQ(c.state(), "objected");
        ASSERT_EQ(c.clock_ends("life"), kAccepted);
        EXPECT_EQ(c.state(), "closed");
        ASSERT_EQ(open(), kAccepted);
        ASSERT_EQ(c.opener_does(act, outside("AGREES")), kAccepted);
        ASSERT_EQ(c.clock_ends("life"), kAccepted);
        EXPECT_EQ(c.state(), "informed");
        ASSERT_EQ(open(), kAccepted);
        ASSERT_EQ(c.opener_does(act, outside("TOLD")), kAccepted);
        ASSERT_EQ(c.opener_does("correct", {{"legal-basis", "URGENCY"}}), kAccepted)
            << "it goes to nobody";
        EXPECT_EQ(c.state(), "to-tell") << "what was told is not what is written now";
        EXPECT_EQ(c.started(), "reading");
        EXPECT_EQ(c.opener_does("close"), kNotNow);
        ASSERT_EQ(c.opener_does(act, outside("TOLD")), kAccepted);
        ASSERT_EQ(c.opener_does("close"), kAccepted);
        EXPECT_EQ(c.state(), "closed");
    }
    ASSERT_EQ(open(), kAccepted);
    ASSERT_EQ(c.clock_ends("life"), kAccepted);
    EXPECT_EQ(c.state(), "not-confirmed");
}

}  // namespace
}  // namespace relais::compiler
