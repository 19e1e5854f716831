#include "tests/process/support/running_broker.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/files/files.h"
#include "tests/process/support/must.h"

namespace relais::test {

Secret passphrase(const std::string& text) { return Secret::copy_of(as_bytes(text)); }

station::PassphraseSource given(const std::string& text) {
    int ends[2];
    RELAIS_CHECK(::pipe2(ends, O_CLOEXEC) == 0);
    const std::string line = text + "\n";
    RELAIS_CHECK(::write(ends[1], line.data(), line.size()) == static_cast<ssize_t>(line.size()));
    ::close(ends[1]);
    station::PassphraseSource source;
    source.descriptor = ends[0];
    return source;
}

RunningBroker::RunningBroker(const std::string& domain) {
    const auto loopback = [] { return "tcp://127.0.0.1:" + std::to_string(free_port()); };
    admin::InitRequest request;
    request.domain = domain;
    request.title = "Territoire d'essai";
    request.data = data();
    request.config = config();
    request.authority_file = folder() / "authority.json";
    request.registrar_file = folder() / "registrar.json";
    request.authority_passphrase = given(kAuthorityPassphrase);
    request.registrar_passphrase = given(kRegistrarPassphrase);
    request.listen_broker = loopback();
    request.listen_enrolment = loopback();
    request.listen_http = "127.0.0.1:0";
    request.test = true;
    request.scrypt_log2_n = kWeakScrypt;
    endpoint_ = request.listen_broker;
    must(admin::init(request, {}));
    start();
}

void RunningBroker::start(const std::vector<std::string>& options,
                          const std::vector<std::string>& variables) {
    RELAIS_CHECK(child_ == nullptr);
    std::vector<std::string> arguments = {"--config", config().string()};
    arguments.insert(arguments.end(), options.begin(), options.end());
    const std::string preload = "LD_PRELOAD=";
    std::vector<std::string> environment = {preload + RELAIS_CLOCK_SHIM + ":" + RELAIS_DISK_SHIM,
                                            "RELAIS_TEST_CLOCK=" + (folder() / "clock").string(),
                                            "RELAIS_TEST_DISK=" + (folder() / "disk").string()};
    for (const std::string& variable : variables) {
        if (variable.starts_with(preload)) {
            environment.front() += ":" + variable.substr(preload.size());
        } else {
            environment.push_back(variable);
        }
    }
    child_ = std::make_unique<Child>(program(program_), arguments, environment);
    const auto line = child_->wait_for_line("started");
    if (!line) {
        child_->kill();
        fail_test("the broker did not start: " + child_->said());
    }
    const std::string mark = "http=";
    http_ = line->substr(line->find(mark) + mark.size());
}

void RunningBroker::log_everything() const {
    const Bytes text = must(read_file(config(), 1 << 16));
    must(write_file(config(), as_bytes(std::string(as_text(text)) + "\n[log]\nlevel = \"debug\"\n"),
                    0600, Replace::yes));
}

void RunningBroker::stop() {
    const int status = child_->terminate();
    past_log_ += child_->said();
    child_ = nullptr;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        fail_test("the broker did not end well: " + past_log_);
    }
}

void RunningBroker::kill() {
    child_->kill();
    past_log_ += child_->said();
    child_ = nullptr;
}

void RunningBroker::restart_after_kill() {
    kill();
    start();
}

std::string RunningBroker::log() const {
    return child_ == nullptr ? past_log_ : past_log_ + child_->said();
}

void RunningBroker::set_clocks(std::chrono::milliseconds wall,
                               std::chrono::milliseconds boot) const {
    const std::string text = std::to_string(wall.count()) + " " + std::to_string(boot.count());
    must(write_file(folder() / "clock", as_bytes(text), 0600, Replace::yes));
}

void RunningBroker::set_disk(std::chrono::milliseconds delay, bool fails) const {
    const std::string text = std::to_string(delay.count()) + (fails ? " 1" : " 0");
    must(write_file(folder() / "disk", as_bytes(text), 0600, Replace::yes));
}

Said RunningBroker::try_start(const std::vector<std::string>& variables) const {
    return run_program(program("relais-broker"), {"--config", config().string()}, {}, variables);
}

Said RunningBroker::wait_for_end() {
    const int status = child_->wait();
    const Said said{WIFEXITED(status) ? WEXITSTATUS(status) : -1, child_->said()};
    past_log_ += said.text;
    child_ = nullptr;
    return said;
}

admin::Operator RunningBroker::connect() const { return must(admin::Operator::connect(config())); }

admin::DomainSigner RunningBroker::registrar() const {
    return must(admin::unlock_signer({folder() / "registrar.json", given(kRegistrarPassphrase)}));
}

admin::DomainSigner RunningBroker::authority() const {
    return must(admin::unlock_signer({folder() / "authority.json", given(kAuthorityPassphrase)}));
}

}  // namespace relais::test
