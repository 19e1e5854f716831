// register_commands.cc: `relais register`: what acts have set in a register of a kind, each entry
// checked against the signed act that set it; without the service, what this station last read.
#include <algorithm>
#include <charconv>

#include "clients/cli/lookup.h"
#include "clients/cli/program.h"
#include "clients/cli/text.h"
#include "clients/station/api/heads.h"
#include "clients/station/api/register_copy.h"
#include "clients/station/api/register_words.h"
#include "core/codecs/codecs.h"

namespace relais::cli {

namespace {

using nlohmann::json;
using station::RegisterLine;
using station::RegisterWord;
using station::RegisterWords;

struct RegisterAsked {
    std::string kind;
    std::string name;
    bool all = false;
    std::string at;

    // Asks for more than the last values, which is all that a copy has.
    [[nodiscard]] bool history() const { return all || !at.empty(); }
};

// What was set before a leaf of the log, or by a time.
struct RegisterPoint {
    std::optional<LeafIndex> leaf{};
    std::optional<WallTime> time{};

    [[nodiscard]] bool holds(const RegisterLine& line) const {
        return (!leaf || line.accepted.leaf < *leaf) && (!time || line.accepted.time <= *time);
    }
};

struct HeldEntry {
    std::string key;
    std::int64_t value;
    std::optional<station::RegisterSet> set{};  // none in a copy of an older version
};
struct ReadRegister {
    std::vector<HeldEntry> entries;
    std::optional<WallTime> copied{};  // when this station read it, where it could not ask now
};

Result<RegisterPoint> point_of(const std::string& typed, WallTime now) {
    if (typed.empty()) return RegisterPoint{};
    std::uint64_t leaf = 0;
    const auto [end, problem] = std::from_chars(typed.data(), typed.data() + typed.size(), leaf);
    if (problem == std::errc{} && end == typed.data() + typed.size()) {
        return RegisterPoint{LeafIndex{leaf}, {}};
    }
    const auto time = parse_local_time(typed, DayEnd::begin);
    if (!time.ok()) {
        return fail(ErrorCode::usage, "--at « " + typed +
                                          " » : une date est attendue, comme « 30/11/2026 08:00 »,"
                                          " ou le numéro d'une feuille du journal");
    }
    if (*time > now) return fail(ErrorCode::usage, "--at " + typed + " : c'est à venir");
    return RegisterPoint{{}, *time};
}

// A leaf that the log does not have yet says nothing of now.
Result<void> check_point(station::Station& station, const RegisterPoint& point,
                         const std::vector<RegisterLine>& lines,
                         std::chrono::milliseconds patience) {
    if (!point.leaf) return {};
    std::uint64_t end = lines.empty() ? 0 : lines.back().accepted.leaf.value + 1;
    RELAIS_ASSIGN(const auto heads, station::check_heads(station, patience));
    for (const station::LogHead& head : heads) {
        if (head.log == wire::LogName::audit) end = std::max(end, head.size);
    }
    if (point.leaf->value <= end) return {};
    return fail(ErrorCode::usage, "--at " + std::to_string(point.leaf->value) +
                                      " : le journal n'a que " + std::to_string(end) + " feuilles");
}

Result<ReadRegister> read_history(station::Station& station, const RegisterAsked& asked,
                                  std::chrono::milliseconds patience) {
    RELAIS_ASSIGN(const RegisterPoint point, point_of(asked.at, station.now()));
    RELAIS_ASSIGN(auto lines, station::read_register(station, asked.kind, asked.name, patience));
    RELAIS_TRY(check_point(station, point, lines, patience));
    std::erase_if(lines, [&](const RegisterLine& line) { return !point.holds(line); });
    ReadRegister read;
    for (const RegisterLine& line : asked.all ? lines : station::latest_lines(lines)) {
        read.entries.push_back({line.key, line.value, station::set_by(line)});
    }
    return read;
}

ReadRegister entries_of(const station::RegisterCopy& copy) {
    ReadRegister read;
    for (const auto& [key, value] : copy.latest) {
        const auto set = copy.sets.find(key);
        read.entries.push_back(
            {key, value, set == copy.sets.end() ? std::nullopt : std::optional(set->second)});
    }
    return read;
}

Result<ReadRegister> read_latest(station::Station& station, const RegisterAsked& asked,
                                 std::chrono::milliseconds patience) {
    RELAIS_ASSIGN(const auto copy,
                  station::refresh_register(station, asked.kind, asked.name, patience));
    return entries_of(copy);
}

// Where the service cannot be asked. `code`: why.
Result<ReadRegister> read_copied(station::Station& station, const RegisterAsked& asked,
                                 ErrorCode code) {
    if (asked.history()) {
        return fail(code,
                    "ce poste ne garde d'un registre que les dernières valeurs : --all et "
                    "--at demandent le service");
    }
    RELAIS_ASSIGN(const auto copy, station::register_copy(station.store(), asked.kind, asked.name));
    if (!copy) {
        return fail(code,
                    "registre « " + asked.kind + " " + asked.name + " » jamais lu sur ce poste");
    }
    ReadRegister read = entries_of(*copy);
    read.copied = copy->read;
    return read;
}

bool service_is_away(ErrorCode code) {
    return code == ErrorCode::unreachable || code == ErrorCode::timed_out ||
           code == ErrorCode::locked;
}

Result<ReadRegister> read_or_copy(Context& context, station::Station& station,
                                  const RegisterAsked& asked) {
    RELAIS_TRY(point_of(asked.at, station.now()));
    if (!context.online()) return read_copied(station, asked, ErrorCode::unreachable);
    RELAIS_ASSIGN(const auto patience, context.patience(station::kAnswerPatience));
    auto read = asked.history() ? read_history(station, asked, patience)
                                : read_latest(station, asked, patience);
    return service_is_away(read.code()) ? read_copied(station, asked, read.code())
                                        : std::move(read);
}

// In the words of the kind whose act set it, where that is here.
RegisterWords words_of_entry(station::Station& station, const RegisterAsked& asked,
                             const HeldEntry& entry) {
    const std::string held = std::to_string(entry.value);
    RegisterWords plain{{{"", entry.key, entry.key}}, {"", held, held}};
    if (!entry.set) return plain;
    const auto kind = station.kinds().get(entry.set->kind);
    if (!kind.ok()) return plain;
    return station::register_words(station.directory(), (*kind)->kind, asked.name, entry.set->act,
                                   entry.key, entry.value);
}

std::string word_text(const RegisterWord& word) {
    return word.label.empty() ? word.text : word.label + " : " + word.text;
}

std::string set_text(station::Station& station, const station::RegisterSet& set) {
    std::string act = set.act;
    const auto kind = station.kinds().get(set.kind);
    if (kind.ok()) {
        if (const auto index = (*kind)->kind.act(set.act)) act = (*kind)->kind.acts[*index].past;
    }
    return "  depuis le " + local_time(set.accepted) + "  (" + act + ", " + set.from.text() + ")";
}

json word_json(const RegisterWord& word) {
    return {{"label", word.label}, {"value", word.value}, {"text", word.text}};
}

json entry_json(const HeldEntry& entry, const RegisterWords& words) {
    json shown = {{"key", entry.key},
                  {"value", entry.value},
                  {"key_words", json::array()},
                  {"value_word", word_json(words.value)}};
    for (const RegisterWord& word : words.key) shown["key_words"].push_back(word_json(word));
    if (!entry.set) return shown;
    shown.update({{"since", format_utc(entry.set->accepted)},
                  {"leaf", entry.set->leaf.value},
                  {"from", entry.set->from.text()},
                  {"act", entry.set->act},
                  {"thread", uuid(entry.set->thread)}});
    return shown;
}

void print_entry(Output& out, station::Station& station, const HeldEntry& entry,
                 const RegisterWords& words) {
    std::string line;
    for (const RegisterWord& word : words.key) {
        line += (line.empty() ? "" : " ; ") + word_text(word);
    }
    line += " = " + word_text(words.value);
    out.line(entry.set ? line + set_text(station, *entry.set) : line);
}

// As the version in force calls it; empty where that is not here.
std::string register_label(station::Station& station, const RegisterAsked& asked) {
    const auto kind = find_kind(station, asked.kind);
    if (!kind.ok()) return "";
    for (const workflow::RegisterDeclared& declared : (*kind)->kind.registers) {
        if (declared.kind.empty() && declared.name == asked.name) return declared.label;
    }
    return "";
}

Result<void> show_register(Context& context, const RegisterAsked& asked) {
    RELAIS_ASSIGN(station::Station* const station, context.open_and_synchronise());
    RELAIS_ASSIGN(const ReadRegister read, read_or_copy(context, *station, asked));
    const std::string label = register_label(*station, asked);
    if (!label.empty()) context.out.heading(label);
    if (read.copied) {
        context.out.line("Registre lu le " + local_time(*read.copied) +
                         " : il a pu changer depuis.");
    }
    json entries = json::array();
    for (const HeldEntry& entry : read.entries) {
        const RegisterWords words = words_of_entry(*station, asked, entry);
        entries.push_back(entry_json(entry, words));
        print_entry(context.out, *station, entry, words);
    }
    if (entries.empty()) context.out.line("Registre vide.");
    context.out.result({{"kind", asked.kind},
                        {"register", asked.name},
                        {"label", label},
                        {"copied", read.copied ? json(format_utc(*read.copied)) : json()},
                        {"entries", std::move(entries)}});
    return {};
}

}  // namespace

void add_register(CLI::App& app, Program& program) {
    CLI::App* command =
        add_command(app, "register", "Lire un registre : la dernière valeur de chaque clé",
                    "  relais register protocol agreement\n"
                    "  relais register protocol agreement --at \"30/11/2026 08:00\"\n"
                    "  relais register protocol agreement --all --json");
    auto asked = std::make_shared<RegisterAsked>();
    command->add_option("type", asked->kind, "Type d'échange qui tient le registre")->required();
    command->add_option("registre", asked->name, "Nom du registre")->required();
    command->add_flag("--all", asked->all, "Toutes les valeurs, dans l'ordre");
    command->add_option("--at", asked->at,
                        "Ce qu'il disait à cette date : 30/11/2026 [08:00] ; ou avant cette "
                        "feuille du journal : un nombre");
    on_run(*command, program,
           [&context = program.context, asked] { return show_register(context, *asked); });
}

}  // namespace relais::cli
