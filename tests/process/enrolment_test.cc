// enrolment_test.cc: installing a station where something is large, breaks off or happens twice.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>
#include <thread>

#include "clients/station/api/duties.h"
#include "core/base/limits.h"
#include "core/files/files.h"
#include "tests/process/support/running_territory.h"

namespace relais::test {
namespace {

const station::NewPerson kDoctor{"Dr Denis Durand", "10", "10100000074"};

// A hospital of many services, of which only the recovery sheet is left.
class LargeRecovery : public testing::Test {
protected:
    // Loses everything; the new station has proposed itself and was approved.
    void lose(std::size_t services) {
        Post lost(territory_.folder("perdu"));
        const auto begun =
            territory_.enrol(lost, {"ch-durand", "CH Durand", directory::OrganisationKind::hospital,
                                    "360000056", kDoctor});
        lost.synchronise();
        station::ChainWriter writer(lost.station().directory(),
                                    lost.station().identity().organisation,
                                    *lost.station().keys().authority, lost.station().now());
        for (std::size_t i = 0; i < services; ++i) {
            writer.add(directory::Unit{must(Name::parse("service-" + std::to_string(i))),
                                       "Service",
                                       "",
                                       "",
                                       {"admission"}});
        }
        must(lost.station().append(writer.take(), kPatience));
        lost.close();
        station::EnrolmentRequest request;
        request.station_title = "Nouveau poste";
        request.person = kDoctor;
        request.recovery_secret = begun.recovery_secret.duplicate();
        must(renewed_.begin(territory_.invite(false, "ch-durand"), std::move(request)));
        must(renewed_.go_on());
        must(territory_.approve());
    }
    // What had come before the network broke: the station's entry with all that it serves.
    void take_all_units() {
        renewed_.synchronise();
        auto& station = renewed_.station();
        directory::Station self = station.self()->station;
        const auto* own = station.directory().organisation("ch-durand");
        for (const auto& [unit, history] : own->units) self.units.push_back(unit);
        station::ChainWriter writer(station.directory(), station.identity().organisation,
                                    *station.keys().authority, station.now());
        writer.add(std::move(self));
        must(station.append(writer.take(), kPatience));
        renewed_.close();
    }
    // Every mailbox that it serves has an epoch of this station's and of the new sheet's.
    void expect_served(std::size_t mailboxes) {
        renewed_.synchronise();
        auto& station = renewed_.station();
        EXPECT_FALSE(station::enrolment_pending(station.vault()));
        const std::vector<std::string> units = station.self()->station.units;
        EXPECT_EQ(std::set<std::string>(units.begin(), units.end()).size(), mailboxes);
        EXPECT_EQ(units.size(), mailboxes) << "each once";
        for (const std::string& unit : units) {
            const auto* epoch = station.directory().epoch(renewed_.mailbox(unit));
            ASSERT_NE(epoch, nullptr) << unit;
            EXPECT_TRUE(std::ranges::count(epoch->epoch.grants,
                                           std::optional(station.self()->station.id),
                                           &directory::Grant::station))
                << unit;
        }
    }

    RunningTerritory territory_;
    Post renewed_{territory_.folder("retrouve")};
};

TEST_F(LargeRecovery, TakesAsManyUnitsAsAStationServesAndLeavesTheRestToOthers) {
    lose(limits::kUnitsPerStationMax + 1);
    renewed_.complete();
    expect_served(limits::kUnitsPerStationMax);
}

TEST_F(LargeRecovery, ThatBrokeOffAfterItsFirstEntryGoesOn) {
    lose(limits::kUnitsPerStationMax / 2 + 1);
    take_all_units();
    renewed_.complete();
    expect_served(limits::kUnitsPerStationMax / 2 + 2);
}

// ---- an organisation that enrols itself

class NewOrganisation : public testing::Test {
protected:
    NewOrganisation() {
        std::filesystem::create_directory(credentials_);
        must(write_file(credentials_ / "relais-passphrase", as_bytes(kPostPassphrase), 0600,
                        Replace::yes));
        auto signer = broker_.registrar();
        auto op = broker_.connect();
        admin::InviteRequest request;
        request.token_file = token_;
        must(admin::invite(op, signer, request, {}));
    }
    Said enrol(std::vector<std::string> more = {}) {
        more.insert(more.begin(), {"--station", (broker_.folder() / "poste").string(), "enrol"});
        return run_program(program("relais"), more, {},
                           {"CREDENTIALS_DIRECTORY=" + credentials_.string()});
    }
    Said begin() {
        return enrol({token_.string(), "--station-title", "Bureau 1", "--person-title",
                      "Dr Odile Oudin", "--profession", "10", "--rpps", "10100000041",
                      "--organisation", "cabinet-oudin", "--title", "Cabinet Oudin", "--kind",
                      "practice", "--identifier", "360000049", "--sheet", sheet_.string()});
    }
    std::size_t proposals() {
        auto op = broker_.connect();
        return must(op.client().ask_for<wire::Proposals>(wire::FetchProposals{})).proposals.size();
    }

    RunningBroker broker_;
    std::filesystem::path credentials_ = broker_.folder() / "credentials";
    std::filesystem::path token_ = broker_.folder() / "invitation.txt";
    std::filesystem::path sheet_ = broker_.folder() / "fiche.txt";
};

constexpr int kNotDecided = 6;

// The stick is full, or was taken out: else the organisation could never come back.
TEST_F(NewOrganisation, IsNotProposedBeforeItsRecoverySheetIsKept) {
    const auto in_the_way = broker_.folder() / "fiche.txt.new";  // what is written aside
    std::filesystem::create_directories(in_the_way / "reste");
    const Said failed = begin();
    EXPECT_NE(failed.code, 0);
    EXPECT_NE(failed.code, kNotDecided) << failed.text;
    EXPECT_FALSE(std::filesystem::exists(sheet_)) << "an empty sheet is none";
    std::filesystem::remove_all(in_the_way);
    const Said bare = enrol();
    EXPECT_EQ(bare.code, 2) << bare.text;
    EXPECT_TRUE(bare.says("--sheet")) << bare.text;
    EXPECT_EQ(proposals(), 0U);
    const Said sent = enrol({"--sheet", sheet_.string()});
    EXPECT_EQ(sent.code, kNotDecided) << sent.text;
    EXPECT_TRUE(sent.says("Empreinte de l'organisation")) << sent.text;
    EXPECT_EQ(proposals(), 1U);
    const Bytes sheet = must(read_file(sheet_, 1 << 16));
    EXPECT_NE(as_text(sheet).find("Cabinet Oudin"), std::string_view::npos);
    EXPECT_NE(as_text(sheet).find("Code de secours"), std::string_view::npos);
    EXPECT_EQ(enrol().code, kNotDecided) << "once it is kept nobody is asked again";
}

// Both find no station there; one of them makes it, whole.
TEST_F(NewOrganisation, IsMadeOnceWhereTwoProgramsBeginInOneFolder) {
    const Secret token = must(read_secret_file(token_, 1 << 16));
    for (int round = 0; round < 8; ++round) {
        const auto folder = broker_.folder() / ("poste-" + std::to_string(round));
        std::array<ErrorCode, 2> codes{};
        std::vector<std::thread> programs;
        for (ErrorCode& code : codes) {
            programs.emplace_back([&token, &folder, &code] {
                station::EnrolmentRequest request;
                request.station_title = "Bureau 1";
                request.person = kDoctor;
                request.organisation =
                    station::NewOrganisation{must(Name::parse("cabinet-durand")), "Cabinet Durand",
                                             directory::OrganisationKind::practice, "360000056"};
                code = Post(folder).begin(token, std::move(request)).code();
            });
        }
        for (std::thread& each : programs) each.join();
        std::ranges::sort(codes);
        EXPECT_EQ(codes[0], ErrorCode::ok);
        EXPECT_EQ(codes[1], ErrorCode::already_enrolled);
        EXPECT_EQ(must(Post(folder).go_on()), station::EnrolmentState::waiting);
    }
}

}  // namespace
}  // namespace relais::test
