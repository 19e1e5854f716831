// verify.cc: the commands that judge: verify, check and show. They read files alone.
#include <set>

#include "core/base/limits.h"
#include "core/codecs/codecs.h"
#include "core/files/files.h"
#include "core/merkle/note.h"
#include "tools/audit/case.h"
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

nlohmann::json restorations_json(const evidence::Verdict& verdict) {
    nlohmann::json all = nlohmann::json::array();
    for (const evidence::Restoration& each : verdict.restorations) {
        all.push_back({{"origin", each.origin},
                       {"leaves_before", each.first},
                       {"time", format_utc(each.time)},
                       {"cited_size", each.cited}});
    }
    return all;
}

nlohmann::json standing_json(const evidence::LogVerdict& log) {
    nlohmann::json by = nlohmann::json::array();
    for (const std::string& organisation : log.standing.organisations) by.push_back(organisation);
    nlohmann::json json = {{"size", log.witnessed_size},
                           {"asked", log.standing.asked},
                           {"by", by},
                           {"met", log.standing.met()}};
    if (log.standing.as_of) json["at"] = format_utc(*log.standing.as_of);
    return json;
}

void say_standing(const evidence::LogVerdict& log, const Output& output) {
    const witness::Standing& standing = log.standing;
    if (standing.asked == 0 && standing.organisations.empty()) return;
    std::string line = standing.met() ? "witnessed   " : "UNWITNESSED ";
    line += log.log + " at " + std::to_string(log.witnessed_size) + ", by " +
            std::to_string(standing.organisations.size()) + " organisations of " +
            std::to_string(standing.asked) + " asked for";
    if (standing.as_of) line += ", " + format_utc(*standing.as_of);
    output.line(line);
}

Result<void> require_witnesses(const evidence::Verdict& verdict) {
    for (const evidence::LogVerdict& log : verdict.logs) {
        if (!log.standing.met()) return fail(ErrorCode::witnesses_missing, log.origin);
    }
    return {};
}

nlohmann::json verdict_json(const evidence::Verdict& verdict) {
    nlohmann::json logs = nlohmann::json::object();
    for (const evidence::LogVerdict& log : verdict.logs) {
        logs[log.log] = {{"origin", log.origin},
                         {"size", log.size},
                         {"root", base64(log.root.view())},
                         {"checkpoints", log.heads},
                         {"witnessed", standing_json(log)}};
    }
    return {{"good", verdict.good()},
            {"domain", verdict.domain},
            {"authority", hex(verdict.authority.view())},
            {"trust", trust_name(verdict.trust)},
            {"logs", logs},
            {"restorations", restorations_json(verdict)},
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
        say_standing(log, output);
    }
    for (const evidence::Restoration& each : verdict.restorations) {
        output.line("RESTORED    " + format_utc(each.time) + ", from a backup of " +
                    std::to_string(each.first) + " leaves; the log had " +
                    std::to_string(each.cited) + " at least; since then it is " + each.origin);
    }
    output.line("statements  " + std::to_string(verdict.statements) +
                " of stations, signatures verified");
    for (const evidence::Finding& finding : verdict.findings) {
        output.line("DAMAGE      " + finding.describe());
    }
    output.line(verdict.good() ? "VERIFIED    every hash derived again from its record"
                               : "ALTERED     this is not what was signed");
}

Result<evidence::Verified> judge(const std::filesystem::path& folder, const TrustRequest& trust,
                                 std::function<bool(const Leaf&)> keep) {
    evidence::VerifyRequest request;
    request.keep = std::move(keep);
    RELAIS_ASSIGN(request.pins.keys, read_keys(trust.keys));
    if (!trust.authority.empty()) {
        RELAIS_ASSIGN(const Digest authority, hex_from<Digest>(trust.authority));
        request.pins.authority = authority;
    }
    for (const std::filesystem::path& file : trust.expected) {
        RELAIS_ASSIGN(std::string note, read_text(file));
        if (!merkle::parse_note(note).ok()) {
            return fail(ErrorCode::malformed, file.string() + " is no signed head");
        }
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

// Each of the ids that are asked for, alone; a filter without any takes all.
struct Asked {
    evidence::TrailFilter actor{};
    evidence::TrailFilter thread{};
    evidence::TrailFilter message{};

    explicit Asked(const evidence::TrailFilter& filter) {
        actor.actor = filter.actor;
        thread.thread = filter.thread;
        message.message = filter.message;
    }
    // Whether the leaf is needed to tell that one of them is known.
    [[nodiscard]] bool takes(const Leaf& leaf) const {
        return (!actor.actor.empty() && actor.takes(leaf)) ||
               (thread.thread && thread.takes(leaf)) || (message.message && message.takes(leaf));
    }
};

// That whom or what is asked for is in the log at all: an empty trail of somebody known says that
// nothing happened, one of a mistyped id would say the same.
Result<void> check_known(const ShowRequest& request, const Asked& asked,
                         const std::vector<evidence::TrailEntry>& trail) {
    const auto known = [&](const evidence::TrailFilter& one) {
        return std::ranges::any_of(trail, [&](const auto& entry) { return one.takes(entry.leaf); });
    };
    if (!asked.actor.actor.empty() && !known(asked.actor)) {
        return fail(ErrorCode::not_found, "no event of " + request.actor);
    }
    if (asked.thread.thread && !known(asked.thread)) {
        return fail(ErrorCode::not_found, "no event of thread " + request.thread);
    }
    if (asked.message.message && !known(asked.message)) {
        return fail(ErrorCode::not_found, "no event of message " + request.message);
    }
    return {};
}

}  // namespace

std::string organisation_of(const std::string& witness) {
    const std::string mark = "/witness/";
    const std::size_t at = witness.find(mark);
    if (at == std::string::npos) return witness;
    const std::size_t begin = at + mark.size();
    return witness.substr(begin, witness.find('/', begin) - begin);
}

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
    RELAIS_ASSIGN(const auto verified, judge(folder, trust, {}));
    say_verdict(verified.verdict, output);
    output.result(verdict_json(verified.verdict));
    RELAIS_TRY(outcome(verified.verdict));
    return trust.witnessed ? require_witnesses(verified.verdict) : Result<void>{};
}

Result<void> check(const CheckRequest& request, const Output& output) {
    std::error_code ignored;
    if (std::filesystem::is_directory(request.proof, ignored)) {
        return check_folder(request, output);
    }
    const std::size_t organisations = request.organisations;
    RELAIS_ASSIGN(const auto known, read_keys(request.keys));
    if (known.empty()) {
        return fail(ErrorCode::usage, "a proof is worth the key it is checked with: give --key");
    }
    RELAIS_ASSIGN(const std::string text, read_text(request.proof));
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
    std::set<std::string> by;
    for (const merkle::Witnessed& witness : checked.witnessed) {
        output.line("witness     " + witness.witness + " at " + format_utc(witness.time));
        by.insert(organisation_of(witness.witness));
    }
    if (by.size() < organisations) {
        return fail(ErrorCode::witnesses_missing, std::to_string(by.size()) + " of " +
                                                      std::to_string(organisations) +
                                                      " organisations, by the keys given");
    }
    output.line("VERIFIED    the log that this key signs holds this leaf");
    output.result({{"good", true},
                   {"origin", checked.head.origin},
                   {"size", checked.head.size},
                   {"witnesses", checked.witnessed.size()},
                   {"organisations", by},
                   {"leaf", evidence::trail_json(entry)},
                   {"act", checked.header.act},
                   {"from", checked.header.from.text()},
                   {"to", to}});
    return {};
}

Result<void> show(const std::filesystem::path& folder, const TrustRequest& trust,
                  const ShowRequest& request, const Output& output) {
    RELAIS_ASSIGN(const evidence::TrailFilter filter, read_filter(request));
    const Asked asked(filter);
    RELAIS_ASSIGN(const auto verified, judge(folder, trust, [&](const Leaf& leaf) {
                      return filter.takes(leaf) || asked.takes(leaf);
                  }));
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
    return check_known(request, asked, verified.trail);
}

}  // namespace relais::audit
