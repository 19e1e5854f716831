// Headers, batches, statements and directory entries of the page, read and verified by the C++.
#include <gtest/gtest.h>

#include "core/base/contexts.h"
#include "core/crypto/sha256.h"
#include "core/merkle/tree.h"
#include "schemas/directory/entries.h"
#include "schemas/envelope/signature.h"
#include "schemas/envelope/statements.h"
#include "tests/unit/docs/examples.h"

namespace relais {
namespace {

using test::bytes_at;
using test::id_at;
using test::key_named;
using test::text_at;

TEST(HeaderExample, KeysHaveThePointsAndFingerprintsShown) {
    for (const auto& [name, shown] : test::examples().at("keys").items()) {
        const P256Key key = key_named(name);
        const std::string point = shown.at("public");
        const std::string print = shown.at("fingerprint");
        EXPECT_EQ(hex(key.public_key().view()), point) << name;
        EXPECT_EQ(hex(fingerprint(key.public_key()).view()), print) << name;
    }
}

TEST(HeaderExample, HeaderMadeElsewhereReadsAsItsFields) {
    const Header header = parse_header(bytes_at("/header/bytes")).value();
    EXPECT_EQ(hex(header.id.view()), text_at("/header/fields/id"));
    EXPECT_EQ(hex(header.thread.view()), text_at("/header/fields/thread"));
    EXPECT_EQ(hex(header.kind.view()), text_at("/header/fields/kind"));
    EXPECT_EQ(hex(header.by.view()), text_at("/header/fields/by"));
    EXPECT_EQ(hex(header.station.view()), text_at("/header/fields/station"));
    EXPECT_EQ(hex(header.head.root.view()), text_at("/header/fields/head_root"));
    EXPECT_EQ(header.act, "choose");
    EXPECT_EQ(header.from.text(), text_at("/header/fields/from"));
    ASSERT_EQ(header.to.size(), 1U);
    EXPECT_EQ(header.to[0].mailbox.text(), text_at("/header/fields/to"));
    EXPECT_EQ(header.to[0].counter, 7U);
    EXPECT_EQ(header.lane, Lane::urgent);
    EXPECT_EQ(header.head.size.value, 42U);
    EXPECT_EQ(hex(header.answers->view()), text_at("/header/fields/answers"));
    EXPECT_EQ(hex(header.content_digest.view()), text_at("/content/digest"));
    EXPECT_EQ(hex(header.content_digest.view()), text_at("/header/fields/content_digest"));
}

TEST(HeaderExample, DigestAndSignedMessageAreThoseShown) {
    const Digest digest = header_digest(bytes_at("/header/bytes"));
    EXPECT_EQ(hex(digest.view()), text_at("/header/digest"));
    EXPECT_EQ(hex(signed_message(contexts::kEnvelope, digest.view())), text_at("/header/message"));
}

TEST(HeaderExample, SignatureVerifies) {
    const HeaderSignature signature{id_at<Signature>("/header/signature"), 0, 1, {}};
    EXPECT_TRUE(verify_header_signature(id_at<Digest>("/header/digest"), signature,
                                        key_named("person").public_key(), P256Verifier(1))
                    .ok());
}

TEST(BatchExample, EveryPathLeadsToTheSignedRoot) {
    const auto& batch = test::examples().at("batch");
    for (std::uint32_t i = 0; i < 3; ++i) {
        HeaderSignature signature{id_at<Signature>("/batch/signature"), i, 3, {}};
        for (const auto& hash : batch.at("paths")[i]) {
            signature.path.push_back(hex_from<Digest>(hash.get<std::string>()).value());
        }
        const auto digest = id_at<Digest>("/batch/digests/" + std::to_string(i));
        EXPECT_EQ(hex(signed_root(digest, signature).value().view()), text_at("/batch/root"));
        EXPECT_TRUE(verify_header_signature(digest, signature, key_named("person").public_key(),
                                            P256Verifier(1))
                        .ok());
    }
}

TEST(DeliveredExample, StatementReadsVerifiesAndNamesTheRootOfItsEntries) {
    const Statement statement = parse_statement(bytes_at("/delivered/statement")).value();
    EXPECT_EQ(hex(statement.body), text_at("/delivered/body"));
    EXPECT_EQ(hex(statement.signature.view()), text_at("/delivered/signature"));
    EXPECT_TRUE(verify_statement(contexts::kDelivered, statement,
                                 key_named("station_signing").public_key(), P256Verifier(1))
                    .ok());
    const DeliveredStatement body = parse_delivered(statement.body).value();
    EXPECT_EQ(hex(body.station.view()), text_at("/delivered/fields/station"));
    EXPECT_EQ(body.mailbox.text(), text_at("/delivered/fields/mailbox"));
    EXPECT_EQ(hex(body.incarnation.view()), text_at("/delivered/fields/incarnation"));
    EXPECT_EQ(hex(body.root.view()), text_at("/delivered/fields/root"));
    EXPECT_EQ(body.first.value, 12U);
    EXPECT_EQ(body.last.value, 13U);
    const Digest digests[] = {id_at<Digest>("/delivered/digests/0"),
                              id_at<Digest>("/delivered/digests/1")};
    EXPECT_EQ(merkle::tree_root(digests), body.root);
}

TEST(EntryExample, SignedEntryReadsVerifiesAndHasTheDigestsShown) {
    const auto entry = directory::parse_signed_entry(bytes_at("/entry/signed_entry")).value();
    EXPECT_EQ(hex(entry.entry_bytes), text_at("/entry/entry"));
    EXPECT_EQ(hex(entry.signature.view()), text_at("/entry/signature"));
    EXPECT_EQ(hex(entry.digest().view()), text_at("/entry/digest"));
    EXPECT_EQ(hex(merkle::leaf_hash(entry.bytes).view()), text_at("/entry/leaf_hash"));
    EXPECT_TRUE(std::holds_alternative<directory::Confirmation>(entry.entry.body));
    EXPECT_EQ(entry.entry.number, 5U);
    const P256Public authority = key_named("authority").public_key();
    EXPECT_EQ(entry.entry.signer, fingerprint(authority));
    EXPECT_TRUE(
        P256Verifier(1)
            .verify(authority, signed_message(contexts::kEntry, entry.entry_bytes), entry.signature)
            .ok());
}

}  // namespace
}  // namespace relais
