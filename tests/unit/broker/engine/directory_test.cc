// The directory in the engine: entries all or none, each chain by its owner, its log and head in
// step, followed by stations; kinds published whole.
#include "core/crypto/sha256.h"
#include "core/merkle/tree.h"
#include "schemas/packs/pack.h"
#include "tests/support/engine/unpacked.h"
#include "tests/support/kinds.h"
#include "tests/unit/broker/engine/fixture.h"

namespace relais::broker {
namespace {

class Directory : public EngineTest {
protected:
    test::SmallTerritory& territory = bench.territory;
    std::vector<Bytes> entries_of(std::vector<wire::Body> pushes) {
        std::vector<Bytes> entries;
        for (wire::Body& body : pushes) {
            if (auto* pushed = std::get_if<wire::DirectoryEntries>(&body)) {
                EXPECT_EQ(pushed->from.value, entries.size());
                for (Bytes& entry : pushed->entries) entries.push_back(std::move(entry));
            }
        }
        return entries;
    }
};

TEST_F(Directory, EntriesAreTakenAllOrNone) {
    const std::size_t before = bench.raw_leaves(wire::LogName::directory).size();
    const auto good = territory.draft("cabinet", *territory.practice.authority,
                                      directory::Unit{.name = test::name("accueil"),
                                                      .title = "Accueil",
                                                      .speciality = "",
                                                      .phone = "",
                                                      .kinds = {}});
    const wire::AppendEntries append{{good.bytes, Bytes{1, 2, 3}}};
    EXPECT_NE(code_of(bench.ask_as_operator(append)), ErrorCode::ok);
    EXPECT_EQ(bench.raw_leaves(wire::LogName::directory).size(), before);
    EXPECT_EQ(bench.directory().mine().unit("cabinet", "accueil"), nullptr);
    EXPECT_EQ(code_of(bench.ask_as_operator(wire::AppendEntries{{good.bytes}})), ErrorCode::ok);
    EXPECT_NE(bench.directory().mine().unit("cabinet", "accueil"), nullptr);
    EXPECT_EQ(code_of(bench.ask_as_operator(wire::AppendEntries{{good.bytes}})),
              ErrorCode::chain_broken)
        << "not twice";
}

TEST_F(Directory, AStationWritesToItsOwnOrganisationsChain) {
    const auto theirs = territory.draft("ch-valmont", *territory.hospital.authority,
                                        directory::Unit{.name = test::name("pediatrie"),
                                                        .title = "Pédiatrie",
                                                        .speciality = "",
                                                        .phone = "",
                                                        .kinds = {}});
    EXPECT_EQ(code_of(bench.ask(practice(), wire::AppendEntries{{theirs.bytes}})),
              ErrorCode::forbidden);
    EXPECT_EQ(code_of(bench.ask(ward(kGeri), wire::AppendEntries{{theirs.bytes}})), ErrorCode::ok);
}

TEST_F(Directory, ItsHeadIsSignedWithTheEntryAndEachEntryHasItsLeaf) {
    territory.add_person(territory.practice);
    bench.publish_directory();
    const auto leaves = bench.raw_leaves(wire::LogName::directory);
    EXPECT_EQ(leaves.size(), territory.log().size());
    EXPECT_EQ(bench.count_leaves(Event::directory_appended), leaves.size());
    EXPECT_EQ(
        bench.sqlite().checkpoints(wire::LogName::directory, leaves.size(), 10).value().size(), 1u);
}

TEST_F(Directory, AStationThatFollowsItGetsEveryEntryInOrder) {
    EXPECT_EQ(code_of(bench.ask(practice(), wire::FollowDirectory{{0}})), ErrorCode::ok);
    bench.settle();
    EXPECT_EQ(entries_of(bench.take_pushes(practice())),
              bench.raw_leaves(wire::LogName::directory));
    const auto person = territory.add_person(territory.hospital);
    bench.publish_directory();
    const auto pushes = bench.take_pushes(practice());
    ASSERT_EQ(pushes.size(), 1u);
    const auto& news = std::get<wire::DirectoryEntries>(pushes[0]);
    EXPECT_EQ(news.entries, std::vector<Bytes>{person.entry.bytes});
    EXPECT_FALSE(news.checkpoint.empty());
    EXPECT_EQ(code_of(bench.ask(practice(), wire::FollowDirectory{{1000}})),
              ErrorCode::wrong_position);
}

TEST_F(Directory, ItIsTheSameAfterARestart) {
    const std::string before = territory.picture(bench.directory().mine());
    bench.restart();
    EXPECT_EQ(territory.picture(bench.directory().mine()), before);
}

TEST_F(Directory, AnotherAuthoritysDataIsRefused) {
    Query query = bench.sqlite().database().query("UPDATE value SET bytes = ? WHERE name = ?");
    const Bytes other(32, 9);
    ASSERT_TRUE(query.bind(other).bind(std::string("authority")).run().ok());
    EXPECT_EQ(bench.try_restart().code(), ErrorCode::wrong_domain);
}

TEST_F(Directory, AnAlteredEntryOfTheStoreIsFoundAtTheStart) {
    Query query =
        bench.sqlite().database().query("UPDATE directory_entry SET bytes = ? WHERE position = 3");
    const Bytes other = territory.log()[4].bytes;
    ASSERT_TRUE(query.bind(other).run().ok());
    EXPECT_EQ(bench.try_restart().code(), ErrorCode::corrupt);
}

TEST_F(Directory, AnAlteredLeafOfTheAuditLogIsFoundAtTheStart) {
    does(kOpener, "call");
    bench.idle(std::chrono::minutes(1));
    Leaf leaf = bench.leaves().back();
    leaf.code = ErrorCode::forbidden;
    const Bytes other = encode_leaf(leaf);
    {
        Unpacked tables(bench.sqlite().database());
        Query query = bench.sqlite().database().query(
            "UPDATE audit_leaf SET bytes = ?"
            " WHERE position = (SELECT MAX(position) FROM audit_leaf)");
        ASSERT_TRUE(query.bind(other).run().ok());
        tables.pack();
    }
    bench.sqlite().forget_cached();
    EXPECT_EQ(bench.try_restart().code(), ErrorCode::corrupt);
}

TEST_F(Directory, AShortenedAuditLogIsFoundAtTheStart) {
    does(kOpener, "call");
    bench.idle(std::chrono::minutes(1));
    {
        Unpacked tables(bench.sqlite().database());
        Query query = bench.sqlite().database().query(
            "DELETE FROM audit_leaf WHERE position = (SELECT MAX(position) FROM audit_leaf)");
        ASSERT_TRUE(query.run().ok());
        tables.pack();
    }
    bench.sqlite().forget_cached();
    EXPECT_EQ(bench.try_restart().code(), ErrorCode::corrupt);
}

TEST_F(Directory, AKindIsPublishedWithItsBundleThere) {
    const Digest missing = bench.random.make<Digest>();
    const auto entry =
        territory.draft("cpts-indre", *territory.cpts.authority,
                        directory::KindPublished{test::name("liaison"), 1, missing, 1000, false});
    EXPECT_EQ(code_of(bench.ask_as_operator(wire::AppendEntries{{entry.bytes}})),
              ErrorCode::unknown_kind);
    const auto misnamed = territory.draft(
        "cpts-indre", *territory.cpts.authority,
        directory::KindPublished{test::name("liaison"), 1, admission_kind().digest, 1000, false});
    EXPECT_EQ(code_of(bench.ask_as_operator(wire::AppendEntries{{misnamed.bytes}})),
              ErrorCode::bad_entry);
}

TEST_F(Directory, BundlesComeFromTheAnchorAndAreValid) {
    EXPECT_EQ(code_of(bench.ask(practice(), wire::PublishBundle{admission_bundle()})),
              ErrorCode::forbidden);
    const SessionId cpts = bench.connect(territory.cpts_station);
    EXPECT_EQ(code_of(bench.ask(cpts, wire::PublishBundle{admission_bundle()})), ErrorCode::ok);
    EXPECT_NE(code_of(bench.ask(cpts, wire::PublishBundle{Bytes{1, 2, 3}})), ErrorCode::ok);
    const wire::Body body = bench.ask(practice(), wire::FetchBundle{admission_kind().digest});
    EXPECT_EQ(std::get<wire::Bundle>(body).bytes, admission_bundle());
    EXPECT_EQ(code_of(bench.ask(practice(), wire::FetchBundle{bench.random.make<Digest>()})),
              ErrorCode::unknown_object);
}

TEST_F(Directory, AKindWithoutPatientsThatAsksForAnIdentityIsRefused) {
    const Bytes& record = admission_kind().form("Dossier")->schema;
    const Bytes& question = admission_kind().form("Question")->schema;
    const auto offered = [&](fb::PatientData patient, const Bytes& schema) {
        return code_of(
            bench.ask_as_operator(wire::PublishBundle{test::circular_with_form(patient, schema)}));
    };
    EXPECT_EQ(offered(fb::PatientData::never, record), ErrorCode::invalid_field);
    EXPECT_EQ(offered(fb::PatientData::never, question), ErrorCode::ok);
    EXPECT_EQ(offered(fb::PatientData::sealed, record), ErrorCode::ok)
        << "it is sealed, and says so";
    const Bytes refused = test::circular_with_form(fb::PatientData::never, record);
    const auto entry = territory.draft(
        "cpts-indre", *territory.cpts.authority,
        directory::KindPublished{test::name("circular"), 1, sha256(refused), 1000, false});
    EXPECT_EQ(code_of(bench.ask_as_operator(wire::AppendEntries{{entry.bytes}})),
              ErrorCode::unknown_kind)
        << "nothing of it was kept";
}

TEST_F(Directory, AKindOfWhichAFormDoesNotLoadIsRefused) {
    Bytes torn = admission_kind().form("Question")->schema;
    torn.resize(torn.size() / 2);
    EXPECT_NE(code_of(bench.ask_as_operator(
                  wire::PublishBundle{test::circular_with_form(fb::PatientData::never, torn)})),
              ErrorCode::ok);
    EXPECT_NE(code_of(bench.ask_as_operator(wire::PublishBundle{
                  test::circular_with_form(fb::PatientData::never, Bytes{1, 2})})),
              ErrorCode::ok);
}

TEST_F(Directory, AKindThatPublishesATextOrAnIdentifierIsRefused) {
    const auto offered = [&](const test::KindBuilder& kind) {
        return code_of(bench.ask_as_operator(wire::PublishBundle{kind.bytes()}));
    };
    EXPECT_EQ(offered(test::circular()), ErrorCode::ok);
    test::KindBuilder text = test::circular();
    text.add_public(1, "patient-name", static_cast<fb::PublicType>(5));
    EXPECT_EQ(offered(text), ErrorCode::invalid_field);
    test::KindBuilder identifier = test::circular();
    identifier.add_public(1, "matricule", fb::PublicType::integer);
    identifier.bundle.publics[0]->max = 299'999'999'999'999;
    EXPECT_EQ(offered(identifier), ErrorCode::invalid_field);
}

TEST_F(Directory, AKindOfAnotherDigestOrWithoutTheAnchorsSignatureIsNotPublished) {
    const Bytes bundle = test::circular().bytes();
    ASSERT_EQ(code_of(bench.ask_as_operator(wire::PublishBundle{bundle})), ErrorCode::ok);
    const auto entry_of = [&](const char* chain, P256Key& key, const Digest& digest) {
        const directory::KindPublished body{test::name("circular"), 1, digest, 1000, false};
        return territory.draft(chain, key, body);
    };
    const auto answered = [&](const Bytes& entry) {
        return code_of(bench.ask_as_operator(wire::AppendEntries{{entry}}));
    };
    P256Key& anchor = *territory.cpts.authority;
    Digest other = sha256(bundle);
    other.bytes[0] ^= 1;
    EXPECT_EQ(answered(entry_of("cpts-indre", anchor, other).bytes), ErrorCode::unknown_kind);
    P256Key& hospital = *territory.hospital.authority;
    EXPECT_EQ(answered(entry_of("cpts-indre", hospital, sha256(bundle)).bytes),
              ErrorCode::not_a_signer);
    EXPECT_NE(answered(entry_of("ch-valmont", hospital, sha256(bundle)).bytes), ErrorCode::ok)
        << "signed, by who is not the anchor";
    auto altered = entry_of("cpts-indre", anchor, sha256(bundle));
    const auto& signature = altered.signature.bytes;
    const auto at =
        std::search(altered.bytes.begin(), altered.bytes.end(), signature.begin(), signature.end());
    ASSERT_NE(at, altered.bytes.end());
    at[10] ^= 1;
    EXPECT_EQ(answered(altered.bytes), ErrorCode::bad_signature);
    EXPECT_EQ(bench.directory().mine().kind("circular"), nullptr);
    EXPECT_EQ(answered(entry_of("cpts-indre", anchor, sha256(bundle)).bytes), ErrorCode::ok);
}

packs::PackFiles pack_of(const std::string& name, std::uint32_t version) {
    packs::FilledList list{{"icd10", "", "Diagnostics", {}, 0, {}}, {}};
    list.rows = {{"R10", "Code de fiction", {}}, {"R11", "Autre code de fiction", {}}};
    return packs::write_pack(name, version, "Fiction", {list}).value();
}

directory::PackPublished published(const packs::PackFiles& pack, const char* name,
                                   std::uint32_t version) {
    return {test::name(name), version, sha256(pack.manifest), 1000, false};
}

// Whoever reads of a pack finds all of it.
TEST_F(Directory, APackIsPublishedWithItsManifestAndItsPartsThere) {
    const SessionId cpts = bench.connect(territory.cpts_station);
    const packs::PackFiles pack = pack_of("fiction", 3);
    const auto append = [&](const directory::PackPublished& body) {
        const auto entry = territory.draft("cpts-indre", *territory.cpts.authority, body);
        return code_of(bench.ask_as_operator(wire::AppendEntries{{entry.bytes}}));
    };
    EXPECT_EQ(append(published(pack, "fiction", 3)), ErrorCode::unknown_object);
    EXPECT_EQ(code_of(bench.ask(cpts, wire::PublishBundle{pack.manifest})), ErrorCode::ok);
    EXPECT_EQ(append(published(pack, "fiction", 3)), ErrorCode::unknown_object) << "a part lacks";
    EXPECT_EQ(code_of(bench.ask(cpts, wire::PublishBundle{pack.parts[0]})), ErrorCode::ok);
    EXPECT_EQ(append(published(pack, "fiction", 4)), ErrorCode::bad_entry) << "of another version";
    EXPECT_EQ(append(published(pack, "other", 3)), ErrorCode::bad_entry) << "of another name";
    EXPECT_EQ(append(published(pack, "fiction", 3)), ErrorCode::ok);
    const wire::Body body = bench.ask(practice(), wire::FetchBundle{sha256(pack.parts[0])});
    EXPECT_EQ(std::get<wire::Bundle>(body).bytes, pack.parts[0]);
}

TEST_F(Directory, FilesOfPacksComeFromTheAnchorAndAreWellFormed) {
    const packs::PackFiles pack = pack_of("fiction", 1);
    EXPECT_EQ(code_of(bench.ask(practice(), wire::PublishBundle{pack.manifest})),
              ErrorCode::forbidden);
    EXPECT_EQ(code_of(bench.ask(practice(), wire::PublishBundle{pack.parts[0]})),
              ErrorCode::forbidden);
    const SessionId cpts = bench.connect(territory.cpts_station);
    for (const Bytes* whole : {&pack.manifest, &pack.parts[0]}) {
        Bytes cut(whole->begin(), whole->end() - 1);
        EXPECT_EQ(code_of(bench.ask(cpts, wire::PublishBundle{cut})), ErrorCode::malformed);
    }
}

// Else one frame of a station that may write to no chain but its own would have the engine read a
// pack of many megabytes for each of its entries.
TEST_F(Directory, NothingOfAPackIsReadForEntriesThatTheDirectoryRefuses) {
    const packs::PackFiles pack = pack_of("fiction", 3);
    const SessionId cpts = bench.connect(territory.cpts_station);
    ASSERT_EQ(code_of(bench.ask(cpts, wire::PublishBundle{pack.manifest})), ErrorCode::ok);
    ASSERT_EQ(code_of(bench.ask(cpts, wire::PublishBundle{pack.parts[0]})), ErrorCode::ok);
    const auto by = [&](const char* chain, P256Key& key, const directory::EntryBody& body) {
        return territory.draft(chain, key, body).bytes;
    };
    P256Key& practice_key = *territory.practice.authority;
    const directory::PackPublished in_force = published(pack, "fiction", 3);
    const directory::KindPublished of_a_part{test::name("admission"), 2, sha256(pack.parts[0]),
                                             1000, false};
    const auto refused_unread = [&](const std::vector<Bytes>& entries) {
        const std::uint64_t before = bench.store().bundles_read();
        const ErrorCode code = code_of(bench.ask(practice(), wire::AppendEntries{entries}));
        EXPECT_EQ(bench.store().bundles_read(), before);
        return code;
    };
    EXPECT_EQ(refused_unread(std::vector<Bytes>(256, by("cabinet", practice_key, in_force))),
              ErrorCode::not_a_signer)
        << "signed, and of its own chain";
    EXPECT_EQ(refused_unread({by("cabinet", *territory.hospital.authority, in_force)}),
              ErrorCode::not_a_signer);
    EXPECT_EQ(refused_unread(std::vector<Bytes>(256, by("cabinet", practice_key, of_a_part))),
              ErrorCode::not_a_signer);
    const Bytes good = by("cabinet", practice_key,
                          directory::Unit{.name = test::name("accueil"),
                                          .title = "Accueil",
                                          .speciality = "",
                                          .phone = "",
                                          .kinds = {}});
    std::vector<Bytes> after_a_good_one(255, by("cabinet", practice_key, in_force));
    after_a_good_one.insert(after_a_good_one.begin(), good);
    EXPECT_EQ(refused_unread(after_a_good_one), ErrorCode::chain_broken);
    const std::uint64_t before = bench.store().bundles_read();
    const Bytes entry = by("cpts-indre", *territory.cpts.authority, in_force);
    ASSERT_EQ(code_of(bench.ask(cpts, wire::AppendEntries{{entry}})), ErrorCode::ok);
    EXPECT_EQ(bench.store().bundles_read(), before + 1) << "the manifest; parts are only there";
}

}  // namespace
}  // namespace relais::broker
