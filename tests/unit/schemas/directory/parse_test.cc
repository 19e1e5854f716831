// What parse_entry refuses, body by body, each beside the entry that passes.
#include <gtest/gtest.h>

#include <functional>

#include "core/base/limits.h"
#include "schemas/flat/flat.h"
#include "schemas/generated/directory_generated.h"
#include "tests/support/printers.h"
#include "tests/support/territory.h"

namespace relais::directory {
namespace {

class EntryRules : public testing::Test {
protected:
    static ErrorCode verdict_of(const fb::EntryT& object) {
        flatbuffers::FlatBufferBuilder builder;
        builder.Finish(fb::Entry::Pack(builder, &object));
        return parse_entry(flat::finished(builder)).code();
    }

    std::unique_ptr<fb::EntryT> object_of(EntryBody body) {
        const Entry entry{t.domain(), "ch-valmont", 1, {}, {}, {}, std::move(body)};
        const Bytes bytes = encode_entry(entry);
        return std::unique_ptr<fb::EntryT>(flatbuffers::GetRoot<fb::Entry>(bytes.data())->UnPack());
    }

    // The verdict on `body` with its table changed.
    template <typename Raw>
    ErrorCode verdict(const EntryBody& body, const std::function<void(Raw&)>& change) {
        const auto object = object_of(body);
        EXPECT_EQ(verdict_of(*object), ErrorCode::ok) << "the twin must pass";
        change(*reinterpret_cast<Raw*>(object->body.value));
        return verdict_of(*object);
    }

    [[nodiscard]] P256Public key() { return t.make_key()->public_key(); }
    Person person() { return t.person_body({}, *t.make_key()); }
    Station station() { return t.station_body({t.random().make<PersonId>()}, {"geriatrie"}); }
    static Unit unit() { return {test::name("geriatrie"), "Gériatrie", "", "", {"admission"}}; }
    Mandate mandate() {
        return {t.random().make<MandateId>(),
                t.random().make<PersonId>(),
                t.random().make<PersonId>(),
                {"admission/call"},
                {}};
    }
    Attestation attestation() {
        return {test::name("ch-valmont"),
                t.random().make<PersonId>(),
                "10",
                "10100000017",
                Evidence::certificate,
                false};
    }

    test::TestTerritory t;
};

constexpr auto kInvalid = ErrorCode::invalid_field;
const std::string kTooLong(limits::kTitleBytesMax + 1, 'a');

TEST_F(EntryRules, AnEntryNamesADomainAndAChain) {
    const auto object = object_of(Suspension{test::name("ch-valmont"), true});
    EXPECT_EQ(verdict_of(*object), ErrorCode::ok);
    object->chain = "";
    EXPECT_EQ(verdict_of(*object), ErrorCode::ok) << "the domain's own chain";
    object->chain = "CH Valmont";
    EXPECT_EQ(verdict_of(*object), kInvalid);
    object->chain = "ch-valmont";
    object->domain = "";
    EXPECT_EQ(verdict_of(*object), kInvalid);
}

TEST_F(EntryRules, ABodyOfALaterVersionIsRefused) {
    flatbuffers::FlatBufferBuilder builder;
    const auto suspension = fb::CreateSuspensionDirect(builder, "ch-valmont", true);
    const fb::Digest digest;
    const auto later = static_cast<fb::EntryBody>(static_cast<int>(fb::EntryBody::MAX) + 1);
    builder.Finish(fb::CreateEntryDirect(builder, "indre", "", 0, &digest, 0, &digest, later,
                                         suspension.Union()));
    EXPECT_EQ(parse_entry(flat::finished(builder)).code(), kInvalid);
}

TEST_F(EntryRules, Domain) {
    const EntryBody body = t.domain_body();
    EXPECT_EQ(verdict<fb::DomainT>(body, [](auto& d) { d.title = ""; }), kInvalid);
    EXPECT_EQ(verdict<fb::DomainT>(body, [](auto& d) { d.title = kTooLong; }), kInvalid);
    EXPECT_EQ(verdict<fb::DomainT>(body, [](auto& d) { d.registrars[0]->title = ""; }), kInvalid);
    const auto registrars = [](std::size_t count) {
        return [count](fb::DomainT& d) {
            while (d.registrars.size() < count) {
                d.registrars.push_back(std::make_unique<fb::RegistrarT>(*d.registrars[0]));
            }
        };
    };
    EXPECT_EQ(verdict<fb::DomainT>(body, registrars(16)), ErrorCode::ok);
    EXPECT_EQ(verdict<fb::DomainT>(body, registrars(17)), kInvalid);
}

TEST_F(EntryRules, Admission) {
    const EntryBody body = t.admission_body("cabinet", OrganisationKind::practice, key());
    EXPECT_EQ(verdict<fb::AdmissionT>(body, [](auto& a) { a.organisation = "Cabinet"; }), kInvalid);
    EXPECT_EQ(verdict<fb::AdmissionT>(body, [](auto& a) { a.identifier = ""; }), kInvalid);
    for (const int kind : {0, 12}) {
        EXPECT_EQ(verdict<fb::AdmissionT>(
                      body, [&](auto& a) { a.kind = static_cast<fb::OrganisationKind>(kind); }),
                  kInvalid);
    }
}

TEST_F(EntryRules, Suspension) {
    EXPECT_EQ(verdict<fb::SuspensionT>(Suspension{test::name("cabinet"), true},
                                       [](auto& s) { s.organisation = ""; }),
              kInvalid);
}

TEST_F(EntryRules, Organisation) {
    const EntryBody body =
        Organisation{"Cabinet", OrganisationKind::practice, "360000017", key(), {}, key()};
    EXPECT_EQ(verdict<fb::OrganisationT>(body, [](auto& o) { o.title = "a\nb"; }), kInvalid);
    EXPECT_EQ(verdict<fb::OrganisationT>(body, [](auto& o) { o.identifier = ""; }), kInvalid);
    EXPECT_EQ(verdict<fb::OrganisationT>(
                  body, [](auto& o) { o.kind = static_cast<fb::OrganisationKind>(99); }),
              kInvalid);
}

TEST_F(EntryRules, Person) {
    EXPECT_EQ(verdict<fb::PersonT>(person(), [](auto& p) { p.title = ""; }), kInvalid);
    EXPECT_EQ(verdict<fb::PersonT>(person(), [](auto& p) { p.profession = ""; }), kInvalid);
    EXPECT_EQ(verdict<fb::PersonT>(person(), [](auto& p) { p.rpps = kTooLong; }), kInvalid);
    EXPECT_EQ(verdict<fb::PersonT>(person(), [](auto& p) { p.rpps = ""; }), ErrorCode::ok);
}

TEST_F(EntryRules, Station) {
    EXPECT_EQ(verdict<fb::StationT>(station(), [](auto& s) { s.title = ""; }), kInvalid);
    EXPECT_EQ(verdict<fb::StationT>(station(), [](auto& s) { s.units[0] = "Gériatrie"; }),
              kInvalid);
    EXPECT_EQ(verdict<fb::StationT>(station(), [](auto& s) { s.units[0] = ""; }), ErrorCode::ok)
        << "the organisation's own mailbox";
    const auto persons = [](std::size_t count) {
        return [count](fb::StationT& s) { s.persons.resize(count); };
    };
    EXPECT_EQ(verdict<fb::StationT>(station(), persons(256)), ErrorCode::ok);
    EXPECT_EQ(verdict<fb::StationT>(station(), persons(257)), kInvalid);
    const auto units = [](std::size_t count) {
        return [count](fb::StationT& s) { s.units.assign(count, "u"); };
    };
    EXPECT_EQ(verdict<fb::StationT>(station(), units(64)), ErrorCode::ok);
    EXPECT_EQ(verdict<fb::StationT>(station(), units(65)), kInvalid);
}

TEST_F(EntryRules, Unit) {
    EXPECT_EQ(verdict<fb::UnitT>(unit(), [](auto& u) { u.name = ""; }), kInvalid);
    EXPECT_EQ(verdict<fb::UnitT>(unit(), [](auto& u) { u.title = ""; }), kInvalid);
    EXPECT_EQ(verdict<fb::UnitT>(unit(), [](auto& u) { u.speciality = "\t"; }), kInvalid);
    EXPECT_EQ(verdict<fb::UnitT>(unit(), [](auto& u) { u.phone = kTooLong; }), kInvalid);
    EXPECT_EQ(verdict<fb::UnitT>(unit(), [](auto& u) { u.kinds[0] = "Admission"; }), kInvalid);
    const auto kinds = [](std::size_t count) {
        return [count](fb::UnitT& u) { u.kinds.assign(count, "admission"); };
    };
    EXPECT_EQ(verdict<fb::UnitT>(unit(), kinds(64)), ErrorCode::ok);
    EXPECT_EQ(verdict<fb::UnitT>(unit(), kinds(65)), kInvalid);
}

TEST_F(EntryRules, EpochAndGrants) {
    const EntryBody epoch = t.epoch_body("geriatrie", 1, {t.random().make<StationId>()});
    EXPECT_EQ(verdict<fb::EpochT>(epoch, [](auto& e) { e.unit = "a b"; }), kInvalid);
    EXPECT_EQ(verdict<fb::EpochT>(epoch, [](auto& e) { e.grants.clear(); }), kInvalid);
    EXPECT_EQ(verdict<fb::EpochT>(epoch, [](auto& e) { e.grants[1]->enc.pop_back(); }), kInvalid);
    EXPECT_EQ(verdict<fb::EpochT>(epoch, [](auto& e) { e.grants[0]->sealed_key.push_back(0); }),
              kInvalid);
    const EntryBody added = GrantsAdded{"", {1}, {t.grant(t.random().make<StationId>())}};
    EXPECT_EQ(verdict<fb::GrantsAddedT>(added, [](auto& g) { g.grants.clear(); }), kInvalid);
    const auto grants = [](std::size_t count) {
        return [count](fb::GrantsAddedT& g) {
            while (g.grants.size() < count) {
                g.grants.push_back(std::make_unique<fb::GrantT>(*g.grants[0]));
            }
        };
    };
    EXPECT_EQ(verdict<fb::GrantsAddedT>(added, grants(128)), ErrorCode::ok);
    EXPECT_EQ(verdict<fb::GrantsAddedT>(added, grants(129)), kInvalid);
}

TEST_F(EntryRules, Mandate) {
    const auto acts = [&](const std::vector<std::string>& list) {
        return verdict<fb::MandateT>(mandate(), [&](fb::MandateT& m) { m.acts = list; });
    };
    EXPECT_EQ(acts({"admission/*"}), ErrorCode::ok);
    EXPECT_EQ(acts({"admission/no-show", "liaison/send"}), ErrorCode::ok);
    for (const char* wrong : {"", "admission", "/call", "admission/", "*/call", "*", "a/b/c",
                              "admission/**", "Admission/call"}) {
        EXPECT_EQ(acts({wrong}), kInvalid) << wrong;
    }
    EXPECT_EQ(acts({}), kInvalid);
    EXPECT_EQ(acts(std::vector<std::string>(64, "a/b")), ErrorCode::ok);
    EXPECT_EQ(acts(std::vector<std::string>(65, "a/b")), kInvalid);
}

TEST_F(EntryRules, Revocation) {
    const EntryBody person = Revocation{RevokedObject::person, {}, "", RevocationReason::left};
    for (const int object : {0, 5}) {
        EXPECT_EQ(verdict<fb::RevocationT>(
                      person, [&](auto& r) { r.object = static_cast<fb::RevokedObject>(object); }),
                  kInvalid);
    }
    for (const int reason : {0, 6}) {
        EXPECT_EQ(
            verdict<fb::RevocationT>(
                person, [&](auto& r) { r.reason = static_cast<fb::RevocationReason>(reason); }),
            kInvalid);
    }
    EXPECT_EQ(verdict<fb::RevocationT>(person, [](auto& r) { r.id.reset(); }), kInvalid);
    const EntryBody unit =
        Revocation{RevokedObject::unit, {}, "geriatrie", RevocationReason::other};
    EXPECT_EQ(verdict<fb::RevocationT>(unit, [](auto& r) { r.id = std::make_unique<fb::Uuid>(); }),
              kInvalid)
        << "a unit is named, it has no id";
    EXPECT_EQ(verdict<fb::RevocationT>(unit, [](auto& r) { r.unit = "Gériatrie"; }), kInvalid);
}

TEST_F(EntryRules, ConfirmationAttestationAndKind) {
    EXPECT_EQ(verdict<fb::ConfirmationT>(Confirmation{test::name("cabinet"), {}},
                                         [](auto& c) { c.organisation = "@"; }),
              kInvalid);
    EXPECT_EQ(verdict<fb::AttestationT>(attestation(), [](auto& a) { a.organisation = ""; }),
              kInvalid);
    EXPECT_EQ(verdict<fb::AttestationT>(attestation(), [](auto& a) { a.profession = ""; }),
              kInvalid);
    EXPECT_EQ(verdict<fb::AttestationT>(attestation(), [](auto& a) { a.rpps = kTooLong; }),
              kInvalid);
    for (const int evidence : {0, 5}) {
        EXPECT_EQ(
            verdict<fb::AttestationT>(
                attestation(), [&](auto& a) { a.evidence = static_cast<fb::Evidence>(evidence); }),
            kInvalid);
    }
    EXPECT_EQ(verdict<fb::KindPublishedT>(KindPublished{test::name("admission"), 1, {}, 10, false},
                                          [](auto& k) { k.name = ""; }),
              kInvalid);
    EXPECT_EQ(verdict<fb::PackPublishedT>(PackPublished{test::name("cim10"), 1, {}, 10, false},
                                          [](auto& p) { p.name = "CIM 10"; }),
              kInvalid);
}

}  // namespace
}  // namespace relais::directory
