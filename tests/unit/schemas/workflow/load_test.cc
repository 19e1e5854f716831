// Kind::load: what a bundle says comes back; each shape that is refused.
#include "core/base/limits.h"
#include "core/crypto/sha256.h"
#include "tests/unit/schemas/workflow/fixture.h"

namespace relais::workflow {
namespace {

using test::bed_request;
using test::KindBuilder;
using test::least_kind;

TEST(KindLoad, WhatTheBundleDeclaresComesBack) {
    const KindBuilder builder = bed_request();
    const Kind kind = builder.load().value();
    EXPECT_EQ(kind.name, "admission");
    EXPECT_EQ(kind.version, 1U);
    EXPECT_EQ(kind.patient, PatientData::sealed);
    EXPECT_EQ(kind.basis, Basis::care_team);
    EXPECT_EQ(kind.retention, std::chrono::hours(30 * 24));
    EXPECT_EQ(kind.digest, sha256(builder.bytes()));
    ASSERT_EQ(kind.roles.size(), 2U);
    EXPECT_EQ(kind.roles[0].professions, std::vector<std::string>{"10"});
    EXPECT_TRUE(kind.roles[0].attested);
    ASSERT_EQ(kind.thread_states.size(), 5U);
    EXPECT_TRUE(kind.thread_states[3].terminal);
    ASSERT_EQ(kind.publics.size(), 3U);
    EXPECT_EQ(kind.publics[1].max, 10);
    EXPECT_EQ(kind.publics[0].values[2].code, "U3");
    EXPECT_EQ(kind.rows.size(), builder.bundle.rows.size());
}

TEST(KindLoad, ActsAndClocksComeBack) {
    const Kind kind = bed_request().load().value();
    const Act& call = kind.acts[0];
    EXPECT_TRUE(call.opens);
    EXPECT_EQ(call.side, Side::opener);
    EXPECT_EQ(call.recipients, Recipients::parties);
    EXPECT_EQ(call.together, std::vector<std::string>{"deposit"});
    EXPECT_EQ(call.lanes, 0b010);
    EXPECT_TRUE(call.publics[0].mandatory);
    EXPECT_FALSE(call.publics[1].mandatory);
    EXPECT_EQ(kind.acts[1].release, Release::chosen);
    EXPECT_EQ(kind.acts[4].recipients, Recipients::one_party);
    EXPECT_TRUE(kind.acts[5].mandate);
    EXPECT_FALSE(call.off_network);
    const Clock& answer = kind.clocks[0];
    EXPECT_TRUE(answer.from_header && answer.remind_half && !answer.per_party);
    EXPECT_EQ(answer.min, std::chrono::minutes(5));
    EXPECT_EQ(answer.length, std::chrono::hours(4));
    EXPECT_EQ(answer.max, std::chrono::hours(48));
    EXPECT_TRUE(kind.clocks[1].per_party);
}

TEST(KindLoad, RowsComeBack) {
    const Kind kind = bed_request().load().value();
    const Row& offer = kind.rows[2];
    EXPECT_EQ(offer.trigger, TriggerKind::act);
    EXPECT_EQ(offer.index, 2);
    EXPECT_EQ(offer.threads, 0b11);
    EXPECT_EQ(offer.parties, 0b1001);
    ASSERT_EQ(offer.guards.size(), 1U);
    EXPECT_EQ(offer.guards[0].op, GuardOp::no_party_in);
    EXPECT_EQ(offer.guards[0].states, 0b10);
    ASSERT_EQ(offer.effects.size(), 2U);
    EXPECT_EQ(offer.effects[0].op, EffectOp::party_state);
    EXPECT_EQ(offer.effects[1].op, EffectOp::start_clock);
    EXPECT_EQ(offer.effects[1].clock, ClockIndex{1});
    EXPECT_FALSE(offer.effects[0].clock.has_value());
}

TEST(KindLoad, NamesAreFound) {
    const Kind kind = bed_request().load().value();
    EXPECT_EQ(kind.act("choose"), ActIndex{4});
    EXPECT_EQ(kind.act("nothing"), std::nullopt);
    EXPECT_EQ(kind.public_field(2)->name, "beds");
    EXPECT_EQ(kind.public_field(9), nullptr);
    EXPECT_EQ(kind.public_field("urgency")->number, 1);
    EXPECT_EQ(kind.public_field("nothing"), nullptr);
    EXPECT_EQ(kind.form("nothing"), nullptr);
    EXPECT_EQ(kind.acts[kind.opening_acts().front()].name, "call");
}

TEST(KindLoad, PublicFieldsAllowTheirValuesAlone) {
    const Kind kind = bed_request().load().value();
    const auto allows = [&](const char* field, std::int64_t value) {
        return kind.public_field(field)->allows(value);
    };
    EXPECT_TRUE(allows("urgency", 1) && allows("urgency", 3));
    EXPECT_FALSE(allows("urgency", 0) || allows("urgency", 4) || allows("urgency", -1));
    EXPECT_TRUE(allows("beds", 1) && allows("beds", 10));
    EXPECT_FALSE(allows("beds", 0) || allows("beds", 11));
    EXPECT_TRUE(allows("favourable", 0) && allows("favourable", 1));
    EXPECT_FALSE(allows("favourable", 2) || allows("favourable", -1));
}

TEST(KindLoad, AnotherFormatIsNotSupported) {
    KindBuilder builder = least_kind();
    for (const int format : {0, 1, 3}) {
        builder.bundle.format = static_cast<std::uint16_t>(format);
        EXPECT_EQ(builder.load().code(), ErrorCode::unsupported_version);
    }
}

TEST(KindLoad, ABundleOverItsLimitIsTooLarge) {
    Bytes bytes = least_kind().bytes();
    bytes.resize(limits::kKindBundleBytesMax);
    EXPECT_TRUE(Kind::load(bytes).ok());
    bytes.push_back(0);
    EXPECT_EQ(Kind::load(bytes).code(), ErrorCode::too_large);
}

// A field of the bundle, with a value that is refused and the field that the error names.
struct WrongField {
    const char* named;
    std::function<void(fb::KindBundleT&)> change;
};

TEST(KindLoad, EachFieldHasItsShape) {
    const std::string long_title(limits::kTitleBytesMax + 1, 'a');
    const std::vector<WrongField> cases = {
        {"name", [](auto& b) { b.name = "Admission"; }},
        {"title", [](auto& b) { b.title = ""; }},
        {"summary", [&](auto& b) { b.summary = long_title; }},
        {"patient", [](auto& b) { b.patient = fb::PatientData::unset; }},
        {"patient", [](auto& b) { b.patient = static_cast<fb::PatientData>(3); }},
        {"basis", [](auto& b) { b.basis = fb::Basis::unset; }},
        {"basis", [](auto& b) { b.basis = static_cast<fb::Basis>(4); }},
        {"role.name", [](auto& b) { b.roles[0]->name = ""; }},
        {"role.label", [](auto& b) { b.roles[0]->label = "\n"; }},
        {"role.organisation_kinds", [](auto& b) { b.roles[0]->organisation_kinds[0] = 0; }},
        {"role.organisation_kinds", [](auto& b) { b.roles[0]->organisation_kinds[0] = 12; }},
        {"role.professions", [](auto& b) { b.roles[0]->professions[0] = "a doctor"; }},
        {"state.name", [](auto& b) { b.thread_states[0]->name = "Called"; }},
        {"state.label", [](auto& b) { b.party_states[0]->label = ""; }},
        {"public.name", [](auto& b) { b.publics[0]->name = "_"; }},
        {"public.label", [](auto& b) { b.publics[0]->label = ""; }},
        {"public.type", [](auto& b) { b.publics[0]->type = fb::PublicType::unset; }},
        {"public.type", [](auto& b) { b.publics[0]->type = static_cast<fb::PublicType>(5); }},
        {"public.value.code", [](auto& b) { b.publics[0]->values[0]->code = ""; }},
        {"public.value.label", [](auto& b) { b.publics[0]->values[0]->label = ""; }},
        {"act.name", [](auto& b) { b.acts[0]->name = "Call"; }},
        {"act.label", [](auto& b) { b.acts[0]->label = ""; }},
        {"act.past", [](auto& b) { b.acts[0]->past = ""; }},
        {"act.side", [](auto& b) { b.acts[0]->side = fb::Side::unset; }},
        {"act.side", [](auto& b) { b.acts[0]->side = static_cast<fb::Side>(4); }},
        {"act.recipients", [](auto& b) { b.acts[0]->recipients = fb::Recipients::unset; }},
        {"act.recipients", [](auto& b) { b.acts[0]->recipients = static_cast<fb::Recipients>(7); }},
        {"release", [](auto& b) { b.acts[0]->release = static_cast<fb::Release>(6); }},
        {"clock.name", [](auto& b) { b.clocks[0]->name = ""; }},
        {"clock.label", [](auto& b) { b.clocks[0]->label = ""; }},
        {"row", [](auto& b) { b.rows[0]->trigger = fb::TriggerKind::unset; }},
        {"row", [](auto& b) { b.rows[0]->trigger = static_cast<fb::TriggerKind>(4); }},
        {"guard.op", [](auto& b) { b.rows[2]->guards[0]->op = fb::GuardOp::unset; }},
        {"guard.op", [](auto& b) { b.rows[2]->guards[0]->op = static_cast<fb::GuardOp>(12); }},
        {"effect.op", [](auto& b) { b.rows[0]->effects[0]->op = fb::EffectOp::unset; }},
        {"effect.op", [](auto& b) { b.rows[0]->effects[0]->op = static_cast<fb::EffectOp>(11); }},
        {"release", [](auto& b) { b.rows[0]->effects[0]->release = static_cast<fb::Release>(6); }},
        {"act.correction", [](auto& b) { b.acts[0]->correction = static_cast<fb::Correction>(3); }},
        {"clock.hours", [](auto& b) { b.clocks[0]->hours = static_cast<fb::ClockHours>(3); }},
        {"row: what follows", [](auto& b) { b.rows[0]->kind = "liaison"; }},
        {"row: what follows", [](auto& b) { b.rows[0]->trigger = fb::TriggerKind::followed; }},
        {"information", [](auto& b) { b.information = {"two\nlines"}; }},
    };
    EXPECT_EQ(said(bed_request(), [](auto&) {}), "accepted");
    for (const WrongField& wrong : cases) {
        EXPECT_EQ(said(bed_request(), [&](KindBuilder& k) { wrong.change(k.bundle); }),
                  wrong.named);
    }
}

void add_form(KindBuilder& kind, const std::string& name, std::size_t bytes) {
    fb::FormDeclaredT form;
    form.name = name;
    form.label = "Formulaire";
    form.schema = Bytes(bytes, 1);
    kind.bundle.forms.push_back(std::make_unique<fb::FormDeclaredT>(form));
}

TEST(KindLoad, FormsComeBackByName) {
    KindBuilder builder = least_kind();
    add_form(builder, "Ask", 40);
    builder.bundle.acts[0]->form = "Ask";
    const Kind kind = builder.load().value();
    ASSERT_NE(kind.form("Ask"), nullptr);
    EXPECT_EQ(kind.form("Ask")->schema, Bytes(40, 1));
    EXPECT_EQ(kind.acts[0].form, "Ask");
    EXPECT_EQ(said(builder, [](auto& k) { k.bundle.forms[0]->name = ""; }), "form.name");
    EXPECT_EQ(said(builder, [](auto& k) { k.bundle.forms[0]->label = ""; }), "form.label");
}

TEST(KindLoad, AFormSchemaOverItsLimitIsTooLarge) {
    KindBuilder builder = least_kind();
    add_form(builder, "Ask", limits::kFormSchemaBytesMax);
    EXPECT_TRUE(builder.load().ok());
    builder.bundle.forms[0]->schema.push_back(0);
    EXPECT_EQ(builder.load().code(), ErrorCode::too_large);
}

TEST(KindLoad, ABundleSurvivesEveryCutAndFlip) {
    const Bytes whole = bed_request().bytes();
    for (std::size_t size = 0; size + sizeof(std::uint64_t) <= whole.size(); ++size) {
        ASSERT_FALSE(Kind::load(ByteView(whole).first(size)).ok()) << size;
    }
    const Digest digest = sha256(whole);
    for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit) {
        Bytes bad = whole;
        bad[bit / 8] = static_cast<std::uint8_t>(bad[bit / 8] ^ (1U << (bit % 8)));
        const auto kind = Kind::load(bad);
        ASSERT_TRUE(!kind.ok() || kind->digest != digest) << bit;
    }
}

// Offsets to one text cost four bytes each; 60,000 of them to 128 KB would read as 8 GB.
TEST(KindLoad, SharedTextsAreRefusedBeforeTheyAreCopied) {
    const auto bundle = [](std::size_t professions, std::size_t together) {
        flatbuffers::FlatBufferBuilder b;
        const auto text = b.CreateString(std::string(100'000, 'a'));
        const auto list = [&](std::size_t count) {
            return b.CreateVector(
                std::vector<flatbuffers::Offset<flatbuffers::String>>(count, text));
        };
        const auto short_text = b.CreateString("a");
        const auto kinds = b.CreateVector(std::vector<std::uint8_t>{1});
        const auto role =
            fb::CreateRoleDeclared(b, short_text, short_text, kinds, list(professions));
        const auto roles = b.CreateVector(std::vector<std::uint16_t>{0});
        const auto uses = b.CreateVector(std::vector<flatbuffers::Offset<fb::PublicUse>>());
        const auto act = fb::CreateActDeclared(
            b, short_text, short_text, short_text, fb::Side::opener, true, fb::Recipients::parties,
            roles, false, 0, uses, 7, fb::Release::at_once, list(together));
        const auto no_states =
            b.CreateVector(std::vector<flatbuffers::Offset<fb::StateDeclared>>());
        b.Finish(fb::CreateKindBundle(
            b, 2, short_text, 1, short_text, short_text, fb::PatientData::never, fb::Basis::none, 0,
            b.CreateVector(std::vector{role}), no_states, no_states,
            b.CreateVector(std::vector<flatbuffers::Offset<fb::PublicDeclared>>()),
            b.CreateVector(std::vector{act}),
            b.CreateVector(std::vector<flatbuffers::Offset<fb::ClockDeclared>>()),
            b.CreateVector(std::vector<flatbuffers::Offset<fb::RowDeclared>>()),
            b.CreateVector(std::vector<flatbuffers::Offset<fb::FormDeclared>>()),
            b.CreateVector(std::vector<flatbuffers::Offset<fb::RegisterDeclared>>()), 0,
            b.CreateVector(std::vector<flatbuffers::Offset<flatbuffers::String>>())));
        return Kind::load(ByteView(b.GetBufferPointer(), b.GetSize())).code();
    };
    EXPECT_EQ(bundle(60'000, 0), ErrorCode::too_large);
    EXPECT_EQ(bundle(1, 60'000), ErrorCode::invalid_field) << "100,000 bytes are no profession";
    EXPECT_EQ(bundle(0, 60'000), ErrorCode::too_large);
    EXPECT_EQ(bundle(0, 1), ErrorCode::invalid_field) << "nor an act";
}

}  // namespace
}  // namespace relais::workflow
