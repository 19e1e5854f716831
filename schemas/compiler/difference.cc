// difference.cc: what an operator reads before a new version of a kind is signed.
#include <algorithm>
#include <map>

#include "schemas/compiler/bundle_facts.h"
#include "schemas/compiler/compiler.h"

namespace relais::compiler {

namespace {

using Index = std::map<std::string, std::string>;

Index index_of(const Facts& facts) { return {facts.begin(), facts.end()}; }

// The facts whose subject the other bundle does not have.
std::string only_in(const Facts& facts, const Index& other, const std::string& word) {
    std::string text;
    for (const auto& [subject, fact] : facts) {
        if (!other.contains(subject)) text += word + " " + subject + ": " + fact + "\n";
    }
    return text;
}

std::string changed(const Facts& proposed, const Index& published) {
    std::string text;
    for (const auto& [subject, fact] : proposed) {
        const auto before = published.find(subject);
        if (before == published.end() || before->second == fact) continue;
        text += "changed " + subject + "\n    was: " + before->second + "\n    now: " + fact + "\n";
    }
    return text;
}

}  // namespace

Result<std::string> describe_difference(ByteView published, ByteView proposed) {
    Facts before;
    if (!published.empty()) {
        RELAIS_ASSIGN(before, bundle_facts(published));
    }
    RELAIS_ASSIGN(const Facts after, bundle_facts(proposed));
    const Index old_index = index_of(before);
    std::string text = only_in(before, index_of(after), "removed") +
                       only_in(after, old_index, "added  ") + changed(after, old_index);
    const bool same = bytes_equal(published, proposed);
    if (text.empty() && !same) text = "changed the order or the encoding of fields only\n";
    return text;
}

}  // namespace relais::compiler
