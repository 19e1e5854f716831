#include "tools/evidence/stories.h"

#include "core/base/contexts.h"
#include "core/crypto/p256.h"
#include "core/crypto/sha256.h"
#include "schemas/envelope/statements.h"

namespace relais::evidence {

namespace {

Error differs(const char* what) {
    return fail(ErrorCode::evidence_altered, std::string(what) + " differs from the statement's");
}

Result<void> same_as_delivered(const Leaf& leaf, ByteView body) {
    RELAIS_ASSIGN(const DeliveredStatement said, parse_delivered(body));
    if (said.station != leaf.station) return differs("station");
    if (said.mailbox.text() != leaf.mailbox) return differs("mailbox");
    if (said.lane != leaf.lane || said.first != leaf.first || said.last != leaf.last) {
        return differs("range");
    }
    return {};
}

Result<void> same_as_opened(const Leaf& leaf, ByteView body) {
    RELAIS_ASSIGN(const OpenedStatement said, parse_opened(body));
    const Word word = leaf.event == Event::opened ? Word::opened : Word::taken;
    if (said.station != leaf.station) return differs("station");
    if (said.mailbox.text() != leaf.mailbox) return differs("mailbox");
    if (said.message != leaf.message || said.header != leaf.header) return differs("message");
    if (said.word != word) return differs("word");
    return {};
}

Result<void> same_as_day(const Leaf& leaf, ByteView body) {
    RELAIS_ASSIGN(const DayStatement said, parse_day(body));
    if (said.station != leaf.station) return differs("station");
    if (said.mailbox.text() != leaf.mailbox) return differs("mailbox");
    if (leaf.first.value != static_cast<std::uint64_t>(said.day.number)) return differs("day");
    return {};
}

bool quotes_a_station(const Leaf& leaf) {
    return leaf.event == Event::delivered || leaf.event == Event::opened ||
           leaf.event == Event::taken || leaf.event == Event::day_stated;
}

std::string_view context_of(Event event) {
    if (event == Event::day_stated) return contexts::kDay;
    return event == Event::delivered ? contexts::kDelivered : contexts::kOpened;
}

Result<void> check_statement(const Leaf& leaf, const directory::DirectoryState& state,
                             const Verifier& verifier) {
    RELAIS_ASSIGN(const Statement statement, parse_statement(leaf.statement));
    const directory::StationRecord* station =
        leaf.station ? state.station_ever(*leaf.station) : nullptr;
    if (station == nullptr) return fail(ErrorCode::unknown_key, "station of the statement");
    RELAIS_TRY(
        verify_statement(context_of(leaf.event), statement, station->station.signing, verifier));
    if (leaf.event == Event::day_stated) return same_as_day(leaf, statement.body);
    return leaf.event == Event::delivered ? same_as_delivered(leaf, statement.body)
                                          : same_as_opened(leaf, statement.body);
}

}  // namespace

std::optional<directory::DirectoryState> replay_directory(const std::vector<Bytes>& records,
                                                          const Name& domain,
                                                          const std::optional<Digest>& authority,
                                                          Findings& findings) {
    std::optional<directory::DirectoryState> state;
    const P256Verifier verifier;
    for (std::size_t i = 0; i < records.size() && !records[i].empty(); ++i) {
        const auto entry = directory::parse_signed_entry(records[i]);
        Result<void> good = entry.ok() ? Result<void>() : Result<void>(entry.error());
        if (good.ok() && !state) {
            const auto* first = std::get_if<directory::Domain>(&entry->entry.body);
            if (first == nullptr && !authority) {
                good = fail(ErrorCode::bad_entry, "the domain's own entry comes first");
            } else {
                state.emplace(domain, authority ? *authority : fingerprint(first->authority));
            }
        }
        if (good.ok()) good = state->apply(*entry, verifier);
        if (!good.ok()) {
            add(findings, {Damage::record_invalid, kDirectory, i, good.error().describe()});
            break;
        }
    }
    return state;
}

void TaleReader::read(std::uint64_t index, ByteView record, Told& told) const {
    auto leaf = parse_leaf(record);
    if (!leaf.ok()) {
        told.findings.push_back({Damage::record_invalid, kAudit, index, leaf.error().describe()});
        return;
    }
    if (quotes_a_station(*leaf) && state_) {
        const auto checked = check_statement(*leaf, *state_, verifier_);
        if (checked.ok()) {
            told.statements.push_back(index);
        } else {
            told.findings.push_back(
                {Damage::statement_invalid, kAudit, index, checked.error().describe()});
        }
    }
    const bool of_a_story = leaf->event == Event::directory_appended ||
                            leaf->event == Event::restored ||
                            leaf->directory_size.value > directory_size_;
    if (of_a_story) told.entries.push_back({index, *leaf});
    if (keep_ && keep_(*leaf)) told.kept.push_back({index, std::move(leaf).value()});
}

Told join_told(std::vector<Told> parts, const std::function<bool(std::uint64_t)>& is_right) {
    Told all;
    for (Told& part : parts) {
        for (TrailEntry& entry : part.entries) {
            if (is_right(entry.index)) all.entries.push_back(std::move(entry));
        }
        for (TrailEntry& entry : part.kept) {
            if (is_right(entry.index)) all.kept.push_back(std::move(entry));
        }
        for (const std::uint64_t index : part.statements) {
            if (is_right(index)) all.statements.push_back(index);
        }
        for (Finding& finding : part.findings) {
            if (is_right(*finding.index)) add(all.findings, std::move(finding));
        }
        part = {};
    }
    return all;
}

void compare_stories(const std::vector<TrailEntry>& trail, const std::vector<Bytes>& entries,
                     Findings& findings) {
    std::vector<bool> told(entries.size());
    bool beyond = false;  // said once: thousands of acts may rest on what is cut off
    const auto disagrees = [&](const TrailEntry& item, const std::string& detail) {
        add(findings, {Damage::logs_disagree, kAudit, item.index, detail});
    };
    for (const TrailEntry& item : trail) {
        const std::uint64_t at = item.leaf.first.value;
        if (item.leaf.event != Event::directory_appended) {
            if (item.leaf.directory_size.value <= entries.size() || beyond) continue;
            beyond = true;
            disagrees(item, "was judged by " + std::to_string(item.leaf.directory_size.value) +
                                " directory entries, and " + std::to_string(entries.size()) +
                                " are here");
        } else if (at >= entries.size()) {
            disagrees(item, "tells of directory entry " + std::to_string(at) +
                                ", and the directory ends before");
        } else if (!entries[at].empty()) {
            const bool same = item.leaf.header == sha256(entries[at]) && !told[at];
            if (!same) disagrees(item, "tells of another directory entry " + std::to_string(at));
            told[at] = true;
        }
    }
    for (std::size_t i = 0; i < entries.size(); ++i) {
        if (told[i] || entries[i].empty()) continue;
        add(findings, {Damage::logs_disagree, kDirectory, i, "no leaf of the audit tells of it"});
    }
}

}  // namespace relais::evidence
