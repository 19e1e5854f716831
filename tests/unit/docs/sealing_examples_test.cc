// Content, key boxes, grants, recovery sheet and invitation of the page, made or opened by the C++.
#include <gtest/gtest.h>

#include "clients/station/api/inviter.h"
#include "clients/station/seal/aead.h"
#include "clients/station/seal/content.h"
#include "clients/station/seal/envelope_seal.h"
#include "clients/station/seal/recovery.h"
#include "core/crypto/sha256.h"
#include "schemas/compiler/form_files.h"
#include "schemas/forms/forms.h"
#include "tests/unit/docs/examples.h"

namespace relais {
namespace {

using test::bytes_at;
using test::id_at;
using test::key_named;
using test::secret_at;
using test::text_at;

forms::FormSchema form_named(const std::string& name) {
    const auto known =
        compiler::compile_forms(std::string(RELAIS_SOURCE_DIR) + "/schemas/kinds/admission")
            .value();
    for (const auto& form : known) {
        if (form.name == name) return forms::FormSchema::load(form.schema).value();
    }
    throw std::runtime_error("no form " + name);
}

TEST(ContentExample, PaddedContentHoldsThePayloadAndHasTheDigestShown) {
    const Secret padded = secret_at("/content/padded");
    EXPECT_EQ(hex(sha256(padded.expose()).view()), text_at("/content/digest"));
    const Secret payload = seal::unpad_content(padded).value();
    EXPECT_EQ(hex(payload.expose()), text_at("/content/payload"));
}

TEST(ContentExample, PayloadMadeElsewhereIsTheFormShown) {
    const forms::FormSchema form = form_named(text_at("/content/form_name"));
    forms::Findings findings;
    const auto values =
        forms::decode(form, bytes_at("/content/payload"), InsEnvironment::test, findings);
    ASSERT_TRUE(values.ok()) << values.error().describe();
    EXPECT_EQ(*values, test::examples().at("content").at("form"));
    EXPECT_TRUE(findings.empty());
}

// What sealing under that ephemeral key gives, held against what is shown at `pointer`.
void expect_sealed(const std::string& pointer, const std::string& ephemeral,
                   const std::string& recipient, const std::string& plaintext) {
    const auto sealed = seal::hpke_seal_with(
        key_named(ephemeral), key_named(recipient).public_key(), bytes_at(pointer + "/info"),
        as_bytes(text_at(pointer + "/aad")), bytes_at(plaintext), seal::HpkeAead::aes_256_gcm);
    ASSERT_TRUE(sealed.ok()) << pointer;
    EXPECT_EQ(hex(sealed->enc), text_at(pointer + "/enc"));
    EXPECT_EQ(hex(sealed->ciphertext), text_at(pointer + "/sealed_key"));
}

TEST(BoxExample, SealingUnderTheEphemeralKeysShownGivesTheSameBytes) {
    expect_sealed("/envelope/boxes/0", "own_ephemeral", "own_epoch", "/envelope/content_key");
    expect_sealed("/envelope/boxes/1", "ephemeral", "epoch", "/envelope/content_key");
    expect_sealed("/grant", "ephemeral", "station_sealing", "/keys/epoch/scalar");
}

TEST(BoxExample, TheKeyShownOpensWhatIsSealed) {
    for (const std::string pointer : {"/envelope/boxes/0", "/envelope/boxes/1", "/grant"}) {
        const auto opened =
            seal::aead_open(secret_at(pointer + "/key"), bytes_at(pointer + "/base_nonce"),
                            as_bytes(text_at(pointer + "/aad")), bytes_at(pointer + "/sealed_key"));
        EXPECT_TRUE(opened.ok()) << pointer;
    }
}

TEST(EnvelopeExample, EnvelopeMadeElsewhereOpensForBothMailboxes) {
    const Envelope envelope = Envelope::parse(bytes_at("/envelope/bytes")).value();
    const std::string names[] = {"own_epoch", "epoch"};
    for (std::uint16_t position = 0; position < 2; ++position) {
        const auto key = seal::open_box(envelope.boxes()[position], envelope.digest(),
                                        envelope.mailbox_at(position), key_named(names[position]));
        ASSERT_TRUE(key.ok()) << position;
        EXPECT_EQ(envelope.mailbox_at(position).text(),
                  text_at("/envelope/boxes/" + std::to_string(position) + "/mailbox"));
        EXPECT_EQ(hex(key->expose()), text_at("/envelope/content_key"));
        const auto payload = seal::decrypt_content(*key, envelope.digest(), envelope.content(),
                                                   envelope.header().content_digest);
        ASSERT_TRUE(payload.ok());
        EXPECT_EQ(hex(payload->expose()), text_at("/content/payload"));
    }
}

TEST(EnvelopeExample, EncryptingGivesTheCiphertextShown) {
    const Bytes content =
        seal::encrypt_content(secret_at("/envelope/content_key"), id_at<Digest>("/header/digest"),
                              secret_at("/content/padded"));
    EXPECT_EQ(hex(content), text_at("/envelope/ciphertext"));
}

TEST(GrantExample, OpensToTheEpochsPrivateKey) {
    const directory::Grant grant{std::nullopt, bytes_at("/grant/enc"),
                                 bytes_at("/grant/sealed_key")};
    const Address mailbox = Address::parse("geriatrie.ch-valmont@indre").value();
    const auto key = seal::open_grant(grant, mailbox, {3}, key_named("epoch").public_key(),
                                      key_named("station_sealing"));
    ASSERT_TRUE(key.ok());
    EXPECT_EQ(hex(key->scalar().expose()), text_at("/keys/epoch/scalar"));
}

TEST(RecoveryExample, SheetAndKeysFollowFromTheSecret) {
    const Secret secret = secret_at("/recovery/secret");
    EXPECT_EQ(as_text(seal::recovery_code(secret).expose()), text_at("/recovery/sheet"));
    const seal::RecoveryKeys keys = seal::recovery_keys(secret);
    EXPECT_EQ(hex(keys.signing.public_key().view()), text_at("/recovery/signing/public"));
    EXPECT_EQ(hex(keys.sealing.public_key().view()), text_at("/recovery/sealing/public"));
    EXPECT_EQ(hex(keys.signing.scalar().expose()), text_at("/recovery/signing/scalar"));
    EXPECT_EQ(hex(keys.sealing.scalar().expose()), text_at("/recovery/sealing/scalar"));
    EXPECT_EQ(hex(fingerprint(keys.signing.public_key()).view()),
              text_at("/recovery/signing/fingerprint"));
    EXPECT_EQ(hex(fingerprint(keys.sealing.public_key()).view()),
              text_at("/recovery/sealing/fingerprint"));
}

TEST(EnrolmentExample, TokenMadeElsewhereReadsAsItsFields) {
    const auto invitation = parse_invitation(text_at("/enrolment/token"));
    ASSERT_TRUE(invitation.ok()) << invitation.error().describe();
    EXPECT_EQ(invitation->domain.text(), "indre");
    EXPECT_EQ(invitation->purpose, wire::InvitationPurpose::organisation);
    EXPECT_EQ(hex(invitation->authenticator.expose()), text_at("/enrolment/fields/authenticator"));
    EXPECT_EQ(hex(invitation->inviter.view()), text_at("/enrolment/fields/inviter"));
    EXPECT_EQ(hex(invitation->domain_authority.view()),
              text_at("/enrolment/fields/domain_authority"));
    EXPECT_EQ(hex(invitation->broker_curve.view()), text_at("/enrolment/fields/broker_curve"));
    EXPECT_EQ(hex(invitation->enrolment_curve.view()),
              text_at("/enrolment/fields/enrolment_curve"));
    EXPECT_EQ(invitation->broker_endpoint, text_at("/enrolment/fields/broker_endpoint"));
    EXPECT_EQ(invitation->enrolment_endpoint, text_at("/enrolment/fields/enrolment_endpoint"));
    EXPECT_EQ(invitation->checkpoint, text_at("/enrolment/fields/checkpoint"));
}

TEST(EnrolmentExample, MacsOfProposalAndAnswersAreThoseShown) {
    const Secret authenticator = secret_at("/enrolment/fields/authenticator");
    const Bytes payload = bytes_at("/enrolment/payload");
    const Digest mac =
        station::proposal_mac(authenticator, id_at<Locator>("/enrolment/fields/locator"), payload);
    EXPECT_EQ(hex(mac.view()), text_at("/enrolment/mac"));
    const Digest proposal = sha256(payload);
    EXPECT_EQ(hex(proposal.view()), text_at("/enrolment/proposal"));
    EXPECT_EQ(hex(station::answer_mac(authenticator, proposal, true).view()),
              text_at("/enrolment/answers/approved"));
    EXPECT_EQ(hex(station::answer_mac(authenticator, proposal, false).view()),
              text_at("/enrolment/answers/refused"));
}

}  // namespace
}  // namespace relais
