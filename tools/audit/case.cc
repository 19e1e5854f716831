#include "tools/audit/case.h"

#include <set>

#include "core/codecs/codecs.h"
#include "tools/evidence/case_file.h"

namespace relais::audit {

namespace {

const char* word_of(NoticeKind kind) {
    switch (kind) {
        case NoticeKind::delivered: return "delivered";
        case NoticeKind::opened: return "opened";
        case NoticeKind::taken: return "taken";
        default: return "";
    }
}

nlohmann::json receipts_of(const evidence::CheckedCase& checked, std::size_t act,
                           const Output& output) {
    nlohmann::json receipts = nlohmann::json::array();
    for (const evidence::CaseReceipt& receipt : checked.receipts) {
        if (receipt.act != act) continue;
        output.line(std::string("  ") + word_of(receipt.kind) + " in " + receipt.mailbox +
                    ", told " + format_utc(receipt.time));
        receipts.push_back({{"mailbox", receipt.mailbox},
                            {"word", word_of(receipt.kind)},
                            {"told", format_utc(receipt.time)}});
    }
    return receipts;
}

nlohmann::json act_json(const evidence::CheckedCase& checked, std::size_t place,
                        const Output& output) {
    const evidence::CheckedProof& act = checked.acts[place];
    const std::string from = act.header.from.text();
    output.line("act         " + act.header.act + ", from " + from + ", accepted " +
                format_utc(act.leaf.time) + ", leaf " + std::to_string(act.index));
    nlohmann::json to = nlohmann::json::array();
    for (const Recipient& recipient : act.header.to) to.push_back(recipient.mailbox.text());
    return {{"act", act.header.act},
            {"message", uuid(act.header.id)},
            {"from", from},
            {"to", std::move(to)},
            {"by", uuid(act.header.by)},
            {"accepted", format_utc(act.leaf.time)},
            {"leaf", act.index},
            {"receipts", receipts_of(checked, place, output)}};
}

// Of every act the fewest.
Result<void> require_witnesses(const evidence::CheckedCase& checked, std::size_t wanted) {
    for (const evidence::CheckedProof& act : checked.acts) {
        std::set<std::string> by;
        for (const merkle::Witnessed& witness : act.witnessed) {
            by.insert(organisation_of(witness.witness));
        }
        if (by.size() < wanted) return fail(ErrorCode::witnesses_missing, act.header.act);
    }
    return {};
}

}  // namespace

Result<void> check_folder(const CheckRequest& request, const Output& output) {
    std::optional<Digest> authority;
    if (!request.authority.empty()) {
        RELAIS_ASSIGN(authority, hex_from<Digest>(request.authority));
    }
    RELAIS_ASSIGN(const auto keys, read_keys(request.keys));
    RELAIS_ASSIGN(const auto checked, evidence::check_case(request.proof, authority, keys));
    output.line("domain      " + checked.domain.text());
    output.line("authority   " + hex(checked.authority.view()) +
                (authority ? ", which you gave"
                           : ": the folder agrees with itself, but only --authority tells whose "
                             "it is"));
    nlohmann::json acts = nlohmann::json::array();
    for (std::size_t place = 0; place < checked.acts.size(); ++place) {
        acts.push_back(act_json(checked, place, output));
    }
    RELAIS_TRY(require_witnesses(checked, request.organisations));
    output.line("VERIFIED    each act, who signed it, and who held and opened it");
    output.result({{"good", true},
                   {"domain", checked.domain.text()},
                   {"authority", hex(checked.authority.view())},
                   {"trusted", authority.has_value()},
                   {"thread", uuid(checked.acts.front().header.thread)},
                   {"contents", checked.contents},
                   {"acts", std::move(acts)}});
    return {};
}

}  // namespace relais::audit
