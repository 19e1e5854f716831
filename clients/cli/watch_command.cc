// watch_command.cc: `relais watch`: a station that stays connected and says what happens, a line an
// event, until it is told to stop. It holds the link; other commands of the station queue beside
// it.
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "clients/cli/lookup.h"
#include "clients/cli/program.h"
#include "clients/cli/show_directory.h"
#include "clients/cli/show_threads.h"
#include "clients/cli/show_witnesses.h"
#include "clients/cli/text.h"
#include "clients/station/api/duties.h"
#include "core/codecs/codecs.h"

namespace relais::cli {

namespace {

using nlohmann::json;

constexpr std::chrono::milliseconds kWatchTurn{500};
constexpr std::size_t kWatchPage = 100;
constexpr std::chrono::minutes kWitnessesEvery{1};

// SIGINT and SIGTERM as something to wait for.
class StopSignals {
public:
    StopSignals() {
        sigset_t set;
        sigemptyset(&set);
        sigaddset(&set, SIGINT);
        sigaddset(&set, SIGTERM);
        ::pthread_sigmask(SIG_BLOCK, &set, &before_);
        descriptor_ = ::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    }
    ~StopSignals() {
        if (descriptor_ >= 0) ::close(descriptor_);
        ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    }
    StopSignals(const StopSignals&) = delete;
    StopSignals& operator=(const StopSignals&) = delete;

    [[nodiscard]] int descriptor() const { return descriptor_; }
    // Takes the signal that waits, so that it does not end the process afterwards.
    [[nodiscard]] bool arrived() const {
        signalfd_siginfo taken{};
        return ::read(descriptor_, &taken, sizeof taken) == sizeof taken;
    }

private:
    sigset_t before_{};
    int descriptor_ = -1;
};

struct WatchLine {
    std::int64_t after = -1;
    std::uint64_t count = 0;  // events of entries to say; 0: no end
};

class Watch {
public:
    Watch(Context& context, station::Station& station, const WatchLine& line)
        : context_(context), station_(station), line_(line) {}

    Result<void> run() {
        RELAIS_ASSIGN(cursor_, station_.store().last_serial());
        if (line_.after >= 0) cursor_ = static_cast<std::uint64_t>(line_.after);
        RELAIS_ASSIGN(const auto refused, refusals());
        known_refusals_.insert(refused.begin(), refused.end());
        const StopSignals stop;
        RELAIS_TRY(station_.connect());
        say_duties();
        say_attested_elsewhere();
        for (;;) {
            RELAIS_TRY(say_entries());
            RELAIS_TRY(context_.out.flush());
            if (stop.arrived() || context_.out.closed() || enough()) return {};
            RELAIS_ASSIGN(const station::SyncEvents events,
                          station_.turn(kWatchTurn, stop.descriptor()));
            say_connection();
            say_refused_marks();
            const bool due = !looked_at_ || station_.boot_time() - *looked_at_ > kWitnessesEvery;
            if (due && station_.sync().ready()) RELAIS_TRY(say_witnesses());
            if (events.suspect != 0) RELAIS_TRY(say_witnesses());
            if (events.directory_changed) say_directory();
            if (events.answered != 0) RELAIS_TRY(say_answers());
        }
    }

private:
    [[nodiscard]] bool enough() const { return line_.count != 0 && said_ >= line_.count; }

    void say_connection() {
        const bool up = station_.connected();
        if (up == connected_) return;
        connected_ = up;
        say(up ? "Connecté." : "Connexion perdue ; nouvelle tentative en cours.",
            {{"event", up ? "connected" : "disconnected"}});
    }

    void say_refused_marks() {
        for (json event : context_.say_refused_marks()) {
            event["event"] = "mark_refused";
            context_.out.event(event);
        }
    }

    void say_directory() {
        say("Annuaire mis à jour.",
            {{"event", "directory"}, {"size", station_.replica().size().value}});
        say_duties();
        say_attested_elsewhere();
    }

    // A second attestation of the RPPS of somebody of this station.
    void say_attested_elsewhere() {
        const auto* self = station_.self();
        if (self == nullptr) return;
        for (const PersonId& id : self->station.persons) {
            for (json event : attested_elsewhere_json(station_.directory(), id)) {
                const auto pair = std::pair(uuid(id), event["id"].get<std::string>());
                if (!known_elsewhere_.insert(pair).second) continue;
                context_.out.alarm(person_title(station_.directory(), id) + " : " +
                                   attested_elsewhere_text(event));
                event["event"] = "attested_elsewhere";
                event["person"] = uuid(id);
                context_.out.event(event);
            }
        }
    }

    void say_duties() {
        for (const station::Duty& duty : station::pending_duties(station_)) {
            if (!known_duties_.insert(duty.mailbox).second) continue;
            context_.out.alarm("Clé à renouveler pour " + duty.mailbox.text() +
                               " : « relais org roll ».");
            context_.out.event({{"event", "duty"}, {"mailbox", duty.mailbox.text()}});
        }
    }

    // Every minute while connected, and at once where an entry shows the service at fault: what is
    // held against it is fetched, checked and said once. What came before that which an honest
    // service sends first is held against it from the second look on: it may be on its way.
    Result<void> say_witnesses() {
        RELAIS_ASSIGN(const json shown, witnesses_json(station_, station_.connected()));
        looked_at_ = station_.boot_time();
        json told = shown["contradictions"];
        bool quiet = told.empty();
        for (const char* lacking : {"ahead_of_directory", "release_unproven"}) {
            const auto now = shown[lacking].get<std::size_t>();
            const std::size_t still = std::min(now, std::exchange(lacked_[lacking], now));
            told.push_back(still);
            quiet = quiet && still == 0;
        }
        for (const json& head : shown["logs"]) {
            told.push_back(head["late"]);
            quiet = quiet && !head["late"].get<bool>();
        }
        if (witnesses_told_.is_null() && quiet) witnesses_told_ = told;
        if (told == witnesses_told_) return {};
        witnesses_told_ = std::move(told);
        print_witnesses(context_.out, shown);
        context_.out.event({{"event", "witnesses"}, {"witnesses", shown}});
        return {};
    }

    Result<std::vector<MessageId>> refusals() {
        return station_.store().outgoing_ids(station::SendState::refused);
    }

    Result<void> say_answers() {
        RELAIS_ASSIGN(const auto refused, refusals());
        for (const MessageId& message : refused) {
            if (!known_refusals_.insert(message).second) continue;
            RELAIS_ASSIGN(const auto item, station_.store().outgoing(message));
            if (!item) continue;
            json event = outgoing_json(station_, *item);
            print_outgoing(context_.out, event);
            event["event"] = "answered";
            context_.out.event(event);
        }
        return {};
    }

    Result<void> say_entries() {
        for (;;) {
            RELAIS_ASSIGN(const auto page, station_.store().entries(cursor_, kWatchPage));
            for (const station::StoredEntry& entry : page) {
                if (enough()) return {};
                cursor_ = entry.serial;
                RELAIS_TRY(say_entry(entry));
            }
            if (page.size() < kWatchPage) return {};
        }
    }

    // One entry as the timeline of its thread shows it; those that it does not show are left out.
    Result<void> say_entry(const station::StoredEntry& entry) {
        if (!entry.thread) return {};
        const Address& mailbox = entry.delivery.mailbox;
        const auto view = station::view_thread(station_, *entry.thread, mailbox);
        if (view.code() == ErrorCode::unknown_thread) return {};
        if (!view.ok()) return view.error();
        for (const station::TimelineItem& item : view->items) {
            if (item.serial != entry.serial) continue;
            json event = item_json(station_, item);
            event["event"] = "entry";
            event["thread"] = uuid(*entry.thread);
            event["mailbox"] = mailbox.text();
            event["kind_title"] = view->kind ? view->kind->kind.title : "";
            event["state"] = view->state_label;
            say(local_time(item.time) + "  [" + short_id(*entry.thread) + "]  " + item.title,
                event);
            ++said_;
        }
        return {};
    }

    void say(const std::string& text, const json& event) {
        context_.out.line(text);
        context_.out.event(event);
    }

    Context& context_;
    station::Station& station_;
    const WatchLine& line_;
    std::uint64_t cursor_ = 0;
    std::uint64_t said_ = 0;
    bool connected_ = false;
    std::optional<BootTime> looked_at_;  // whatever the wall clock does
    json witnesses_told_;
    std::map<std::string, std::size_t> lacked_;  // messages, at the last look
    std::set<Address> known_duties_;
    std::set<std::pair<std::string, std::string>> known_elsewhere_;
    std::set<MessageId> known_refusals_;
};

}  // namespace

void add_watch(CLI::App& app, Program& program) {
    CLI::App* command =
        add_command(app, "watch", "Rester connecté et dire ce qui arrive, jusqu'à Ctrl-C",
                    "  relais watch\n"
                    "  relais watch --json --after 0 | mon-logiciel");
    auto line = std::make_shared<WatchLine>();
    command->add_option("--after", line->after,
                        "Reprendre après ce numéro d'ordre (0 : tout) ; sinon ce qui est nouveau");
    command
        ->add_option("--count", line->count, "S'arrêter après N événements de dossier, 1 au moins")
        ->check([](const std::string& typed) {
            return typed.find_first_not_of('0') == std::string::npos
                       ? std::string("--count : 1 au moins")
                       : std::string();
        });
    on_run(*command, program, [&context = program.context, line]() -> Result<void> {
        RELAIS_ASSIGN(station::Station* const station, context.open());
        return Watch(context, *station, *line).run();
    });
}

}  // namespace relais::cli
