// authority.cc: what the domain authority alone changes: the broker's key, which ends, and who the
// registrars are. Each is the domain's own entry again, with what changes in it.
#include <algorithm>

#include "core/codecs/codecs.h"
#include "core/crypto/p256.h"
#include "tools/admin/commands.h"

namespace relais::admin {

namespace {

// What the broker signs while the entries are on their way has to count: a key that was stolen ends
// a moment after them.
constexpr std::chrono::seconds kLastWords{60};
constexpr std::size_t kFingerprintDigitsMin = 8;

// The next entries of the domain's chain, one after the other.
class DomainEntries {
public:
    static Result<DomainEntries> begin(Operator& op, DomainSigner& authority) {
        RELAIS_TRY(check_authority(op, authority));
        RELAIS_ASSIGN(directory::DirectoryState state, op.directory());
        if (state.domain() == nullptr) return fail(ErrorCode::corrupt, "no entry of the domain");
        return DomainEntries(op, authority, std::move(state));
    }

    [[nodiscard]] const directory::Domain& domain() const { return *state_.domain(); }
    Result<void> add(const directory::Domain& domain) {
        const auto entry = directory::sign_entry(
            state_.next_entry("", fingerprint(domain.authority), wall_now(), domain),
            authority_.key);
        RELAIS_TRY(state_.apply(entry, P256Verifier(1)));
        bytes_.push_back(entry.bytes);
        return {};
    }
    Result<void> append() { return op_.append(bytes_); }

private:
    DomainEntries(Operator& op, DomainSigner& authority, directory::DirectoryState state)
        : op_(op), authority_(authority), state_(std::move(state)) {}

    Operator& op_;
    DomainSigner& authority_;
    directory::DirectoryState state_;
    std::vector<Bytes> bytes_;
};

std::string fingerprint_text(const P256Public& key) { return hex(fingerprint(key).view()); }

nlohmann::json registrar_json(const directory::Registrar& registrar) {
    return {{"title", registrar.title}, {"fingerprint", fingerprint_text(registrar.key)}};
}

// The digits of a fingerprint, as they are printed in groups or without spaces.
std::string digits_of(std::string text) {
    std::erase(text, ' ');
    std::ranges::transform(text, text.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

// By title, or by the first digits of the fingerprint.
// Errors: unknown_object; usage  several have it.
Result<std::size_t> find_registrar(const std::vector<directory::Registrar>& registrars,
                                   const std::string& named) {
    const std::string digits = digits_of(named);
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < registrars.size(); ++i) {
        const bool by_digits = digits.size() >= kFingerprintDigitsMin &&
                               fingerprint_text(registrars[i].key).starts_with(digits);
        if (registrars[i].title == named || by_digits) found.push_back(i);
    }
    if (found.size() == 1) return found.front();
    if (found.empty()) {
        return fail(ErrorCode::unknown_object, "registrar " + named + "; see `registrar list`");
    }
    std::string all;
    for (const std::size_t i : found) {
        all += (all.empty() ? "" : ", ") + readable_fingerprint(fingerprint(registrars[i].key));
    }
    return fail(ErrorCode::usage, "several registrars are " + named + ": name one of " + all);
}

}  // namespace

Result<void> renew_broker_key(Operator& op, DomainSigner& authority, bool stolen,
                              const Output& output) {
    RELAIS_ASSIGN(auto entries, DomainEntries::begin(op, authority));
    const directory::Domain before = entries.domain();
    RELAIS_ASSIGN(const auto done, op.client().ask_for<wire::Done>(
                                       wire::Administer{wire::Command::make_broker_key}));
    if (!done.made) return fail(ErrorCode::malformed, "the broker made no key");
    if (stolen) {
        directory::Domain ended = before;
        ended.broker_key_until = std::min(before.broker_key_until, wall_now() + kLastWords);
        RELAIS_TRY(entries.add(ended));
    }
    directory::Domain after = before;
    after.broker_key = *done.made;
    after.broker_key_until = wall_now() + kBrokerKeyLifetime;
    RELAIS_TRY(entries.add(after));
    RELAIS_TRY(entries.append());
    RELAIS_TRY(probe(op, after));

    const std::string until = format_utc(after.broker_key_until);
    output.line("The broker signs with a new key, until " + until + ".");
    output.line("  fingerprint  " + readable_fingerprint(fingerprint(after.broker_key)));
    output.line(stolen ? "  the former one ends in a minute: what it signed and a station has not "
                         "taken by then is refused"
                       : "  what the former one signed counts until " +
                             format_utc(before.broker_key_until) +
                             "; its private half is gone from the disk");
    output.line("  next: make a backup; tell those whose webhooks pin the broker's key");
    output.result({{"broker_key", hex(after.broker_key.view())},
                   {"until", until},
                   {"former_stolen", stolen}});
    return {};
}

Result<void> list_registrars(Operator& op, const Output& output) {
    RELAIS_ASSIGN(const auto state, op.directory());
    nlohmann::json all = nlohmann::json::array();
    if (state.domain() != nullptr) {
        for (const directory::Registrar& registrar : state.domain()->registrars) {
            output.line(readable_fingerprint(fingerprint(registrar.key)) + "  " + registrar.title);
            all.push_back(registrar_json(registrar));
        }
    }
    output.result(all);
    return {};
}

Result<void> add_registrar(Operator& op, DomainSigner& authority, const RegistrarRequest& request,
                           const Output& output) {
    if (!is_title(request.title, limits::kTitleBytesMax)) {
        return fail(ErrorCode::invalid_field, "title");
    }
    RELAIS_ASSIGN(auto entries, DomainEntries::begin(op, authority));
    RELAIS_ASSIGN(P256Key key,
                  make_signer(request.file, request.passphrase, request.scrypt_log2_n));
    directory::Domain domain = entries.domain();
    domain.registrars.push_back({key.public_key(), request.title});
    Result<void> appended = entries.add(domain);
    if (appended.ok()) appended = entries.append();
    if (!appended.ok()) {
        std::error_code ignored;  // a key that nobody named opens nothing
        std::filesystem::remove(request.file, ignored);
        return appended;
    }
    output.line("Registrar " + request.title + " named.");
    output.line("  key          " + request.file.string());
    output.line("  fingerprint  " + readable_fingerprint(fingerprint(key.public_key())));
    output.result(registrar_json(domain.registrars.back()));
    return {};
}

Result<void> remove_registrar(Operator& op, DomainSigner& authority, const std::string& named,
                              const Output& output) {
    RELAIS_ASSIGN(auto entries, DomainEntries::begin(op, authority));
    directory::Domain domain = entries.domain();
    RELAIS_ASSIGN(const std::size_t index, find_registrar(domain.registrars, named));
    if (domain.registrars.size() == 1) {
        return fail(ErrorCode::usage, "the last registrar: add another first (`registrar add`)");
    }
    const directory::Registrar removed = domain.registrars[index];
    domain.registrars.erase(domain.registrars.begin() + static_cast<std::ptrdiff_t>(index));
    RELAIS_TRY(entries.add(domain));
    RELAIS_TRY(entries.append());
    output.line("Registrar " + removed.title + " is none any more; what it signed stands.");
    output.line("  its open invitations cannot be approved: the others make new ones");
    output.result(registrar_json(removed));
    return {};
}

}  // namespace relais::admin
