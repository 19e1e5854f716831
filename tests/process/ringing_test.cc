// ringing_test.cc: units are rung by a real mail relay and a real HTTPS receiver: what leaves the
// broker, what its audit says of it, and what becomes of it when the other side fails or the
// process is killed in the midst of it.
#include <gtest/gtest.h>

#include <httplib.h>

#include "core/codecs/codecs.h"
#include "core/crypto/p256.h"
#include "core/files/files.h"
#include "schemas/audit/leaf.h"
#include "schemas/compiler/compiler.h"
#include "tests/process/support/admission.h"
#include "tests/process/support/audit_leaves.h"
#include "tests/process/support/exchange.h"
#include "tests/process/support/marker_scan.h"
#include "tests/process/support/rung_services.h"

namespace relais::test {
namespace {

using directory::RingHours;
using directory::RingStep;
using directory::RingWay;
using std::chrono::minutes;

constexpr const char* kMarker = "ZYGOMATIQUEMARQUE";
constexpr const char* kAddress = "astreinte@ch-valmont.test";

std::string plain_text(const std::string& mail) {
    const std::size_t body = mail.find("\r\n\r\n") + 4;
    std::string text;
    std::string encoded = mail.substr(body);
    for (std::size_t at = 0; at < encoded.size();) {
        const std::size_t end = encoded.find("\r\n", at);
        text += as_text(must(parse_base64(encoded.substr(at, end - at))));
        at = end == std::string::npos ? encoded.size() : end + 2;
    }
    return text;
}

class RingingTest : public testing::Test {
protected:
    // The broker, with this section.
    void configure(const std::string& section) {
        territory_.broker.stop();
        const Bytes text = must(read_file(territory_.broker.config(), 1 << 16));
        must(write_file(territory_.broker.config(),
                        as_bytes(std::string(as_text(text)) + "\n[ringing]\n" + section), 0600,
                        Replace::yes));
        territory_.broker.start();
    }
    std::string whole_section() {
        const auto file = territory_.folder("credentials");
        must(write_file(
            file,
            as_bytes(std::string(RungServices::kUser) + "\n" + RungServices::kPassword + "\n"),
            0600, Replace::yes));
        return "relay = \"" + services_.relay() + "\"\nfrom = \"relais@essai.test\"\nca = \"" +
               services_.ca() + "\"\ncredentials = \"" + file.string() +
               "\"\nlink = \"https://relais.essai.test/dossier/\"\nallow = [\"127.0.0.1\"]\n";
    }
    void declare(std::vector<RingStep> steps) {
        directory::Unit unit{
            must(Name::parse("geriatrie")), "Gériatrie aiguë", "", "02 54 00 00 00", {"admission"}};
        unit.rings = std::move(steps);
        must(territory_.hospital.registrar().add_unit(unit));
        territory_.synchronise_all();
    }
    // A call whose free texts hold the marker.
    void call() {
        auto draft = admission_.draft({"geriatrie"});
        admission_.id = draft.thread;
        draft.acts[0].form["reason"] = std::string("Chute, ") + kMarker;
        draft.acts[1].form["patient"]["birth_name"] = kMarker;
        auto signer = territory_.practice.signer();
        must(station::send_draft(territory_.practice.station(), draft, signer));
        territory_.practice.synchronise();
    }
    std::vector<Leaf> leaves_of(Event event) {
        std::vector<Leaf> found = audit_leaves(territory_.broker);
        std::erase_if(found, [&](const Leaf& leaf) { return leaf.event != event; });
        return found;
    }
    // Once there are so many.
    std::vector<Leaf> wait_for_leaves(Event event, std::size_t count) {
        std::vector<Leaf> found;
        territory_.cpts.until([&] {
            found = leaves_of(event);
            return found.size() >= count;
        });
        EXPECT_EQ(found.size(), count);
        return found;
    }
    std::string short_number() {
        const std::string digits = hex(admission_.id.view());
        return digits.substr(digits.size() - 8);
    }
    std::string metrics() {
        httplib::Client pages("http://" + territory_.broker.http());
        return pages.Get("/metrics")->body;
    }
    void pass(minutes time) {
        passed_ += time;
        territory_.broker.set_clocks(passed_, passed_);
    }

    RunningTerritory territory_;
    RungServices services_{territory_.folder("services")};
    Admission admission_{territory_};
    std::chrono::milliseconds passed_{0};
};

TEST_F(RingingTest, AWardIsRungByMailAndByWebhookAndNothingOfTheContentLeaves) {
    configure(whole_section());
    declare({{RingWay::email, kAddress, {}}, {RingWay::webhook, services_.hook(), {}}});
    call();
    const auto mail = services_.next("mail");
    EXPECT_EQ(mail.about["to"], nlohmann::json::array({kAddress}));
    EXPECT_EQ(mail.about["from"], "relais@essai.test");
    EXPECT_TRUE(mail.about["tls"]) << "STARTTLS";
    EXPECT_TRUE(mail.about["user"]);
    const std::string text = plain_text(mail.data);
    for (const std::string& part :
         {std::string("geriatrie.ch-valmont@essai"), std::string("Demande d'admission directe"),
          std::string("Urgence : Dans les 4 heures"), "Dossier : " + short_number(),
          "https://relais.essai.test/dossier/" + short_number(), std::string("Échéance : ")}) {
        EXPECT_NE(text.find(part), std::string::npos) << part << " is not in: " << text;
    }
    const auto leaves = wait_for_leaves(Event::rung, 2);
    EXPECT_NE(leaves[0].subject, leaves[1].subject);
    for (const Leaf& leaf : leaves) {
        EXPECT_EQ(leaf.mailbox, "geriatrie.ch-valmont@essai");
        EXPECT_EQ(leaf.thread, admission_.id);
    }
    const MarkerScan scan(kMarker);
    EXPECT_EQ(scan.in_bytes("what was rung", as_bytes(services_.everything())),
              std::vector<std::string>{});
    EXPECT_EQ(scan.in_bytes("mail", as_bytes(text)), std::vector<std::string>{});
    for (const char* name : {"Dupont", "Gérard", "Martin"}) {
        EXPECT_EQ(text.find(name), std::string::npos) << "a person's name";
    }
    EXPECT_NE(metrics().find("relais_rings_total 2"), std::string::npos);
    EXPECT_NE(metrics().find("relais_ringing_off 0"), std::string::npos);
}

// An alert of the highest severity waits for a second person of the unit that wrote it: that unit
// is rung at once, and the members when it goes out.
TEST_F(RingingTest, AHeldAlertRingsWhoHasToSignAndThenItsMembers) {
    configure(whole_section());
    Post& cpts = territory_.cpts;
    cpts.synchronise();  // the broker is another process now
    auto registrar = cpts.registrar();
    must(registrar.publish_kind(must(compiler::compile_kind(kind_folder("alert")))));
    const auto unit = [](const char* name, const char* address) {
        directory::Unit made{must(Name::parse(name)), "Service", "", "02 54 00 00 00", {"alert"}};
        made.rings = {{RingWay::email, address, {}, RingHours::always}};
        return made;
    };
    must(registrar.add_unit(unit("crise", "crise@cpts.test")));
    must(registrar.extend_station(cpts.station().identity().station, {"crise"}));
    must(territory_.hospital.registrar().add_unit(unit("geriatrie", kAddress)));
    territory_.synchronise_all();
    const auto& identity = cpts.station().identity();
    const Address group =
        Address::of_group(must(Name::parse("alertes")), identity.organisation, identity.domain);
    must(registrar.set_group(
        {.name = must(Name::parse("alertes")), .title = "Alertes", .kinds = {"alert"}}));
    const std::vector<Address> members = {territory_.hospital.mailbox("geriatrie")};
    must(registrar.change_members(group, members, {}));
    territory_.synchronise_all();

    Exchange alert(kind_folder("alert"), {&cpts, &territory_.geriatrie});
    alert.open(cpts, cpts.mailbox("crise"), "alert-extreme", {group},
               {{"status", "Actual"}, {"severity", "Extreme"}});
    EXPECT_EQ(services_.next("mail").about["to"], nlohmann::json::array({"crise@cpts.test"}));
    EXPECT_EQ(wait_for_leaves(Event::rung, 1).back().mailbox, cpts.mailbox("crise").text());
    pass(minutes(11));
    cpts.synchronise();
    EXPECT_EQ(services_.next("mail").about["to"], nlohmann::json::array({kAddress}));
    EXPECT_EQ(wait_for_leaves(Event::rung, 2).back().mailbox, members[0].text());
}

TEST_F(RingingTest, AWebhookIsSignedByTheBrokersKey) {
    configure(whole_section());
    declare({{RingWay::webhook, services_.hook(), {}}});
    call();
    const auto hook = services_.next("hook");
    const auto body = nlohmann::json::parse(hook.data);
    EXPECT_EQ(body["type"], "relais.ring/1");
    EXPECT_EQ(body["mailbox"], "geriatrie.ch-valmont@essai");
    EXPECT_EQ(body["thread"], short_number());
    EXPECT_EQ(body["domain"], "essai");
    EXPECT_EQ(body["attempt"], 1);
    EXPECT_EQ(hook.data.find(kMarker), std::string::npos);
    const auto& headers = hook.about["headers"];
    const auto key = must(hex_from<P256Public>(headers["Relais-Key"].get<std::string>()));
    EXPECT_EQ(key, territory_.cpts.station().directory().domain()->broker_key);
    const Bytes signature = must(parse_base64(headers["Relais-Signature"].get<std::string>()));
    ASSERT_EQ(signature.size(), Signature::kSize);
    Bytes message = to_bytes(as_bytes("relais/v1/ring"));
    message.push_back(0);
    append(message, as_bytes(hook.data));
    EXPECT_TRUE(P256Verifier(1).verify(key, message, Signature::from(signature)).ok());
    message.back() ^= 1;
    EXPECT_FALSE(P256Verifier(1).verify(key, message, Signature::from(signature)).ok());
}

TEST_F(RingingTest, ABrokenRelayLeavesItsLeavesAndIsTriedAgainUntilItWorks) {
    configure(whole_section());
    services_.set_mood("later");
    declare({{RingWay::email, kAddress, {}}});
    call();
    EXPECT_EQ(wait_for_leaves(Event::ring_failed, 1)[0].code, ErrorCode::busy);
    pass(minutes(2));
    EXPECT_EQ(wait_for_leaves(Event::ring_failed, 2)[1].count, 2U);
    services_.set_mood("ok");
    pass(minutes(5));
    EXPECT_EQ(wait_for_leaves(Event::rung, 1)[0].count, 3U);
    pass(minutes(60));
    territory_.synchronise_all();
    EXPECT_EQ(leaves_of(Event::rung).size(), 1U);
}

TEST_F(RingingTest, ABrokerKilledInTheMidstOfAMailSendsItAgain) {
    configure(whole_section());
    services_.set_mood("hang");
    declare({{RingWay::email, kAddress, {}}});
    call();
    services_.next("mail");
    territory_.broker.kill();
    services_.set_mood("ok");
    territory_.broker.start();
    services_.next("mail");
    EXPECT_EQ(wait_for_leaves(Event::rung, 1)[0].count, 2U);
    territory_.broker.restart_after_kill();
    territory_.synchronise_all();
    EXPECT_EQ(leaves_of(Event::rung).size(), 1U) << "what succeeded is not rung again";
}

TEST_F(RingingTest, AWardThatOpensItIsNotRungAnyMore) {
    configure(whole_section());
    declare({{RingWay::email, kAddress, {}}, {RingWay::email, kAddress, minutes(10)}});
    call();
    services_.next("mail");
    wait_for_leaves(Event::rung, 1);
    territory_.geriatrie.synchronise();
    const auto entries =
        must(territory_.geriatrie.station().store().entries_of_thread(admission_.id));
    auto signer = territory_.geriatrie.signer();
    must(station::mark_message(territory_.geriatrie.station(), entries.front(), Word::opened,
                               signer));
    territory_.geriatrie.synchronise();
    pass(minutes(30));
    territory_.synchronise_all();
    EXPECT_EQ(leaves_of(Event::rung).size(), 1U);
}

TEST_F(RingingTest, WithoutTheSectionTheAuditAndTheMetricsSaySo) {
    declare({{RingWay::email, kAddress, {}}});
    call();
    EXPECT_EQ(wait_for_leaves(Event::ring_failed, 1)[0].code, ErrorCode::bad_configuration);
    EXPECT_NE(metrics().find("relais_ringing_off 1"), std::string::npos);
    EXPECT_NE(metrics().find("relais_ring_failures_total 1"), std::string::npos);
}

TEST_F(RingingTest, CredentialsThatOthersMayReadAreRefusedAtTheStart) {
    const std::string section = whole_section();
    std::filesystem::permissions(territory_.folder("credentials"),
                                 std::filesystem::perms::group_read,
                                 std::filesystem::perm_options::add);
    territory_.broker.stop();
    const Bytes text = must(read_file(territory_.broker.config(), 1 << 16));
    must(write_file(territory_.broker.config(),
                    as_bytes(std::string(as_text(text)) + "\n[ringing]\n" + section), 0600,
                    Replace::yes));
    const Said said = territory_.broker.try_start();
    EXPECT_EQ(said.code, 8);
    EXPECT_TRUE(said.says("wrong_permissions")) << said.text;
    std::filesystem::permissions(territory_.folder("credentials"),
                                 std::filesystem::perms::group_read,
                                 std::filesystem::perm_options::remove);
    territory_.broker.start();
}

}  // namespace
}  // namespace relais::test
