// group_commands.cc: `relais group`: lists of mailboxes to which one posts at once. An organisation
// keeps its own; whoever is in one of another may leave it.
#include <algorithm>
#include <set>

#include "clients/cli/lookup.h"
#include "clients/cli/program.h"
#include "clients/cli/text.h"
#include "core/files/files.h"

namespace relais::cli {

namespace {

using nlohmann::json;

constexpr std::size_t kListBytesMax = 1 << 20;

bool is_of(const Address& address, station::Station& station) {
    return address.organisation() == station.identity().organisation.text();
}

json group_json(station::Station& station, const Address& address) {
    const directory::Group& group = *station.directory().group(address);
    json posters = json::array();
    for (const Address& poster : group.posters) posters.push_back(poster.text());
    const auto members = station.directory().members(address);
    const bool member = std::ranges::any_of(own_mailboxes(station), [&](const Address& own) {
        return station.directory().member(address, own);
    });
    return {{"group", address.text()},
            {"title", group.title},
            {"kinds", group.kinds},
            {"posting", group.posting == directory::Posting::members ? "members" : "owner"},
            {"posters", std::move(posters)},
            {"members", members.size()},
            {"member", member},
            {"ours", is_of(address, station)}};
}

std::string joined(const json& texts) {
    std::string all;
    for (const json& text : texts) all += (all.empty() ? "" : ", ") + text.get<std::string>();
    return all;
}

void print_group(Output& out, const json& group) {
    out.heading(group["group"].get<std::string>() + "  " + group["title"].get<std::string>());
    out.line("  reçoit : " + joined(group["kinds"]) + " ; " +
             std::to_string(group["members"].get<std::size_t>()) + " membre(s)" +
             (group["member"].get<bool>() ? ", dont une boîte d'ici" : ""));
    std::string posters = "l'organisation qui le tient";
    if (group["posting"] == "members") posters += ", ses membres";
    if (!group["posters"].empty()) posters += ", " + joined(group["posters"]);
    out.line("  y écrivent : " + posters);
}

Result<void> list(Context& context) {
    RELAIS_ASSIGN(station::Station* const station, context.open_and_synchronise());
    json groups = json::array();
    for (const Address& address : station->directory().groups()) {
        groups.push_back(group_json(*station, address));
        print_group(context.out, groups.back());
    }
    if (groups.empty()) context.out.line("Aucun groupe dans l'annuaire.");
    context.out.result({{"groups", std::move(groups)}});
    return {};
}

// What keeps a member from getting what is posted; empty for nothing.
std::string obstacle(station::Station& station, const directory::Group& group,
                     const Address& member) {
    const directory::DirectoryState& state = station.directory();
    if (state.suspended(std::string(member.organisation()))) return "organisation suspendue";
    if (!state.has_key(member, state.size())) return "pas encore de clé";
    std::string refused;
    for (const std::string& kind : group.kinds) {
        if (!state.takes(member, kind)) refused += (refused.empty() ? "" : ", ") + kind;
    }
    return refused.empty() ? "" : "ne prend pas : " + refused;
}

Result<void> show(Context& context, const std::string& typed) {
    RELAIS_ASSIGN(station::Station* const station, context.open_and_synchronise());
    RELAIS_ASSIGN(const Address address, find_group(*station, typed));
    json shown = group_json(*station, address);
    print_group(context.out, shown);
    shown["members"] = json::array();
    for (const Address& member : station->directory().members(address)) {
        const std::string why = obstacle(*station, *station->directory().group(address), member);
        json item = {{"mailbox", member.text()}};
        if (!why.empty()) item["obstacle"] = why;
        shown["members"].push_back(std::move(item));
        const std::string line = "  " + member.text();
        why.empty() ? context.out.line(line) : context.out.alarm(line + " — " + why);
    }
    context.out.result(std::move(shown));
    return {};
}

struct GroupLine {
    std::string name;
    std::optional<std::string> title;
    std::vector<std::string> kinds;
    std::vector<std::string> posters;
    bool members_post = false;
    bool members_read = false;
};

// That something of the kind can be posted to groups at all.
Result<void> check_postable(station::Station& station, const std::string& kind) {
    RELAIS_ASSIGN(const auto loaded, find_kind(station, kind));
    const bool postable = std::ranges::any_of(loaded->kind.acts, [](const workflow::Act& act) {
        return act.recipients == workflow::Recipients::groups;
    });
    if (postable) return {};
    return fail(ErrorCode::usage, "--takes " + kind +
                                      " : aucune action de ce type d'échange ne va "
                                      "à un groupe");
}

// What is not said stays as it was.
Result<directory::Group> group_said(station::Station& station, const directory::Group* known,
                                    const Name& name, const GroupLine& line) {
    if (known == nullptr && (!line.title || line.kinds.empty())) {
        return fail(ErrorCode::usage, "un nouveau groupe demande --title et --takes");
    }
    if (line.members_post && line.members_read) {
        return fail(ErrorCode::usage, "--members-post et --members-read se contredisent");
    }
    directory::Group group = known == nullptr ? directory::Group{name, "", {}} : *known;
    if (line.title) group.title = *line.title;
    for (const std::string& kind : line.kinds) RELAIS_TRY(check_postable(station, kind));
    if (!line.kinds.empty()) group.kinds = line.kinds;
    if (line.members_post) group.posting = directory::Posting::members;
    if (line.members_read) group.posting = directory::Posting::owner;
    if (line.posters.empty()) return group;
    group.posters.clear();
    if (line.posters == std::vector<std::string>{"none"}) return group;
    for (const std::string& typed : line.posters) {
        RELAIS_ASSIGN(Address poster, find_mailbox(station, typed));
        group.posters.push_back(std::move(poster));
    }
    return group;
}

Result<void> set(Context& context, const GroupLine& line) {
    RELAIS_ASSIGN(const Name name, Name::parse(line.name));
    RELAIS_ASSIGN(station::Station* const station, context.open_and_synchronise());
    const auto& identity = station->identity();
    const Address address = Address::of_group(name, identity.organisation, identity.domain);
    const bool known = station->directory().group(address) != nullptr;
    RELAIS_ASSIGN(const directory::Group group,
                  group_said(*station, station->directory().group(address), name, line));
    RELAIS_ASSIGN(station::Registrar registrar, context.registrar());
    RELAIS_TRY(registrar.set_group(group));
    context.out.line((known ? "Groupe changé : " : "Groupe inscrit : ") + address.text());
    print_group(context.out, group_json(*station, address));
    if (!known) context.out.line("Ses membres : « relais group add " + name.text() + " BOÎTE… ».");
    context.out.result({{"group", address.text()}});
    return {};
}

struct MembersLine {
    std::string group;
    std::vector<std::string> mailboxes;
    std::filesystem::path file;
};

// One mailbox a line; empty lines and what follows a '#' are left out.
Result<std::vector<std::string>> listed(const std::filesystem::path& file) {
    RELAIS_ASSIGN(const Bytes bytes, read_file(file, kListBytesMax));
    std::vector<std::string> lines;
    std::string line;
    for (const char c : std::string(as_text(bytes)) + "\n") {
        if (c != '\n') {
            line.push_back(c);
            continue;
        }
        line.erase(std::min(line.find('#'), line.size()));
        const auto blank = [](char each) { return each == ' ' || each == '\t' || each == '\r'; };
        std::erase_if(line, blank);
        if (!line.empty()) lines.push_back(std::exchange(line, {}));
    }
    return lines;
}

Result<std::vector<Address>> mailboxes_of(station::Station& station, const MembersLine& line) {
    std::vector<std::string> typed = line.mailboxes;
    if (!line.file.empty()) {
        RELAIS_ASSIGN(const auto lines, listed(line.file));
        typed.insert(typed.end(), lines.begin(), lines.end());
    }
    if (typed.empty()) return fail(ErrorCode::usage, "donnez des boîtes, ou --file");
    std::set<Address> mailboxes;
    for (const std::string& each : typed) {
        RELAIS_ASSIGN(Address mailbox, find_mailbox(station, each));
        mailboxes.insert(std::move(mailbox));
    }
    return std::vector<Address>(mailboxes.begin(), mailboxes.end());
}

// Those that are not yet as wanted: the command may be given again.
std::vector<Address> to_change(station::Station& station, const Address& group,
                               std::vector<Address> mailboxes, bool wanted) {
    std::erase_if(mailboxes, [&](const Address& mailbox) {
        return station.directory().member(group, mailbox) == wanted;
    });
    return mailboxes;
}

Result<void> change(Context& context, station::Station& station, const Address& group,
                    const std::vector<Address>& mailboxes, bool add) {
    if (!mailboxes.empty()) {
        RELAIS_ASSIGN(station::Registrar registrar, context.registrar());
        const std::span<const Address> none;
        RELAIS_TRY(registrar.change_members(group, add ? mailboxes : none, add ? none : mailboxes));
    }
    json changed = json::array();
    for (const Address& mailbox : mailboxes) {
        changed.push_back(mailbox.text());
        context.out.line((add ? "Ajouté : " : "Retiré : ") + mailbox.text());
    }
    if (mailboxes.empty()) context.out.line("Rien à changer.");
    context.out.result({{"group", group.text()},
                        {add ? "added" : "removed", std::move(changed)},
                        {"members", station.directory().members(group).size()}});
    return {};
}

Result<void> change_typed(Context& context, const MembersLine& line, bool add) {
    RELAIS_ASSIGN(station::Station* const station, context.open_and_synchronise());
    RELAIS_ASSIGN(const Address group, find_group(*station, line.group));
    RELAIS_ASSIGN(auto mailboxes, mailboxes_of(*station, line));
    return change(context, *station, group, to_change(*station, group, std::move(mailboxes), add),
                  add);
}

Result<void> leave(Context& context, const std::string& typed) {
    RELAIS_ASSIGN(station::Station* const station, context.open_and_synchronise());
    RELAIS_ASSIGN(const Address group, find_group(*station, typed));
    std::vector<Address> ours = station->directory().members(group);
    std::erase_if(ours, [&](const Address& member) { return !is_of(member, *station); });
    if (ours.empty()) return fail(ErrorCode::unknown_object, "aucune boîte d'ici n'en est membre");
    return change(context, *station, group, ours, false);
}

Result<void> remove(Context& context, const std::string& typed) {
    RELAIS_ASSIGN(const Name name, Name::parse(typed));
    RELAIS_TRY(context.open_and_synchronise());
    RELAIS_ASSIGN(station::Registrar registrar, context.registrar());
    RELAIS_TRY(registrar.revoke(directory::RevokedObject::group, {}, name.text(),
                                directory::RevocationReason::other));
    context.out.line("Groupe supprimé : " + name.text());
    context.out.result({{"group", name.text()}, {"removed", true}});
    return {};
}

void add_set(CLI::App& groups, Program& program) {
    CLI::App* command = add_command(groups, "set",
                                    "Créer un groupe, ou changer ce qui en est dit : ce qui n'est "
                                    "pas répété reste",
                                    "  relais group set alertes --title \"Alertes de la CPTS\" "
                                    "--takes alert\n"
                                    "  relais group set garde --title \"Garde\" --takes alert "
                                    "--members-post");
    auto line = std::make_shared<GroupLine>();
    command->add_option("nom", line->name, "Nom court : a-z, 0-9, tirets")->required();
    command->add_option("--title", line->title, "Nom affiché ; obligatoire pour un nouveau groupe");
    add_repeated(*command, "--takes,--kind", line->kinds,
                 "Type d'échange qu'on y publie ; obligatoire pour un nouveau groupe");
    add_repeated(*command, "--poster", line->posters,
                 "Boîte d'une autre organisation qui peut y écrire ; none : plus aucune");
    command->add_flag("--members-post", line->members_post, "Les membres peuvent y écrire");
    command->add_flag("--members-read", line->members_read, "Les membres lisent seulement");
    on_run(*command, program, [&context = program.context, line] { return set(context, *line); });
}

void add_members(CLI::App& groups, Program& program, bool add) {
    CLI::App* command = add_command(
        groups, add ? "add" : "remove", add ? "Ajouter des membres" : "Retirer des membres",
        add ? "  relais group add alertes cabinet-exemple pharmacie-exemple\n"
              "  relais group add alertes --file membres.txt"
            : "  relais group remove alertes cabinet-exemple");
    auto line = std::make_shared<MembersLine>();
    command->add_option("groupe", line->group, "Nom, ou adresse #nom.organisation")->required();
    command->add_option("boîtes", line->mailboxes, "Boîtes");
    command->add_option("--file", line->file, "Fichier : une boîte par ligne")
        ->check(CLI::ExistingFile);
    on_run(*command, program,
           [&context = program.context, line, add] { return change_typed(context, *line, add); });
}

void add_named(CLI::App& groups, Program& program, const std::string& name, const std::string& what,
               Result<void> (*run)(Context& context, const std::string& typed)) {
    CLI::App* command = add_command(groups, name, what);
    auto typed = std::make_shared<std::string>();
    command->add_option("groupe", *typed, "Nom, ou adresse #nom.organisation")->required();
    on_run(*command, program,
           [&context = program.context, typed, run] { return run(context, *typed); });
}

}  // namespace

void add_groups(CLI::App& app, Program& program) {
    CLI::App* groups =
        add_group(app, "group", "Groupes : listes de boîtes auxquelles on écrit d'un coup",
                  "  relais group list\n"
                  "  relais group show '#alertes.cpts-exemple'\n"
                  "  relais group leave '#alertes.cpts-exemple'");
    CLI::App* all = add_command(*groups, "list", "Les groupes de l'annuaire");
    on_run(*all, program, [&context = program.context] { return list(context); });
    add_named(*groups, program, "show", "Un groupe et ses membres", show);
    add_set(*groups, program);
    add_members(*groups, program, true);
    add_members(*groups, program, false);
    add_named(*groups, program, "leave", "Retirer du groupe les boîtes de cette organisation",
              leave);
    add_named(*groups, program, "delete", "Supprimer un groupe de cette organisation", remove);
}

}  // namespace relais::cli
