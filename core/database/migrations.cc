// migrations.cc: takes a database forward to the version that the program wants, one transaction a
// step, after a copy; a database of a later version is refused and left as it is.
#include <filesystem>
#include <optional>
#include <utility>

#include "core/database/state.h"
#include "core/files/files.h"
#include "core/files/lock.h"

namespace relais {

Result<std::uint64_t> schema_version(Database& database) {
    Query query = database.query("PRAGMA user_version");
    RELAIS_TRY(query.row());
    return query.number(0);
}

namespace {

// Several statements in one text are run one by one: nothing of PRAGMA VACUUM kind may be among
// them.
Result<void> take_step(Database& database, const Migration& step, std::size_t version) {
    RELAIS_ASSIGN(const std::uint64_t present, schema_version(database));
    if (present >= version) return {};  // by another program, since it was looked at
    RELAIS_TRY(step(database));
    return database.execute("PRAGMA user_version = " + std::to_string(version));
}

Result<void> run_step(Database& database, const Migration& step, std::size_t version) {
    RELAIS_TRY(database.begin());
    Result<void> done = take_step(database, step, version);
    if (done.ok()) done = database.commit();
    if (!done.ok()) database.rollback();
    return done;
}

// Under its name the copy is always whole. One that an earlier attempt left is replaced: the
// database is still of that version, and may have lived on since.
Result<void> keep_copy(Database& database, const std::string& copy) {
    const std::string part = copy + ".part";
    std::error_code failed;
    std::filesystem::remove(part, failed);
    RELAIS_TRY(database.copy_to(part));
    std::filesystem::rename(part, copy, failed);
    if (failed) return fail(ErrorCode::io_failed, copy);
    return sync_folder(std::filesystem::path(copy).parent_path());
}

// `<name>.v<digits>`, the first part of one included.
bool is_copy_of(std::string_view name, std::string_view file) {
    if (!file.starts_with(name)) return false;
    file.remove_prefix(name.size());
    if (!file.starts_with(".v")) return false;
    file.remove_prefix(2);
    if (file.ends_with(".part")) file.remove_suffix(5);
    return !file.empty() && file.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

Result<void> remove_copies(const std::string& path) {
    if (path == ":memory:") return {};
    const std::filesystem::path database(path);
    const std::filesystem::path folder =
        database.has_parent_path() ? database.parent_path() : std::filesystem::path(".");
    std::error_code failed;
    bool removed = false;
    for (std::filesystem::directory_iterator file(folder, failed), end; !failed && file != end;
         file.increment(failed)) {
        if (!is_copy_of(database.filename().string(), file->path().filename().string())) continue;
        std::filesystem::remove(file->path(), failed);
        if (failed) break;
        removed = true;
    }
    if (failed) return fail(ErrorCode::io_failed, folder.string() + ": " + failed.message());
    return removed ? sync_folder(folder) : Result<void>{};
}

Result<std::uint64_t> schema_version(Database& database, const std::string& path,
                                     std::size_t newest) {
    RELAIS_ASSIGN(const std::uint64_t version, schema_version(database));
    if (version <= newest) return version;
    return fail(
        ErrorCode::unsupported_version,
        path + " was made by a newer version of Relais (schema " + std::to_string(version) + ")");
}

namespace {

// One upgrades at a time: the others wait, and find it done. Not by the lock of the folder, which
// whoever works on a copy of the database may hold. The file goes with the lock.
class OnlyUpgrader {
public:
    static Result<OnlyUpgrader> wait_for(const std::filesystem::path& path) {
        for (;;) {
            {
                const auto made = FileLock::take(path);
                if (!made.ok() && made.code() != ErrorCode::locked) return made.error();
            }
            auto lock = FileLock::wait_for(path);
            if (lock.code() == ErrorCode::not_found) continue;  // its holder removed it just now
            if (!lock.ok()) return lock.error();
            return OnlyUpgrader(path, std::move(lock).value());
        }
    }
    OnlyUpgrader(OnlyUpgrader&& other) noexcept
        : path_(std::exchange(other.path_, {})), lock_(std::move(other.lock_)) {}
    OnlyUpgrader& operator=(OnlyUpgrader&&) = delete;
    ~OnlyUpgrader() {
        std::error_code ignored;
        if (!path_.empty()) std::filesystem::remove(path_, ignored);
    }

private:
    OnlyUpgrader(std::filesystem::path path, FileLock lock)
        : path_(std::move(path)), lock_(std::move(lock)) {}
    std::filesystem::path path_;
    FileLock lock_;
};

}  // namespace

// A copy is made outside of transactions: without the lock it could be of what another program's
// steps have done.
Result<void> migrate(Database& database, const std::string& path,
                     const std::vector<Migration>& migrations) {
    std::uint64_t version = 0;
    RELAIS_ASSIGN(version, schema_version(database, path, migrations.size()));
    std::optional<OnlyUpgrader> alone;
    if (version > 0 && version < migrations.size()) {
        auto waited = OnlyUpgrader::wait_for(path + ".upgrade");
        if (!waited.ok()) return waited.error();
        alone.emplace(std::move(waited).value());
        RELAIS_ASSIGN(version, schema_version(database, path, migrations.size()));
    }
    if (version > 0 && version < migrations.size()) {
        RELAIS_TRY(keep_copy(database, path + ".v" + std::to_string(version)));
    }
    for (std::size_t next = version; next < migrations.size(); ++next) {
        RELAIS_TRY(run_step(database, migrations[next], next + 1));
    }
    return {};
}

}  // namespace relais
