#include "broker/store/erasure_journal.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <set>

#include "core/base/limits.h"
#include "core/codecs/codecs.h"
#include "core/files/files.h"

namespace relais::broker {

namespace {

constexpr std::size_t kJournalBytesMax = std::size_t{256} << 20;
constexpr off_t kPieceBytes = 4096;

struct Lines {
    std::vector<Bytes> statements;
    bool spoilt = false;  // one of them says nothing
    bool any = false;     // bytes, whatever they say
};

// A line without its end, or that is no text of bytes, lost a part of itself to a power cut: it
// says nothing, and the broker had not said that it was durable.
Result<Lines> lines_of(const std::filesystem::path& path) {
    RELAIS_ASSIGN(const Bytes bytes, read_file(path, kJournalBytesMax));
    Lines lines{{}, false, !bytes.empty()};
    std::string_view text = as_text(bytes);
    for (std::size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
        auto statement = parse_base64(text.substr(0, end));
        text.remove_prefix(end + 1);
        if (statement.ok() && !statement->empty()) {
            lines.statements.push_back(std::move(statement).value());
        } else {
            lines.spoilt = true;
        }
    }
    return lines;
}

Result<void> write_again(const std::filesystem::path& path, const std::vector<Bytes>& statements) {
    std::string text;
    for (const Bytes& statement : statements) text += base64(statement) + "\n";
    return write_file(path, as_bytes(text), 0600, Replace::yes);
}

// Where the last line that has its end ends; -1: the file cannot be read.
off_t end_of_lines(int file) {
    off_t end = ::lseek(file, 0, SEEK_END);
    char piece[kPieceBytes];
    while (end > 0) {
        const off_t from = std::max<off_t>(0, end - kPieceBytes);
        const ssize_t got = ::pread(file, piece, static_cast<std::size_t>(end - from), from);
        if (got != end - from) return -1;
        for (off_t at = got; at > 0; --at) {
            if (piece[at - 1] == '\n') return from + at;
        }
        end = from;
    }
    return end;
}

// A line that a power cut or a full disk left without its end says nothing, and what would be
// written behind it would not either: it goes first.
bool append_line(int file, const std::string& line) {
    const off_t end = end_of_lines(file);
    if (end < 0) return false;
    if (end != ::lseek(file, 0, SEEK_END) && ::ftruncate(file, end) != 0) return false;
    return ::write(file, line.data(), line.size()) == static_cast<ssize_t>(line.size()) &&
           ::fsync(file) == 0;
}

}  // namespace

Result<void> ErasureJournal::open() { return path_.empty() ? Result<void>() : write({}); }

Result<std::vector<Bytes>> ErasureJournal::read() const {
    if (path_.empty()) return std::vector<Bytes>();
    std::error_code ignored;
    if (!std::filesystem::exists(path_, ignored)) {
        return fail(ErrorCode::not_found,
                    path_.string() +
                        ": no journal of erasures, which a restore does again; where "
                        "it is lost, make an empty file of that name");
    }
    RELAIS_ASSIGN(Lines lines, lines_of(path_));
    if (lines.any && lines.statements.empty()) {
        return fail(ErrorCode::malformed, path_.string() + " is no journal of erasures");
    }
    return std::move(lines.statements);
}

Result<void> ErasureJournal::complete() {
    if (path_.empty()) return {};
    auto completed = append_missing();
    behind_ = !completed.ok();
    return completed;
}

Result<void> ErasureJournal::append(ByteView statement) {
    if (path_.empty()) return {};
    if (behind_) return complete();
    auto written = write(base64(statement) + "\n");
    behind_ = !written.ok();
    return written;
}

Result<void> ErasureJournal::append_missing() {
    RELAIS_TRY(open());  // so that one that is missing at a restore is a mistake
    RELAIS_ASSIGN(const Lines lines, lines_of(path_));
    if (lines.spoilt) RELAIS_TRY(write_again(path_, lines.statements));
    const std::set<Bytes> known(lines.statements.begin(), lines.statements.end());
    for (std::uint64_t after = 0;;) {
        RELAIS_ASSIGN(const auto page, store_.erasures(after, limits::kEntriesPerFrameMax));
        if (page.empty()) return {};
        for (const StoredErasure& erasure : page) {
            after = erasure.number;
            if (known.contains(erasure.statement)) continue;
            RELAIS_TRY(write(base64(erasure.statement) + "\n"));
        }
    }
}

Result<void> ErasureJournal::write(const std::string& line) {
    const int file = ::open(path_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (file < 0) {
        const bool barred = errno == EACCES || errno == EPERM || errno == EROFS;
        return fail(barred ? ErrorCode::wrong_permissions : ErrorCode::io_failed,
                    "journal of erasures " + path_.string() + ": " + std::strerror(errno));
    }
    const bool appended = append_line(file, line);
    ::close(file);
    if (!appended) return fail(ErrorCode::io_failed, path_.string());
    return sync_folder(path_.parent_path());  // it may be a new file
}

}  // namespace relais::broker
