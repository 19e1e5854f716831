#include "tools/evidence/case_file.h"

#include <algorithm>

#include "core/base/limits.h"
#include "core/codecs/codecs.h"
#include "core/crypto/p256.h"
#include "core/crypto/sha256.h"
#include "core/files/files.h"
#include "core/merkle/tree.h"
#include "schemas/audit/proof_extra.h"
#include "schemas/workflow/broker_word.h"
#include "schemas/workflow/receipt.h"
#include "tools/evidence/log_check.h"
#include "tools/evidence/stories.h"

namespace relais::evidence {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kListBytesMax = std::size_t{64} << 20;
constexpr std::size_t kActsMax = 1024;
constexpr const char* kProofEnding = ".tlog-proof";

Error altered(const std::string& what) { return fail(ErrorCode::evidence_altered, what); }

// Lines of base64.
Result<std::vector<Bytes>> read_list(const fs::path& file) {
    RELAIS_ASSIGN(const Bytes bytes, read_file(file, kListBytesMax));
    const std::string_view text = as_text(bytes);
    std::vector<Bytes> items;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        auto item = parse_base64(text.substr(begin, end - begin));
        if (!item.ok()) return fail(ErrorCode::malformed, file.string());
        items.push_back(*std::move(item));
        begin = end + 1;
    }
    return items;
}

Result<std::vector<fs::path>> proof_files(const fs::path& folder) {
    std::error_code problem;
    std::vector<fs::path> files;
    for (fs::directory_iterator at(folder / "acts", problem), end; !problem && at != end;
         at.increment(problem)) {
        if (at->path().extension() == kProofEnding) files.push_back(at->path());
    }
    if (problem || files.empty() || files.size() > kActsMax) {
        return fail(ErrorCode::malformed, folder.string() + ": no acts of a case");
    }
    std::ranges::sort(files);
    return files;
}

class Judge {
public:
    Judge(fs::path folder, const std::vector<merkle::VerifierKey>& keys)
        : folder_(std::move(folder)), keys_(keys) {}

    Result<CheckedCase> run(const std::optional<Digest>& authority) {
        RELAIS_ASSIGN(const auto files, proof_files(folder_));
        RELAIS_ASSIGN(const Name domain, domain_of(files.front()));
        RELAIS_TRY(replay(domain, authority));
        CheckedCase checked{domain, state_->authority(), {}, {}};
        for (const fs::path& file : files) {
            RELAIS_ASSIGN(CheckedProof act, check_act(file));
            const bool same =
                checked.acts.empty() || act.header.thread == checked.acts.front().header.thread;
            if (!same) return altered(file.string() + ": of another case");
            RELAIS_ASSIGN(const bool there, check_content(file, act.header));
            checked.contents += there ? 1 : 0;
            checked.acts.push_back(std::move(act));
        }
        RELAIS_TRY(check_directory(checked.acts));
        RELAIS_TRY(check_notices(checked));
        return checked;
    }

private:
    // The log's name begins with it.
    static Result<Name> domain_of(const fs::path& file) {
        RELAIS_ASSIGN(const Bytes bytes, read_file(file, limits::kProofFileBytesMax));
        RELAIS_ASSIGN(const auto proof, merkle::parse_proof(as_text(bytes)));
        RELAIS_ASSIGN(const auto note, merkle::parse_note(proof.checkpoint));
        RELAIS_ASSIGN(const auto head, merkle::parse_checkpoint(note.text));
        return Name::parse(head.origin.substr(0, head.origin.find('/')));
    }

    Result<void> replay(const Name& domain, const std::optional<Digest>& authority) {
        RELAIS_ASSIGN(const auto entries, read_list(folder_ / "directory.log"));
        Findings findings;
        state_ = replay_directory(entries, domain, authority, findings);
        if (!findings.empty()) return altered("directory.log: " + findings.front().describe());
        if (!state_ || state_->domain() == nullptr) return altered("directory.log: no domain");
        if (keys_.empty()) keys_ = directory_keys(*state_, wire::LogName::audit);
        LeafHashes leaves;
        for (const Bytes& entry : entries) leaves.push_back(merkle::leaf_hash(entry));
        directory_ = tree_over(std::move(leaves));
        return {};
    }

    // Each act was signed under a head of the directory: this one must have been it.
    Result<void> check_directory(const std::vector<CheckedProof>& acts) const {
        std::vector<merkle::Checkpoint> heads;
        for (const CheckedProof& act : acts) {
            const DirectoryHead& head = act.header.head;
            heads.push_back({kDirectory, head.size.value, head.root});
        }
        std::ranges::sort(heads, {}, &merkle::Checkpoint::size);
        Findings findings;
        check_heads(kDirectory, directory_, heads, findings);
        if (findings.empty()) return {};
        return altered("directory.log: not the one that an act was signed under: " +
                       findings.front().describe());
    }

    Result<CheckedProof> check_act(const fs::path& file) const {
        RELAIS_ASSIGN(const Bytes bytes, read_file(file, limits::kProofFileBytesMax));
        RELAIS_ASSIGN(CheckedProof act, check_proof(as_text(bytes), keys_));
        RELAIS_ASSIGN(const auto proof, merkle::parse_proof(as_text(bytes)));
        RELAIS_ASSIGN(const ProofExtra extra, parse_proof_extra(proof.extra));
        const bool accepted = act.leaf.event == Event::submitted && act.leaf.code == ErrorCode::ok;
        if (!accepted) return altered(file.string() + ": the leaf is of no accepted act");
        const DirectorySize signed_under = act.header.head.size;
        if (signed_under.value == 0 || signed_under > act.leaf.directory_size) {
            return altered(file.string() +
                           ": signed under another directory than it was judged by");
        }
        // A shorter one would answer with who the signer was at its end.
        if (act.leaf.directory_size > state_->size()) {
            return altered(file.string() + ": judged by more of the directory than is here");
        }
        const auto* person = state_->person(act.header.by, act.leaf.directory_size);
        if (person == nullptr) return altered(file.string() + ": who signed is unknown");
        const auto genuine =
            verify_header_signature(header_digest(extra.header.bytes), extra.header.signature,
                                    person->person.key, verifier_);
        if (!genuine.ok()) return altered(file.string() + ": signature of the act");
        return act;
    }

    // Whether it is there; it is then what the header signs for.
    Result<bool> check_content(const fs::path& proof, const Header& header) const {
        const fs::path file = folder_ / "contents" / (proof.stem().string() + ".bin");
        std::error_code ignored;
        if (!fs::exists(file, ignored)) return false;
        RELAIS_ASSIGN(const Bytes content, read_file(file, limits::kFrameBytesMax));
        if (sha256(content) == header.content_digest) return true;
        return altered(file.string() + ": not the content that was signed");
    }

    Result<void> check_notices(CheckedCase& checked) const {
        RELAIS_ASSIGN(const auto notices, read_list(folder_ / "notices.log"));
        for (std::size_t line = 0; line < notices.size(); ++line) {
            const auto why = [&](const std::string& what) {
                return altered("notices.log:" + std::to_string(line + 1) + ": " + what);
            };
            const auto said = workflow::open_broker_word(*state_, verifier_, notices[line]);
            if (said.code() == ErrorCode::bad_signature) return why("not signed by the broker");
            if (!said.ok()) return why(said.error().describe());
            if (!add_receipts(said->notice, checked)) return why("proves nothing of an act here");
        }
        return {};
    }

    bool add_receipts(const Notice& notice, CheckedCase& checked) const {
        bool about = false;
        for (std::size_t i = 0; i < checked.acts.size(); ++i) {
            const CheckedProof& act = checked.acts[i];
            const auto proven = workflow::check_receipt(*state_, verifier_, notice, act.header.id,
                                                        *act.leaf.header);
            if (!proven.ok()) continue;
            about = true;
            checked.receipts.push_back({i, notice.mailbox, notice.kind, notice.time});
        }
        return about;
    }

    fs::path folder_;
    std::vector<merkle::VerifierKey> keys_;
    std::optional<directory::DirectoryState> state_;
    Tree directory_;
    P256Verifier verifier_;
};

}  // namespace

Result<CheckedCase> check_case(const fs::path& folder, const std::optional<Digest>& authority,
                               const std::vector<merkle::VerifierKey>& keys) {
    return Judge(folder, keys).run(authority);
}

}  // namespace relais::evidence
