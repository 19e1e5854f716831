// The export: whole or not at all, private, readable by any client of C2SP tlog-tiles; and of a
// real engine over a real store.
#include "tools/evidence/export.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "core/merkle/prover.h"
#include "tests/support/engine/admission_case.h"
#include "tests/unit/tools/evidence/logs.h"
#include "tools/evidence/layout.h"
#include "tools/evidence/log_folder.h"

namespace relais::evidence {
namespace {

void no_progress(const std::string&, std::uint64_t, std::uint64_t) {}

TEST(Layout, NotesAreSplitAsTheyWereJoined) {
    const std::vector<std::string> notes = {"a\n1\n\n- x\n", "b\n2\n\n- y\n- z\n"};
    EXPECT_EQ(join_notes(notes), "a\n1\n\n- x\n\nb\n2\n\n- y\n- z\n");
    EXPECT_EQ(split_notes(join_notes(notes)), notes);
    EXPECT_TRUE(split_notes("").empty());
}

TEST(Export, ThereIsNothingWhereTheFolderExists) {
    TestLogs logs;
    const test::TestFolder folder;
    EXPECT_EQ(export_evidence(logs, folder.path(), no_progress).code(), ErrorCode::already_exists);
    EXPECT_TRUE(list_files(folder.path()).value().empty());
}

class FailingLogs : public TestLogs {
public:
    Result<std::vector<Bytes>> records(LogName log, std::uint64_t from) override {
        if (log == LogName::directory) return fail(ErrorCode::unreachable);
        return TestLogs::records(log, from);
    }
};

TEST(Export, AFailureLeavesNothingBehind) {
    FailingLogs logs;
    const test::TestFolder folder;
    const auto target = folder.path() / "evidence";
    EXPECT_EQ(export_evidence(logs, target, no_progress).code(), ErrorCode::unreachable);
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(Export, WithoutASignedHeadThereIsNoEvidence) {
    TestLogs logs;
    logs.logs[LogName::audit].notes.clear();
    const test::TestFolder folder;
    EXPECT_EQ(export_evidence(logs, folder.path() / "evidence", no_progress).code(),
              ErrorCode::not_yet_proven);
}

TEST(Export, OnlyItsOwnerMayRead) {
    TestLogs logs;
    const EvidenceFolder folder(logs);
    struct stat status {};
    ASSERT_EQ(::stat(folder.path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0700);
    for (const std::string& file : folder.files()) {
        ASSERT_EQ(::stat((folder.path() / file).c_str(), &status), 0);
        EXPECT_EQ(status.st_mode & 0777, 0600) << file;
    }
}

TEST(Export, RecordsAfterTheLastHeadStayOut) {
    TestLogs logs;
    const std::size_t covered = logs.logs[LogName::audit].records.size();
    logs.add_leaves(5);
    const EvidenceFolder folder(logs);
    const Verdict verdict = folder.verify()->verdict;
    EXPECT_TRUE(verdict.findings.empty());
    EXPECT_EQ(verdict.logs[0].size, covered);
}

// A directory that grows while it is exported: at every second question, so that there is an end.
class GrowingLogs : public TestLogs {
public:
    Result<std::vector<std::string>> heads(LogName log, std::uint64_t from_size) override {
        grow();
        return TestLogs::heads(log, from_size);
    }
    Result<std::vector<Bytes>> records(LogName log, std::uint64_t from) override {
        grow();
        return TestLogs::records(log, from);
    }

private:
    void grow() {
        if (++asked_ % 2 == 0) return;
        territory.admit_organisation("ch-" + std::to_string(asked_),
                                     test::OrganisationKind::hospital);
        take_directory();
        sign(LogName::audit);
    }
    int asked_ = 0;
};

TEST(Export, TheDirectoryIsThereAsFarAsTheAuditTellsOfItAndNoFurther) {
    GrowingLogs logs;
    const EvidenceFolder folder(logs);
    EXPECT_EQ(names(folder.findings()), Names());
}

// Nor does it end before: what no leaf tells of is for the verifier to name.
TEST(Export, AnEntryThatNoLeafTellsOfIsThere) {
    TestLogs logs;
    logs.territory.admit_organisation("ch-valmont", test::OrganisationKind::hospital);
    const auto audit = logs.logs[LogName::audit];
    logs.take_directory();
    logs.logs[LogName::audit] = audit;
    const EvidenceFolder folder(logs);
    EXPECT_EQ(names(folder.findings()), (Names{"logs_disagree directory 2+2"}));
}

// Enough heads for three files, enough records for tiles of level 1.
TEST(Export, ManyHeadsAreKeptInSeveralFiles) {
    TestLogs logs;
    for (std::size_t i = 0; i < 2 * kNotesPerFile; ++i) {
        logs.add_leaves(1);
        logs.sign(LogName::audit);
    }
    const EvidenceFolder folder(logs);
    EXPECT_EQ(names(folder.findings()), Names());
    EXPECT_TRUE(has(folder.files(), "audit/checkpoints/002"));
    folder.remove("audit/checkpoints/001");
    EXPECT_FALSE(folder.verify()->verdict.good());
}

TEST(Export, AnyClientCanProveFromItsTiles) {
    TestLogs logs;
    logs.add_leaves(700);
    logs.sign(LogName::audit);
    const EvidenceFolder folder(logs);
    std::set<std::string> asked;
    FolderTiles tiles(folder.path() / "audit", asked, "audit/");
    const auto& records = logs.logs[LogName::audit].records;
    const auto head = merkle::parse_checkpoint(
        merkle::parse_note(as_text(folder.read("audit/checkpoint")))->text);
    for (const std::uint64_t index : {std::uint64_t{0}, std::uint64_t{255}, std::uint64_t{700}}) {
        const auto proof = merkle::inclusion_proof(tiles, index, head->size);
        ASSERT_TRUE(proof.ok()) << proof.error().describe();
        EXPECT_TRUE(merkle::verify_inclusion(merkle::leaf_hash(records[index]), index, head->size,
                                             *proof, head->root)
                        .ok());
    }
}

// The store of an engine as a source.
class EngineSource final : public Source {
public:
    explicit EngineSource(broker::Store& store) : store_(store) {}
    Result<std::vector<Bytes>> records(LogName log, std::uint64_t from) override {
        return store_.read_leaves(log, from, 64);
    }
    Result<std::vector<std::string>> heads(LogName log, std::uint64_t from_size) override {
        return store_.checkpoints(log, from_size, 3);
    }

private:
    broker::Store& store_;
};

TEST(Export, OfAnEngineIsVerified) {
    broker::EngineBench bench;
    auto body = bench.territory.domain_body();
    body.audit_log = bench.audit_key();
    body.directory_log = log_key(1).public_key();
    bench.territory.append("", *bench.territory.authority(), body);
    bench.publish_directory();
    broker::AdmissionCase admission(bench);
    bench.attach(admission.session(0), broker::kGeriatrics);
    admission.act(broker::AdmissionCase::kOpener, "call");
    bench.settle();
    bench.acknowledge(admission.session(0), bench.take_deliveries(admission.session(0)));
    bench.idle(std::chrono::seconds(5));

    EngineSource source(bench.sqlite());
    const EvidenceFolder folder(source);
    VerifyRequest request;
    request.keep = [](const Leaf&) { return true; };
    const auto verified = folder.verify(request);
    EXPECT_EQ(names(verified->verdict.findings), Names());
    EXPECT_EQ(verified->verdict.statements, 1);
    EXPECT_EQ(verified->trail.size(), bench.leaves().size());
    EXPECT_GT(verified->verdict.logs[1].heads, 1);
}

}  // namespace
}  // namespace relais::evidence
