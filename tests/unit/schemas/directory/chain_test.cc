// The way in: each chain goes on where it stands, signed by a key that may.
#include "tests/unit/schemas/directory/fixture.h"

namespace relais::directory {
namespace {

class Chains : public DirectoryTest {
protected:
    // An entry that the hospital would accept, to be put out of place.
    Entry next(const TestKey& key) {
        return t.state().next_entry("ch-valmont", fingerprint(key->public_key()), {}, unit());
    }
    static Unit unit() { return {test::name("accueil"), "Accueil", "", "", {}}; }
};

TEST_F(Chains, TheNextEntryOfAChainIsAccepted) {
    const auto before = t.state().chain_end("ch-valmont");
    hospital_accepts(unit());
    const auto after = t.state().chain_end("ch-valmont");
    EXPECT_EQ(after.number, before.number + 1);
    EXPECT_EQ(after.previous, t.log().back().digest());
}

TEST_F(Chains, ASkippedOrRepeatedNumberBreaksTheChain) {
    for (const std::int64_t off : {-1, 1, 1000}) {
        Entry entry = next(t.hospital.authority);
        entry.number += static_cast<std::uint64_t>(off);
        refused(sign_entry(entry, *t.hospital.authority), ErrorCode::chain_broken);
    }
}

TEST_F(Chains, AnotherPreviousBreaksTheChain) {
    Entry entry = next(t.hospital.authority);
    entry.previous.bytes[31] ^= 1;
    refused(sign_entry(entry, *t.hospital.authority), ErrorCode::chain_broken);
    entry.previous = {};
    refused(sign_entry(entry, *t.hospital.authority), ErrorCode::chain_broken);
}

TEST_F(Chains, AnEntryIsAcceptedOnce) {
    const SignedEntry entry = t.draft("ch-valmont", *t.hospital.authority, unit());
    ASSERT_TRUE(t.apply(entry).ok());
    refused(entry, ErrorCode::chain_broken);
}

// Of two entries made for one place, the first to arrive wins and the other must be made again.
TEST_F(Chains, OfTwoEntriesForOnePlaceOneIsAccepted) {
    const SignedEntry first = t.draft("ch-valmont", *t.hospital.authority, unit());
    const SignedEntry second = t.draft("ch-valmont", *t.hospital.authority,
                                       Unit{test::name("urgences"), "Urgences", "", "", {}});
    ASSERT_TRUE(t.apply(first).ok());
    refused(second, ErrorCode::chain_broken);
}

TEST_F(Chains, AnEntryOfAnotherDomainIsRefused) {
    Entry entry = next(t.hospital.authority);
    entry.domain = test::name("cher");
    refused(sign_entry(entry, *t.hospital.authority), ErrorCode::wrong_domain);
}

TEST_F(Chains, AChainIsSignedByItsOwnAuthority) {
    refused("ch-valmont", t.practice.authority, unit(), ErrorCode::not_a_signer);
    refused("ch-valmont", t.authority(), unit(), ErrorCode::not_a_signer);
    refused("ch-valmont", t.registrar(), unit(), ErrorCode::not_a_signer);
    refused("ch-valmont", t.make_key(), unit(), ErrorCode::not_a_signer);
    refused("ch-valmont", t.hospital.recovery, unit(), ErrorCode::not_a_signer);
}

TEST_F(Chains, APersonWhoIsNoRegistrarSignsNothing) {
    refused("ch-valmont", t.geriatrician.key, unit(), ErrorCode::not_a_signer);
}

TEST_F(Chains, ARegistrarOfTheOrganisationSignsForItAndForNoOther) {
    const TestPerson registrar = hospital_registrar();
    accepted("ch-valmont", registrar.key, unit());
    refused("cabinet", registrar.key, unit(), ErrorCode::not_a_signer);
    refused("", registrar.key, Suspension{t.practice.name, true}, ErrorCode::not_a_signer);
}

TEST_F(Chains, ARevokedRegistrarSignsNoMore) {
    const TestPerson registrar = hospital_registrar();
    t.revoke(registrar);
    refused("ch-valmont", registrar.key, unit(), ErrorCode::not_a_signer);
}

TEST_F(Chains, AWrongSignatureIsRefusedThoughItNamesTheRightSigner) {
    Entry entry = next(t.hospital.authority);
    refused(sign_entry(entry, *t.practice.authority), ErrorCode::bad_signature);
    SignedEntry altered = t.draft("ch-valmont", *t.hospital.authority, unit());
    altered.signature.bytes[0] ^= 1;
    refused(altered, ErrorCode::bad_signature);
    altered = t.draft("ch-valmont", *t.hospital.authority, unit());
    altered.entry_bytes.back() ^= 1;
    refused(altered, ErrorCode::bad_signature);
}

TEST_F(Chains, AChainThatNobodyAdmittedHasNoSigner) {
    const TestKey key = t.make_key();
    refused("pharmacie", key, unit(), ErrorCode::unknown_object);
    refused("pharmacie", key,
            Organisation{"Pharmacie",
                         OrganisationKind::pharmacy,
                         "360009999",
                         key->public_key(),
                         {},
                         t.make_key()->public_key()},
            ErrorCode::bad_entry);
}

TEST_F(Chains, TheEndOfAChainThatDoesNotExistIsItsStart) {
    EXPECT_EQ(t.state().chain_end("nobody").number, 0U);
    EXPECT_TRUE(t.state().chain_end("nobody").previous.is_zero());
}

// ---- the domain's own chain
// ----------------------------------------------------------------------

class DomainChain : public DirectoryTest {};

TEST_F(DomainChain, NothingComesBeforeTheDomainsOwnEntry) {
    const TestKey authority = t.make_key();
    const Digest pinned = fingerprint(authority->public_key());
    const auto verdict = [&](const std::string& chain, EntryBody body) {
        DirectoryState fresh(t.domain(), pinned);
        const Entry entry = fresh.next_entry(chain, pinned, {}, std::move(body));
        const auto applied = fresh.apply(sign_entry(entry, *authority), t.verifier());
        EXPECT_EQ(fresh.size().value, applied.ok() ? 1U : 0U);
        return applied.code();
    };
    Domain domain = t.domain_body();
    domain.authority = authority->public_key();
    EXPECT_EQ(verdict("", Suspension{t.practice.name, true}), ErrorCode::not_a_signer);
    EXPECT_EQ(verdict("cabinet", Unit{test::name("a"), "A", "", "", {}}), ErrorCode::chain_broken);
    EXPECT_EQ(verdict("", domain), ErrorCode::ok);
}

TEST_F(DomainChain, OnlyThePinnedAuthorityMakesTheDomain) {
    const TestKey impostor = t.make_key();
    Domain domain = t.domain_body();
    domain.authority = impostor->public_key();
    DirectoryState fresh(t.domain(), fingerprint(t.authority()->public_key()));
    const Digest own = fingerprint(impostor->public_key());
    EXPECT_EQ(
        fresh.apply(sign_entry(fresh.next_entry("", own, {}, domain), *impostor), t.verifier())
            .code(),
        ErrorCode::not_a_signer);
    // Naming the pinned key without having it does not help.
    EXPECT_EQ(fresh
                  .apply(sign_entry(fresh.next_entry("", fresh.authority(), {}, domain), *impostor),
                         t.verifier())
                  .code(),
              ErrorCode::not_a_signer);
    EXPECT_EQ(fresh
                  .apply(sign_entry(fresh.next_entry("", fresh.authority(), {}, t.domain_body()),
                                    *impostor),
                         t.verifier())
                  .code(),
              ErrorCode::bad_signature);
    EXPECT_EQ(fresh.domain(), nullptr);
}

TEST_F(DomainChain, TheAuthorityReplacesTheDomainsEntryAndARegistrarDoesNot) {
    Domain domain = t.domain_body();
    domain.title = "Indre et voisins";
    refused("", t.registrar(), domain, ErrorCode::not_a_signer);
    accepted("", t.authority(), domain);
    EXPECT_EQ(t.state().domain()->title, "Indre et voisins");
}

TEST_F(DomainChain, TheAuthorityIsNeverAnotherThanThePinnedOne) {
    Domain domain = t.domain_body();
    domain.authority = t.make_key()->public_key();
    refused("", t.authority(), domain, ErrorCode::not_a_signer);
}

TEST_F(DomainChain, ARegistrarThatIsNoLongerNamedSignsNoMore) {
    const TestKey next = t.make_key();
    Domain domain = t.domain_body();
    domain.registrars = {{next->public_key(), "Nouvelle coordination"}};
    accepted("", t.authority(), domain);
    refused("", t.registrar(), Suspension{t.practice.name, true}, ErrorCode::not_a_signer);
    accepted("", next, Suspension{t.practice.name, true});
}

TEST_F(DomainChain, OrganisationsDoNotSignInTheDomainsChain) {
    refused("", t.cpts.authority, Suspension{t.practice.name, true}, ErrorCode::not_a_signer);
    refused("", t.broker_key(), Suspension{t.practice.name, true}, ErrorCode::not_a_signer);
}

TEST_F(DomainChain, ItsKeysArePointsOfTheCurve) {
    P256Public off_curve = t.make_key()->public_key();
    off_curve.bytes[64] ^= 1;
    Domain domain = t.domain_body();
    domain.broker_key = off_curve;
    refused("", t.authority(), domain, ErrorCode::malformed);
    domain = t.domain_body();
    domain.registrars.push_back({off_curve, "Faux"});
    refused("", t.authority(), domain, ErrorCode::malformed);
}

// Each body stands in one sort of chain.
TEST_F(DomainChain, BodiesOfTheDomainStandInNoOrganisationsChain) {
    hospital_refuses(t.domain_body(), ErrorCode::bad_entry);
    hospital_refuses(
        t.admission_body("pharmacie", OrganisationKind::pharmacy, t.make_key()->public_key()),
        ErrorCode::bad_entry);
    hospital_refuses(Suspension{t.practice.name, true}, ErrorCode::bad_entry);
}

TEST_F(DomainChain, BodiesOfAnOrganisationStandNotInTheDomainsChain) {
    const auto in_domain = [&](EntryBody body) {
        refused("", t.authority(), std::move(body), ErrorCode::bad_entry);
    };
    const P256Public key = t.make_key()->public_key();
    in_domain(Organisation{"X", OrganisationKind::other, "360009999", key, {}, key});
    in_domain(AuthorityReplaced{key, key, {}, key});
    in_domain(t.person_body({}, *t.make_key()));
    in_domain(t.station_body({t.doctor.id}, {""}));
    in_domain(Unit{test::name("accueil"), "Accueil", "", "", {}});
    in_domain(t.epoch_body("", 2));
    in_domain(GrantsAdded{"", {1}, {t.grant(std::nullopt)}});
    in_domain(Mandate{t.random().make<MandateId>(), t.secretary.id, t.doctor.id, {"a/b"}, {}});
    in_domain(Revocation{RevokedObject::unit, {}, "geriatrie", RevocationReason::left});
    in_domain(Confirmation{t.practice.name, fingerprint(t.practice.authority->public_key())});
    in_domain(KindPublished{test::name("liaison"), 1, t.random().make<Digest>(), 10, false});
    in_domain(PackPublished{test::name("cim10"), 1, t.random().make<Digest>(), 10, false});
}

}  // namespace
}  // namespace relais::directory
