// registers.cc: what acts have set in registers, each entry against the signed act that set it and
// the leaf that accepted it; and the steps of ringing that are to come.
#include "core/base/limits.h"
#include "core/codecs/codecs.h"
#include "schemas/workflow/register_act.h"
#include "tools/fsck/facts.h"

namespace relais::fsck {

namespace {

constexpr std::size_t kRegisterPage = 256;

class Registers {
public:
    explicit Registers(Facts& facts) : facts_(facts) {}

    Result<void> check(const std::string& name, std::uint64_t entries) {
        RELAIS_ASSIGN(const std::uint64_t size, facts_.store.register_size(name));
        if (size != entries) {
            facts_.report.add(problem::kRegister, "register " + name,
                              std::to_string(size - entries) + " entries are missing");
            return {};
        }
        for (std::uint64_t position = 0; position < size; position += kRegisterPage) {
            auto page = facts_.store.register_records(name, position, kRegisterPage);
            if (!page.ok() && page.code() != ErrorCode::corrupt) return page.error();
            if (!page.ok()) {
                facts_.report.add(problem::kUnreadable, "register " + name, page.error().detail);
                return {};
            }
            report(name, position, *page);
        }
        return {};
    }

private:
    void report(const std::string& name, std::uint64_t position,
                const std::vector<broker::RegisterRecord>& page) {
        for (const broker::RegisterRecord& record : page) {
            ++facts_.report.register_entries;
            const Result<void> good = judge(name, record);
            const std::string where = "register " + name + ", entry " + std::to_string(position++);
            if (!good.ok()) facts_.report.add(problem::kRegister, where, good.error().describe());
        }
    }

    Result<void> judge(const std::string& name, const broker::RegisterRecord& record) {
        RELAIS_ASSIGN(const Header header, parse_header(record.act.bytes));
        const Digest digest = header_digest(record.act.bytes);
        const Leaf* leaf = facts_.leaf(record.accepted.leaf);
        const bool accepted = leaf != nullptr && leaf->event == Event::submitted &&
                              leaf->code == ErrorCode::ok && leaf->header == digest &&
                              leaf->time == record.accepted.time &&
                              leaf->directory_size == record.accepted.directory_size;
        if (!accepted) return fail(ErrorCode::corrupt, "no leaf accepted its act");
        if (!facts_.state) return {};
        const DirectorySize at = record.accepted.directory_size;
        const auto* person = facts_.state->person(header.by, at);
        if (person == nullptr) return fail(ErrorCode::unknown_person, "who signs");
        RELAIS_TRY(verify_header_signature(digest, record.act.signature, person->person.key,
                                           facts_.verifier));
        RELAIS_ASSIGN(const auto declared, facts_.kind(header.kind));
        const std::string prefix = declared->name + "/";
        if (!name.starts_with(prefix)) return fail(ErrorCode::corrupt, "set by another kind");
        return workflow::check_set(*facts_.state, *declared, header, at, record.accepted.time,
                                   {name.substr(prefix.size()), record.key, record.value});
    }

    Facts& facts_;
};

}  // namespace

Result<void> check_registers(Facts& facts) {
    RELAIS_ASSIGN(const auto all, facts.listing.registers());
    Registers registers(facts);
    for (const auto& [name, entries] : all) RELAIS_TRY(registers.check(name, entries));
    return {};
}

// A step whose clock has stopped stays until it is due; its thread and its mailbox are there.
Result<void> check_rings(Facts& facts) {
    RELAIS_ASSIGN(const auto rows, facts.listing.rings());
    for (const broker::StoreListing::RingRow& row : rows) {
        const bool good = facts.threads.contains(row.thread) &&
                          facts.mailboxes.contains(row.channel) && row.step < limits::kRingStepsMax;
        if (good) continue;
        facts.report.add(problem::kRing,
                         "step " + std::to_string(row.step) + " for " + facts.name(row.channel),
                         "of thread " + uuid(row.thread) + ", which is not there, or of nobody");
    }
    return {};
}

// What figures count of members is of a thread opened to groups, and of a mailbox.
Result<void> check_members(Facts& facts) {
    RELAIS_ASSIGN(const auto rows, facts.listing.members());
    for (const auto& [thread, channel] : rows) {
        const auto known = facts.threads.find(thread);
        const bool good = known != facts.threads.end() && !known->second.thread.groups.empty() &&
                          facts.mailboxes.contains(channel);
        if (good) continue;
        facts.report.add(problem::kMember, "acts of " + facts.name(channel),
                         "in thread " + uuid(thread) + ", which is not there or has no groups");
    }
    return {};
}

}  // namespace relais::fsck
