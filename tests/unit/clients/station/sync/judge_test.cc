// A received envelope is believed step by step, in one order, each failure with its own name.
#include <filesystem>
#include <fstream>
#include <sstream>

#include "clients/station/seal/content.h"
#include "clients/station/seal/envelope_seal.h"
#include "core/base/contexts.h"
#include "core/base/limits.h"
#include "core/crypto/sha256.h"
#include "schemas/compiler/compiler.h"
#include "schemas/forms/writer.h"
#include "tests/unit/clients/station/sync/fixture.h"

namespace relais::station {
namespace {

using JudgeTest = World;

TEST_F(JudgeTest, ASoundEnvelopeIsOpened) {
    const EnvelopeEntry entry = make({});
    EXPECT_EQ(received(entry), ErrorCode::ok);
    const auto opened = judge_->open(entry, ward_);
    ASSERT_TRUE(opened.ok());
    EXPECT_EQ(opened->form.at("speciality"), "geriatrics");
    EXPECT_EQ(opened->form.at("reason_code"), "R53");
    EXPECT_EQ(opened->header.act, "call");
    EXPECT_EQ(opened->digest, header_digest(entry.header.bytes));
}

TEST_F(JudgeTest, ADelegateOpensNothingBeforeTheAbsence) {
    const WallTime begins = test::kTestTime + std::chrono::hours(24);
    judge_->tell_time(begins);
    EXPECT_EQ(received(make({.delegate = true})), ErrorCode::release_unproven)
        << "nobody said that cardiology is away";
    territory_.append("ch-valmont", *territory_.hospital.authority,
                      directory::Absence{territory_.cardiology.unit.name,
                                         {{begins, begins + std::chrono::hours(8), ward_}}});
    catch_up();
    judge_->tell_time(test::kTestTime + std::chrono::hours(22));
    EXPECT_EQ(received(make({.counter = 2, .delegate = true})), ErrorCode::release_unproven);
    judge_->tell_time(begins);
    EXPECT_EQ(received(make({.counter = 3, .delegate = true})), ErrorCode::ok);
    judge_->tell_time(begins + std::chrono::hours(9));
    EXPECT_EQ(received(make({.counter = 4, .delegate = true})), ErrorCode::ok)
        << "handed over in time, fetched later";
}

// An envelope wrong in every way is refused for the first; mended there, for the next; and so on.
TEST_F(JudgeTest, EachFailureIsNamedBeforeThoseThatFollow) {
    const std::vector<ErrorCode> names = {ErrorCode::malformed,
                                          ErrorCode::bad_signature,
                                          ErrorCode::public_field_refused,
                                          ErrorCode::counter_contradiction,
                                          ErrorCode::head_contradiction,
                                          ErrorCode::box_unopenable,
                                          ErrorCode::content_undecryptable,
                                          ErrorCode::digest_mismatch,
                                          ErrorCode::malformed,
                                          ErrorCode::form_invalid};
    ASSERT_EQ(names.size(), static_cast<std::size_t>(kDamages));
    ASSERT_EQ(received(make({.counter = 5})), ErrorCode::ok);
    std::vector<bool> damaged(kDamages, true);
    for (std::size_t step = 0; step < names.size(); ++step) {
        const bool counter_mended = step > static_cast<std::size_t>(Damage::counter);
        const std::uint64_t counter = counter_mended ? 6 + step : 5;
        EXPECT_EQ(received(make({.counter = counter}, damaged)), names[step]) << "step " << step;
        damaged[step] = false;
    }
    EXPECT_EQ(received(make({.counter = 100}, damaged)), ErrorCode::ok);
}

TEST_F(JudgeTest, AnyFlippedBitOfTheSignedHeaderIsRefused) {
    const EnvelopeEntry entry = make({});
    for (std::size_t bit = 0; bit < 8 * entry.header.bytes.size(); bit += 3) {
        EnvelopeEntry bad = entry;
        auto& byte = bad.header.bytes[bit / 8];
        byte = static_cast<std::uint8_t>(byte ^ (1U << (bit % 8)));
        ASSERT_NE(opened(bad), ErrorCode::ok) << bit;
    }
    for (std::size_t bit = 0; bit < 512; bit += 3) {
        EnvelopeEntry bad = entry;
        auto& byte = bad.header.signature.signature.bytes[bit / 8];
        byte = static_cast<std::uint8_t>(byte ^ (1U << (bit % 8)));
        ASSERT_EQ(opened(bad), ErrorCode::bad_signature) << bit;
    }
}

TEST_F(JudgeTest, AtAnotherMailboxItIsNotAddressed) {
    const EnvelopeEntry entry = make({});
    EXPECT_EQ(judge_->open(entry, test::address("cardiologie.ch-valmont@indre")).code(),
              ErrorCode::not_addressed);
    EnvelopeEntry moved = entry;
    moved.box.position = 2;
    EXPECT_EQ(opened(moved), ErrorCode::not_addressed);
    moved.box.position = 0;
    EXPECT_EQ(opened(moved), ErrorCode::not_addressed);
}

TEST_F(JudgeTest, ItIsJudgedByTheDirectoryWhenTheBrokerAcceptedIt) {
    const DirectorySize before = territory_.state().size();
    const DirectoryHead head = replica_->head();
    territory_.revoke(territory_.doctor);
    catch_up();
    EXPECT_EQ(opened(make({.head = head, .at = before})), ErrorCode::ok);
    EXPECT_EQ(opened(make({})), ErrorCode::unknown_person);
}

TEST_F(JudgeTest, AcceptedUnderADirectoryThatIsNotHereYetItWaits) {
    const DirectoryHead head = replica_->head();
    territory_.attest(territory_.nurse);
    const EnvelopeEntry entry = make({.head = head});
    const wire::Delivery first = delivery(entry);
    EXPECT_EQ(judge_->receive(first).value(), ErrorCode::ahead_of_directory);
    EXPECT_TRUE(may_pass(ErrorCode::ahead_of_directory));
    catch_up();
    const StoredEntry waiting{.serial = 1,
                              .delivery = first,
                              .digest = entry_digest(entry),
                              .thread = {},
                              .message = {},
                              .status = ErrorCode::ahead_of_directory};
    EXPECT_EQ(judge_->again(waiting).value(), ErrorCode::ok);
}

TEST_F(JudgeTest, SomeoneElsesSignatureIsRefused) {
    EXPECT_EQ(opened(make({.key = territory_.geriatrician.key})), ErrorCode::bad_signature);
    EXPECT_EQ(opened(make({.key = territory_.practice.authority})), ErrorCode::bad_signature);
    EXPECT_EQ(opened(make({.by = territory_.random().make<PersonId>()})),
              ErrorCode::unknown_person);
}

// The bundle of kind `admission` with another text in the form of remarks.
Bytes with_remark(const std::string& replaced, const std::string& by) {
    const test::TestFolder folder;
    const std::filesystem::path kinds = folder.path() / "kinds";
    std::filesystem::copy(RELAIS_SOURCE_DIR "/schemas/kinds", kinds,
                          std::filesystem::copy_options::recursive);
    const std::filesystem::path file = kinds / "admission/remark.fbs";
    std::ostringstream before;
    before << std::ifstream(file).rdbuf();
    std::string text = before.str();
    text.replace(text.find(replaced), replaced.size(), by);
    std::ofstream(file) << text;
    return compiler::compile_kind(kinds / "admission").value();
}

// What the header publishes decides what the form must say, for the reader as for the sender.
TEST_F(JudgeTest, AFormThatBreaksAConditionIsRefusedWhateverItsSenderChecked) {
    const auto written = [&](const LoadedKind& kind, const char* form, const char* values) {
        return forms::write_values(kind.forms.at(form).root(), nlohmann::json::parse(values));
    };
    const Bytes altered =
        with_remark("public decline-reason is OTHER", "public cancel-reason is ERROR");
    const Digest digest = sha256(altered);
    territory_.publish_kind(territory_.cpts, "admission", 2, digest);
    catch_up();
    store_->add_bundle(digest, altered).value();
    const LoadedKind conditioned = load_kind(altered).value();
    const Bytes phone = written(conditioned, "Remark", R"({"phone": "02 61 91 00 00"})");
    const Bytes both =
        written(conditioned, "Remark", R"({"phone": "02 61 91 00 00", "remark": "Doublon."})");
    const auto cancelled = [&](std::int64_t reason, const Bytes& payload) {
        return opened(
            make({.act = "cancel", .publics = {{5, reason}}, .kind = digest, .payload = payload}));
    };
    EXPECT_EQ(cancelled(1, phone), ErrorCode::ok);
    EXPECT_EQ(cancelled(5, both), ErrorCode::ok);
    EXPECT_EQ(cancelled(5, phone), ErrorCode::form_invalid);
}

// The broker judged the person of the header: whoever reads is told where the form names another.
TEST_F(JudgeTest, AFormThatNamesAnotherPersonThanTheHeaderIsReadWithAWarning) {
    const Bytes altered =
        with_remark("phone:string (label: \"Téléphone\", phone,",
                    "whose:string (label: \"Qui\", ident: \"rpps\", attention);\n"
                    "  /// Pour en parler.\n  phone:string (label: \"Téléphone\", phone,");
    const Digest digest = sha256(altered);
    territory_.publish_kind(territory_.cpts, "admission", 2, digest);
    catch_up();
    store_->add_bundle(digest, altered).value();
    const LoadedKind kind = load_kind(altered).value();
    const auto read = [&](const std::string& rpps, const std::optional<PersonId>& attention) {
        const Bytes payload =
            forms::write_values(kind.forms.at("Remark").root(), {{"whose", rpps}});
        const auto entry = make({.act = "cancel",
                                 .publics = {{5, 1}},
                                 .kind = digest,
                                 .payload = payload,
                                 .attention = attention});
        std::string said;
        const auto opened = judge_->open(entry, ward_);
        EXPECT_TRUE(opened.ok());
        for (const forms::Finding& warning : opened->warnings) {
            // The RPPS of tests have no right key, which is another warning.
            if (warning.code == ErrorCode::invalid_field) said += warning.path + "\n";
        }
        return said;
    };
    const PersonId named = territory_.geriatrician.id;
    const std::string rpps = replica_->state().person_ever(named)->person.rpps;
    EXPECT_EQ(read(rpps, named), "");
    EXPECT_EQ(read("01234567897", named), "whose\n");
    EXPECT_EQ(read("01234567897", std::nullopt), "") << "to nobody's attention";
}

// What ends a request, or was before one's own act: the broker may say it, its author signed it.
TEST_F(JudgeTest, AnActThatTheBrokerQuotesIsBelievedForItsSignature) {
    const SignedHeader choice = make({.act = "choose", .publics = {}, .payload = Bytes{1}}).header;
    const auto quote = [&](const SignedHeader& act) {
        return judge_->check_quoted(act, parse_header(act.bytes).value().thread);
    };
    const auto quoted = quote(choice);
    ASSERT_TRUE(quoted.ok()) << error_name(quoted.code());
    EXPECT_EQ(quoted->header.act, "choose");

    const auto refused = [&](const SignedHeader& act) { return quote(act).code(); };
    const auto another = territory_.random().make<ThreadId>();
    EXPECT_EQ(judge_->check_quoted(choice, another).code(), ErrorCode::unknown_thread);
    EXPECT_EQ(judge_->check_quoted(SignedHeader{}, another).code(), ErrorCode::malformed);
    SignedHeader flipped = choice;
    flipped.signature.signature.bytes[9] ^= 1;
    EXPECT_EQ(refused(flipped), ErrorCode::bad_signature);
    ActDraft draft{.act = "choose", .publics = {}, .payload = Bytes{1}};
    draft.key = territory_.geriatrician.key;
    EXPECT_EQ(refused(make(draft).header), ErrorCode::bad_signature);
    draft = {.act = "choose", .publics = {}, .payload = Bytes{1}};
    draft.by = territory_.secretary.id;
    draft.key = territory_.secretary.key;
    EXPECT_EQ(refused(make(draft).header), ErrorCode::role_refused);
    draft = {.act = "choose", .publics = {}, .payload = Bytes{1}};
    draft.head = DirectoryHead{{replica_->size().value + 1}, {}};
    EXPECT_EQ(refused(make(draft).header), ErrorCode::ahead_of_directory);
    EXPECT_TRUE(may_pass(ErrorCode::ahead_of_directory));
}

TEST_F(JudgeTest, TheActMustBeOneOfItsKindAndAllowedToItsSigner) {
    EXPECT_EQ(opened(make({.act = "inconnu"})), ErrorCode::act_refused);
    EXPECT_EQ(opened(make({.kind = territory_.random().make<Digest>()})), ErrorCode::act_refused);
    EXPECT_EQ(opened(make({.publics = {}})), ErrorCode::public_field_refused);
    EXPECT_EQ(opened(make({.lane = Lane::crisis})), ErrorCode::lane_refused);
    EXPECT_EQ(opened(make({.by = territory_.secretary.id, .key = territory_.secretary.key})),
              ErrorCode::role_refused);
    EXPECT_EQ(opened(make({.by = territory_.geriatrician.id, .key = territory_.geriatrician.key})),
              ErrorCode::unknown_person);
}

// Both versions are published and the act is sound: it is of no thread that opened under the other.
TEST_F(JudgeTest, AnActOfAnotherVersionThanItsThreadsIsRefused) {
    const Bytes next =
        with_remark("public decline-reason is OTHER", "public cancel-reason is ERROR");
    territory_.publish_kind(territory_.cpts, "admission", 2, sha256(next));
    catch_up();
    store_->add_bundle(sha256(next), next).value();
    const EnvelopeEntry opening = make({});
    const ThreadId thread = parse_header(opening.header.bytes).value().thread;
    ASSERT_EQ(received(opening), ErrorCode::ok);
    const auto keep = [&](const EnvelopeEntry& entry, ErrorCode status) {
        store_
            ->add_entry({.serial = 0,
                         .delivery = delivery(entry),
                         .digest = entry_digest(entry),
                         .thread = thread,
                         .message = std::nullopt,
                         .status = status})
            .value();
    };
    const EnvelopeEntry other = make({.counter = 2, .kind = sha256(next), .thread = thread});
    keep(other, ErrorCode::wrong_kind_version);  // what is not valid says nothing of the thread
    for (const ErrorCode status : {ErrorCode::not_granted, ErrorCode::ok}) {
        keep(opening, status);
        EXPECT_EQ(received(other), ErrorCode::wrong_kind_version) << error_name(status);
    }
    EXPECT_EQ(received(make({.counter = 2, .thread = thread})), ErrorCode::ok);
    EXPECT_EQ(received(make({.counter = 3, .kind = sha256(next)})), ErrorCode::ok);
}

TEST_F(JudgeTest, AKindWhoseBundleIsNotHereYetWaits) {
    const Bytes other = to_bytes(as_bytes("pas encore là"));
    territory_.publish_kind(territory_.cpts, "admission", 2, sha256(other));
    catch_up();
    EXPECT_EQ(opened(make({.kind = sha256(other)})), ErrorCode::unknown_kind);
    EXPECT_TRUE(may_pass(ErrorCode::unknown_kind));
}

TEST_F(JudgeTest, AKindPublishedAfterwardsDoesNotCount) {
    const DirectorySize before = territory_.state().size();
    const Bytes other = to_bytes(as_bytes("plus tard"));
    territory_.publish_kind(territory_.cpts, "admission", 2, sha256(other));
    catch_up();
    EXPECT_EQ(opened(make({.kind = sha256(other), .at = before})), ErrorCode::act_refused);
}

TEST_F(JudgeTest, ACounterThatDoesNotRiseIsAContradiction) {
    EXPECT_EQ(received(make({.counter = 5})), ErrorCode::ok);
    EXPECT_EQ(received(make({.counter = 5})), ErrorCode::counter_contradiction);
    EXPECT_EQ(received(make({.counter = 4})), ErrorCode::counter_contradiction);
    EXPECT_EQ(received(make({.counter = 9})), ErrorCode::ok);  // gaps: to other mailboxes' readers
    EXPECT_EQ(received(make({.counter = 10})), ErrorCode::ok);
}

// What is not signed takes no counter: else a forgery with a high one would bar the true sender.
TEST_F(JudgeTest, AForgeryUsesNoCounterUp) {
    std::vector<bool> forged(kDamages, false);
    forged[static_cast<std::size_t>(Damage::signature)] = true;
    EXPECT_EQ(received(make({.counter = 1'000'000}, forged)), ErrorCode::bad_signature);
    EXPECT_EQ(received(make({.counter = 1})), ErrorCode::ok);
}

// Nor is what nobody could check yet: a broker can always say that it was under a later directory.
TEST_F(JudgeTest, WhatWaitsForItsSignersKeyUsesNoCounterUp) {
    std::vector<bool> forged(kDamages, false);
    forged[static_cast<std::size_t>(Damage::signature)] = true;
    EnvelopeEntry ahead = make({.counter = 1'000'000}, forged);
    ahead.accepted.directory_size = replica_->size().next();
    EXPECT_EQ(received(ahead), ErrorCode::ahead_of_directory);
    EXPECT_EQ(received(make({.counter = 1})), ErrorCode::ok);
}

// After a restore of the broker the same entry comes again, under another number.
TEST_F(JudgeTest, TheSameHeaderAgainIsNoContradiction) {
    const EnvelopeEntry entry = make({.counter = 5});
    const wire::Delivery first = delivery(entry);
    EXPECT_EQ(judge_->receive(first).value(), ErrorCode::ok);
    store_
        ->add_entry({.serial = 0,
                     .delivery = first,
                     .digest = entry_digest(entry),
                     .thread = {},
                     .message = {},
                     .status = ErrorCode::ok})
        .value();
    EXPECT_EQ(received(entry), ErrorCode::ok);
}

TEST_F(JudgeTest, AnotherDirectoryThanOnesOwnIsAContradiction) {
    const DirectoryHead own = replica_->head();
    DirectoryHead other = own;
    other.root.bytes[0] ^= 1;
    EXPECT_EQ(opened(make({.head = other})), ErrorCode::head_contradiction);
    EXPECT_EQ(opened(make({.head = DirectoryHead{{own.size.value + 1}, own.root}})),
              ErrorCode::head_contradiction);
    EXPECT_EQ(opened(make({.head = DirectoryHead{{own.size.value - 1},
                                                 replica_->root_at({own.size.value - 1})}})),
              ErrorCode::ok);
    EXPECT_EQ(opened(make({.head = DirectoryHead{{own.size.value - 1}, own.root}})),
              ErrorCode::head_contradiction);
}

TEST_F(JudgeTest, AnEpochThatWasNotGrantedWaits) {
    EXPECT_EQ(opened(make({.epoch = {3}})), ErrorCode::not_granted);
    EXPECT_TRUE(may_pass(ErrorCode::not_granted));
    EXPECT_FALSE(may_pass(ErrorCode::box_unopenable));
}

TEST_F(JudgeTest, APayloadWithoutAFormIsRefused) {
    EXPECT_EQ(opened(make({.payload = Bytes(300, 0)})), ErrorCode::form_invalid);
    EXPECT_EQ(opened(make({.payload = form("ask", "Question")})), ErrorCode::form_invalid);
}

// No content at all: the form has mandatory fields.
TEST_F(JudgeTest, AnActWithoutItsFormIsRefused) {
    EXPECT_EQ(opened(make({.padded = Bytes(512, 0)})), ErrorCode::form_invalid);
}

// Of somebody whose affiliation was over when the broker took it, whatever made it take it.
TEST_F(JudgeTest, AnActAcceptedOutsideOfAnAffiliationIsRefused) {
    directory::Person locum = territory_.doctor.person;
    locum.from = test::kTestTime + Milliseconds(-1000);
    locum.until = test::kTestTime + Milliseconds(1000);
    territory_.append("cabinet", *territory_.practice.authority, locum);
    catch_up();
    const auto accepted_at = [&](WallTime at) {
        EnvelopeEntry entry = make({});
        entry.accepted.time = at;
        return opened(entry);
    };
    EXPECT_EQ(accepted_at(locum.from), ErrorCode::ok);
    EXPECT_EQ(accepted_at(locum.from + Milliseconds(-1)), ErrorCode::not_affiliated);
    EXPECT_EQ(accepted_at(locum.until), ErrorCode::not_affiliated);
}

class JudgeStatements : public World {
protected:
    [[nodiscard]] NoticeEntry notice(const test::TestKey& key) {
        const Notice body = test::full_notice(territory_.random(), *territory_.doctor.key, 3);
        return {encode_statement(make_statement(contexts::kNotice, encode_notice(body), *key))};
    }
    [[nodiscard]] MarkedEntry mark(const test::TestPerson& by, const test::TestKey& key) {
        auto& random = territory_.random();
        const PersonMark body{by.id,
                              ward_,
                              make_uuid_v7<MessageId>(random, test::kTestTime),
                              random.make<Digest>(),
                              Word::opened,
                              test::kTestTime};
        return {encode_statement(make_statement(contexts::kMark, encode_mark(body), *key))};
    }
};

TEST_F(JudgeStatements, ANoticeIsTheBrokersAlone) {
    EXPECT_TRUE(judge_->open_notice(notice(territory_.broker_key())).ok());
    EXPECT_EQ(judge_->open_notice(notice(territory_.registrar())).code(), ErrorCode::bad_signature);
    NoticeEntry bad = notice(territory_.broker_key());
    bad.statement[bad.statement.size() / 2] ^= 1;
    EXPECT_FALSE(judge_->open_notice(bad).ok());
}

TEST_F(JudgeStatements, ANoticeDatedOrReceivedBeyondTheEndOfTheBrokersKeyIsRefused) {
    const WallTime until = territory_.domain_body().broker_key_until;
    const auto dated = [&](WallTime at) {
        Notice body = test::full_notice(territory_.random(), *territory_.doctor.key, 3);
        body.time = at;
        return NoticeEntry{encode_statement(
            make_statement(contexts::kNotice, encode_notice(body), *territory_.broker_key()))};
    };
    const NoticeEntry last = dated(until);
    EXPECT_TRUE(judge_->open_notice(last).ok());
    EXPECT_EQ(judge_->open_notice(dated(until + Milliseconds(1))).code(), ErrorCode::revoked);
    const auto received_at = [&](WallTime at) {
        judge_->tell_time(at);
        const wire::Delivery delivery{ward_, incarnation_, Lane::urgent, {1}, last};
        return judge_->receive(delivery).value();
    };
    EXPECT_EQ(received_at(until), ErrorCode::ok);
    EXPECT_EQ(received_at(until + Milliseconds(1)), ErrorCode::revoked) << "dated back, it may be";
}

TEST_F(JudgeStatements, AMarkIsItsPersonsAloneInItsMailboxAlone) {
    const test::TestPerson& nurse = territory_.nurse;
    EXPECT_TRUE(judge_->open_mark(mark(nurse, nurse.key), ward_).ok());
    EXPECT_EQ(judge_->open_mark(mark(nurse, territory_.doctor.key), ward_).code(),
              ErrorCode::bad_signature);
    EXPECT_EQ(judge_->open_mark(mark(nurse, nurse.key), practice_).code(),
              ErrorCode::not_addressed);
    test::TestPerson stranger = nurse;
    stranger.id = territory_.random().make<PersonId>();
    EXPECT_EQ(judge_->open_mark(mark(stranger, nurse.key), ward_).code(),
              ErrorCode::unknown_person);
    const test::TestPerson& doctor = territory_.doctor;
    EXPECT_EQ(judge_->open_mark(mark(doctor, doctor.key), ward_).code(), ErrorCode::not_on_station)
        << "a person of another organisation stands on no station of this one";
}

// A signature made for one purpose is valid for no other.
TEST_F(JudgeStatements, AMarkIsNoNoticeThoughTheBrokerSignedIt) {
    const MarkedEntry as_mark = mark(territory_.nurse, territory_.broker_key());
    EXPECT_EQ(judge_->open_notice({as_mark.statement}).code(), ErrorCode::bad_signature);
}

TEST(ErrorsOfTheStore, ADiskThatBecameReadOnlyIsNoVerdictOnWhatWasReceived) {
    EXPECT_TRUE(of_the_store(ErrorCode::wrong_permissions));
    EXPECT_FALSE(of_the_store(ErrorCode::bad_signature));
}

class JudgeFormerKeys : public JudgeStatements {
protected:
    // The authority names the broker's key of now, with its end.
    void name_key(const test::TestKey& key, WallTime until) {
        directory::Domain body = *territory_.state().domain();
        body.broker_key = key->public_key();
        body.broker_key_until = until;
        territory_.append("", *territory_.authority(), body);
        catch_up();
    }
    [[nodiscard]] ErrorCode received_at(const NoticeEntry& entry, WallTime at) {
        judge_->tell_time(at);
        return judge_->receive({ward_, incarnation_, Lane::urgent, {1}, entry}).value();
    }
    const WallTime first_end_ = territory_.state().domain()->broker_key_until;
    const WallTime second_end_ = first_end_ + std::chrono::hours(24 * 365);
    const test::TestKey second_ = territory_.make_key();
};

// Else receipts, endings and withdrawals of all that was before would be gone from their threads.
TEST_F(JudgeFormerKeys, WhatAFormerKeySignedHoldsAfterItsReplacement) {
    const NoticeEntry before = notice(territory_.broker_key());
    ASSERT_TRUE(judge_->open_notice(before).ok());
    name_key(second_, second_end_);
    EXPECT_TRUE(judge_->open_notice(before).ok());
    EXPECT_TRUE(judge_->open_notice(notice(second_)).ok());
    EXPECT_EQ(judge_->open_notice(notice(territory_.make_key())).code(), ErrorCode::bad_signature)
        << "of a key that was never the broker's";
    name_key(territory_.make_key(), second_end_);
    EXPECT_TRUE(judge_->open_notice(before).ok()) << "whatever came between";
}

// What waited for a station while the key was replaced, an erasure say, is not lost to it.
TEST_F(JudgeFormerKeys, WhatWasOnItsWayAtTheReplacementIsTakenUntilTheEndOfItsOwnKey) {
    const NoticeEntry before = notice(territory_.broker_key());
    name_key(second_, second_end_);
    EXPECT_EQ(received_at(before, first_end_), ErrorCode::ok);
    EXPECT_EQ(received_at(before, first_end_ + Milliseconds(1)), ErrorCode::revoked)
        << "the new key's end is not its own";
    EXPECT_EQ(received_at(notice(second_), first_end_ + Milliseconds(1)), ErrorCode::ok);
    EXPECT_TRUE(judge_->open_notice(before).ok()) << "what is stored was taken in time";
}

// A key that was stolen: the authority brings its end forward, then names another.
TEST_F(JudgeFormerKeys, AKeyWhoseEndWasBroughtForwardSignsNothingNew) {
    const NoticeEntry before = notice(territory_.broker_key());
    const WallTime stolen = test::kTestTime + std::chrono::hours(1);
    name_key(territory_.broker_key(), stolen);
    name_key(second_, second_end_);
    EXPECT_EQ(received_at(before, stolen + Milliseconds(1)), ErrorCode::revoked)
        << "dated back, it may be";
    EXPECT_TRUE(judge_->open_notice(before).ok()) << "dated before, and here already";
}

}  // namespace
}  // namespace relais::station
