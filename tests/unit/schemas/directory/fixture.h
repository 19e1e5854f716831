// fixture.h: a small territory, and saying that the directory takes an entry or refuses it and
// stays as it was.
#pragma once

#include <gtest/gtest.h>

#include <sstream>
#include <string>

#include "tests/support/members.h"
#include "tests/support/printers.h"
#include "tests/support/small_territory.h"

namespace relais::directory {

using test::SmallTerritory;
using test::TestKey;
using test::TestOrganisation;
using test::TestPerson;
using test::TestStation;

// The first line of `now` that `before` does not have at its place; empty where they are equal.
inline std::string first_change(const std::string& before, const std::string& now) {
    std::istringstream old_lines(before);
    std::istringstream new_lines(now);
    std::string old_line;
    for (std::string line; std::getline(new_lines, line);) {
        if (!std::getline(old_lines, old_line) || line != old_line) return line.substr(0, 200);
    }
    return std::getline(old_lines, old_line) ? "gone: " + old_line.substr(0, 200) : "";
}

class DirectoryTest : public testing::Test {
protected:
    void refused(const SignedEntry& entry, ErrorCode code) {
        const std::string before = t.picture();
        const auto applied = t.apply(entry);
        EXPECT_EQ(applied.code(), code) << (applied.ok() ? "" : applied.error().describe());
        EXPECT_EQ(first_change(before, t.picture()), "") << "a refused entry changed something";
    }
    void refused(const std::string& chain, const TestKey& key, EntryBody body, ErrorCode code) {
        refused(t.draft(chain, *key, std::move(body)), code);
    }
    void accepted(const std::string& chain, const TestKey& key, EntryBody body) {
        const std::string before = t.picture();
        const auto applied = t.apply(t.draft(chain, *key, std::move(body)));
        EXPECT_TRUE(applied.ok()) << applied.error().describe();
        EXPECT_NE(first_change(before, t.picture()), "") << "an accepted entry changed nothing";
    }

    // In the chains that most tests use.
    void hospital_refuses(EntryBody body, ErrorCode code) {
        refused("ch-valmont", t.hospital.authority, std::move(body), code);
    }
    void hospital_accepts(EntryBody body) {
        accepted("ch-valmont", t.hospital.authority, std::move(body));
    }
    void domain_refuses(EntryBody body, ErrorCode code) {
        refused("", t.registrar(), std::move(body), code);
    }
    void domain_accepts(EntryBody body) { accepted("", t.registrar(), std::move(body)); }

    // A registrar of the hospital, who signs for it without being its authority.
    TestPerson hospital_registrar() {
        return t.add_person(t.hospital, {.profession = "director", .registrar = true});
    }

    SmallTerritory t;
};

}  // namespace relais::directory
