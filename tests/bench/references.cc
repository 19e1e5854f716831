#include "tests/bench/references.h"

#include <fcntl.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/process/support/child.h"
#include "tests/process/support/must.h"

namespace relais::bench {

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begun) {
    return std::chrono::duration<double>(Clock::now() - begun).count();
}

}  // namespace

RawTable::RawTable(const std::filesystem::path& folder) : path_(folder / "reference.db") {
    // A process that was ended left its own.
    for (const char* suffix : {"", "-wal", "-shm"}) {
        std::filesystem::remove(path_.string() + suffix);
    }
    if (sqlite3_open(path_.c_str(), &database_) != SQLITE_OK) throw std::runtime_error(path_);
    run("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
        "CREATE TABLE row (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL)");
    sqlite3_prepare_v2(database_, "INSERT INTO row (bytes) VALUES (?)", -1, &insert_, nullptr);
}

RawTable::~RawTable() {
    sqlite3_finalize(insert_);
    sqlite3_close(database_);
    std::filesystem::remove(path_);
}

void RawTable::run(const char* sql) {
    if (sqlite3_exec(database_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) {
        throw std::runtime_error(sqlite3_errmsg(database_));
    }
}

void RawTable::begin() { run("BEGIN IMMEDIATE"); }
void RawTable::commit() { run("COMMIT"); }

void RawTable::insert(ByteView row) {
    sqlite3_bind_blob(insert_, 1, row.data(), static_cast<int>(row.size()), SQLITE_STATIC);
    if (sqlite3_step(insert_) != SQLITE_DONE) throw std::runtime_error("insert");
    sqlite3_reset(insert_);
}

void RawTable::each(const std::function<void(ByteView)>& take) {
    sqlite3_stmt* select = nullptr;
    sqlite3_prepare_v2(database_, "SELECT bytes FROM row ORDER BY id", -1, &select, nullptr);
    while (sqlite3_step(select) == SQLITE_ROW) {
        take({static_cast<const std::uint8_t*>(sqlite3_column_blob(select, 0)),
              static_cast<std::size_t>(sqlite3_column_bytes(select, 0))});
    }
    sqlite3_finalize(select);
}

double sqlite_rows_per_second(const std::filesystem::path& folder, int rows) {
    constexpr int kBatch = 256;
    RawTable table(folder);
    const Bytes row(1024, 0x5a);
    const auto begun = Clock::now();
    for (int done = 0; done < rows;) {
        table.begin();
        for (int i = 0; i < kBatch; ++i, ++done) table.insert(row);
        table.commit();
    }
    return rows / seconds_since(begun);
}

double sqlite_rows_per_second_in_child(const std::filesystem::path& folder, int rows,
                                       std::chrono::microseconds flush_added) {
    test::Child child("/proc/self/exe",
                      {"--raw-sqlite", folder.string(), "--raw-rows", std::to_string(rows)},
                      {"LD_PRELOAD=" RELAIS_FLUSH_SHIM,
                       "RELAIS_BENCH_FLUSH_US=" + std::to_string(flush_added.count())});
    const std::string mark = "rows=";
    const auto line = child.wait_for_line(mark);
    child.wait();
    if (!line) test::fail_test("the reference said nothing: " + child.said());
    return std::stod(line->substr(line->find(mark) + mark.size()));
}

namespace {

// A key and its signature of one digest.
class Signed {
public:
    Signed() : key_(EVP_EC_gen("P-256")), signature_(80) {
        std::size_t size = signature_.size();
        EVP_PKEY_CTX* signer = EVP_PKEY_CTX_new(key_, nullptr);
        EVP_PKEY_sign_init(signer);
        EVP_PKEY_sign(signer, signature_.data(), &size, digest_.data(), digest_.size());
        EVP_PKEY_CTX_free(signer);
        signature_.resize(size);
    }
    ~Signed() { EVP_PKEY_free(key_); }
    Signed(const Signed&) = delete;
    Signed& operator=(const Signed&) = delete;

    // How many did not verify: none.
    [[nodiscard]] int verify(int times) const {
        int wrong = 0;
        EVP_PKEY_CTX* context = EVP_PKEY_CTX_new(key_, nullptr);
        EVP_PKEY_verify_init(context);
        for (int done = 0; done < times; ++done) {
            wrong += EVP_PKEY_verify(context, signature_.data(), signature_.size(), digest_.data(),
                                     digest_.size()) != 1;
        }
        EVP_PKEY_CTX_free(context);
        return wrong;
    }

private:
    EVP_PKEY* key_;
    std::array<unsigned char, 32> digest_{1, 2, 3};
    std::vector<unsigned char> signature_;
};

}  // namespace

double verifications_per_second(int per_thread) {
    const Signed made;
    std::atomic<int> wrong = 0;
    const unsigned threads = std::max(1U, std::thread::hardware_concurrency());
    const auto begun = Clock::now();
    {
        std::vector<std::jthread> all;
        for (unsigned i = 0; i < threads; ++i) {
            all.emplace_back([&] { wrong += made.verify(per_thread); });
        }
    }
    if (wrong != 0) throw std::runtime_error("a good signature did not verify");
    return static_cast<double>(threads) * per_thread / seconds_since(begun);
}

double verification_seconds(int times) {
    const Signed made;
    const auto begun = Clock::now();
    if (made.verify(times) != 0) throw std::runtime_error("a good signature did not verify");
    return seconds_since(begun) / times;
}

// Over pages that the file has already, as SQLite writes its log: growing a file costs more.
double flush_seconds(const std::filesystem::path& folder, int times) {
    const std::string path = (folder / "reference.flush").string();
    const int file = ::open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    const std::vector<char> page(4096, 'x');
    const auto write_page = [&](int place) {
        const auto offset = static_cast<off_t>(place) * static_cast<off_t>(page.size());
        if (::pwrite(file, page.data(), page.size(), offset) < 0) throw std::runtime_error(path);
    };
    for (int i = 0; i < times; ++i) write_page(i);
    if (::fsync(file) != 0) throw std::runtime_error(path);
    std::vector<double> all;
    for (int i = 0; i < times; ++i) {
        const auto begun = Clock::now();
        write_page(i);
        if (::fdatasync(file) != 0) throw std::runtime_error(path);
        all.push_back(seconds_since(begun));
    }
    ::close(file);
    std::filesystem::remove(path);
    std::ranges::nth_element(all, all.begin() + times / 2);
    return all[static_cast<std::size_t>(times) / 2];
}

}  // namespace relais::bench
