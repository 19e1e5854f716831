// The keyring learns the epochs that were granted to its station; identity and keys come back from
// where they are kept; a kind that could show a patient is refused.
#include "clients/station/sync/identity.h"
#include "clients/station/sync/keyring.h"
#include "clients/station/sync/kind_shelf.h"
#include "core/crypto/sha256.h"
#include "tests/support/kinds.h"
#include "tests/unit/clients/station/sync/fixture.h"

namespace relais::station {
namespace {

using KeyringTest = World;

TEST_F(KeyringTest, HoldsTheEpochsGrantedToItsStation) {
    EXPECT_EQ(keyring_->get(ward_, {2}).value().public_key(),
              epochs_.at({ward_.text(), 2})->public_key());
}

TEST_F(KeyringTest, PassesOverAGrantThatDoesNotOpen) {
    // Epoch 1 of the small territory is granted with random bytes: the grantor's fault.
    EXPECT_EQ(keyring_->get(ward_, {1}).code(), ErrorCode::not_granted);
}

TEST_F(KeyringTest, HoldsNothingOfMailboxesItsStationDoesNotRead) {
    EXPECT_EQ(keyring_->get(practice_, {2}).code(), ErrorCode::not_granted);
}

TEST_F(KeyringTest, LearnsEachEpochOnce) {
    const auto id = territory_.geriatrics_station.id;
    EXPECT_EQ(keyring_->learn(replica_->state(), id).value(), 0U);
    add_epoch(territory_.hospital, "geriatrie", 3, territory_.geriatrics_station);
    catch_up();
    EXPECT_EQ(keyring_->learn(replica_->state(), id).value(), 1U);
    EXPECT_TRUE(keyring_->get(ward_, {3}).ok());
    EXPECT_TRUE(keyring_->get(ward_, {2}).ok());
}

TEST_F(KeyringTest, AnUnknownStationLearnsNothing) {
    EXPECT_EQ(keyring_->learn(replica_->state(), territory_.random().make<StationId>()).value(),
              0U);
}

using KindShelfTest = World;

TEST_F(KindShelfTest, GivesAKindWithItsForms) {
    const auto kind = kinds_->get(kind_digest()).value();
    EXPECT_EQ(kind->kind.name, "admission");
    EXPECT_EQ(kind->forms.size(), kind->kind.forms.size());
    const auto act = kind->kind.act("call");
    ASSERT_TRUE(act.has_value());
    ASSERT_NE(kind->form_of(kind->kind.acts[*act]), nullptr);
    EXPECT_EQ(kind->form_of(kind->kind.acts[*act])->name(), "Call");
    EXPECT_EQ(kinds_->get(territory_.random().make<Digest>()).code(), ErrorCode::unknown_kind);
}

TEST_F(KindShelfTest, ABundleThatIsNoKindIsRefused) {
    const Bytes bad = to_bytes(as_bytes("rien d'un type"));
    store_->add_bundle(sha256(bad), bad).value();
    EXPECT_EQ(kinds_->get(sha256(bad)).code(), ErrorCode::malformed);
}

TEST_F(KindShelfTest, AKindWithoutPatientsThatAsksForAnIdentityIsRefused) {
    const auto admission = kinds_->get(kind_digest()).value();
    const auto held = [&](const char* form) {
        const Bytes bundle =
            test::circular_with_form(fb::PatientData::never, admission->kind.form(form)->schema);
        store_->add_bundle(sha256(bundle), bundle).value();
        return kinds_->get(sha256(bundle)).code();
    };
    EXPECT_EQ(held("Dossier"), ErrorCode::invalid_field);
    EXPECT_EQ(held("Question"), ErrorCode::ok);
}

TEST_F(KindShelfTest, AKindOfWhichAFormDoesNotLoadIsRefused) {
    Bytes torn = kinds_->get(kind_digest()).value()->kind.form("Question")->schema;
    torn.resize(torn.size() / 2);
    const Bytes bundle = test::circular_with_form(fb::PatientData::never, torn);
    store_->add_bundle(sha256(bundle), bundle).value();
    EXPECT_NE(kinds_->get(sha256(bundle)).code(), ErrorCode::ok);
}

using IdentityTest = World;

TEST_F(IdentityTest, ComesBackFromTheStore) {
    EXPECT_EQ(load_identity(*store_).code(), ErrorCode::not_found);
    auto& random = territory_.random();
    const Identity given{territory_.domain(),         random.make<Digest>(),
                         territory_.hospital.name,    territory_.geriatrics_station.id,
                         "tcp://relais.example:7411", random.make<CurvePublic>()};
    save_identity(*store_, given).value();
    const Identity back = load_identity(*store_).value();
    EXPECT_EQ(back.domain, given.domain);
    EXPECT_EQ(back.authority, given.authority);
    EXPECT_EQ(back.organisation, given.organisation);
    EXPECT_EQ(back.station, given.station);
    EXPECT_EQ(back.endpoint, given.endpoint);
    EXPECT_EQ(back.broker_curve, given.broker_curve);
}

TEST_F(IdentityTest, KeysComeBackFromTheVault) {
    const auto file = folder_.path() / "vault.json";
    const Secret passphrase = Secret::copy_of("phrase du poste");
    StationKeys keys = StationKeys::generate();
    Vault vault = Vault::create(file, passphrase, {10, 1, 1}).value();
    EXPECT_EQ(load_keys(vault).code(), ErrorCode::not_here);
    put_keys(vault, keys);
    EXPECT_FALSE(load_keys(vault).value().authority.has_value());
    keys.authority = P256Key::generate();
    put_keys(vault, keys);
    vault.save().value();
    const StationKeys back = load_keys(Vault::open(file, passphrase).value()).value();
    EXPECT_EQ(back.curve.public_key, keys.curve.public_key);
    EXPECT_EQ(back.sealing.public_key(), keys.sealing.public_key());
    EXPECT_EQ(back.signing.public_key(), keys.signing.public_key());
    EXPECT_EQ(back.authority->public_key(), keys.authority->public_key());
}

}  // namespace
}  // namespace relais::station
