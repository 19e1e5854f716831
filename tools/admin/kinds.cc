// kinds.cc: kinds of exchange: compiled here, signed and published on a station of the anchor.
#include <iostream>

#include "core/codecs/codecs.h"
#include "core/files/files.h"
#include "schemas/compiler/compiler.h"
#include "tools/admin/anchor.h"
#include "tools/admin/commands.h"

namespace relais::admin {

Result<std::unique_ptr<station::Station>> open_anchor(const PublishRequest& request) {
    RELAIS_ASSIGN(const Secret passphrase, station::read_passphrase(request.passphrase));
    RELAIS_ASSIGN(auto opened, station::Station::open({request.station}, passphrase));
    RELAIS_TRY(opened->synchronise(std::chrono::seconds(30)));
    const auto* anchor = opened->directory().anchor();
    if (anchor == nullptr || anchor->name != opened->identity().organisation) {
        return fail(ErrorCode::forbidden,
                    "kinds and packs are signed by the anchor organisation (the CPTS)");
    }
    return opened;
}

bool confirmed(const PublishRequest& request) {
    if (request.yes) return true;
    std::cerr << "Sign and publish this? [y/N] " << std::flush;
    std::string answer;
    return std::getline(std::cin, answer) && (answer == "y" || answer == "Y" || answer == "yes");
}

namespace {

Result<Bytes> published_bundle(station::Station& anchor, const std::string& kind) {
    const auto* record = anchor.directory().kind(kind);
    if (record == nullptr) return Bytes{};
    RELAIS_ASSIGN(const auto bundle, anchor.store().bundle(record->kind.digest));
    if (!bundle) return fail(ErrorCode::unknown_kind, "the published bundle is not here yet");
    return *bundle;
}

// Versions of a kind follow one another without a gap.
Result<void> check_version(const workflow::Kind& kind, const directory::KindRecord* published) {
    if (published == nullptr || kind.version == published->kind.version + 1) return {};
    const std::uint32_t last = published->kind.version;
    return fail(ErrorCode::usage, kind.name + ": version " + std::to_string(last) +
                                      " is published; raise `version` in declaration.toml to " +
                                      std::to_string(last + 1) + ", it is " +
                                      std::to_string(kind.version));
}

}  // namespace

Result<void> compile_kind(const std::filesystem::path& folder,
                          const std::filesystem::path& bundle_file, const Output& output) {
    RELAIS_ASSIGN(const Bytes bundle, compiler::compile_kind(folder));
    RELAIS_ASSIGN(const station::LoadedKind loaded, station::load_kind(bundle));
    if (!bundle_file.empty()) RELAIS_TRY(write_file(bundle_file, bundle, 0644, Replace::yes));
    output.line(loaded.kind.name + " version " + std::to_string(loaded.kind.version) + ", " +
                std::to_string(bundle.size()) + " bytes, " + hex(loaded.kind.digest.view()));
    output.result({{"kind", loaded.kind.name},
                   {"version", loaded.kind.version},
                   {"bytes", bundle.size()},
                   {"digest", hex(loaded.kind.digest.view())}});
    return {};
}

Result<void> add_kind(const PublishRequest& request, const Output& output) {
    RELAIS_ASSIGN(const Bytes bundle, compiler::compile_kind(request.folder));
    RELAIS_ASSIGN(const station::LoadedKind loaded, station::load_kind(bundle));
    RELAIS_ASSIGN(const auto anchor, open_anchor(request));
    const std::string title = loaded.kind.name + " version " + std::to_string(loaded.kind.version) +
                              " (" + loaded.kind.title + ")";
    nlohmann::json said = {{"kind", loaded.kind.name},
                           {"version", loaded.kind.version},
                           {"digest", hex(loaded.kind.digest.view())},
                           {"published", false}};
    const auto* record = anchor->directory().kind(loaded.kind.name);
    if (record != nullptr && !record->kind.withdrawn && record->kind.digest == loaded.kind.digest) {
        output.line(title + ": already published, nothing to do.");
        output.result(said);
        return {};
    }
    RELAIS_TRY(check_version(loaded.kind, record));
    RELAIS_ASSIGN(const Bytes before, published_bundle(*anchor, loaded.kind.name));
    RELAIS_ASSIGN(const std::string difference, compiler::describe_difference(before, bundle));
    output.line(title + "\n" + difference);
    if (!confirmed(request)) return fail(ErrorCode::usage, "not confirmed; nothing was published");
    RELAIS_ASSIGN(station::Registrar registrar, station::Registrar::of(*anchor));
    RELAIS_TRY(registrar.publish_kind(bundle));
    output.line("Published, signed by " + anchor->identity().organisation.text() + ".");
    said["published"] = true;
    output.result(said);
    return {};
}

Result<void> withdraw_kind(const std::string& kind, const PublishRequest& request,
                           const Output& output) {
    RELAIS_ASSIGN(const Name name, Name::parse(kind));
    RELAIS_ASSIGN(const auto anchor, open_anchor(request));
    RELAIS_ASSIGN(station::Registrar registrar, station::Registrar::of(*anchor));
    RELAIS_TRY(registrar.withdraw_kind(name));
    output.line(kind + ": no new thread can be opened; those that are open go on.");
    output.result({{"withdrawn", kind}});
    return {};
}

Result<void> list_kinds(Operator& op, const Output& output) {
    RELAIS_ASSIGN(const directory::DirectoryState state, op.directory());
    nlohmann::json all = nlohmann::json::array();
    for (const directory::KindRecord& record : state.kinds()) {
        const directory::KindPublished& kind = record.kind;
        output.line(kind.name.text() + " version " + std::to_string(kind.version) +
                    (kind.withdrawn ? "  withdrawn" : "  " + hex(kind.digest.view())));
        all.push_back({{"kind", kind.name.text()},
                       {"version", kind.version},
                       {"digest", hex(kind.digest.view())},
                       {"withdrawn", kind.withdrawn}});
    }
    output.result(all);
    return {};
}

}  // namespace relais::admin
