// Groups as their people keep and use them, on a real broker: the command line on the side of who
// keeps a list, posts that reach its members and nobody else, answers, those who come and go, and a
// member's station that sees what is withheld from it.
#include <gtest/gtest.h>

#include "clients/station/sync/gaps.h"
#include "core/files/files.h"
#include "tests/process/support/child.h"
#include "tests/process/support/running_territory.h"
#include "tests/support/kinds.h"

namespace relais::test {
namespace {

class GroupsInUse : public testing::Test {
protected:
    GroupsInUse() {
        std::filesystem::create_directory(credentials_);
        must(write_file(credentials_ / "relais-passphrase", as_bytes(kPostPassphrase), 0600,
                        Replace::yes));
        must(territory_.cpts.registrar().publish_kind(circular().bytes()));
        for (const char* ward : {"geriatrie", "medecine"}) {
            must(territory_.hospital.registrar().add_unit(
                {must(Name::parse(ward)), ward, "", "", {"admission", "circular"}}));
        }
        territory_.synchronise_all();
    }
    // `relais` on that station, as a process of its own.
    Said relais(Post& post, std::vector<std::string> arguments) {
        post.close();
        arguments.insert(arguments.begin(), {"--station", post.folder().path.string()});
        return run_program(program("relais"), arguments, {},
                           {"CREDENTIALS_DIRECTORY=" + credentials_.string()});
    }
    // As its station tells them.
    std::size_t gaps(Post& post) {
        const Said status = relais(post, {"status", "--json"});
        EXPECT_EQ(status.code, 0) << status.text;
        const auto told = nlohmann::json::parse(status.text, nullptr, false);
        if (!told.is_object()) fail_test(status.text);
        return told.at("witnesses").at("gaps").size();
    }
    void keep_group(const std::vector<std::string>& members) {
        const Said made = relais(territory_.cpts, {"group", "set", "veille", "--title", "Veille",
                                                   "--takes", "circular"});
        ASSERT_EQ(made.code, 0) << made.text;
        std::vector<std::string> add = {"group", "add", "veille"};
        add.insert(add.end(), members.begin(), members.end());
        const Said added = relais(territory_.cpts, add);
        ASSERT_EQ(added.code, 0) << added.text;
        territory_.synchronise_all();
    }
    Result<ThreadId> post(const std::string& act, std::optional<ThreadId> thread = std::nullopt,
                          const std::vector<Address>& others = {}) {
        Post& cpts = territory_.cpts;
        auto draft = must(station::new_thread_draft(cpts.station(), "circular", cpts.mailbox(),
                                                    thread ? "tell" : act));
        draft.to = {group_};
        draft.to.insert(draft.to.end(), others.begin(), others.end());
        if (thread) draft.thread = *thread;
        draft.acts.front().act = act;
        return send(cpts, draft);
    }
    Result<ThreadId> answer(Post& post, const ThreadId& thread) {
        const auto view = must(station::view_thread(post.station(), thread));
        station::Draft draft{
            .id = make_uuid_v7<MessageId>(post.station().random(), post.station().now()),
            .kind = "circular",
            .kind_digest = view.kind->kind.digest,
            .thread = thread,
            .from = view.mailbox,
            .to = {territory_.cpts.mailbox()},
            .acts = {{"answer", {}, {}, {}}}};
        return send(post, draft);
    }
    Result<ThreadId> send(Post& post, const station::Draft& draft) {
        auto signer = post.signer();
        RELAIS_TRY(station::send_draft(post.station(), draft, signer));
        post.synchronise();
        const auto sent = must(post.station().store().outgoing(draft.id));
        if (sent && sent->state == station::SendState::refused) return fail(sent->code);
        territory_.synchronise_all();
        return draft.thread;
    }
    // What a post has of the thread: names of acts, in their order.
    std::vector<std::string> acts(Post& post, const ThreadId& thread) {
        std::vector<std::string> names;
        const auto view = station::view_thread(post.station(), thread);
        if (!view.ok()) return names;
        for (const auto& item : view->items) {
            if (item.opened) names.push_back(item.opened->header.act);
        }
        return names;
    }

    RunningTerritory territory_;
    std::filesystem::path credentials_ = territory_.folder("credentials");
    Address group_ = must(Address::parse_group("#veille." + organisation() + "@" + domain()));

private:
    std::string organisation() { return territory_.cpts.station().identity().organisation.text(); }
    std::string domain() { return territory_.cpts.station().identity().domain.text(); }
};

using Acts = std::vector<std::string>;

TEST_F(GroupsInUse, APostReachesItsMembersWhoAnswerAndNobodyElse) {
    keep_group({"geriatrie.ch-valmont"});
    const auto told = post("tell");
    ASSERT_TRUE(told.ok()) << told.error().describe();
    EXPECT_EQ(acts(territory_.geriatrie, *told), Acts{"tell"});
    EXPECT_TRUE(acts(territory_.medecine, *told).empty());
    EXPECT_TRUE(acts(territory_.practice, *told).empty());
    const auto seen = must(station::view_thread(territory_.geriatrie.station(), *told));
    EXPECT_EQ(seen.state->groups, std::vector<Address>{group_});
    EXPECT_EQ(seen.items.front().opened->header.from, territory_.cpts.mailbox()) << "who posted";
    EXPECT_EQ(seen.possible, std::vector<workflow::ActIndex>{*seen.kind->kind.act("answer")});

    ASSERT_TRUE(answer(territory_.geriatrie, *told).ok());
    const auto view = must(station::view_thread(territory_.cpts.station(), *told));
    ASSERT_EQ(view.items.front().receipts.size(), 1u);
    const auto& receipt = view.items.front().receipts.front();
    EXPECT_EQ(receipt.mailbox, territory_.geriatrie.mailbox("geriatrie").text());
    EXPECT_TRUE(receipt.delivered);
}

TEST_F(GroupsInUse, WhoComesReadsWhatComesAfterAndWhoLeavesDoesNot) {
    keep_group({"geriatrie.ch-valmont"});
    const ThreadId told = must(post("tell"));
    ASSERT_EQ(relais(territory_.cpts, {"group", "add", "veille", "medecine.ch-valmont"}).code, 0);
    territory_.synchronise_all();
    must(post("update", told));
    EXPECT_EQ(acts(territory_.geriatrie, told), (Acts{"tell", "update"}));
    EXPECT_EQ(acts(territory_.medecine, told), Acts{"update"});
    const auto joined = must(station::view_thread(territory_.medecine.station(), told));
    EXPECT_EQ(joined.possible, std::vector<workflow::ActIndex>{*joined.kind->kind.act("answer")});
    EXPECT_TRUE(answer(territory_.medecine, told).ok()) << "who comes may answer what it reads";
    const Said left = relais(territory_.hospital, {"group", "leave", group_.text()});
    ASSERT_EQ(left.code, 0) << left.text;
    EXPECT_TRUE(left.says("Retiré : geriatrie.ch-valmont")) << left.text;
    territory_.synchronise_all();
    EXPECT_EQ(post("update", told).code(), ErrorCode::recipient_refused) << "nobody is left";
    EXPECT_EQ(acts(territory_.geriatrie, told), (Acts{"tell", "update"}));
    EXPECT_EQ(answer(territory_.geriatrie, told).code(), ErrorCode::recipient_refused);
}

// Of two groups, the second of another organisation, which ends it meanwhile.
TEST_F(GroupsInUse, AnAlertIsLiftedToTheOthersThoughOneOfItsGroupsIsNoMore) {
    keep_group({"geriatrie.ch-valmont"});
    const Address gardes = must(Address::parse_group("#gardes.ch-valmont@essai"));
    const Said made =
        relais(territory_.hospital, {"group", "set", "gardes", "--title", "Gardes", "--takes",
                                     "circular", "--poster", territory_.cpts.mailbox().text()});
    ASSERT_EQ(made.code, 0) << made.text;
    const Said added =
        relais(territory_.hospital, {"group", "add", "gardes", "medecine.ch-valmont"});
    ASSERT_EQ(added.code, 0) << added.text;
    territory_.synchronise_all();
    const ThreadId told = must(post("tell", std::nullopt, {gardes}));
    EXPECT_EQ(acts(territory_.medecine, told), Acts{"tell"});
    const Said ended = relais(territory_.hospital, {"group", "delete", "gardes"});
    ASSERT_EQ(ended.code, 0) << ended.text;
    territory_.synchronise_all();
    const auto closed = post("close", told, {gardes});
    EXPECT_TRUE(closed.ok()) << closed.error().describe();
    EXPECT_EQ(acts(territory_.geriatrie, told), (Acts{"tell", "close"}));
    EXPECT_EQ(acts(territory_.medecine, told), Acts{"tell"});
    EXPECT_FALSE(post("tell", std::nullopt, {gardes}).ok());
}

// A broker that withholds a post leaves a number out; being away leaves none.
TEST_F(GroupsInUse, BeingAwayIsNoGap) {
    keep_group({"geriatrie.ch-valmont", "medecine.ch-valmont"});
    must(post("tell"));
    ASSERT_EQ(relais(territory_.cpts, {"group", "remove", "veille", "geriatrie.ch-valmont"}).code,
              0);
    territory_.synchronise_all();
    must(post("tell"));
    ASSERT_EQ(relais(territory_.cpts, {"group", "add", "veille", "geriatrie.ch-valmont"}).code, 0);
    territory_.synchronise_all();
    const ThreadId last = must(post("tell"));
    EXPECT_EQ(acts(territory_.geriatrie, last), Acts{"tell"});
    for (Post* each : {&territory_.geriatrie, &territory_.medecine}) {
        EXPECT_EQ(gaps(*each), 0U) << "of " << each->mailbox("").text();
    }
    // One that there is would be told.
    auto& station = territory_.medecine.station();
    must(station::note_gap(station.store(),
                           {station.identity().station, group_.text(), Lane::routine, 7, 7}));
    EXPECT_EQ(gaps(territory_.medecine), 1U);
}

TEST_F(GroupsInUse, WhatIsSaidAgainOfAGroupLeavesTheRestAsItWas) {
    keep_group({"geriatrie.ch-valmont"});
    const auto said = [&](std::vector<std::string> what) {
        what.insert(what.begin(), {"group", "set", "veille"});
        return relais(territory_.cpts, what);
    };
    const Said open = said({"--members-post", "--poster", "medecine.ch-valmont"});
    EXPECT_EQ(open.code, 0) << open.text;
    EXPECT_TRUE(open.says("Groupe changé : #veille.")) << open.text;
    const Said named = said({"--title", "Veille sanitaire"});
    EXPECT_TRUE(named.says("Veille sanitaire")) << named.text;
    EXPECT_TRUE(named.says("reçoit : circular ; 1 membre(s)")) << named.text;
    EXPECT_TRUE(named.says("ses membres, medecine.ch-valmont@")) << named.text;
    const Said closed = said({"--members-read", "--poster", "none"});
    EXPECT_TRUE(closed.says("y écrivent : l'organisation qui le tient\n")) << closed.text;
}

TEST_F(GroupsInUse, TheListIsKeptFromTheCommandLine) {
    keep_group({"geriatrie.ch-valmont"});
    const std::filesystem::path list = territory_.folder("membres.txt");
    must(write_file(list,
                    as_bytes("# les services\n medecine.ch-valmont  # de garde\n\n"
                             "geriatrie.ch-valmont\r\ncabinet-dupont\n"),
                    0644, Replace::no));
    Post& cpts = territory_.cpts;
    const Said added = relais(cpts, {"group", "add", "veille", "--file", list.string()});
    ASSERT_EQ(added.code, 0) << added.text;
    EXPECT_FALSE(added.says("geriatrie")) << "it was one already: " << added.text;
    const Said again = relais(cpts, {"group", "add", "veille", "--file", list.string()});
    EXPECT_EQ(again.code, 0);
    EXPECT_TRUE(again.says("Rien à changer.")) << again.text;
    const Said shown = relais(cpts, {"group", "show", "veille"});
    EXPECT_TRUE(shown.says("3 membre(s)")) << shown.text;
    EXPECT_TRUE(
        shown.says("cabinet-dupont@" + std::string(group_.domain()) + " — ne prend pas : circular"))
        << shown.text;
    for (const std::vector<std::string>& wrong :
         {std::vector<std::string>{"group", "add", "veille", "inconnu.ch-valmont"},
          {"group", "add", "autre", "geriatrie.ch-valmont"},
          {"group", "set", "Veille", "--title", "V", "--takes", "circular"},
          {"group", "set", "veille", "--title", "V", "--takes", "inconnu"},
          {"group", "add", "veille"}}) {
        EXPECT_NE(relais(cpts, wrong).code, 0) << wrong[1] << " " << wrong[2];
    }
    EXPECT_NE(
        relais(territory_.practice, {"group", "remove", group_.text(), "medecine.ch-valmont"}).code,
        0)
        << "of another organisation";
    const Said deleted = relais(cpts, {"group", "delete", "veille"});
    ASSERT_EQ(deleted.code, 0) << deleted.text;
    const Said none = relais(cpts, {"group", "list"});
    EXPECT_TRUE(none.says("Aucun groupe")) << none.text;
}

}  // namespace
}  // namespace relais::test
