// What records say is judged too: the directory's rules, the statements that leaves quote, and that
// both logs tell one story. And whose keys all of it is held to.
#include "tools/evidence/stories.h"

#include <gtest/gtest.h>

#include "tests/unit/tools/evidence/logs.h"

namespace relais::evidence {
namespace {

class Stories : public testing::Test {
protected:
    Stories()
        : hospital(
              logs.territory.admit_organisation("ch-valmont", test::OrganisationKind::hospital)),
          person(logs.territory.add_person(hospital)),
          station(logs.territory.add_station(hospital, {person.id}, {""})) {}
    void finish() {
        logs.take_directory();
        logs.sign(LogName::audit);
    }
    Leaf delivered(P256Key& signer) {
        const DeliveredStatement said{
            station.id, logs.territory.mailbox("ch-valmont"), {}, Lane::urgent, {1}, {2}, {}};
        Leaf leaf{.event = Event::delivered};
        leaf.station = station.id;
        leaf.mailbox = said.mailbox.text();
        leaf.lane = said.lane;
        leaf.first = said.first;
        leaf.last = said.last;
        leaf.statement =
            encode_statement(make_statement(contexts::kDelivered, encode_delivered(said), signer));
        return leaf;
    }
    Names found(const VerifyRequest& request = {}) {
        return names(EvidenceFolder(logs).findings(request));
    }

    TestLogs logs;
    test::TestOrganisation hospital;
    test::TestPerson person;
    test::TestStation station;
};

TEST_F(Stories, AStatementOfItsStationIsVerified) {
    logs.add_leaf(delivered(*station.signing));
    finish();
    const EvidenceFolder folder(logs);
    EXPECT_EQ(names(folder.findings()), Names());
    EXPECT_EQ(folder.verify()->verdict.statements, 1);
}

TEST_F(Stories, AStatementByAnotherKeyIsNamed) {
    const auto index = logs.add_leaf(delivered(*station.sealing));
    finish();
    EXPECT_EQ(found(), (Names{"statement_invalid audit " + std::to_string(index)}));
}

TEST_F(Stories, ALeafThatSaysOtherThanItsStatementIsNamed) {
    Leaf leaf = delivered(*station.signing);
    leaf.last = {3};
    const auto index = logs.add_leaf(leaf);
    finish();
    EXPECT_EQ(found(), (Names{"statement_invalid audit " + std::to_string(index)}));
}

TEST_F(Stories, ADirectoryEntryWithoutItsLeafIsNamed) {
    logs.logs[LogName::directory].records.push_back(logs.territory.log()[2].bytes);
    finish();
    EXPECT_EQ(found(), (Names{"logs_disagree directory 2"}));
}

TEST_F(Stories, ALeafOfAnotherDirectoryEntryIsNamed) {
    finish();
    auto& records = logs.logs[LogName::audit].records;
    Leaf leaf = parse_leaf(records.back()).value();
    leaf.header = Digest{};
    records.back() = encode_leaf(leaf);
    logs.logs[LogName::audit].notes.clear();
    logs.sign(LogName::audit);
    EXPECT_EQ(found(), (Names{"logs_disagree audit " + std::to_string(records.size() - 1)}));
}

// The directory is cut behind a revocation, under the head that it had before: genuine in itself.
TEST_F(Stories, ADirectoryCutBehindWhatItsAuditTellsIsNamed) {
    finish();
    const auto& records = logs.logs[LogName::audit].records;
    const std::size_t before = records.size();
    auto earlier = logs.logs[LogName::directory];
    logs.territory.revoke(station);
    finish();
    std::swap(logs.logs[LogName::directory], earlier);
    EXPECT_EQ(records.size(), before + 1);
    EXPECT_EQ(found(), (Names{"logs_disagree audit " + std::to_string(before)}));
    std::swap(logs.logs[LogName::directory], earlier);
    EXPECT_EQ(found(), Names());
}

// However many there are: one tells it.
TEST_F(Stories, AnActJudgedByMoreDirectoryThanThereIsIsNamed) {
    finish();
    Leaf leaf{.event = Event::submitted};
    leaf.directory_size = {logs.logs[LogName::directory].records.size()};
    logs.add_leaf(leaf);
    ++leaf.directory_size.value;
    const auto index = logs.add_leaf(leaf);
    logs.add_leaf(leaf);
    logs.sign(LogName::audit);
    EXPECT_EQ(found(), (Names{"logs_disagree audit " + std::to_string(index)}));
}

// The log's own key may sign what the organisation never did.
TEST_F(Stories, AnEntryThatItsOrganisationDidNotSignIsNamed) {
    finish();
    const auto forged =
        logs.territory.draft("ch-valmont", *hospital.authority,
                             directory::Revocation{directory::RevokedObject::station,
                                                   {station.id.bytes},
                                                   "",
                                                   directory::RevocationReason::lost});
    directory::Entry entry = forged.entry;
    auto& records = logs.logs[LogName::directory].records;
    const std::size_t index = records.size();
    Leaf leaf{.event = Event::directory_appended};
    const auto by_broker = directory::sign_entry(entry, *logs.territory.broker_key());
    leaf.header = by_broker.digest();
    leaf.first = {index};
    logs.add_leaf(leaf);
    records.push_back(by_broker.bytes);
    logs.sign(LogName::directory);
    logs.sign(LogName::audit);
    EXPECT_EQ(found(), (Names{"record_invalid directory " + std::to_string(index)}));
}

TEST_F(Stories, ARecordThatIsNoLeafIsNamed) {
    finish();
    auto& records = logs.logs[LogName::audit].records;
    records.push_back(Bytes{1, 2, 3});
    logs.sign(LogName::audit);
    EXPECT_EQ(found(), (Names{"record_invalid audit " + std::to_string(records.size() - 1)}));
}

TEST_F(Stories, AnEmptyRecordIsNamed) {
    finish();
    auto& records = logs.logs[LogName::audit].records;
    records.emplace_back();
    logs.sign(LogName::audit);
    EXPECT_EQ(found(), (Names{"record_invalid audit " + std::to_string(records.size() - 1)}));
}

TEST_F(Stories, WhatAWrongRecordSaysIsNotBelieved) {
    const auto index = logs.add_leaf(delivered(*station.signing));
    finish();
    const EvidenceFolder folder(logs);
    const std::string bundle =
        "audit/" + record_path(index, logs.logs[LogName::audit].records.size());
    folder.alter_bundle(bundle, logs.logs[LogName::audit].records.size(), [&](auto& records) {
        records[index] = encode_leaf(delivered(*station.sealing));
    });
    EXPECT_EQ(names(folder.findings()), (Names{"record_altered audit " + std::to_string(index)}));
    EXPECT_EQ(folder.verify()->verdict.statements, 0);
}

TEST_F(Stories, TheReadersKeysDecide) {
    finish();
    const EvidenceFolder folder(logs);
    VerifyRequest request;
    EXPECT_EQ(folder.verify(request)->verdict.trust, Trust::folder);
    request.pins.keys = {logs.verifier_key(LogName::audit)};
    EXPECT_EQ(folder.verify(request)->verdict.trust, Trust::folder);
    request.pins.keys.push_back(logs.verifier_key(LogName::directory));
    EXPECT_EQ(folder.verify(request)->verdict.trust, Trust::keys);
    EXPECT_EQ(names(folder.findings(request)), Names());
}

TEST_F(Stories, EvidenceOfOtherKeysThanTheReadersIsRefused) {
    finish();
    const auto other = merkle::VerifierKey::make("indre/audit", merkle::NoteKeyType::ed25519,
                                                 log_key(9).public_key());
    VerifyRequest request;
    request.pins.keys = {*other};
    EXPECT_TRUE(has(found(request), "checkpoint_altered audit"));
    EXPECT_TRUE(has(found(request), "keys_untrusted"));
}

TEST_F(Stories, AKeyOfNoLogOfTheseIsAMistake) {
    finish();
    const auto other = merkle::VerifierKey::make("cher/audit", merkle::NoteKeyType::ed25519,
                                                 logs.audit_key.public_key());
    VerifyRequest request;
    request.pins.keys = {*other};
    EXPECT_EQ(found(request), (Names{"keys_untrusted"}));
}

TEST_F(Stories, TheReadersAuthorityDecides) {
    finish();
    VerifyRequest request;
    request.pins.authority = logs.authority();
    const EvidenceFolder folder(logs);
    EXPECT_EQ(folder.verify(request)->verdict.trust, Trust::authority);
    EXPECT_EQ(names(folder.findings(request)), Names());
    request.pins.authority = Digest{};
    EXPECT_TRUE(has(found(request), "record_invalid directory 0"));
}

}  // namespace
}  // namespace relais::evidence
