// campaign_station.cc: a station of the kill campaign as a process of its own, to be ended at any
// instant. It writes a journal, a line an event, each line one write(2), so that what it knew at
// its end is known:
//
//   q ID         queued: send_draft has returned
//   a ID         the broker's receipt is in the store
//   r ID         refused for good, which the campaign expects of none
//   s SERIAL ID  shown: read by a cursor that goes on after the last line
//
//   campaign_station send FOLDER JOURNAL THREAD FROM ACT TO...  notes to the first of TO, every
//                                                               fourth to the last
//   campaign_station queue FOLDER JOURNAL THREAD FROM ACT TO... the same without a connection: the
//                                                               station's other process sends
//   campaign_station receive FOLDER JOURNAL THREAD
#include <fcntl.h>
#include <unistd.h>

#include <deque>
#include <fstream>
#include <iostream>
#include <set>

#include "core/codecs/codecs.h"
#include "tests/process/support/admission.h"

namespace relais::test {
namespace {

constexpr std::size_t kQueuedMost = 8;
constexpr std::size_t kUuidCharacters = 36;
constexpr std::chrono::milliseconds kTurn{20};

class Journal {
public:
    explicit Journal(const std::string& path)
        : file_(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) {
        if (file_ < 0) fail_test("journal " + path);
        end_torn_line(path);
    }
    ~Journal() { ::close(file_); }
    Journal(const Journal&) = delete;
    Journal& operator=(const Journal&) = delete;

    void line(const std::string& text) const {
        const std::string whole = text + "\n";
        if (::write(file_, whole.data(), whole.size()) != static_cast<ssize_t>(whole.size())) {
            fail_test("journal");
        }
    }

private:
    // A kill may cut a write where it crosses a page: what follows is a line of its own.
    void end_torn_line(const std::string& path) const {
        std::ifstream written(path, std::ios::binary | std::ios::ate);
        if (written.tellg() <= 0) return;
        written.seekg(-1, std::ios::end);
        if (written.get() != '\n') line("");
    }

    int file_;
};

// A broker that is away is no failure of the station: it goes on.
void turn(station::Station& station) {
    const auto events = station.turn(kTurn);
    if (!events.ok()) fail_test(events.error().describe());
}

class Sender {
public:
    struct What {
        ThreadId thread;
        Address from;
        std::string act;
        std::vector<Address> to;
        bool linked;
        std::string limit;  // a file with a number
    };
    // `told`: the answers that the journal has.
    Sender(Post& post, const Journal& journal, const What& what, std::set<std::string> told)
        : post_(post),
          journal_(journal),
          what_(what),
          told_(std::move(told)),
          note_(draft_of(post, what.thread, what.from, what.act, {what.to.front()})) {}

    [[noreturn]] void run() {
        auto signer = post_.signer();
        if (what_.linked) must(post_.station().connect());
        for (const auto& item : must(post_.station().store().outgoing())) {
            ++made_;  // of former runs too
            if (!told_.contains(uuid(item.message))) waiting_.push_back(item.message);
        }
        for (;;) {
            for (const std::size_t most = allowed();
                 made_ < most && waiting_.size() < kQueuedMost;) {
                queue(signer);
            }
            if (what_.linked) {
                turn(post_.station());
            } else {
                station::Link::pause(kTurn);
            }
            tell();
        }
    }

private:
    // How many messages of this station the campaign wants by now.
    std::size_t allowed() const {
        std::size_t most = 0;
        std::ifstream(what_.limit) >> most;
        return most;
    }
    void queue(station::SigningPerson& signer) {
        auto& station = post_.station();
        note_.id = make_uuid_v7<MessageId>(station.random(), station.now());
        ++made_;
        note_.to = {++count_ % 4 == 0 ? what_.to.back() : what_.to.front()};
        const MessageId id = must(station::send_draft(station, note_, signer)).front();
        journal_.line("q " + uuid(id));
        waiting_.push_back(id);
    }
    // Answers come in the order of sending.
    void tell() {
        while (!waiting_.empty()) {
            const auto item = must(post_.station().store().outgoing(waiting_.front()));
            if (!item) fail_test("gone from the outbox");
            if (item->state == station::SendState::queued) return;
            const bool accepted = item->state == station::SendState::accepted;
            journal_.line((accepted ? "a " : "r ") + uuid(item->message));
            waiting_.pop_front();
        }
    }

    Post& post_;
    const Journal& journal_;
    What what_;
    std::set<std::string> told_;
    station::Draft note_;
    std::deque<MessageId> waiting_;
    unsigned count_ = 0;
    std::size_t made_ = 0;
};

// The cursor of an embedding application: the last whole line of its own journal.
std::uint64_t last_shown(const std::string& path) {
    std::ifstream file(path);
    std::uint64_t serial = 0;
    for (std::string line; std::getline(file, line);) {
        const bool whole = line.size() - line.rfind(' ') - 1 == kUuidCharacters;
        if (line.starts_with("s ") && whole) serial = std::stoull(line.substr(2));
    }
    return serial;
}

std::set<std::string> answers_told(const std::string& path) {
    std::set<std::string> told;
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
        const std::string id = line.substr(line.rfind(' ') + 1);
        const bool answer = line.starts_with("a ") || line.starts_with("r ");
        if (answer && id.size() == kUuidCharacters) told.insert(id);
    }
    return told;
}

[[noreturn]] void receive(Post& post, const Journal& journal, const ThreadId& thread,
                          std::uint64_t cursor) {
    auto& station = post.station();
    must(station.connect());
    for (;;) {
        turn(station);
        for (const auto& entry : must(station.store().entries(cursor, 100))) {
            cursor = entry.serial;
            if (entry.thread != thread || !entry.message) continue;
            if (std::get_if<EnvelopeEntry>(&entry.delivery.entry) == nullptr) continue;
            if (entry.status != ErrorCode::ok) fail_test("an entry that is not valid");
            journal.line("s " + std::to_string(entry.serial) + " " + uuid(*entry.message));
        }
    }
}

int run(int argc, char** argv) {
    const std::vector<std::string> words(argv + 1, argv + argc);
    if (words.size() < 4) return 2;
    Post post(words[1]);
    const ThreadId thread = must(uuid_from<ThreadId>(words[3]));
    const std::uint64_t cursor = last_shown(words[2]);
    std::set<std::string> told = answers_told(words[2]);
    const Journal journal(words[2]);
    if (words[0] == "receive") receive(post, journal, thread, cursor);
    if (words.size() < 7) return 2;
    Sender::What what{thread,
                      must(Address::parse(words[4])),
                      words[5],
                      {},
                      words[0] == "send",
                      words[2] + ".limit"};
    for (std::size_t i = 6; i < words.size(); ++i) {
        what.to.push_back(must(Address::parse(words[i])));
    }
    Sender(post, journal, what, std::move(told)).run();
}

}  // namespace
}  // namespace relais::test

int main(int argc, char** argv) {
    try {
        return relais::test::run(argc, argv);
    } catch (const std::exception& failed) {
        std::cerr << "campaign_station: " << failed.what() << "\n";
        return 1;
    }
}
