// What the domain authority alone changes, on real processes: the broker's key, renewed while the
// broker serves; and who the registrars are.
#include <gtest/gtest.h>
#include <httplib.h>

#include "core/files/files.h"
#include "tests/process/support/admission.h"
#include "tests/support/markers.h"

namespace relais::test {
namespace {

class Authority : public testing::Test {
protected:
    Result<void> renew(bool stolen = false) {
        auto op = territory_.broker.connect();
        auto authority = territory_.broker.authority();
        return admin::renew_broker_key(op, authority, stolen, {});
    }
    // The program, with the passphrase that its descriptor 3 gives.
    Said admin(std::vector<std::string> line, const std::string& passphrase) {
        const auto file = territory_.broker.folder() / "passphrase";
        must(write_file(file, as_bytes(passphrase + "\n"), 0600, Replace::yes));
        line.insert(line.end(), {"--config", territory_.broker.config(), "--passphrase-fd", "3"});
        return run_program(program("relais-admin"), line, file);
    }
    [[nodiscard]] std::string key_of(const char* name) const {
        return territory_.broker.folder() / name;
    }
    P256Public named() {
        return must(territory_.broker.connect().directory()).domain()->broker_key;
    }
    [[nodiscard]] std::string key_file(const char* name) const {
        const auto path = territory_.broker.data() / "keys" / name;
        return std::filesystem::exists(path) ? whole_file(path) : "";
    }
    int health() {
        const auto page = httplib::Client("http://" + territory_.broker.http()).Get("/health");
        return page ? page->status : 0;
    }
    // Every notice that the post has, with its verdict.
    std::size_t notices(Post& post, ErrorCode verdict) {
        std::size_t count = 0;
        for (const auto& entry : must(post.station().store().entries(0, 10'000))) {
            if (!std::holds_alternative<NoticeEntry>(entry.delivery.entry)) continue;
            if (entry.status == verdict) ++count;
        }
        return count;
    }

    RunningTerritory territory_;
    Admission admission_{territory_};
};

TEST_F(Authority, TheBrokerKeyIsRenewedWhileItServes) {
    admission_.call();
    const P256Public before = named();
    const std::string former = key_file("broker.key");
    const std::size_t heard = notices(territory_.geriatrie, ErrorCode::ok);
    ASSERT_TRUE(renew().ok());
    EXPECT_NE(named(), before);
    EXPECT_EQ(health(), 200);
    EXPECT_NE(key_file("broker.key"), former);
    EXPECT_EQ(key_file("broker-next.key"), "");
    admission_.act(territory_.geriatrie, "geriatrie", "offer", {}, {{"bed", "full"}});
    territory_.practice.synchronise();
    territory_.geriatrie.synchronise();
    EXPECT_GT(notices(territory_.geriatrie, ErrorCode::ok), heard) << "that its offer has come";
    territory_.broker.restart_after_kill();
    admission_.act(territory_.medecine, "medecine", "offer", {}, {{"bed", "full"}});
    admission_.act(territory_.practice, "", "choose", {"geriatrie"});
    territory_.synchronise_all();
    for (Post* post : {&territory_.practice, &territory_.geriatrie, &territory_.medecine}) {
        EXPECT_EQ(notices(*post, ErrorCode::bad_signature), 0U);
        EXPECT_EQ(notices(*post, ErrorCode::revoked), 0U);
    }
    EXPECT_EQ(health(), 200);
}

TEST_F(Authority, ARegistrarDoesNotRenewIt) {
    const P256Public before = named();
    const Said said =
        admin({"renew-key", "--authority", key_of("registrar.json")}, kRegistrarPassphrase);
    EXPECT_NE(said.code, 0);
    EXPECT_TRUE(said.says("only the domain authority's key")) << said.text;
    EXPECT_EQ(named(), before);
    EXPECT_EQ(key_file("broker-next.key"), "");
}

TEST_F(Authority, AFolderOfKeysThatCannotBeWrittenChangesNothing) {
    const P256Public before = named();
    const auto keys = territory_.broker.data() / "keys";
    const auto aside = territory_.broker.data() / "keys-aside";
    std::filesystem::rename(keys, aside);
    EXPECT_EQ(renew().code(), ErrorCode::busy);
    EXPECT_EQ(named(), before);
    EXPECT_EQ(health(), 200);
    std::filesystem::rename(aside, keys);
    EXPECT_TRUE(renew().ok());
    EXPECT_NE(named(), before);
}

TEST_F(Authority, AStolenKeyCountsNoLongerThanAMinute) {
    const P256Public stolen = named();
    const Said said = admin({"renew-key", "--stolen", "--authority", key_of("authority.json")},
                            kAuthorityPassphrase);
    ASSERT_EQ(said.code, 0) << said.text;
    const auto state = must(territory_.broker.connect().directory());
    const auto& versions = state.domain_history().versions();
    ASSERT_GE(versions.size(), 3U);
    const directory::Domain& ended = versions[versions.size() - 2].value;
    EXPECT_EQ(ended.broker_key, stolen);
    EXPECT_LE(ended.broker_key_until, admin::wall_now() + std::chrono::minutes(1));
    EXPECT_NE(state.domain()->broker_key, stolen);
    EXPECT_EQ(health(), 200);
    admission_.call();
}

TEST_F(Authority, AnotherRegistrarIsNamedAndTheFormerSignsNoMore) {
    Said said = admin({"registrar", "remove", "Registrar", "--authority", key_of("authority.json")},
                      kAuthorityPassphrase);
    EXPECT_NE(said.code, 0) << said.text;
    EXPECT_TRUE(said.says("registrar add")) << said.text;

    auto op = territory_.broker.connect();
    auto authority = territory_.broker.authority();
    admin::RegistrarRequest request{"Secrétariat", key_of("second.json"), given("another of them"),
                                    kWeakScrypt};
    must(admin::add_registrar(op, authority, request, {}));
    EXPECT_EQ(admin::add_registrar(op, authority, request, {}).code(), ErrorCode::already_exists);

    said = admin({"registrar", "remove", "Registrar", "--authority", key_of("authority.json")},
                 kAuthorityPassphrase);
    ASSERT_EQ(said.code, 0) << said.text;
    said = run_program(program("relais-admin"),
                       {"registrar", "list", "--config", territory_.broker.config()});
    EXPECT_TRUE(said.says("Secrétariat")) << said.text;
    EXPECT_FALSE(said.says("Registrar")) << said.text;

    said = admin({"suspend", "cabinet-dupont", "--registrar", key_of("registrar.json")},
                 kRegistrarPassphrase);
    EXPECT_TRUE(said.says("not_a_signer")) << said.text;
    said = admin({"suspend", "cabinet-dupont", "--registrar", key_of("second.json")},
                 "another of them");
    EXPECT_EQ(said.code, 0) << said.text;
}

}  // namespace
}  // namespace relais::test
