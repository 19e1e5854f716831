// exchanged_kinds.h: kinds that come with Relais, published in a running territory, between posts
// whose services take them.
#pragma once

#include <gtest/gtest.h>

#include "schemas/compiler/compiler.h"
#include "tests/process/support/admission.h"
#include "tests/process/support/relais_line.h"

namespace relais::test {

class ExchangedKinds : public testing::Test {
protected:
    void publish(const std::vector<std::string>& kinds) {
        for (const std::string& kind : kinds) {
            must(territory_.cpts.registrar().publish_kind(
                must(compiler::compile_kind(kind_folder(kind)))));
        }
    }
    // A service of the post's organisation that takes these kinds, and that the post serves.
    Address serve(Post& post, const std::string& unit, const std::vector<std::string>& kinds) {
        auto registrar = post.registrar();
        must(registrar.add_unit(
            {must(Name::parse(unit)), "Service " + unit, "", "02 61 91 00 01", kinds}));
        must(registrar.extend_station(post.station().identity().station, {unit}));
        territory_.synchronise_all();
        return post.mailbox(unit);
    }
    void join(Post& post, const OrganisationWanted& wanted) {
        territory_.enrol(post, wanted);
        territory_.confirm(wanted.name);
        territory_.attest(post, post.person());
        post.synchronise();
    }
    // The ward takes these openings besides admissions.
    void ward_takes(const std::string& kind) {
        must(territory_.hospital.registrar().add_unit({must(Name::parse("geriatrie")),
                                                       "Gériatrie aiguë",
                                                       "",
                                                       "02 54 00 00 00",
                                                       {"admission", kind}}));
        territory_.synchronise_all();
    }
    // `relais` on that post, as a process of its own: its document.
    nlohmann::json relais(Post& post, std::vector<std::string> arguments, int code = 0) {
        arguments.emplace_back("--json");
        const Said said = line_(post, std::move(arguments));
        EXPECT_EQ(said.code, code) << said.text;
        const std::size_t begin = said.text.find('{');
        const std::size_t end = said.text.rfind('}');
        if (begin == std::string::npos || end == std::string::npos) fail_test(said.text);
        return nlohmann::json::parse(said.text.substr(begin, end - begin + 1));
    }
    static std::string party_state(Exchange& exchange, Post& post, const Address& mailbox) {
        const auto seen = must(station::view_thread(post.station(), exchange.id, mailbox));
        return seen.kind->kind.party_states[seen.state->parties.at(0).state].name;
    }
    // What the post shows of the act is what was written.
    static void expect_read(Exchange& exchange, const std::string& kind, Post& post,
                            const Address& mailbox, const std::string& act) {
        const auto item = exchange.item(post, mailbox, act);
        ASSERT_TRUE(item) << act;
        EXPECT_EQ(item->opened->form, example_of(kind_folder(kind), act)) << act;
    }

    RunningTerritory territory_;
    const RelaisLine line_{territory_.folder("credentials")};
    Post& practice_ = territory_.practice;
    Post& ward_ = territory_.geriatrie;
    const Address geriatrics_ = territory_.hospital.mailbox("geriatrie");
};

}  // namespace relais::test
