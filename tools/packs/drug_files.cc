#include "tools/packs/drug_files.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <map>
#include <optional>

#include "core/base/names.h"
#include "core/identifiers/identifiers.h"

namespace relais::packs {

namespace {

using Fields = std::vector<std::string>;

// The facts of a drug, and those of a presentation, in the order of their columns.
enum DrugFact : std::size_t {
    form,
    sold,
    atc,
    major,
    status,
    since,
    updated,
    back,
    link,
    drug_end
};
enum BoxFact : std::size_t {
    of,
    box_sold,
    box_status,
    box_since,
    box_updated,
    box_back,
    box_link,
    box_end
};

constexpr std::array<const char*, 4> kStatuses = {"Rupture de stock", "Tension d'approvisionnement",
                                                  "Arrêt de commercialisation",
                                                  "Remise à disposition"};

std::string trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(' ');
    if (first == std::string_view::npos) return {};
    return std::string(text.substr(first, text.find_last_not_of(' ') - first + 1));
}

Fields fields_of(std::string_view line) {
    Fields fields;
    for (;;) {
        const std::size_t end = line.find('\t');
        fields.push_back(trimmed(line.substr(0, end)));
        if (end == std::string_view::npos) return fields;
        line.remove_prefix(end + 1);
    }
}

// One availability, as a drug or presentation has it.
struct Supply {
    std::string status;
    std::string since;
    std::string updated;
    std::string back;
    std::string link;

    bool operator==(const Supply&) const = default;
};

class Reader {
public:
    explicit Reader(DrugReports reports) : reports_(reports) {}

    std::vector<FilledList> read(const DrugLines& lines) {
        each(lines.drugs, 7, reports_.drugs, &Reader::drug);
        each(lines.presentations, 7, reports_.presentations, &Reader::presentation);
        each(lines.availability, 8, reports_.availability, &Reader::availability);
        each(lines.major_interest, 3, reports_.major_interest, &Reader::major_interest);
        spread();
        std::vector<FilledList> lists;
        lists.push_back({{kDrugList,
                          "https://base-donnees-publique.medicaments.gouv.fr",
                          "Spécialités",
                          {"forme", "etat", "atc", "mitm", "disponibilite", "depuis", "mise-a-jour",
                           "retour", "lien"},
                          0,
                          {}},
                         rows_of(drugs_)});
        if (boxes_.empty()) return lists;
        lists.push_back(
            {{"cip13",
              "",
              "Présentations",
              {"cis", "etat", "disponibilite", "depuis", "mise-a-jour", "retour", "lien"},
              0,
              {}},
             rows_of(boxes_)});
        return lists;
    }

private:
    using Rows = std::map<std::string, Row>;
    // Empty: the line was used; otherwise why not. "=": it says what one before said.
    using Taker = std::string (Reader::*)(const Fields&);

    void each(const std::vector<TextLine>& lines, std::size_t least, FileReport& report,
              Taker take) {
        for (const TextLine& line : lines) {
            const Fields fields = fields_of(line.text);
            std::string why = fields.size() < least
                                  ? std::to_string(fields.size()) + " fields, at least " +
                                        std::to_string(least) + " expected"
                                  : (this->*take)(fields);
            if (why.empty()) {
                ++report.used;
            } else if (why == "=") {
                ++report.repeated;
            } else {
                report.refuse(line.number, std::move(why));
            }
        }
    }

    static std::vector<Row> rows_of(const Rows& rows) {
        std::vector<Row> all;
        for (const auto& [code, row] : rows) all.push_back(row);
        return all;
    }

    static std::string put(Rows& rows, Row row) {
        const auto [place, fresh] = rows.emplace(row.code, row);
        if (fresh) return {};
        return place->second == row ? "=" : "code " + row.code + " stands twice, differently";
    }

    static bool fits(const std::string& fact) {
        return fact.empty() || is_title(fact, kLabelBytesMax);
    }

    static bool is_cis(const std::string& text) {
        return check_identifier(IdentifierKind::cis, text).accepted();
    }

    std::string drug(const Fields& fields) {
        if (!is_cis(fields[0])) return "not a CIS code";
        if (!is_title(fields[1], kLabelBytesMax)) return "no name, or too long";
        if (!fits(fields[2]) || !fits(fields[6])) return "a field is too long, or not text";
        Row row{fields[0], fields[1], Fields(drug_end)};
        row.facts[form] = fields[2];
        row.facts[sold] = fields[6];
        return put(drugs_, std::move(row));
    }

    std::string presentation(const Fields& fields) {
        const auto known = drugs_.find(fields[0]);
        if (known == drugs_.end()) return "no drug has CIS " + shown(fields[0]);
        if (!check_identifier(IdentifierKind::cip13, fields[6]).accepted()) {
            return "not a CIP13 code";
        }
        Row row{fields[6], known->second.label + ", " + fields[2], Fields(box_end)};
        if (!is_title(row.label, kLabelBytesMax) || !fits(fields[4])) {
            return "a field is too long, or not text";
        }
        row.facts[of] = fields[0];
        row.facts[box_sold] = fields[4];
        return put(boxes_, std::move(row));
    }

    std::string availability(const Fields& fields) {
        if (!drugs_.contains(fields[0])) return "no drug has CIS " + shown(fields[0]);
        const std::string& box = fields[1];
        if (!box.empty() && !boxes_.contains(box)) return "no presentation has CIP13 " + shown(box);
        const std::size_t number =
            fields[2].size() == 1 ? static_cast<std::size_t>(fields[2][0] - '0') : 0;
        if (number < 1 || number > kStatuses.size()) return "unknown status " + shown(fields[2]);
        if (!fits(fields[7])) return "link too long, or not text";
        Supply supply{kStatuses[number - 1], {}, {}, {}, fields[7]};
        for (const auto& [text, into] :
             {std::pair(&fields[4], &supply.since), std::pair(&fields[5], &supply.updated),
              std::pair(&fields[6], &supply.back)}) {
            *into = text->empty() ? "" : iso_day(*text);
            if (into->empty() && !text->empty()) return "not a date: " + shown(*text);
        }
        const auto [place, fresh] = supplies_[fields[0]].emplace(box, supply);
        if (fresh) return {};
        return place->second == supply ? "=" : "a second availability for this code";
    }

    std::string major_interest(const Fields& fields) {
        const auto known = drugs_.find(fields[0]);
        if (known == drugs_.end()) return "no drug has CIS " + shown(fields[0]);
        if (!fits(fields[1])) return "ATC code too long, or not text";
        Row& row = known->second;
        if (row.facts[major] == "oui" && row.facts[atc] == fields[1]) return "=";
        if (row.facts[major] == "oui") return "a second ATC code for this drug";
        row.facts[major] = "oui";
        row.facts[atc] = fields[1];
        return {};
    }

    // What was said of all presentations of a drug is said of each, and the other way round.
    void spread() {
        for (const auto& [cis, by_box] : supplies_) {
            for (const auto& [box, supply] : by_box) {
                if (box.empty()) continue;
                say(boxes_.at(box), box_status, supply);
                say(drugs_.at(cis), status, supply);
                drugs_.at(cis).facts[status] += " (certaines présentations)";
            }
            const auto all = by_box.find("");
            if (all == by_box.end()) continue;
            say(drugs_.at(cis), status, all->second);
            for (auto& [code, row] : boxes_) {
                if (row.facts[of] == cis && row.facts[box_status].empty()) {
                    say(row, box_status, all->second);
                }
            }
        }
    }

    static void say(Row& row, std::size_t first, const Supply& supply) {
        row.facts[first] = supply.status;
        row.facts[first + 1] = supply.since;
        row.facts[first + 2] = supply.updated;
        row.facts[first + 3] = supply.back;
        row.facts[first + 4] = supply.link;
    }

    // What stood there may be anything, and long.
    static std::string shown(const std::string& text) {
        std::string plain = text.substr(0, 20);
        std::ranges::replace_if(
            plain, [](char c) { return c < ' ' || c > '~'; }, '?');
        return "\"" + plain + "\"";
    }

    DrugReports reports_;
    Rows drugs_;
    Rows boxes_;
    std::map<std::string, std::map<std::string, Supply>> supplies_;  // by CIS, then by CIP13
};

std::optional<unsigned> digits(std::string_view text) {
    unsigned value = 0;
    const char* end = text.data() + text.size();
    const auto [stop, problem] = std::from_chars(text.data(), end, value);
    return problem == std::errc{} && stop == end ? std::optional(value) : std::nullopt;
}

}  // namespace

std::vector<FilledList> drug_lists(const DrugLines& lines, DrugReports reports) {
    return Reader(reports).read(lines);
}

std::string iso_day(std::string_view french) {
    if (french.size() != 10 || french[2] != '/' || french[5] != '/') return {};
    const auto day = digits(french.substr(0, 2));
    const auto month = digits(french.substr(3, 2));
    const auto year = digits(french.substr(6));
    if (!day || !month || !year || *year < 1850 || *year > 2150) return {};
    const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)),
                                           std::chrono::month(*month), std::chrono::day(*day)};
    if (!date.ok()) return {};
    return std::string(french.substr(6)) + "-" + std::string(french.substr(3, 2)) + "-" +
           std::string(french.substr(0, 2));
}

}  // namespace relais::packs
