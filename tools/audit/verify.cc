// verify.cc: the commands that judge: verify, check and show. They read files alone.
#include "core/base/limits.h"
#include "core/codecs/codecs.h"
#include "core/files/files.h"
#include "tools/audit/commands.h"
#include "tools/evidence/proof.h"

namespace relais::audit {

namespace {

Result<std::string> read_text(const std::filesystem::path& file) {
    RELAIS_ASSIGN(const Bytes bytes, read_file(file, limits::kProofFileBytesMax));
    return std::string(as_text(bytes));
}

Result<void> add_key_lines(const std::string& text, std::vector<merkle::VerifierKey>& keys) {
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        if (end > begin) {
            RELAIS_ASSIGN(auto key, merkle::VerifierKey::parse(text.substr(begin, end - begin)));
            keys.push_back(std::move(key));
        }
        begin = end + 1;
    }
    return {};
}

const char* trust_name(evidence::Trust trust) {
    switch (trust) {
        case evidence::Trust::keys: return "keys";
        case evidence::Trust::authority: return "authority";
        case evidence::Trust::folder: return "folder";
    }
    return "";
}

const char* trust_text(evidence::Trust trust) {
    switch (trust) {
        case evidence::Trust::keys: return "the keys that you gave";
        case evidence::Trust::authority: return "the domain authority that you gave";
        case evidence::Trust::folder:
            return "keys found in the folder itself: it agrees with itself, but only --authority "
                   "or "
                   "--key tells whose it is";
    }
    return "";
}

nlohmann::json verdict_json(const evidence::Verdict& verdict) {
    nlohmann::json logs = nlohmann::json::object();
    for (const evidence::LogVerdict& log : verdict.logs) {
        logs[log.log] = {{"origin", log.origin},
                         {"size", log.size},
                         {"root", base64(log.root.view())},
                         {"checkpoints", log.heads}};
    }
    return {{"good", verdict.good()},
            {"domain", verdict.domain},
            {"authority", hex(verdict.authority.view())},
            {"trust", trust_name(verdict.trust)},
            {"logs", logs},
            {"statements", verdict.statements},
            {"findings", evidence::findings_json(verdict.findings)}};
}

void say_verdict(const evidence::Verdict& verdict, const Output& output) {
    output.line("domain      " + verdict.domain);
    output.line("authority   " + hex(verdict.authority.view()));
    output.line(std::string("trust       ") + trust_text(verdict.trust));
    for (const evidence::LogVerdict& log : verdict.logs) {
        output.line(log.log + std::string(12 - log.log.size(), ' ') + std::to_string(log.size) +
                    (log.log == "audit" ? " leaves" : " entries") + " under " +
                    std::to_string(log.heads) + " signed heads");
    }
    output.line("statements  " + std::to_string(verdict.statements) +
                " of stations, signatures verified");
    for (const evidence::Finding& finding : verdict.findings) {
        output.line("DAMAGE      " + finding.describe());
    }
    output.line(verdict.good() ? "VERIFIED    every hash derived again from its record"
                               : "ALTERED     this is not what was signed");
}

Result<evidence::Verified> judge(const std::filesystem::path& folder, const TrustRequest& trust) {
    evidence::VerifyRequest request;
    RELAIS_ASSIGN(request.pins.keys, read_keys(trust.keys));
    if (!trust.authority.empty()) {
        RELAIS_ASSIGN(const Digest authority, hex_from<Digest>(trust.authority));
        request.pins.authority = authority;
    }
    for (const std::filesystem::path& file : trust.expected) {
        RELAIS_ASSIGN(std::string note, read_text(file));
        request.expected_heads.push_back(std::move(note));
    }
    return evidence::verify_evidence(folder, request);
}

Result<void> outcome(const evidence::Verdict& verdict) {
    if (verdict.good()) return {};
    return fail(ErrorCode::evidence_altered,
                std::to_string(verdict.findings.size()) +
                    " findings, the first: " + verdict.findings.front().describe());
}

Result<evidence::TrailFilter> read_filter(const ShowRequest& request) {
    evidence::TrailFilter filter;
    filter.event = request.event;
    filter.actor = request.actor;
    if (!request.thread.empty()) {
        RELAIS_ASSIGN(filter.thread, uuid_from<ThreadId>(request.thread));
    }
    if (!request.message.empty()) {
        RELAIS_ASSIGN(filter.message, uuid_from<MessageId>(request.message));
    }
    if (!request.event.empty()) RELAIS_TRY(evidence::check_event(request.event));
    if (!request.from.empty()) {
        RELAIS_ASSIGN(filter.from, evidence::parse_time(request.from));
    }
    if (!request.to.empty()) {
        RELAIS_ASSIGN(filter.to, evidence::parse_time(request.to));
    }
    return filter;
}

// That whom or what is asked for is in the log at all: an empty trail of somebody known says that
// nothing happened, one of a mistyped id would say the same.
Result<void> check_known(const ShowRequest& request, const evidence::TrailFilter& filter,
                         const std::vector<evidence::TrailEntry>& trail) {
    const auto known = [&](const evidence::TrailFilter& one) {
        return std::ranges::any_of(trail, [&](const auto& entry) { return one.takes(entry.leaf); });
    };
    evidence::TrailFilter one;
    one.actor = filter.actor;
    if (!known(one)) return fail(ErrorCode::not_found, "no event of " + request.actor);
    one = {};
    one.thread = filter.thread;
    if (!known(one)) return fail(ErrorCode::not_found, "no event of thread " + request.thread);
    one = {};
    one.message = filter.message;
    if (!known(one)) return fail(ErrorCode::not_found, "no event of message " + request.message);
    return {};
}

}  // namespace

Result<std::vector<merkle::VerifierKey>> read_keys(const std::vector<std::string>& keys) {
    std::vector<merkle::VerifierKey> read;
    for (const std::string& key : keys) {
        std::error_code ignored;
        if (std::filesystem::is_regular_file(key, ignored)) {
            RELAIS_ASSIGN(const std::string text, read_text(key));
            RELAIS_TRY(add_key_lines(text, read));
        } else {
            RELAIS_TRY(add_key_lines(key, read));
        }
    }
    return read;
}

Result<void> verify(const std::filesystem::path& folder, const TrustRequest& trust,
                    const Output& output) {
    RELAIS_ASSIGN(const auto verified, judge(folder, trust));
    say_verdict(verified.verdict, output);
    output.result(verdict_json(verified.verdict));
    return outcome(verified.verdict);
}

Result<void> check(const std::filesystem::path& proof, const std::vector<std::string>& keys,
                   const Output& output) {
    RELAIS_ASSIGN(const auto known, read_keys(keys));
    if (known.empty()) {
        return fail(ErrorCode::usage, "a proof is worth the key it is checked with: give --key");
    }
    RELAIS_ASSIGN(const std::string text, read_text(proof));
    RELAIS_ASSIGN(const evidence::CheckedProof checked, evidence::check_proof(text, known));
    const evidence::TrailEntry entry{checked.index, checked.leaf};
    std::string to;
    for (const Recipient& recipient : checked.header.to) {
        to += (to.empty() ? "" : ", ") + recipient.mailbox.text();
    }
    output.line("log         " + checked.head.origin + ", " + std::to_string(checked.head.size) +
                " leaves");
    output.line("leaf        " + evidence::trail_line(entry));
    output.line("message     " + uuid(checked.header.id) + ", act " + checked.header.act +
                ", from " + checked.header.from.text() + " to " + to);
    for (const merkle::Witnessed& witness : checked.witnessed) {
        output.line("witness     " + witness.witness + " at " + format_utc(witness.time));
    }
    output.line("VERIFIED    the log that this key signs holds this leaf");
    output.result({{"good", true},
                   {"origin", checked.head.origin},
                   {"size", checked.head.size},
                   {"witnesses", checked.witnessed.size()},
                   {"leaf", evidence::trail_json(entry)},
                   {"act", checked.header.act},
                   {"from", checked.header.from.text()},
                   {"to", to}});
    return {};
}

Result<void> show(const std::filesystem::path& folder, const TrustRequest& trust,
                  const ShowRequest& request, const Output& output) {
    RELAIS_ASSIGN(const evidence::TrailFilter filter, read_filter(request));
    RELAIS_ASSIGN(const auto verified, judge(folder, trust));
    nlohmann::json leaves = nlohmann::json::array();
    for (const evidence::TrailEntry& entry : verified.trail) {
        if (!filter.takes(entry.leaf)) continue;
        output.line(evidence::trail_line(entry));
        leaves.push_back(evidence::trail_json(entry));
    }
    output.result({{"good", verified.verdict.good()},
                   {"leaves", leaves},
                   {"findings", evidence::findings_json(verified.verdict.findings)}});
    RELAIS_TRY(outcome(verified.verdict));
    return check_known(request, filter, verified.trail);
}

}  // namespace relais::audit
