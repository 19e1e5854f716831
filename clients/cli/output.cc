#include "clients/cli/output.h"

#include <cerrno>
#include <cstdio>

#include "clients/cli/text.h"
#include "core/base/secret.h"

namespace relais::cli {

namespace {

constexpr const char* kBold = "\x1b[1m";
constexpr const char* kRed = "\x1b[31;1m";
constexpr const char* kPlain = "\x1b[0m";

std::string dump(const nlohmann::json& document, int indent) {
    return document.dump(indent, ' ', false, nlohmann::json::error_handler_t::replace);
}

void put_error(std::string_view text) {
    const std::string shown = printable(text) + "\n";
    std::fwrite(shown.data(), 1, shown.size(), stderr);
}

void explain(const Error& error) {
    const ErrorInfo& info = error_info(error.code);
    put_error("relais : " + std::string(info.french) + " (" + std::string(info.name) + ", " +
              std::to_string(static_cast<int>(info.code)) + ")");
    if (!error.detail.empty()) put_error("  Détail  : " + error.detail);
    if (!info.next_step.empty()) put_error("  À faire : " + std::string(info.next_step));
}

}  // namespace

void Output::put(std::string_view bytes) {
    if (closed_ || failed_) return;
    if (std::fwrite(bytes.data(), 1, bytes.size(), stdout) == bytes.size()) return;
    (errno == EPIPE ? closed_ : failed_) = true;
}

void Output::line(std::string_view text) {
    if (!json_) put(printable(text) + "\n");
}

// A recovery sheet may be among what is shown so.
void Output::text(std::string_view lines) {
    if (json_) return;
    std::string shown = printable(lines);
    put(shown);
    wipe({reinterpret_cast<std::uint8_t*>(shown.data()), shown.size()});
}

void Output::put_coloured(const char* colour, std::string_view text) {
    if (json_) return;
    put(colour_ ? colour + printable(text) + kPlain + "\n" : printable(text) + "\n");
}

void Output::heading(std::string_view text) { put_coloured(kBold, text); }

void Output::alarm(std::string_view text) { put_coloured(kRed, text); }

void Output::notice(std::string_view text) const { put_error(text); }

void Output::event(const nlohmann::json& document) {
    streams_ = true;
    if (json_) put(dump(document, -1) + "\n");
}

Result<void> Output::flush() {
    if (!closed_ && !failed_ && std::fflush(stdout) != 0) {
        (errno == EPIPE ? closed_ : failed_) = true;
    }
    if (failed_) return fail(ErrorCode::io_failed, "sortie standard");
    return {};
}

void Output::print_document(const Result<void>& done) {
    nlohmann::json document = std::move(document_);
    if (!done.ok()) document = {{"error", error_json(done.error())}};
    const bool extended = document.is_null() || document.is_object();
    if (extended && !attached_.empty()) document.update(attached_);
    if (!document.is_null()) put(dump(document, streams_ ? -1 : 2) + "\n");
}

int Output::finish(const Result<void>& done) {
    if (json_) print_document(done);
    const Result<void> flushed = flush();
    if (!done.ok()) {
        explain(done.error());
        return error_info(done.code()).exit_code;
    }
    if (!flushed.ok()) {
        explain(flushed.error());
        return error_info(flushed.code()).exit_code;
    }
    return 0;
}

nlohmann::json error_json(const Error& error) {
    const ErrorInfo& info = error_info(error.code);
    return {{"code", static_cast<int>(info.code)},
            {"name", info.name},
            {"detail", error.detail},
            {"french", info.french},
            {"next_step", info.next_step}};
}

}  // namespace relais::cli
