#include "clients/station/vault/passphrase.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>

#include "core/base/limits.h"
#include "core/crypto/sha256.h"
#include "core/files/files.h"

namespace relais::station {

namespace {

constexpr std::size_t kPassphraseBytesMax = 1024;

// The first line of a descriptor, byte by byte: what follows belongs to another reader.
Result<Secret> read_line(int descriptor) {
    Secret buffer(kPassphraseBytesMax);
    std::size_t size = 0;
    for (;;) {
        std::uint8_t byte = 0;
        const ssize_t got = ::read(descriptor, &byte, 1);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail(ErrorCode::io_failed, "passphrase cannot be read");
        if (got == 0 || byte == '\n') break;
        if (size == kPassphraseBytesMax) {
            return fail(ErrorCode::usage, "passphrase above 1024 bytes");
        }
        buffer.expose_mutable()[size++] = byte;
    }
    if (size == 0) return fail(ErrorCode::usage, "empty passphrase");
    return Secret::copy_of(buffer.expose().first(size));
}

// Turns the terminal's echo off while it lives.
class NoEcho {
public:
    explicit NoEcho(int terminal) : terminal_(terminal) {
        active_ = ::tcgetattr(terminal_, &before_) == 0;
        if (!active_) return;
        termios quiet = before_;
        quiet.c_lflag &= static_cast<tcflag_t>(~ECHO);
        ::tcsetattr(terminal_, TCSAFLUSH, &quiet);
    }
    ~NoEcho() {
        if (active_) ::tcsetattr(terminal_, TCSAFLUSH, &before_);
    }
    NoEcho(const NoEcho&) = delete;
    NoEcho& operator=(const NoEcho&) = delete;

private:
    int terminal_;
    termios before_{};
    bool active_ = false;
};

// Keeps signals that would end or stop the process from doing so while it lives, and says when one
// waits: the echo is restored first.
class SignalsHeld {
public:
    SignalsHeld() {
        sigset_t set;
        sigemptyset(&set);
        for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP})
            sigaddset(&set, number);
        ::pthread_sigmask(SIG_BLOCK, &set, &before_);
        descriptor_ = ::signalfd(-1, &set, SFD_CLOEXEC);
    }
    ~SignalsHeld() {
        if (descriptor_ >= 0) ::close(descriptor_);
        ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);  // what waits arrives here
    }
    SignalsHeld(const SignalsHeld&) = delete;
    SignalsHeld& operator=(const SignalsHeld&) = delete;

    // Until `terminal` can be read; false where a signal came first.
    [[nodiscard]] bool wait_for(int terminal) const {
        pollfd items[] = {{terminal, POLLIN, 0}, {descriptor_, POLLIN, 0}};
        while (::poll(items, descriptor_ < 0 ? 1 : 2, -1) < 0 && errno == EINTR) continue;
        return (items[1].revents & POLLIN) == 0;
    }

private:
    sigset_t before_{};
    int descriptor_ = -1;
};

// One attempt to read a line without echo; nothing where a signal came first.
std::optional<Result<Secret>> read_quietly(int terminal, const std::string& prompt) {
    const SignalsHeld held;
    const NoEcho quiet(terminal);
    [[maybe_unused]] ssize_t put = ::write(terminal, prompt.data(), prompt.size());
    std::optional<Result<Secret>> line;
    if (held.wait_for(terminal)) line = read_line(terminal);
    put = ::write(terminal, "\n", 1);
    return line;
}

Result<Secret> ask_terminal(const std::string& prompt) {
    const int terminal = ::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (terminal < 0) {
        return fail(ErrorCode::io_failed,
                    "no terminal to ask on: use --passphrase-fd or a systemd credential");
    }
    // Asking from the background would stop the process until somebody notices.
    if (::tcgetpgrp(terminal) != ::getpgrp()) {
        ::close(terminal);
        return fail(ErrorCode::io_failed, "not in the foreground of its terminal: nobody to ask");
    }
    std::optional<Result<Secret>> line;
    while (!line) line = read_quietly(terminal, prompt);
    ::close(terminal);
    return *std::move(line);
}

std::optional<std::filesystem::path> credential_path(const std::string& name) {
    const char* folder = std::getenv("CREDENTIALS_DIRECTORY");
    if (folder == nullptr || name.empty()) return std::nullopt;
    const auto path = std::filesystem::path(folder) / name;
    std::error_code ignored;
    if (!std::filesystem::exists(path, ignored)) return std::nullopt;
    return path;
}

Result<Secret> read_credential(const std::filesystem::path& path) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) return fail(ErrorCode::io_failed, path.string());
    auto line = read_line(file);
    ::close(file);
    return line;
}

}  // namespace

bool prompts(const PassphraseSource& source) {
    return !source.descriptor && !credential_path(source.credential);
}

Result<Secret> read_passphrase(const PassphraseSource& source) {
    if (source.descriptor) return read_line(*source.descriptor);
    if (const auto path = credential_path(source.credential)) return read_credential(*path);
    return ask_terminal(source.prompt);
}

Result<Secret> read_new_passphrase(const PassphraseSource& source) {
    RELAIS_ASSIGN(Secret passphrase, read_passphrase(source));
    if (passphrase.size() < limits::kPassphraseCharactersMin) {
        return fail(ErrorCode::invalid_field,
                    "passphrase: " + std::to_string(limits::kPassphraseCharactersMin) +
                        " characters at least");
    }
    if (!prompts(source)) return passphrase;
    RELAIS_ASSIGN(const Secret again, ask_terminal("Une seconde fois : "));
    if (!equal_constant_time(passphrase.expose(), again.expose())) {
        return fail(ErrorCode::invalid_field, "the two passphrases differ");
    }
    return passphrase;
}

}  // namespace relais::station
