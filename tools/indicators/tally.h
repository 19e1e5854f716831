// tally.h: counts threads and register entries into the indicators of every kind, month by month,
// and gives what of it may be published. Memory depends on the kinds and months, never on how many
// threads there are. Not thread-safe.
#pragma once

#include <map>
#include <memory>
#include <set>

#include "schemas/indicators/evaluate.h"
#include "tools/indicators/delays.h"
#include "tools/indicators/report.h"

namespace relais::indicators {

class Tally {
public:
    // Requires months in their order, none twice, or one period of days. Errors: as begin_of.
    static Result<Tally> begin(const std::vector<Period>& periods, WallTime now);

    // A version of a kind. What is declared of the greatest version stands for all of them. One
    // that cannot be read becomes a note.
    void add_kind(ByteView bundle);
    // A thread of a kind that was added; of another one, nothing is counted, and a note says so.
    void add_thread(const Digest& kind, const History& history);
    // Registers that indicators look at, as "<kind>/<name>".
    [[nodiscard]] std::set<std::string> registers() const;
    // An entry of one. Requires every entry of a key before those of another, by time.
    void add_entry(const std::string& reg, const std::string& key, std::int64_t value, WallTime at);

    // What was counted, after the last thread and entry.
    Report report();

private:
    struct Span {
        Period period;
        WallTime begin;
        WallTime end;
        bool over;
    };
    struct Count {
        std::uint64_t count = 0;
        std::unique_ptr<Delays> delays{};  // made with the first delay
    };
    struct MonthCount {
        Count total;
        std::uint64_t of = 0;
        std::map<std::string, Count> cells{};  // by code; "": not given
    };
    // One indicator of a kind, over all its versions.
    struct Slot {
        std::uint32_t version = 0;
        Figure about;
        Indicator indicator;
        std::vector<std::pair<std::string, std::string>> codes;  // and labels, as declared
        bool may_lack_code = false;
        std::string reg;  // entries: "<kind>/<name>"
        std::vector<MonthCount> months;
        bool too_many_cells = false;
    };
    struct Version {
        std::map<std::uint16_t, std::map<std::int64_t, std::string>> codes;  // of public fields
        std::vector<std::pair<Indicator, std::size_t>> indicators;           // and their slots
    };
    // The values that one key had at the end of each month.
    struct Entry {
        std::string reg;
        std::string key;
        std::vector<std::optional<std::int64_t>> values;
    };

    Tally(std::vector<Span> spans, WallTime now) : spans_(std::move(spans)), now_(now) {}
    void add_version(const workflow::Kind& kind, std::vector<Indicator> indicators);
    Slot& slot_of(const workflow::Kind& kind, const Indicator& indicator);
    void add_case(Slot& slot, const Version& version, const Indicator& indicator,
                  const Case& counted);
    void close_entry();
    void add_to(Slot& slot, std::size_t month, const std::string& code, std::uint64_t count);
    [[nodiscard]] std::vector<CellFigure> cells_of(const Slot& slot, const MonthCount& month) const;
    [[nodiscard]] bool is_shown(const Slot& slot) const;
    [[nodiscard]] MonthFigure month_figure(const Slot& slot, std::size_t month) const;
    void note(const std::string& text) { notes_.insert(text); }

    std::vector<Span> spans_;
    WallTime now_;
    std::map<Digest, Version> versions_;
    std::vector<Slot> slots_;
    std::map<std::pair<std::string, std::string>, std::size_t> places_;  // by kind and indicator
    std::optional<Entry> entry_;
    std::set<std::string> notes_;
};

}  // namespace relais::indicators
