#include "tests/process/support/child.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <random>
#include <set>

#include "core/base/check.h"

namespace relais::test {

namespace {

constexpr int kPatienceMs = 60'000;
constexpr int kFirstPort = 20'000;
constexpr int kLastPort = 32'000;

bool can_bind(int port) {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const bool bound =
        ::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    ::close(socket);
    return bound;
}

[[noreturn]] void become(const std::filesystem::path& program, std::vector<std::string> words,
                         std::vector<std::string> environment, int error) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    ::dup2(error, STDERR_FILENO);
    for (std::string& variable : environment) ::putenv(variable.data());
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    ::execv(program.c_str(), arguments.data());
    ::_exit(127);
}

}  // namespace

std::filesystem::path program(const std::string& name) {
    return std::filesystem::path(RELAIS_BIN_DIR) / name;
}

Said run_program(const std::filesystem::path& program, const std::vector<std::string>& arguments,
                 const std::filesystem::path& input, const std::vector<std::string>& environment) {
    const std::string source = input.empty() ? "/dev/null" : input.string();
    std::vector<std::string> words = {"-c", "exec \"$@\" 1>&2 3< \"" + source + "\"", "sh",
                                      program.string()};
    words.insert(words.end(), arguments.begin(), arguments.end());
    Child child("/bin/sh", words, environment);
    const int status = child.wait();
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, child.said()};
}

// None twice: one that was told is not bound yet.
int free_port() {
    static std::set<int> told;
    std::random_device entropy;
    std::uniform_int_distribution<int> ports(kFirstPort, kLastPort);
    for (;;) {
        const int port = ports(entropy);
        if (can_bind(port) && told.insert(port).second) return port;
    }
}

Child::Child(const std::filesystem::path& program, const std::vector<std::string>& arguments,
             const std::vector<std::string>& environment) {
    int ends[2];
    RELAIS_CHECK(::pipe2(ends, O_CLOEXEC) == 0);
    std::vector<std::string> words = {program.string()};
    words.insert(words.end(), arguments.begin(), arguments.end());
    pid_ = ::fork();
    RELAIS_CHECK(pid_ >= 0);
    if (pid_ == 0) become(program, std::move(words), environment, ends[1]);
    ::close(ends[1]);
    error_ = ends[0];
}

Child::~Child() {
    if (!status_) kill();
    if (error_ >= 0) ::close(error_);
}

bool Child::read_some() {
    pollfd waiting{error_, POLLIN, 0};
    if (::poll(&waiting, 1, kPatienceMs) <= 0) return false;
    char buffer[4096];
    const ssize_t got = ::read(error_, buffer, sizeof buffer);
    if (got <= 0) return false;
    said_.append(buffer, static_cast<std::size_t>(got));
    return true;
}

std::optional<std::string> Child::wait_for_line(const std::string& text) {
    for (;;) {
        const std::size_t end = said_.find('\n', line_);
        if (end == std::string::npos) {
            if (!read_some()) return std::nullopt;
            continue;
        }
        std::string line = said_.substr(line_, end - line_);
        line_ = end + 1;
        if (line.find(text) != std::string::npos) return line;
    }
}

bool Child::ended() const {
    if (status_) return true;
    siginfo_t told{};
    const int looked = ::waitid(P_PID, static_cast<id_t>(pid_), &told, WEXITED | WNOHANG | WNOWAIT);
    return looked != 0 || told.si_pid == pid_;
}

void Child::signal(int number) const {
    if (!status_) ::kill(pid_, number);
}

int Child::wait() {
    if (status_) return *status_;
    while (read_some()) {
    }
    int status = 0;
    ::waitpid(pid_, &status, 0);
    status_ = status;
    return status;
}

int Child::terminate() {
    signal(SIGTERM);
    return wait();
}

int Child::kill() {
    signal(SIGKILL);
    return wait();
}

}  // namespace relais::test
