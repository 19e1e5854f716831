// The proof of a case: each act is held to the directory that its sender had signed for and that
// the broker judged it by; a directory that is shorter, or another, proves nothing of it.
#include "tools/evidence/case_file.h"

#include <gtest/gtest.h>

#include "core/codecs/codecs.h"
#include "core/merkle/prover.h"
#include "schemas/audit/proof_extra.h"
#include "schemas/envelope/notice.h"
#include "tests/unit/tools/evidence/logs.h"

namespace relais::evidence {
namespace {

class CaseFiles : public testing::Test {
protected:
    CaseFiles()
        : hospital(
              logs.territory.admit_organisation("ch-valmont", test::OrganisationKind::hospital)),
          person(logs.territory.add_person(hospital)) {
        logs.take_directory();
        std::filesystem::create_directories(folder.path() / "acts");
        write("notices.log", "");
        write_directory(entries().size());
    }
    const std::vector<Bytes>& entries() { return logs.logs[LogName::directory].records; }
    // The head that a sender signs who has all of the directory.
    DirectoryHead head() { return {{entries().size()}, TestLogs::root_of(entries())}; }

    void write(const std::string& file, const std::string& text) {
        write_file(folder.path() / file, as_bytes(text), 0600, Replace::yes).value();
    }
    void write_directory(std::size_t size) {
        std::string text;
        for (std::size_t i = 0; i < size; ++i) text += base64(entries()[i]) + "\n";
        write("directory.log", text);
    }
    // An act of the person under that head, judged by the directory as it is now, or of that size.
    Header write_act(const std::string& file, const DirectoryHead& signed_under,
                     const std::string& origin = "indre/audit",
                     std::optional<std::uint64_t> judged_by = std::nullopt) {
        const test::HeaderDraft draft{.by = person.id, .thread = thread, .head = signed_under};
        const Header header = test::make_header(draft, logs.random);
        const SignedHeader sent = test::sign_header(header, *person.key);
        Leaf leaf{.event = Event::submitted};
        leaf.header = sent_digest_ = header_digest(sent.bytes);
        leaf.message = header.id;
        leaf.directory_size = {judged_by.value_or(entries().size())};
        merkle::ProofFile proof;
        proof.index = logs.add_leaf(leaf);
        const auto& records = logs.logs[LogName::audit].records;
        RecordTiles tiles(records);
        proof.extra = encode_proof_extra({records[proof.index], sent});
        proof.path = merkle::inclusion_proof(tiles, proof.index, records.size()).value();
        proof.checkpoint = logs.head_as(origin, records, logs.audit_key);
        write("acts/" + file + ".tlog-proof", merkle::format_proof(proof).value());
        return header;
    }
    // That the station opened it, in the broker's words.
    Bytes receipt_of(const Header& act, const test::TestStation& station, P256Key& broker) {
        const Address mailbox = logs.territory.mailbox("ch-valmont");
        const OpenedStatement seen{station.id,   mailbox,      act.id,
                                   sent_digest_, Word::opened, test::kTestTime};
        Notice notice{.kind = NoticeKind::opened, .time = test::kTestTime};
        notice.thread = act.thread;
        notice.message = act.id;
        notice.mailbox = mailbox.text();
        notice.statement = encode_statement(
            make_statement(contexts::kOpened, encode_opened(seen), *station.signing));
        return encode_statement(make_statement(contexts::kNotice, encode_notice(notice), broker));
    }
    ErrorCode check() { return check_case(folder.path(), logs.authority(), {}).code(); }

    TestLogs logs;
    test::TestFolder folder;
    test::TestOrganisation hospital;
    test::TestPerson person;
    ThreadId thread = make_uuid_v7<ThreadId>(logs.random, test::kTestTime);

private:
    Digest sent_digest_;  // of the last act
};

TEST_F(CaseFiles, AnActHoldsUnderTheDirectoryThatItsSenderSignedFor) {
    write_act("01-call", head());
    EXPECT_EQ(check(), ErrorCode::ok);
    logs.territory.add_person(hospital);
    logs.take_directory();
    write_directory(entries().size());
    EXPECT_EQ(check(), ErrorCode::ok) << "it has only grown";
}

// Cut behind a revocation, whoever was revoked would still be a signer.
TEST_F(CaseFiles, ADirectoryShorterThanTheOneThatAnActWasJudgedByIsRefused) {
    const DirectoryHead before = head();
    logs.territory.revoke(person);
    logs.take_directory();
    write_act("01-call", before);
    EXPECT_EQ(check(), ErrorCode::evidence_altered);
}

TEST_F(CaseFiles, ADirectoryOtherThanTheOneThatTheSenderSignedForIsRefused) {
    DirectoryHead other = head();
    other.root.bytes[0] ^= 1;
    write_act("01-call", other);
    EXPECT_EQ(check(), ErrorCode::evidence_altered);
    write_act("01-call", head());
    EXPECT_EQ(check(), ErrorCode::ok);
    write_act("02-ask", other);
    EXPECT_EQ(check(), ErrorCode::evidence_altered) << "of each act";
}

TEST_F(CaseFiles, AnActUnderNoDirectoryOrALaterOneThanItWasJudgedByIsRefused) {
    write_act("01-call", {{0}, merkle::empty_root()});
    EXPECT_EQ(check(), ErrorCode::evidence_altered);
    logs.territory.add_person(hospital);  // after the one who signs
    logs.take_directory();
    write_directory(entries().size());
    write_act("01-call", head(), "indre/audit", entries().size() - 1);
    EXPECT_EQ(check(), ErrorCode::evidence_altered);
    write_act("01-call", head(), "indre/audit", entries().size());
    EXPECT_EQ(check(), ErrorCode::ok);
}

TEST_F(CaseFiles, ActsBeforeAndAfterARestoreAreOfOneCase) {
    write_act("01-call", head());
    write_act("02-ask", head(), "indre/audit/0011223344556677");
    EXPECT_EQ(check(), ErrorCode::ok);
    write_act("03-answer", head(), "cher/audit/0011223344556677");
    EXPECT_EQ(check(), ErrorCode::note_invalid);
}

// A receipt of the act, as the broker signed it: genuine whatever key the domain has named since.
TEST_F(CaseFiles, AReceiptHoldsUnderAKeyOfTheBrokerThatWasReplacedSince) {
    const auto station = logs.territory.add_station(hospital, {person.id}, {""});
    logs.take_directory();
    write_directory(entries().size());
    const Header act = write_act("01-call", head());
    write("notices.log", base64(receipt_of(act, station, *logs.territory.broker_key())) + "\n");
    ASSERT_EQ(check(), ErrorCode::ok);
    auto body = logs.territory.domain_body();
    body.broker_key = logs.territory.make_key()->public_key();
    body.audit_log = logs.audit_key.public_key();
    logs.territory.append("", *logs.territory.authority(), body);
    logs.take_directory();
    write_directory(entries().size());
    EXPECT_EQ(check(), ErrorCode::ok);
    write("notices.log", base64(receipt_of(act, station, *logs.territory.make_key())) + "\n");
    EXPECT_EQ(check(), ErrorCode::evidence_altered) << "of a key that was never the broker's";
}

}  // namespace
}  // namespace relais::evidence
