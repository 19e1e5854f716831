// rules_group.cc: groups of mailboxes, and what is asked of them.
#include <algorithm>

#include "core/base/limits.h"
#include "schemas/directory/state.h"

namespace relais::directory {

Result<void> DirectoryState::admit(const Context& context, const Group& body) {
    RELAIS_ASSIGN(OrganisationRecord* const record, own(context));
    const Address address = Address::of_group(body.name, record->name, domain_name_);
    for (const Address& poster : body.posters) {
        if (!mailbox_exists(poster)) return fail(ErrorCode::unknown_object, poster.text());
    }
    const auto found = groups_.try_emplace(address, GroupRecord{address, {}, {}}).first;
    found->second.entry.set(context.position, body);
    return {};
}

Result<void> DirectoryState::admit(const Context& context, const Membership& body) {
    RELAIS_ASSIGN(OrganisationRecord* const record, own(context));
    const auto found = groups_.find(body.group);
    if (found == groups_.end() || found->second.entry.now() == nullptr) {
        return fail(ErrorCode::unknown_object, body.group.text());
    }
    GroupRecord& group = found->second;
    const bool keeps = body.group.organisation() == record->name.text();
    if (!keeps && !body.added.empty()) {
        return fail(ErrorCode::not_a_signer, "who keeps the group adds to it");
    }
    const auto is_member = [&](const Address& mailbox) {
        const auto member = group.members.find(mailbox);
        return member != group.members.end() && member->second.now() != nullptr;
    };
    for (const Address& mailbox : body.added) {
        if (!mailbox_exists(mailbox)) return fail(ErrorCode::unknown_object, mailbox.text());
        if (is_member(mailbox)) {
            return fail(ErrorCode::bad_entry, mailbox.text() + " is a member already");
        }
    }
    for (const Address& mailbox : body.removed) {
        if (!is_member(mailbox)) {
            return fail(ErrorCode::unknown_object, mailbox.text() + " is no member");
        }
        if (!keeps && mailbox.organisation() != record->name.text()) {
            return fail(ErrorCode::not_a_signer, "mailbox of another organisation");
        }
    }
    const auto members = std::ranges::count_if(
        group.members, [](const auto& member) { return member.second.now() != nullptr; });
    if (static_cast<std::size_t>(members) + body.added.size() > limits::kGroupMembersMax) {
        return fail(ErrorCode::too_large, "members of " + body.group.text());
    }
    for (const Address& mailbox : body.removed) group.members[mailbox].end(context.position);
    for (const Address& mailbox : body.added) group.members[mailbox].set(context.position, true);
    return {};
}

Result<void> DirectoryState::end_group(const Context& context, const std::string& name) {
    const OrganisationRecord& record = organisations_.at(context.entry.chain);
    RELAIS_ASSIGN(const Name slug, Name::parse(name));
    const auto found = groups_.find(Address::of_group(slug, record.name, domain_name_));
    if (found == groups_.end() || found->second.entry.now() == nullptr) {
        return fail(ErrorCode::unknown_object, "group " + name);
    }
    found->second.entry.end(context.position);
    for (auto& [mailbox, member] : found->second.members) member.end(context.position);
    return {};
}

const Group* DirectoryState::group(const Address& group, DirectorySize at) const {
    const auto found = groups_.find(group);
    return found == groups_.end() ? nullptr : found->second.entry.at(at);
}

bool DirectoryState::member(const Address& group, const Address& mailbox, DirectorySize at) const {
    const auto found = groups_.find(group);
    if (found == groups_.end() || !mailbox_exists(mailbox, at)) return false;
    const auto member = found->second.members.find(mailbox);
    return member != found->second.members.end() && member->second.at(at) != nullptr;
}

std::vector<Address> DirectoryState::members(const Address& group, DirectorySize at) const {
    std::vector<Address> members;
    const auto found = groups_.find(group);
    if (found == groups_.end()) return members;
    for (const auto& [mailbox, member] : found->second.members) {
        if (member.at(at) != nullptr && mailbox_exists(mailbox, at)) members.push_back(mailbox);
    }
    return members;
}

std::optional<DirectorySize> DirectoryState::member_since(const Address& group,
                                                          const Address& mailbox,
                                                          DirectorySize at) const {
    const auto found = groups_.find(group);
    if (found == groups_.end()) return std::nullopt;
    const auto member = found->second.members.find(mailbox);
    if (member == found->second.members.end()) return std::nullopt;
    return member->second.since(at);
}

std::vector<Address> DirectoryState::groups() const {
    std::vector<Address> addresses;
    for (const auto& [address, record] : groups_) {
        if (record.entry.now() != nullptr) addresses.push_back(address);
    }
    return addresses;
}

}  // namespace relais::directory
