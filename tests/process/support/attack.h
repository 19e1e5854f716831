// attack.h: a territory whose broker is attacked while its stations go on: peers that keep no rule,
// an attack that strikes beside each exchange, and what the audit counted of it.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "schemas/audit/leaf.h"
#include "tests/process/support/admission.h"
#include "tests/process/support/audit_leaves.h"
#include "tests/process/support/hostile_peer.h"
#include "tests/process/support/speaker.h"

namespace relais::test {

class Attack : public testing::Test {
protected:
    [[nodiscard]] pid_t broker() { return territory_.broker.child().pid(); }
    const station::Identity& identity() { return territory_.practice.station().identity(); }
    // A peer with the key of a post, which is closed: a station has one session.
    std::unique_ptr<HostilePeer> hostile(Post& post, Reads reads = Reads::everything,
                                         const std::string& routing_id = "") {
        auto& station = post.station();
        auto peer = std::make_unique<HostilePeer>(station.identity().endpoint,
                                                  station.identity().broker_curve,
                                                  station.keys().curve, reads, routing_id);
        post.close();
        return peer;
    }
    static CurveKeyPair curve_of(Post& post) {
        const CurveKeyPair& keys = post.station().keys().curve;
        return {keys.public_key, keys.secret_key.duplicate()};
    }
    void close_all() {
        for (Post* each : {&territory_.cpts, &territory_.practice, &territory_.hospital,
                           &territory_.geriatrie, &territory_.medecine}) {
            each->close();
        }
    }
    static Bytes hello() {
        return wire::encode_frame({1, wire::Hello{wire::kProtocolVersion, "attack"}});
    }
    // As many proposals as an invitation of the hospital keeps: its station is told them all, some
    // 240 KB, as often as it asks.
    void fill_proposals() {
        auto registrar = territory_.hospital.registrar();
        const auto invitation = must(
            parse_invitation(as_text(must(station::invite_station(territory_.hospital.station(),
                                                                  registrar, {{""}, {}, true}))
                                         .expose())));
        Speaker stranger(invitation.enrolment_endpoint, invitation.enrolment_curve,
                         generate_curve_keys());
        ASSERT_TRUE(stranger.connected());
        for (std::uint8_t i = 0; i < 4; ++i) {
            const auto said = stranger.ask(wire::Enrol{invitation.locator, Bytes(60'000, i), {}});
            ASSERT_TRUE(said && std::holds_alternative<wire::Done>(*said));
        }
    }
    // Others make progress: a call goes from the practice to a ward, which reads it.
    void exchange(int times = 1) {
        for (int i = 0; i < times; ++i) {
            territory_.practice.synchronise();
            const auto draft = admission_.draft({"geriatrie"});
            admission_.id = draft.thread;
            auto signer = territory_.practice.signer();
            must(station::send_draft(territory_.practice.station(), draft, signer));
            territory_.practice.synchronise();
            territory_.geriatrie.synchronise();
            ASSERT_TRUE(admission_.reads(territory_.geriatrie, "call"));
        }
    }
    // The attack, which says whether it struck, goes on in a thread of its own, until others have
    // completed so many exchanges in each of which it struck; that they complete is waited for,
    // whatever it takes.
    template <typename Once>
    void served_during(Once attack, int exchanges = 3) {
        std::atomic<bool> over{false};
        std::atomic<int> strikes{0};
        std::thread attacker([&] {
            try {
                while (!over) strikes += attack() ? 1 : 0;
            } catch (const std::exception& error) {
                ADD_FAILURE() << error.what();
                over = true;
            }
        });
        while (exchanges > 0 && !over) {
            const int before = strikes;
            exchange();
            exchanges -= strikes > before ? 1 : 0;
        }
        over = true;
        attacker.join();
    }
    // As hostile(), for as many as are wanted, from any thread.
    auto hostiles(Post& post, Reads reads = Reads::everything) {
        const station::Identity of = post.station().identity();
        auto keys = std::make_shared<const CurveKeyPair>(curve_of(post));
        post.close();
        return [of, keys, reads] {
            return std::make_unique<HostilePeer>(of.endpoint, of.broker_curve, *keys, reads);
        };
    }
    // How many the audit has under a code, once the broker has ended, those with a leaf of their
    // own included; of that station, if named.
    std::uint32_t counted(ErrorCode code, const std::optional<StationId>& station = std::nullopt) {
        territory_.broker.stop();
        territory_.broker.start();
        std::uint32_t count = 0;
        leaves_ = 0;
        for (const Leaf& leaf : audit_leaves(territory_.broker)) {
            const bool many = leaf.event == Event::refusals_counted;
            if ((!many && leaf.event != Event::request_refused) || leaf.code != code) continue;
            ++leaves_;
            if (!station || leaf.station == station) count += many ? leaf.count : 1;
        }
        return count;
    }

    RunningTerritory territory_;
    Admission admission_{territory_};
    int leaves_ = 0;  // that counted() found
};

}  // namespace relais::test
