#include "tools/evidence/keys.h"

#include <algorithm>

#include "schemas/witness/witness.h"
#include "tools/evidence/layout.h"

namespace relais::evidence {

std::string log_origin(const Name& domain, wire::LogName log) {
    return domain.text() + "/" + log_folder(log);
}

std::vector<merkle::VerifierKey> directory_keys(const directory::DirectoryState& state,
                                                wire::LogName log) {
    std::vector<merkle::VerifierKey> keys;
    for (std::uint64_t size = 1; size <= state.size().value; ++size) {
        const directory::Domain* domain = state.domain({size});
        if (domain == nullptr) continue;
        const auto& key = log == wire::LogName::audit ? domain->audit_log : domain->directory_log;
        const auto made = merkle::VerifierKey::make(log_origin(state.domain_name(), log),
                                                    merkle::NoteKeyType::ed25519, key);
        if (made.ok() && std::ranges::find(keys, *made) == keys.end()) keys.push_back(*made);
    }
    return keys;
}

std::vector<merkle::VerifierKey> pinned_keys(const Pins& pins, std::string_view origin) {
    std::vector<merkle::VerifierKey> keys;
    for (const merkle::VerifierKey& key : pins.keys) {
        if (key.name() == origin) keys.push_back(key);
    }
    return keys;
}

bool is_later_name(const std::string& name, const std::string& base) {
    constexpr std::size_t kDigits = 16;
    if (!base.ends_with("/audit") || !name.starts_with(base + "/")) return false;
    const std::string number = name.substr(base.size() + 1);
    return number.size() == kDigits && std::ranges::all_of(number, [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
           });
}

std::vector<merkle::VerifierKey> keys_of_origin(const std::vector<merkle::VerifierKey>& keys,
                                                const std::string& origin) {
    std::vector<merkle::VerifierKey> own;
    for (const merkle::VerifierKey& key : keys) {
        if (key.type() != merkle::NoteKeyType::ed25519) continue;
        if (key.name() == origin) own.push_back(key);
        if (!is_later_name(origin, key.name())) continue;
        const auto renamed = merkle::VerifierKey::make(origin, key.type(), key.key());
        if (renamed.ok()) own.push_back(*renamed);
    }
    return own;
}

std::string key_lines(const directory::DirectoryState& state) {
    std::string lines;
    for (const wire::LogName log : kLogs) {
        for (const merkle::VerifierKey& key : directory_keys(state, log)) {
            lines += key.text() + "\n";
        }
    }
    for (const directory::WitnessRecord* record : witness::known_witnesses(state)) {
        lines += witness::verifier_key(state.domain_name(), *record).text() + "\n";
    }
    return lines;
}

Result<merkle::VerifiedCheckpoint> verify_head(std::string_view note,
                                               const std::vector<merkle::VerifierKey>& keys) {
    Result<merkle::VerifiedCheckpoint> verdict = fail(ErrorCode::note_invalid, "no key to check");
    for (const merkle::VerifierKey& key : keys) {
        verdict = merkle::verify_checkpoint(note, {key.name(), key});
        if (verdict.ok()) break;
    }
    return verdict;
}

}  // namespace relais::evidence
