// init.cc: makes a domain: keys of authority and registrar sealed in files, keys of the broker, the
// directory's first entry in a new store, the configuration.
#include "broker/engine/engine.h"
#include "broker/keys/own_keys.h"
#include "broker/store/sqlite_store.h"
#include "core/base/system.h"
#include "core/codecs/codecs.h"
#include "core/files/files.h"
#include "core/files/lock.h"
#include "tools/admin/commands.h"

namespace relais::admin {

namespace {

// Quotes for TOML: names and paths hold no control characters (checked), so two escapes are enough.
std::string quoted(const std::string& text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + "\"";
}

std::string config_text(const InitRequest& request, const Digest& authority) {
    return "# Broker of the domain " + request.domain +
           ". Every key is explained in docs/operations.md.\n"
           "domain = " +
           quoted(request.domain) +
           "\n"
           "authority = " +
           quoted(hex(authority.view())) +
           "  # fingerprint of the domain authority\n"
           "data = " +
           quoted(request.data.string()) +
           "\n\n"
           "[listen]\n"
           "broker = " +
           quoted(request.listen_broker) +
           "\n"
           "enrolment = " +
           quoted(request.listen_enrolment) +
           "  # open only while an invitation is\n"
           "http = " +
           quoted(request.listen_http) + "  # /health and /metrics\n";
}

// What init made, taken away again where it does not come to its end: a corrected command would
// find the rest in its way. What was there before stays.
class Made {
public:
    ~Made() {
        std::error_code ignored;
        for (const auto& path : paths_) std::filesystem::remove_all(path, ignored);
    }
    Made() = default;
    Made(const Made&) = delete;
    Made& operator=(const Made&) = delete;

    void add(const std::filesystem::path& path) { paths_.push_back(path); }
    void keep() { paths_.clear(); }

private:
    std::vector<std::filesystem::path> paths_;
};

directory::Domain domain_entry(const InitRequest& request, const P256Key& authority,
                               const P256Key& registrar, const broker::BrokerKeys& keys) {
    return {request.title,
            authority.public_key(),
            {{registrar.public_key(), request.registrar_title}},
            keys.broker.public_key(),
            wall_now() + kBrokerKeyLifetime,
            keys.curve.public_key,
            keys.enrolment.public_key,
            keys.directory_log.public_key(),
            keys.audit_log.public_key(),
            request.test};
}

// The engine itself takes the first entry, as it will take all others.
Result<void> append_first(const InitRequest& request, const Name& domain, P256Key& authority,
                          const P256Key& registrar, broker::BrokerKeys& keys) {
    const Digest pinned = fingerprint(authority.public_key());
    const directory::Domain body = domain_entry(request, authority, registrar, keys);
    broker::OwnKeyFiles own_keys(request.data / "keys", keys);
    RELAIS_ASSIGN(const auto store, broker::SqliteStore::open((request.data / "relais.db").string(),
                                                              {Database::Mode::create, "", ""}));
    std::error_code ignored;  // the folder is private already
    std::filesystem::permissions(
        request.data / "relais.db",
        std::filesystem::perms::owner_read | std::filesystem::perms::owner_write, ignored);
    SystemRandom random;
    SystemClock clock;
    const P256Verifier verifier;
    broker::SharedDirectory shared(directory::DirectoryState(domain, pinned));
    broker::Engine engine(*store, random, verifier,
                          {own_keys, keys.directory_log, keys.audit_log,
                           keys.directory_log.public_key(), keys.audit_log.public_key()},
                          shared, {domain, pinned, {}, false});
    RELAIS_TRY(engine.open(clock.read()));
    const directory::Entry entry = shared.mine().next_entry("", pinned, wall_now(), body);
    broker::Input input;
    input.session = 1;
    input.principal = broker::Principal::registrar;
    input.number = 1;
    input.request = wire::AppendEntries{{directory::sign_entry(entry, authority).bytes}};
    std::vector<broker::Input> inputs;
    inputs.push_back(std::move(input));
    RELAIS_ASSIGN(const auto step, engine.step(std::move(inputs), clock.read()));
    for (const broker::Output& item : step.outputs) {
        const auto* frame = std::get_if<broker::SendFrame>(&item);
        const auto* refusal =
            frame == nullptr ? nullptr : std::get_if<wire::Refusal>(&frame->frame.body);
        if (refusal != nullptr) return fail(refusal->code, refusal->detail);
    }
    return engine.close(clock.read());
}

Result<void> check_free(const InitRequest& request) {
    std::error_code ignored;
    for (const auto& path : {request.data / "relais.db", request.config}) {
        if (std::filesystem::exists(path, ignored)) {
            return fail(ErrorCode::already_exists, path.string());
        }
    }
    return {};
}

}  // namespace

Result<void> init(const InitRequest& request, const Output& output) {
    RELAIS_ASSIGN(const Name domain, Name::parse(request.domain));
    if (!is_title(request.title, limits::kTitleBytesMax)) {
        return fail(ErrorCode::invalid_field, "title");
    }
    RELAIS_TRY(check_free(request));
    RELAIS_TRY(broker::parse_config(config_text(request, {}), request.config.string()));
    std::error_code ignored;
    const bool there = std::filesystem::exists(request.data, ignored);
    RELAIS_TRY(make_private_folder(request.data));
    RELAIS_ASSIGN(const FileLock lock, FileLock::take(request.data / "lock"));
    Made made;  // under the lock: nobody else's
    if (!there) made.add(request.data);
    for (const auto& path : {request.data / "keys", request.data / "relais.db",
                             request.authority_file, request.registrar_file}) {
        if (!std::filesystem::exists(path, ignored)) made.add(path);
    }
    RELAIS_ASSIGN(
        P256Key authority,
        make_signer(request.authority_file, request.authority_passphrase, request.scrypt_log2_n));
    RELAIS_ASSIGN(
        P256Key registrar,
        make_signer(request.registrar_file, request.registrar_passphrase, request.scrypt_log2_n));
    broker::BrokerKeys keys = broker::BrokerKeys::generate();
    RELAIS_TRY(broker::write_keys(request.data / "keys", keys));
    RELAIS_TRY(append_first(request, domain, authority, registrar, keys));
    const Digest pinned = fingerprint(authority.public_key());
    RELAIS_TRY(
        write_file(request.config, as_bytes(config_text(request, pinned)), 0644, Replace::no));
    made.keep();

    output.line("Domain " + domain.text() + " made.");
    output.line("  configuration    " + request.config.string());
    output.line("  data folder      " + request.data.string());
    output.line("  registrar's key  " + request.registrar_file.string());
    output.line("  authority's key  " + request.authority_file.string() +
                "  <- take it away from this machine: it is needed again only to change\n"
                "                   registrars or keys, and to admit the anchor organisation");
    output.line("  authority        " + readable_fingerprint(pinned));
    output.line("Next: relais-broker --config " + request.config.string());
    output.result({{"domain", domain.text()},
                   {"config", request.config.string()},
                   {"authority", hex(pinned.view())}});
    return {};
}

}  // namespace relais::admin
