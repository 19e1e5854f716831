// export.cc: the command export: from which source, into which folder, and what is said meanwhile.
#include "tools/audit/commands.h"
#include "tools/audit/sources.h"

namespace relais::audit {

namespace {

constexpr std::uint64_t kLongLog = 4096;  // leaves, from where on progress is shown

Result<std::unique_ptr<evidence::Source>> open_source(const ExportRequest& request) {
    using Source = std::unique_ptr<evidence::Source>;
    if (request.stopped) {
        if (request.data.empty()) return fail(ErrorCode::usage, "--stopped needs --data");
        RELAIS_ASSIGN(StoreSource source, StoreSource::open(request.data));
        return Source(std::make_unique<StoreSource>(std::move(source)));
    }
    if (request.data.empty() == request.socket.empty()) {
        return fail(ErrorCode::usage, "name the broker by --data or by --socket");
    }
    const auto socket = request.socket.empty() ? request.data / "admin.sock" : request.socket;
    RELAIS_ASSIGN(BrokerSource source, BrokerSource::connect(socket));
    return Source(std::make_unique<BrokerSource>(std::move(source)));
}

}  // namespace

Result<void> export_logs(const ExportRequest& request, const Output& output) {
    RELAIS_ASSIGN(const auto source, open_source(request));
    std::uint64_t said = 0;
    const auto progress = [&](const std::string& log, std::uint64_t done, std::uint64_t of) {
        if (of < kLongLog || (done != of && done < said + kLongLog && done >= said)) return;
        said = done;
        output.progress(log + ": " + std::to_string(done) + " of " + std::to_string(of));
    };
    RELAIS_ASSIGN(const auto done, evidence::export_evidence(*source, request.folder, progress));
    output.line("Evidence of domain " + done.domain + " written to " + request.folder.string() +
                ": " + std::to_string(done.audit_size) + " leaves, " +
                std::to_string(done.directory_size) + " directory entries, " +
                std::to_string(done.heads) + " signed heads.");
    output.line("Check it anywhere, without the broker: relais-audit verify " +
                request.folder.string());
    output.result({{"domain", done.domain},
                   {"folder", request.folder.string()},
                   {"leaves", done.audit_size},
                   {"directory_entries", done.directory_size},
                   {"checkpoints", done.heads}});
    return {};
}

}  // namespace relais::audit
