// main.cc: relais-fsck, the program. A running broker is asked first, through its local socket, so
// that the reading has its leaf; then the store is read in one view, on a connection that cannot
// write (broker/store/listing.h). A stopped broker's folder is locked meanwhile.
#include <CLI/CLI.hpp>

#include "broker/local_client/local_client.h"
#include "broker/store/listing.h"
#include "core/base/process.h"
#include "core/files/lock.h"
#include "tools/evidence/output.h"
#include "tools/fsck/check.h"

namespace relais::fsck {
namespace {

struct Request {
    std::filesystem::path data;
    std::filesystem::path socket;
    bool stopped = false;
};

Result<std::filesystem::path> data_folder(const Request& request) {
    if (request.data.empty() && request.socket.empty()) {
        return fail(ErrorCode::usage, "name the broker by --data or by --socket");
    }
    if (request.stopped && request.data.empty()) {
        return fail(ErrorCode::usage, "--stopped needs --data");
    }
    return request.data.empty() ? request.socket.parent_path() : request.data;
}

Result<Report> check_file(const std::filesystem::path& database) {
    RELAIS_ASSIGN(const auto store, broker::SqliteStore::open(database.string(),
                                                              {Database::Mode::read_only, "", ""}));
    return check_store(*store, database.parent_path() / "chunks",
                       [&] { return broker::chunks_named(database); });
}

Result<Report> check_data(const Request& request) {
    RELAIS_ASSIGN(const std::filesystem::path data, data_folder(request));
    const std::filesystem::path database = data / "relais.db";
    std::error_code ignored;
    if (!std::filesystem::exists(database, ignored)) {
        return fail(ErrorCode::not_found, database.string());
    }
    if (request.stopped) {
        RELAIS_ASSIGN(const FileLock lock, FileLock::take(data / "lock"));
        return check_file(database);
    }
    const auto socket = request.socket.empty() ? data / "admin.sock" : request.socket;
    RELAIS_ASSIGN(broker::LocalClient client, broker::LocalClient::connect(socket));
    const wire::FetchLeaves reading{wire::LogName::audit, 0};  // the broker notes it in a leaf
    RELAIS_TRY(client.ask(reading));
    return check_file(database);
}

void say(const Report& report, const evidence::Output& output) {
    nlohmann::json problems = nlohmann::json::array();
    for (const Problem& problem : report.problems) {
        output.line("PROBLEM     " + problem.describe());
        problems.push_back(
            {{"name", problem.name}, {"where", problem.where}, {"detail", problem.detail}});
    }
    output.line("audit       " + std::to_string(report.leaves) + " leaves, " +
                std::to_string(report.leaves_signed) + " under the last signed head");
    output.line("directory   " + std::to_string(report.directory_entries) + " entries");
    output.line("mailboxes   " + std::to_string(report.mailboxes) + ", " +
                std::to_string(report.entries) + " entries, " + std::to_string(report.envelopes) +
                " envelopes");
    output.line("attachments " + std::to_string(report.chunks) + " chunks");
    output.line("threads     " + std::to_string(report.threads) + ", " +
                std::to_string(report.threads_replayed) + " replayed from their acts");
    output.line(report.problems.empty() ? "CLEAN" : "DAMAGED");
    output.result({{"good", report.problems.empty()},
                   {"leaves", report.leaves},
                   {"leaves_signed", report.leaves_signed},
                   {"directory_entries", report.directory_entries},
                   {"mailboxes", report.mailboxes},
                   {"entries", report.entries},
                   {"envelopes", report.envelopes},
                   {"chunks", report.chunks},
                   {"threads", report.threads},
                   {"threads_replayed", report.threads_replayed},
                   {"problems", problems}});
}

int run(int argc, char** argv) {
    CLI::App app{
        "Checks a domain's store: pages, both logs from their records, the directory against its\n"
        "replay, every mailbox entry against the audit, every thread against its acts. Reads "
        "only."};
    evidence::Output output{"relais-fsck"};
    Request request;
    app.footer(
        "Examples:\n"
        "  relais-fsck --data /var/lib/relais/indre             (the broker runs)\n"
        "  relais-fsck --data /var/lib/relais/indre --stopped\n"
        "\n"
        "Exit codes: 0 clean; 7 damaged; 2 usage; 6 no broker runs there; 8 this machine.");
    app.add_option("--data", request.data, "Data folder of the broker")->type_name("DIR");
    app.add_option("--socket", request.socket, "Its local socket, in the data folder")
        ->type_name("SOCKET");
    app.add_flag("--stopped", request.stopped, "The broker does not run: lock its folder");
    app.add_flag("--json", output.json, "One JSON document on standard output");
    app.set_version_flag("--version", "relais-fsck " RELAIS_VERSION);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {  // --help and --version too
        return app.exit(error) == 0 ? 0 : error_info(ErrorCode::usage).exit_code;
    }
    const auto report = check_data(request);
    if (!report.ok()) return output.failure(report.error());
    say(*report, output);
    if (report->problems.empty()) return output.end({});
    return output.failure(fail(ErrorCode::evidence_altered,
                               std::to_string(report->problems.size()) +
                                   " problems, the first: " + report->problems.front().describe()));
}

}  // namespace
}  // namespace relais::fsck

int main(int argc, char** argv) {
    relais::leave_no_core_file();
    return relais::fsck::run(argc, argv);
}
