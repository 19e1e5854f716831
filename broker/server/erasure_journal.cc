#include "broker/server/erasure_journal.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <set>

#include "core/base/limits.h"
#include "core/codecs/codecs.h"
#include "core/files/files.h"

namespace relais::broker {

namespace {

constexpr std::size_t kJournalBytesMax = std::size_t{256} << 20;

Result<std::set<std::string>> lines_of(const std::filesystem::path& path, bool& cut) {
    const auto bytes = read_file(path, kJournalBytesMax);
    std::set<std::string> lines;
    cut = false;
    if (bytes.code() == ErrorCode::not_found) return lines;
    if (!bytes.ok()) return bytes.error();
    std::string_view text = as_text(*bytes);
    for (std::size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
        lines.emplace(text.substr(0, end));
        text.remove_prefix(end + 1);
    }
    cut = !text.empty();
    return lines;
}

}  // namespace

Result<void> ErasureJournal::complete(Store& store) {
    if (path_.empty()) return {};
    bool cut = false;
    RELAIS_ASSIGN(const auto known, lines_of(path_, cut));
    if (cut) return fail(ErrorCode::malformed, path_.string() + ": its last line has no end");
    for (std::uint64_t after = 0;;) {
        RELAIS_ASSIGN(const auto page, store.erasures(after, limits::kEntriesPerFrameMax));
        if (page.empty()) return {};
        for (const StoredErasure& erasure : page) {
            after = erasure.number;
            if (!known.contains(base64(erasure.statement))) RELAIS_TRY(append(erasure.statement));
        }
    }
}

Result<void> ErasureJournal::append(ByteView statement) {
    if (path_.empty()) return {};
    const int file = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (file < 0) return fail(ErrorCode::io_failed, path_.string() + ": " + std::strerror(errno));
    const std::string line = base64(statement) + "\n";
    const bool whole = ::write(file, line.data(), line.size()) == static_cast<ssize_t>(line.size());
    const bool synced = whole && ::fsync(file) == 0;
    ::close(file);
    if (!synced) return fail(ErrorCode::io_failed, path_.string());
    return {};
}

}  // namespace relais::broker
