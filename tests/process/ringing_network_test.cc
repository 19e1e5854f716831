// ringing_network_test.cc: what the broker's side of ringing does on the network: TLS that must be
// there and verified, addresses that must not be reached, answers that are no answers.
#include <gtest/gtest.h>

#include <condition_variable>

#include "broker/ringing/ringing.h"
#include "core/codecs/codecs.h"
#include "tests/process/support/must.h"
#include "tests/process/support/rung_services.h"
#include "tests/support/engine/held_keys.h"
#include "tests/support/folder.h"

namespace relais::broker {
namespace {

using directory::RingWay;

class RingingNetwork : public testing::Test {
protected:
    RingingNetwork()
        : options{.domain = Name::parse("essai").value(),
                  .link = "",
                  .ca = services.ca(),
                  .allow = {"127.0.0.1", "localhost"},
                  .relay = services.relay(),
                  .from = "relais@essai.test",
                  .tls = true,
                  .user = test::RungServices::kUser,
                  .password = Secret::copy_of(std::string_view(test::RungServices::kPassword))} {}

    // The outcome of one.
    ErrorCode ring(RingWay way, const std::string& to) {
        std::optional<ErrorCode> outcome;
        std::mutex mutex;
        std::condition_variable told;
        Ringing ringing(std::move(options), own.signer, [&](Input input) {
            const std::lock_guard lock(mutex);
            outcome = std::get<Rung>(input.request).code;
            told.notify_all();
        });
        ringing.put({.thread = {},
                     .message = {},
                     .mailbox = Address::parse("geriatrie.ch@essai").value(),
                     .step = 0,
                     .attempt = 1,
                     .way = way,
                     .to = to,
                     .title = "Demande",
                     .lane = Lane::urgent,
                     .urgency = "",
                     .deadline = {},
                     .zone = ""});
        std::unique_lock lock(mutex);
        EXPECT_TRUE(
            told.wait_for(lock, std::chrono::minutes(1), [&] { return outcome.has_value(); }));
        return outcome.value_or(ErrorCode::internal);
    }
    ErrorCode mail() { return ring(RingWay::email, "astreinte@ch.test"); }
    ErrorCode hook() { return ring(RingWay::webhook, services.hook()); }
    // To be asked last.
    [[nodiscard]] bool received() {
        return services.everything().find("data") != std::string::npos;
    }

    test::TestFolder folder;
    test::RungServices services{folder.path() / "services"};
    RingingOptions options;
    OwnSigner own;
};

TEST_F(RingingNetwork, MailGoesOverStarttlsWithCredentials) {
    EXPECT_EQ(mail(), ErrorCode::ok);
    EXPECT_TRUE(services.next("mail").about["tls"]);
}

TEST_F(RingingNetwork, ARelayThatOffersNoTlsIsRefusedUnlessToldOtherwise) {
    options.relay = services.plain_relay();
    options.user = "";
    EXPECT_EQ(mail(), ErrorCode::bad_signature);
}

TEST_F(RingingNetwork, ARelayOnLoopbackMayBeWithoutTls) {
    options.relay = services.plain_relay();
    options.user = "";
    options.tls = false;
    EXPECT_EQ(mail(), ErrorCode::ok);
    EXPECT_FALSE(services.next("mail").about["tls"]);
}

TEST_F(RingingNetwork, NoRelayElsewhereIsSpokenToInTheClear) {
    options.relay = "smtp://192.0.2.1:25";
    options.tls = false;
    EXPECT_EQ(mail(), ErrorCode::forbidden);
}

TEST_F(RingingNetwork, ARelayWhoseCertificateIsNotTrustedGetsNothing) {
    options.ca = "";
    EXPECT_EQ(mail(), ErrorCode::bad_signature);
    EXPECT_FALSE(received());
}

TEST_F(RingingNetwork, WrongCredentialsAreNamed) {
    options.password = Secret::copy_of(std::string_view("another"));
    EXPECT_EQ(mail(), ErrorCode::wrong_passphrase);
}

TEST_F(RingingNetwork, ARelayThatRefusesForNowOrForGoodIsToldApart) {
    services.set_mood("never");
    EXPECT_EQ(mail(), ErrorCode::unknown_recipient);
}

TEST_F(RingingNetwork, ARelayThatIsNotThereIsUnreachable) {
    options.relay = "smtp://127.0.0.1:" + std::to_string(test::free_port());
    EXPECT_EQ(mail(), ErrorCode::unreachable);
}

TEST_F(RingingNetwork, AWebhookIsTakenWhereItsHostIsAllowed) {
    EXPECT_EQ(hook(), ErrorCode::ok);
    EXPECT_EQ(services.next("hook").about["path"], "/sonnerie");
}

TEST_F(RingingNetwork, AWebhookOnAPrivateAddressIsNotReachedByAnyName) {
    for (const std::string host : {"127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]",
                                   "2130706433", "10.0.0.1", "169.254.169.254"}) {
        RingingOptions guarded{.domain = options.domain,
                               .link = "",
                               .ca = services.ca(),
                               .allow = {},
                               .relay = "",
                               .from = "",
                               .tls = true,
                               .user = ""};
        options = std::move(guarded);
        EXPECT_EQ(ring(RingWay::webhook, services.hook(host)), ErrorCode::forbidden) << host;
    }
    EXPECT_FALSE(received());
}

TEST_F(RingingNetwork, AWebhookWhoseCertificateIsNotTrustedGetsNothing) {
    options.ca = "";
    EXPECT_EQ(hook(), ErrorCode::bad_signature);
    EXPECT_FALSE(received());
}

TEST_F(RingingNetwork, ARedirectionIsNotFollowed) {
    services.set_mood("redirect");
    EXPECT_EQ(hook(), ErrorCode::unknown_recipient);
    services.next("hook");
    EXPECT_EQ(services.everything().find("elsewhere"), std::string::npos);
}

TEST_F(RingingNetwork, AnAnswerWithoutEndIsCutOff) {
    services.set_mood("flood");
    EXPECT_EQ(hook(), ErrorCode::ok) << "it said 200 before";
}

TEST_F(RingingNetwork, AReceiverThatRefusesIsToldApart) {
    services.set_mood("later");
    EXPECT_EQ(hook(), ErrorCode::busy);
}

TEST_F(RingingNetwork, AReceiverThatIsGoneIsNotAskedAgain) {
    services.set_mood("never");
    EXPECT_EQ(hook(), ErrorCode::unknown_recipient);
}

TEST_F(RingingNetwork, AUrlWithCredentialsOrAnotherSchemeIsRefused) {
    EXPECT_EQ(ring(RingWay::webhook, "http://127.0.0.1/"), ErrorCode::forbidden);
}

// A stop does not wait for a receiver that hangs.
TEST_F(RingingNetwork, AStopGivesUpWhatIsUnderWay) {
    services.set_mood("hang");
    bool told = false;
    {
        Ringing ringing(std::move(options), own.signer, [&](const Input&) { told = true; });
        ringing.put({.thread = {},
                     .message = {},
                     .mailbox = Address::parse("geriatrie.ch@essai").value(),
                     .step = 0,
                     .attempt = 1,
                     .way = RingWay::webhook,
                     .to = services.hook(),
                     .title = "Demande",
                     .lane = Lane::urgent,
                     .urgency = "",
                     .deadline = {},
                     .zone = ""});
        services.next("hook");
    }
    EXPECT_FALSE(told);
}

}  // namespace
}  // namespace relais::broker
