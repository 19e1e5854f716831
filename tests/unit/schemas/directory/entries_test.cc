// Entries as bytes: every body comes back; no cut and no flip crashes or passes for the signed
// entry.
#include "schemas/directory/entries.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "core/base/contexts.h"
#include "core/base/limits.h"
#include "core/crypto/sha256.h"
#include "tests/support/members.h"
#include "tests/support/printers.h"
#include "tests/support/territory.h"

namespace relais::directory {
namespace {

using test::TestKey;

std::vector<EntryBody> sample_bodies(test::TestTerritory& t) {
    const auto key = [&] { return t.make_key()->public_key(); };
    auto& random = t.random();
    const auto id = [&] { return random.make<PersonId>(); };
    const Name organisation = test::name("ch-valmont");
    Domain trial = t.domain_body();
    trial.test = true;
    return {
        trial,
        Admission{organisation, OrganisationKind::hospital, "360000017", random.make<Digest>(),
                  true},
        Suspension{organisation, true},
        Organisation{"CH de Valmont", OrganisationKind::hospital, "360000017", key(),
                     random.make<Digest>(), key()},
        AuthorityReplaced{key(), key(), random.make<Digest>(), key()},
        Person{id(), "Dr Élise Garnier", "10", "10100000017", key(), true, {1'000}, {2'000}},
        Station{random.make<StationId>(),
                "Poste 3",
                random.make<CurvePublic>(),
                key(),
                key(),
                {id(), id()},
                {"", "geriatrie"}},
        Unit{test::name("geriatrie"),
             "Gériatrie",
             "Court séjour",
             "02 54 00 00 00",
             {"admission", "liaison"},
             {"Europe/Paris",
              calendar::Holidays::alsace_moselle,
              {{0b0011111, 8 * 60, 12 * 60}, {0b1000000, 22 * 60, calendar::kMinutesOfDay}}},
             test::address("garde.ch-valmont@indre"),
             {{RingWay::email, "geriatrie@exemple.invalid", {}, RingHours::while_open},
              {RingWay::webhook, "https://exemple.invalid/astreinte", std::chrono::minutes(5),
               RingHours::always}}},
        Epoch{"geriatrie", {3}, key(), {t.grant(std::nullopt), t.grant(random.make<StationId>())}},
        GrantsAdded{"", {1}, {t.grant(random.make<StationId>())}},
        Mandate{random.make<MandateId>(),
                id(),
                id(),
                {"admission/*", "liaison/send"},
                {1'800'000'000'000}},
        Revocation{RevokedObject::station, random.make<decltype(Revocation::id)>(), "",
                   RevocationReason::lost},
        Confirmation{organisation, random.make<Digest>()},
        Attestation{organisation, id(), "10", "10100000017", Evidence::pro_sante_connect, true},
        KindPublished{test::name("admission"), 4, random.make<Digest>(), 30'000, true},
        Witness{random.make<StationId>(), random.make<Ed25519Public>(), true},
        WitnessPolicy{3, std::chrono::hours(24)},
        Group{test::name("alertes"),
              "Alertes du territoire",
              {"alert", "note"},
              Posting::members,
              {test::address("samu@indre")}},
        Membership{Address::parse_group("#alertes.ch-valmont@indre").value(),
                   {test::address("geriatrie.ch-valmont@indre"), test::address("cabinet@indre")},
                   {test::address("cardiologie.ch-valmont@indre")}},
        PackPublished{test::name("medicaments"), 20261129, random.make<Digest>(), 3'000'000, true},
        Absence{test::name("geriatrie"),
                {{{1'800'000'000'000}, {1'800'100'000'000}, test::address("garde.cabinet@indre")},
                 {{1'800'100'000'000}, {1'800'200'000'000}, std::nullopt}}},
    };
}

Entry entry_of(test::TestTerritory& t, EntryBody body) {
    return {t.domain(),
            "ch-valmont",
            12,
            t.random().make<Digest>(),
            {1'790'000'000'000},
            fingerprint(t.authority()->public_key()),
            std::move(body)};
}

TEST(Entries, EveryBodyComesBackAsItWasWritten) {
    test::TestTerritory t;
    const std::vector<EntryBody> bodies = sample_bodies(t);
    ASSERT_EQ(bodies.size(), std::variant_size_v<EntryBody>) << "a body without a sample";
    for (std::size_t i = 0; i < bodies.size(); ++i) {
        ASSERT_EQ(bodies[i].index(), i);
        const Entry entry = entry_of(t, bodies[i]);
        const auto parsed = parse_entry(encode_entry(entry));
        ASSERT_TRUE(parsed.ok()) << body_name(bodies[i]) << " " << parsed.error().describe();
        EXPECT_TRUE(test::same(*parsed, entry)) << body_name(bodies[i]);
    }
}

TEST(Entries, WhatABodyDoesNotSayComesBackEmpty) {
    test::TestTerritory t;
    const P256Public key = t.make_key()->public_key();
    const std::vector<EntryBody> bodies = {
        Person{{}, "Accueil", "secretary", "", key, false},
        Unit{test::name("accueil"), "Accueil", "", "", {}},
        Attestation{test::name("ch-valmont"), {}, "secretary", "", Evidence::in_person, false},
        Revocation{RevokedObject::unit, {}, "geriatrie", RevocationReason::other},
        Station{{}, "Poste", {}, key, key, {}, {}},
    };
    for (const EntryBody& body : bodies) {
        const Entry entry = entry_of(t, body);
        const auto parsed = parse_entry(encode_entry(entry));
        ASSERT_TRUE(parsed.ok()) << body_name(body) << " " << parsed.error().describe();
        EXPECT_TRUE(test::same(*parsed, entry)) << body_name(body);
    }
}

TEST(Entries, AnAffiliationBeginsBeforeItEnds) {
    test::TestTerritory t;
    const auto verdict = [&](std::int64_t from, std::int64_t until) {
        const P256Public key = t.make_key()->public_key();
        const Person person{{}, "Dr Rémi Dupuis", "10", "", key, false, {from}, {until}};
        return parse_entry(encode_entry(entry_of(t, person))).code();
    };
    constexpr std::int64_t kLatest = std::int64_t{1} << 48;
    EXPECT_EQ(verdict(0, 0), ErrorCode::ok);
    EXPECT_EQ(verdict(5, 0), ErrorCode::ok) << "no end";
    EXPECT_EQ(verdict(0, kLatest), ErrorCode::ok);
    EXPECT_EQ(verdict(5, 5), ErrorCode::invalid_field);
    EXPECT_EQ(verdict(6, 5), ErrorCode::invalid_field);
    EXPECT_EQ(verdict(0, kLatest + 1), ErrorCode::invalid_field);
    EXPECT_EQ(verdict(kLatest + 1, 0), ErrorCode::invalid_field);
}

TEST(Entries, AUnitIsRungAtAddressesAndHttpsUrlsOnly) {
    test::TestTerritory t;
    const auto verdict = [&](RingWay way, const std::string& to, std::chrono::seconds after = {},
                             RingHours hours = RingHours::always) {
        Unit unit{test::name("accueil"), "Accueil", "", "", {}};
        unit.rings = {{way, to, after, hours}};
        return parse_entry(encode_entry(entry_of(t, unit))).code();
    };
    EXPECT_EQ(verdict(RingWay::email, "accueil@exemple.invalid"), ErrorCode::ok);
    EXPECT_EQ(verdict(RingWay::webhook, "https://exemple.invalid/a?b=c"), ErrorCode::ok);
    EXPECT_EQ(verdict(RingWay::webhook, "https://exemple.invalid/@a"), ErrorCode::ok);
    for (const char* to : {"", "accueil", "@exemple.invalid", "a@", "a@b@c", "a b@c", "<a@b>",
                           "a@b\r\nBcc: c@d", "a@b,c@d"}) {
        EXPECT_EQ(verdict(RingWay::email, to), ErrorCode::invalid_field) << to;
    }
    for (const char* to :
         {"", "http://exemple.invalid", "https://", "https:///a", "file:///a", "https://a/\r\nX: b",
          "https://moi:secret@exemple.invalid/", "https://moi@exemple.invalid", "https://?a"}) {
        EXPECT_EQ(verdict(RingWay::webhook, to), ErrorCode::invalid_field) << to;
    }
    const std::string most(limits::kRingTargetBytesMax - 2, 'a');
    EXPECT_EQ(verdict(RingWay::email, most + "@b"), ErrorCode::ok);
    EXPECT_EQ(verdict(RingWay::email, most + "@bc"), ErrorCode::invalid_field);
    EXPECT_EQ(verdict(RingWay::email, "a@b", limits::kRingAfterMax), ErrorCode::ok);
    EXPECT_EQ(verdict(RingWay::email, "a@b", limits::kRingAfterMax + std::chrono::seconds(1)),
              ErrorCode::invalid_field);
    EXPECT_EQ(verdict(RingWay{3}, "a@b"), ErrorCode::invalid_field);
    EXPECT_EQ(verdict(RingWay::email, "a@b", {}, RingHours{3}), ErrorCode::invalid_field);
}

TEST(Entries, AUnitIsClosedOnHolidaysThatAreKnown) {
    test::TestTerritory t;
    const auto verdict = [&](calendar::Holidays holidays) {
        Unit unit{test::name("accueil"), "Accueil", "", "", {}};
        unit.hours.holidays = holidays;
        return parse_entry(encode_entry(entry_of(t, unit))).code();
    };
    EXPECT_EQ(verdict(calendar::Holidays::saint_martin), ErrorCode::ok);
    EXPECT_EQ(verdict(calendar::Holidays::saint_barthelemy), ErrorCode::ok);
    EXPECT_EQ(verdict(calendar::Holidays{10}), ErrorCode::invalid_field);
}

TEST(Entries, BodiesAreNamedAsInTheSchema) {
    test::TestTerritory t;
    const std::vector<EntryBody> bodies = sample_bodies(t);
    EXPECT_EQ(body_name(bodies[0]), "Domain");
    EXPECT_EQ(body_name(bodies[5]), "Person");
    EXPECT_EQ(body_name(bodies[8]), "Epoch");
    EXPECT_EQ(body_name(bodies.back()), "Absence");
}

TEST(SignedEntries, ASignedEntryComesBackAndItsSignatureIsOverItsContextAndBytes) {
    test::TestTerritory t;
    const TestKey key = t.make_key();
    Entry entry = entry_of(t, Suspension{test::name("ch-valmont"), true});
    entry.signer = fingerprint(key->public_key());
    const SignedEntry made = sign_entry(entry, *key);
    const auto read = parse_signed_entry(made.bytes);
    ASSERT_TRUE(read.ok()) << read.error().describe();
    EXPECT_EQ(read->bytes, made.bytes);
    EXPECT_EQ(read->entry_bytes, made.entry_bytes);
    EXPECT_EQ(read->signature, made.signature);
    EXPECT_TRUE(test::same(read->entry, entry));
    EXPECT_EQ(read->digest(), sha256(made.bytes));
    EXPECT_TRUE(t.verifier()
                    .verify(key->public_key(), signed_message(contexts::kEntry, read->entry_bytes),
                            read->signature)
                    .ok());
}

TEST(SignedEntries, AnEntryOver32KibIsTooLarge) {
    test::TestTerritory t;
    Bytes bytes = t.log().front().bytes;
    bytes.resize(limits::kEntryBytesMax);
    EXPECT_TRUE(parse_signed_entry(bytes).ok());
    bytes.push_back(0);
    EXPECT_EQ(parse_signed_entry(bytes).code(), ErrorCode::too_large);
}

TEST(SignedEntries, TheLargestEpochFits) {
    test::TestTerritory t;
    Epoch epoch{"geriatrie", {1}, t.make_key()->public_key(), {}};
    for (std::size_t i = 0; i < limits::kGrantsMax; ++i) {
        epoch.grants.push_back(t.grant(t.random().make<StationId>()));
    }
    const TestKey key = t.make_key();
    const SignedEntry entry = sign_entry(entry_of(t, epoch), *key);
    EXPECT_TRUE(parse_signed_entry(entry.bytes).ok());
}

TEST(SignedEntries, TheLargestStationFits) {
    test::TestTerritory t;
    Station station = t.station_body({}, {});
    for (std::size_t i = 0; i < limits::kPersonsPerStationMax; ++i) {
        station.persons.push_back(t.random().make<PersonId>());
    }
    for (std::size_t i = 10; i < 10 + limits::kUnitsPerStationMax; ++i) {
        station.units.push_back(std::string(limits::kNameBytesMax - 2, 'u') + std::to_string(i));
    }
    const TestKey key = t.make_key();
    EXPECT_TRUE(parse_signed_entry(sign_entry(entry_of(t, station), *key).bytes).ok());
}

class HostileEntries : public testing::Test {
protected:
    test::TestTerritory t;
    std::vector<EntryBody> bodies = sample_bodies(t);
};

TEST_F(HostileEntries, ACutAnywhereIsRefusedUnlessPaddingAloneIsGone) {
    for (const EntryBody& body : bodies) {
        const Bytes whole = encode_entry(entry_of(t, body));
        for (std::size_t size = 0; size + sizeof(std::uint64_t) <= whole.size(); ++size) {
            ASSERT_FALSE(parse_entry(ByteView(whole).first(size)).ok()) << body_name(body);
        }
    }
}

TEST_F(HostileEntries, WhatPassesAfterAFlippedBitCanBeWrittenAndReadAgain) {
    for (const EntryBody& body : bodies) {
        const Bytes whole = encode_entry(entry_of(t, body));
        for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit) {
            Bytes bad = whole;
            bad[bit / 8] = static_cast<std::uint8_t>(bad[bit / 8] ^ (1U << (bit % 8)));
            const auto parsed = parse_entry(bad);
            if (!parsed.ok()) continue;
            const auto again = parse_entry(encode_entry(*parsed));
            ASSERT_TRUE(again.ok()) << body_name(body) << " " << again.error().describe();
            ASSERT_TRUE(test::same(*again, *parsed)) << body_name(body);
        }
    }
}

TEST_F(HostileEntries, NoFlippedBitMakesAnotherEntryPassUnderTheSignature) {
    const TestKey key = t.make_key();
    const SignedEntry good = sign_entry(entry_of(t, bodies[12]), *key);
    for (std::size_t bit = 0; bit < 8 * good.bytes.size(); ++bit) {
        Bytes bad = good.bytes;
        bad[bit / 8] = static_cast<std::uint8_t>(bad[bit / 8] ^ (1U << (bit % 8)));
        const auto parsed = parse_signed_entry(bad);
        if (!parsed.ok()) continue;
        const bool verifies =
            t.verifier()
                .verify(key->public_key(), signed_message(contexts::kEntry, parsed->entry_bytes),
                        parsed->signature)
                .ok();
        ASSERT_TRUE(!verifies || parsed->entry_bytes == good.entry_bytes) << bit;
    }
}

RC_GTEST_PROP(HostileEntry, RandomBytesAreNoEntry, (const std::vector<std::uint8_t>& noise)) {
    RC_ASSERT(!parse_entry(noise).ok());
    RC_ASSERT(!parse_signed_entry(noise).ok());
}

// By name where it has one, by id where it has not.
TEST(RevocationBytes, ComeBackForEveryKindOfObject) {
    test::TestTerritory t;
    for (const RevokedObject object :
         {RevokedObject::person, RevokedObject::station, RevokedObject::unit,
          RevokedObject::mandate, RevokedObject::group}) {
        const bool by_name = object == RevokedObject::unit || object == RevokedObject::group;
        Revocation body{object, {}, by_name ? "garde" : "", RevocationReason::left};
        if (!by_name) body.id = t.random().make<decltype(Revocation::id)>();
        const auto back = parse_entry(encode_entry(entry_of(t, body)));
        ASSERT_TRUE(back.ok()) << back.error().describe();
        EXPECT_TRUE(test::same(std::get<Revocation>(back->body), body));
    }
}

}  // namespace
}  // namespace relais::directory
