#include "tests/unit/clients/cli/fixture.h"

#include <unistd.h>

#include <fstream>

#include "clients/cli/program.h"
#include "clients/station/api/station.h"
#include "schemas/compiler/compiler.h"

namespace relais::cli::test {

namespace {

using relais::test::TestKey;

P256Key copy_of(const TestKey& key) { return P256Key::from_scalar(key->scalar()).value(); }

// A descriptor from which these lines can be read.
class Lines {
public:
    explicit Lines(const std::string& lines) {
        EXPECT_EQ(::pipe(ends_), 0);
        EXPECT_EQ(::write(ends_[1], lines.data(), lines.size()), ssize_t(lines.size()));
        ::close(ends_[1]);
    }
    ~Lines() { ::close(ends_[0]); }
    Lines(const Lines&) = delete;
    Lines& operator=(const Lines&) = delete;
    [[nodiscard]] std::string descriptor() const { return std::to_string(ends_[0]); }

private:
    int ends_[2] = {-1, -1};
};

}  // namespace

std::optional<std::string> ScriptedDialogue::ask(const std::string& prompt) {
    said_ += prompt;
    if (answers_.empty()) return std::nullopt;
    std::string line = answers_.front();
    answers_.pop_front();
    said_ += line + "\n";
    return line;
}

Ran relais(const std::vector<std::string>& arguments, Dialogue& dialogue) {
    Output output;
    Context context(output, dialogue);
    ::testing::internal::CaptureStdout();
    ::testing::internal::CaptureStderr();
    Ran ran;
    ran.code = cli::run(context, arguments);
    std::fflush(stdout);
    ran.out = ::testing::internal::GetCapturedStdout();
    ran.err = ::testing::internal::GetCapturedStderr();
    return ran;
}

Ran relais(const std::vector<std::string>& arguments) {
    ScriptedDialogue nobody;
    nobody.leave();
    return relais(arguments, nobody);
}

PracticeTest::PracticeTest() {
    const auto bundle =
        compiler::compile_kind(std::string(RELAIS_SOURCE_DIR) + "/schemas/kinds/admission");
    EXPECT_TRUE(bundle.ok());
    const auto loaded = station::load_kind(*bundle);
    EXPECT_TRUE(loaded.ok());
    directory::Domain domain = territory_.domain_body();
    domain.test = true;  // the examples' identities are of the national test sets
    territory_.append("", *territory_.authority(), domain);
    territory_.publish_kind(territory_.cpts, "admission", 1, loaded->kind.digest);
    make_station();
    SystemRandom random;
    const station::StationFolder where{folder_.path() / "poste"};
    const auto vault =
        station::Vault::open(where.vault(), Secret::copy_of(kStationPassphrase)).value();
    const auto store = station::open_store(where, vault, Database::Mode::existing, random).value();
    EXPECT_TRUE(store->add_bundle(loaded->kind.digest, *bundle).ok());
}

void PracticeTest::make_station() {
    const station::StationFolder where{folder_.path() / "poste"};
    std::filesystem::create_directory(where.path);
    std::filesystem::permissions(where.path, std::filesystem::perms::owner_all);
    const ScryptCost cheap{.log2_n = 10};
    auto vault =
        station::Vault::create(where.vault(), Secret::copy_of(kStationPassphrase), cheap).value();
    const auto& made = territory_.practice_station;
    station::put_keys(
        vault, {generate_curve_keys(), copy_of(made.sealing), copy_of(made.signing), std::nullopt});
    EXPECT_TRUE(vault
                    .put_person(territory_.doctor.id, copy_of(territory_.doctor.key),
                                Secret::copy_of(kDoctorPassphrase))
                    .ok());
    EXPECT_TRUE(vault
                    .put_person(territory_.secretary.id, copy_of(territory_.secretary.key),
                                Secret::copy_of(kStationPassphrase))
                    .ok());
    EXPECT_TRUE(vault.save().ok());
    SystemRandom random;
    const auto store = station::open_store(where, vault, Database::Mode::create, random).value();
    const auto& state = territory_.state();
    EXPECT_TRUE(station::save_identity(*store, {state.domain_name(),
                                                state.authority(),
                                                territory_.practice.name,
                                                made.id,
                                                "tcp://127.0.0.1:1",
                                                {}})
                    .ok());
    EXPECT_TRUE(store->begin().ok());
    for (; known_ < territory_.log().size(); ++known_) {
        EXPECT_TRUE(store->add_directory_entry(known_, territory_.log()[known_].bytes).ok());
    }
    EXPECT_TRUE(store->commit().ok());
}

void PracticeTest::change_store(const std::function<void(station::StationStore& store)>& change) {
    SystemRandom random;
    const station::StationFolder where{folder_.path() / "poste"};
    const auto vault =
        station::Vault::open(where.vault(), Secret::copy_of(kStationPassphrase)).value();
    const auto store = station::open_store(where, vault, Database::Mode::existing, random).value();
    EXPECT_TRUE(store->begin().ok());
    change(*store);
    EXPECT_TRUE(store->commit().ok());
}

void PracticeTest::learn() {
    change_store([this](station::StationStore& store) {
        for (; known_ < territory_.log().size(); ++known_) {
            EXPECT_TRUE(store.add_directory_entry(known_, territory_.log()[known_].bytes).ok());
        }
    });
}

void PracticeTest::publish(const std::string& kind) {
    const auto bundle =
        compiler::compile_kind(std::string(RELAIS_SOURCE_DIR) + "/schemas/kinds/" + kind).value();
    const auto loaded = station::load_kind(bundle).value();
    territory_.publish_kind(territory_.cpts, kind, 1, loaded.kind.digest);
    learn();
    change_store([&](station::StationStore& store) {
        EXPECT_TRUE(store.add_bundle(loaded.kind.digest, bundle).ok());
    });
}

void PracticeTest::keep(const std::string& name, const std::string& value) {
    change_store([&](station::StationStore& store) {
        EXPECT_TRUE(store.set_value(name, as_bytes(value)).ok());
    });
}

Ran PracticeTest::run(std::vector<std::string> arguments, Dialogue& dialogue,
                      const std::string& station_passphrase) {
    const Lines passphrase(station_passphrase + "\n");
    arguments.insert(arguments.end(), {"--station", (folder_.path() / "poste").string(),
                                       "--passphrase-fd", passphrase.descriptor(), "--offline"});
    return relais(arguments, dialogue);
}

Ran PracticeTest::run(std::vector<std::string> arguments, const std::string& station_passphrase) {
    ScriptedDialogue nobody;
    nobody.leave();
    return run(std::move(arguments), nobody, station_passphrase);
}

Ran PracticeTest::run_as_doctor(std::vector<std::string> arguments) {
    const Lines own(std::string(kDoctorPassphrase) + "\n");
    arguments.insert(arguments.end(),
                     {"--as", "Martin", "--person-passphrase-fd", own.descriptor()});
    return run(std::move(arguments));
}

std::string PracticeTest::write(const std::string& name, const std::string& content) {
    const std::string path = folder_.file(name);
    std::ofstream(path) << content;
    return path;
}

std::string PracticeTest::example(const std::string& name) {
    return std::string(RELAIS_SOURCE_DIR) + "/schemas/kinds/admission/examples/" + name;
}

}  // namespace relais::cli::test
