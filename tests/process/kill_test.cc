// kill_test.cc: kill -9 of the broker, the enrolment process and stations at random points under
// load. After each round: restart; what was acknowledged to a sender is shown to its recipient,
// once; the store of the killed broker is whole. At the end nothing was lost, doubled or made anew.
//
//   RELAIS_LONG=1             1,000 rounds instead of 30
//   RELAIS_SEED=n             the same choices again
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <csignal>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/codecs/codecs.h"
#include "core/files/files.h"
#include "tests/process/support/admission.h"
#include "tests/process/support/campaign.h"
#include "tests/process/support/hostile_peer.h"

namespace relais::test {
namespace {

constexpr int kFsckEvery = 5;
constexpr int kEachRound = 12;

int status_of(const std::string& name, const std::vector<std::string>& arguments) {
    const Said said = run_program(program(name), arguments);
    if (said.code != 0) std::printf("%s: %s\n", name.c_str(), said.text.c_str());
    return said.code;
}

// A process of the campaign that may be ended and begun again.
class Worker {
public:
    Worker(std::filesystem::path program, std::vector<std::string> arguments)
        : program_(std::move(program)), arguments_(std::move(arguments)) {}
    void start() { child_ = std::make_unique<Child>(program_, arguments_); }
    void kill() {
        const int status = child_->kill();
        if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) {
            child_ = nullptr;
            return;
        }
        fail_test(program_.string() + " " + arguments_.front() + " ended by itself, status " +
                  std::to_string(status) + ": " + child_->said());
    }
    // A worker that has ended by itself has found something wrong.
    void check() {
        if (child_ && child_->ended()) kill();
    }
    void set(std::vector<std::string> arguments) { arguments_ = std::move(arguments); }

private:
    std::filesystem::path program_;
    std::vector<std::string> arguments_;
    std::unique_ptr<Child> child_;
};

// What a worker's journal says (campaign_station.cc). Its last line may be half written.
struct JournalRead {
    std::set<std::string> queued;
    std::set<std::string> accepted;
    std::vector<std::string> shown;
    bool refused = false;
};

std::vector<std::string> whole_lines(const std::filesystem::path& path) {
    std::vector<std::string> lines;
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
        if (!file.eof()) lines.push_back(line);
    }
    return lines;
}

constexpr std::size_t kUuidCharacters = 36;

JournalRead read_journal(const std::filesystem::path& path) {
    JournalRead read;
    for (const std::string& line : whole_lines(path)) {
        const std::string id = line.substr(line.rfind(' ') + 1);
        if (id.size() != kUuidCharacters) continue;  // torn by a kill
        if (line[0] == 'q') read.queued.insert(id);
        if (line[0] == 'a') read.accepted.insert(id);
        if (line[0] == 's') read.shown.push_back(id);
        read.refused = read.refused || line[0] == 'r';
    }
    return read;
}

// The lines of `relais watch --json`, one file a run: an application that goes on after the serial
// of the last whole line.
struct WatchRead {
    std::uint64_t cursor = 0;
    std::vector<std::string> shown;
};

void read_watch(const std::filesystem::path& path, WatchRead& read) {
    for (const std::string& line : whole_lines(path)) {
        const auto event = nlohmann::json::parse(line, nullptr, false);
        if (event.is_discarded() || event.value("event", "") != "entry") continue;
        if (event["serial"] <= read.cursor) fail_test("watch went back");
        read.cursor = event["serial"];
        if (event.value("act", "") == "answer") read.shown.push_back(event["message"]);
    }
}

class KillCampaign : public testing::Test {
protected:
    KillCampaign() {
        admission_.call();
        static_cast<void>(territory_.invite());
        for (Post* post : {&territory_.practice, &territory_.geriatrie, &territory_.medecine,
                           &territory_.cpts}) {
            post->close();
        }
        must(write_file(territory_.folder("words"), as_bytes(std::string(kPostPassphrase) + "\n"),
                        0600, Replace::no));
    }
    std::filesystem::path journal(const std::string& name) {
        return territory_.folder(name + ".j");
    }
    std::string mailbox(const std::string& text) { return text + "@essai"; }
    Worker sender() {
        return station("send", territory_.practice, "practice",
                       {mailbox("cabinet-dupont"), "answer", mailbox("geriatrie.ch-valmont"),
                        mailbox("medecine.ch-valmont")});
    }
    Worker queuer() {
        return station("queue", territory_.geriatrie, "queuer",
                       {mailbox("geriatrie.ch-valmont"), "ask", mailbox("cabinet-dupont")});
    }
    Worker receiver() { return station("receive", territory_.geriatrie, "geriatrie", {}); }
    Worker station(const std::string& mode, Post& post, const std::string& name,
                   const std::vector<std::string>& more) {
        std::vector<std::string> words = {mode, post.folder().path, journal(name),
                                          uuid(admission_.id)};
        words.insert(words.end(), more.begin(), more.end());
        return {std::filesystem::path(RELAIS_CAMPAIGN_STATION), words};
    }
    std::filesystem::path watch_file() {
        return territory_.folder("watch-" + std::to_string(watches_));
    }
    // The real program, its standard output in a file of this run.
    std::vector<std::string> watch_line() {
        ++watches_;
        return {"-c",
                "exec \"$@\" 3< \"" + territory_.folder("words").string() + "\" > \"" +
                    watch_file().string() + "\"",
                "sh",
                program("relais"),
                "--station",
                territory_.medecine.folder().path,
                "--passphrase-fd",
                "3",
                "--json",
                "watch",
                "--after",
                std::to_string(watched_.cursor)};
    }
    template <typename Condition>
    void await(const char* what, Condition done) {
        const auto limit = std::chrono::steady_clock::now() + 2 * kPatience;
        while (!done()) {
            for (Worker* worker : workers_) worker->check();
            if (territory_.broker.running() && territory_.broker.child().ended()) {
                fail_test("the broker has ended: " + territory_.broker.wait_for_end().text);
            }
            if (std::chrono::steady_clock::now() > limit) fail_test(what);
            station::Link::pause(std::chrono::milliseconds(20));
        }
    }
    // The senders have work for this round, and no more than the readers keep up with.
    void allow_more() {
        limit_ += kEachRound;
        for (const std::string name : {"practice", "queuer"}) {
            must(write_file(journal(name).string() + ".limit", as_bytes(std::to_string(limit_)),
                            0600, Replace::yes));
        }
    }
    std::size_t accepted() { return read_journal(journal("practice")).accepted.size(); }
    // Shown to the wards so far, each once.
    std::set<std::string> shown() {
        std::set<std::string> all;
        std::vector<std::string> lines = read_journal(journal("geriatrie")).shown;
        WatchRead now = watched_;
        read_watch(watch_file(), now);
        lines.insert(lines.end(), now.shown.begin(), now.shown.end());
        for (const std::string& id : lines) {
            if (!all.insert(id).second) ADD_FAILURE() << id << " was shown twice";
        }
        return all;
    }
    void await_all_shown(std::set<std::string> ids) {
        for (const MessageId& id : admission_.opening) ids.erase(uuid(id));  // the deposit is held
        await("something acknowledged was not shown", [&] {
            const auto seen = shown();
            return std::ranges::all_of(ids, [&](const auto& id) { return seen.contains(id); });
        });
    }
    void kill_watch() {
        watch_->kill();
        read_watch(watch_file(), watched_);
        watch_->set(watch_line());
    }
    // An invitation is open all the time: the broker starts one again when it is gone.
    void kill_enrolment() {
        std::optional<pid_t> child;
        await("there is no enrolment process", [&] {
            child = child_of(territory_.broker.child().pid());
            return child.has_value();
        });
        EXPECT_EQ(::kill(*child, SIGKILL), 0);
        ++enrolment_kills_;
    }
    void check_broker(bool deep) {
        const std::string data = territory_.broker.data().string();
        EXPECT_EQ(status_of("relais-fsck", {"--data", data, "--stopped", "--json"}), 0);
        if (!deep) return;
        const std::string out = territory_.folder("evidence-" + std::to_string(++exports_));
        EXPECT_EQ(status_of("relais-audit",
                            {"export", "--data", data, "--stopped", "--out", out, "--json"}),
                  0);
        EXPECT_EQ(status_of("relais-audit", {"verify", out, "--json"}), 0);
    }

    void one_round(Campaign& campaign, Worker& send, Worker& queue, Worker& receive) {
        // Under load: some more are acknowledged, then whatever comes next is cut off. They are
        // counted before the senders may go on, or the target is more than they may send.
        const std::size_t target = accepted() + 1 + static_cast<std::size_t>(campaign.upto(6));
        allow_more();
        await("nothing more is acknowledged", [&] { return accepted() >= target; });
        const std::chrono::microseconds a_little(campaign.upto(3000));
        const auto until = std::chrono::steady_clock::now() + a_little;
        while (std::chrono::steady_clock::now() < until) {
        }
        const bool broker = !campaign.one_in(4);
        const bool senders = campaign.one_in(2);
        const bool receivers = campaign.one_in(3);
        if (campaign.one_in(4)) {
            ++enrolment_kills_wanted_;
            kill_enrolment();
        }
        if (broker) territory_.broker.kill();
        if (senders) send.kill();
        if (campaign.one_in(3)) {
            queue.kill();
            queue.start();
        }
        if (receivers) {
            receive.kill();
            kill_watch();
        }
        const auto acknowledged = read_journal(journal("practice")).accepted;
        if (broker) {
            ++broker_kills_;
            if (broker_kills_ % kFsckEvery == 0)
                check_broker(broker_kills_ % (4 * kFsckEvery) == 0);
            territory_.broker.start();
        }
        if (senders) send.start();
        if (receivers) {
            receive.start();
            watch_->start();
        }
        await_all_shown(acknowledged);
    }

    void check_all_once() {
        const auto ids_of = [](Post& post, const std::string& act) {
            std::multiset<std::string> ids;
            std::uint64_t cursor = 0;
            for (;;) {
                const auto page = must(post.station().store().entries(cursor, 1000));
                if (page.empty()) return ids;
                for (const auto& entry : page) {
                    cursor = entry.serial;
                    const auto* envelope = std::get_if<EnvelopeEntry>(&entry.delivery.entry);
                    if (envelope == nullptr) continue;
                    EXPECT_EQ(entry.status, ErrorCode::ok);
                    const Header header = must(parse_header(envelope->header.bytes));
                    if (header.act == act) ids.insert(uuid(header.id));
                }
            }
        };
        const auto sent_by = [](Post& post, const std::string& act) {
            std::multiset<std::string> ids;
            for (const auto& item : must(post.station().store().outgoing())) {
                EXPECT_EQ(item.state, station::SendState::accepted) << error_name(item.code);
                const Envelope envelope = must(Envelope::parse(item.envelope));
                if (envelope.header().act == act) ids.insert(uuid(item.message));
            }
            return ids;
        };
        // Ids are those of the first sending: as many arrive as were made, once each.
        auto received = ids_of(territory_.geriatrie, "answer");
        received.merge(ids_of(territory_.medecine, "answer"));
        EXPECT_EQ(received, sent_by(territory_.practice, "answer"));
        EXPECT_EQ(ids_of(territory_.practice, "ask"), sent_by(territory_.geriatrie, "ask"));
        for (const std::string name : {"practice", "queuer"}) {
            const JournalRead told = read_journal(journal(name));
            EXPECT_FALSE(told.refused);
            const auto sent = name == "practice" ? sent_by(territory_.practice, "answer")
                                                 : sent_by(territory_.geriatrie, "ask");
            for (const std::string& id : told.queued) {
                EXPECT_EQ(sent.count(id), 1U) << name << ": " << id << " was queued and is gone";
            }
        }
        EXPECT_EQ(enrolment_kills_, enrolment_kills_wanted_);
        std::printf("kill -9: %zu notes, %zu kills of the broker, %zu of its enrolment\n",
                    received.size(), broker_kills_, enrolment_kills_);
    }

    RunningTerritory territory_;
    Admission admission_{territory_};
    std::unique_ptr<Worker> watch_;
    std::vector<Worker*> workers_;
    WatchRead watched_;
    int limit_ = 2;  // the call and its deposit are there already
    std::size_t broker_kills_ = 0;
    std::size_t enrolment_kills_wanted_ = 0;
    std::size_t enrolment_kills_ = 0;
    int watches_ = 0;
    int exports_ = 0;
};

TEST_F(KillCampaign, NothingAcknowledgedIsLostOrShownTwice) {
    Campaign campaign("kill -9", 30, 1000);
    Worker send = sender();
    Worker queue = queuer();
    Worker receive = receiver();
    watch_ = std::make_unique<Worker>("/bin/sh", watch_line());
    workers_ = {&send, &queue, &receive, watch_.get()};
    for (Worker* worker : workers_) worker->start();
    // An enrolment that nobody decides until the end: each broker that comes back knows of it.
    const Secret token = [&] {
        auto inviting = territory_.hospital.registrar();
        return must(station::invite_station(territory_.hospital.station(), inviting,
                                            {{"geriatrie"}, {}, true}));
    }();
    territory_.hospital.close();
    Post invited(territory_.folder("invite"));
    station::EnrolmentRequest request;
    request.station_title = "Poste invité";
    request.person = station::NewPerson{"Dr Odile Oudin", "10", "10100000041"};
    must(invited.begin(token, std::move(request)));

    for (; campaign.next(); campaign.done()) {
        one_round(campaign, send, queue, receive);
        if (campaign.reached() % 5 != 0) continue;
        const auto enrolment = invited.go_on();
        ASSERT_TRUE(enrolment.ok() ? *enrolment == station::EnrolmentState::waiting
                                   : error_info(enrolment.code()).retry == Retry::later);
        if (HasFailure()) break;
    }

    // The enrolment in progress goes through after all.
    await("the proposal did not arrive", [&] { return invited.go_on().ok(); });
    territory_.hospital.synchronise();
    auto deciding = territory_.hospital.registrar();
    const auto outcomes = must(station::approve_waiting(territory_.hospital.station(), deciding));
    ASSERT_EQ(outcomes.size(), 1U);
    must(outcomes.front().verdict);
    await("the enrolment was not completed", [&] {
        const auto state = invited.go_on();
        return state.ok() && *state == station::EnrolmentState::approved;
    });

    for (Worker* worker : workers_) worker->kill();
    for (Post* post : {&territory_.practice, &territory_.geriatrie, &territory_.practice,
                       &territory_.geriatrie, &territory_.medecine}) {
        post->synchronise();
    }
    check_all_once();
    territory_.broker.kill();
    check_broker(true);
}

}  // namespace
}  // namespace relais::test
