#include "clients/station/print/slip.h"

#include <array>
#include <ctime>

#include "clients/station/api/attachments.h"
#include "core/codecs/codecs.h"
#include "schemas/directory/professions.h"

namespace relais::print {

namespace {

using directory::DirectoryState;

// "22/11/2026 à 14:30 (UTC+01:00)": a sheet of paper does not know where it is read.
std::string french_time(WallTime time) {
    const std::time_t seconds = time.ms / 1000;
    std::tm parts{};
    if (::localtime_r(&seconds, &parts) == nullptr) return "?";
    std::array<char, 64> text{};
    if (std::strftime(text.data(), text.size(), "%d/%m/%Y à %H:%M (UTC%z)", &parts) == 0)
        return "?";
    std::string shown = text.data();
    shown.insert(shown.size() - 3, ":");  // +0100
    return shown;
}

// "Dr Camille Exemple, Médecin, RPPS 01234567897".
std::string person_text(const DirectoryState& directory, const PersonId& id) {
    const directory::PersonRecord* record = directory.person_ever(id);
    if (record == nullptr) return "?";
    const directory::Profession* profession = directory::find_profession(record->person.profession);
    std::string text = record->person.title;
    if (profession != nullptr) text += ", " + std::string(profession->label);
    if (!record->person.rpps.empty()) text += ", RPPS " + record->person.rpps;
    return text;
}

// "Gériatrie aiguë, Centre hospitalier de Valmont (geriatrie.ch-valmont@indre)".
std::string mailbox_text(const DirectoryState& directory, const Address& mailbox) {
    std::string titles;
    const directory::Unit* unit = directory.unit(mailbox.organisation(), mailbox.unit());
    if (unit != nullptr) titles = unit->title;
    const auto* organisation = directory.organisation(mailbox.organisation());
    const auto* entry = organisation == nullptr ? nullptr : organisation->entry.last();
    if (entry != nullptr) titles += (titles.empty() ? "" : ", ") + entry->title;
    return titles.empty() ? mailbox.text() : titles + " (" + mailbox.text() + ")";
}

std::string recipient_text(const DirectoryState& directory, const Recipient& recipient) {
    std::string text = mailbox_text(directory, recipient.mailbox);
    if (recipient.attention) {
        text += ", à l'attention de " + person_text(directory, *recipient.attention);
    }
    if (recipient.standing == Standing::delegate) text += ", en cas d'absence";
    return recipient.standing == Standing::fallback ? text + ", en recours" : text;
}

class Slip {
public:
    Slip(const DirectoryState& directory, const station::TimelineItem& item,
         const Printing& printing)
        : directory_(directory),
          item_(item),
          opened_(*item.opened),
          kind_(item.opened->kind->kind),
          act_(kind_.acts[item.opened->act]),
          printing_(printing) {}

    Paper make() {
        paper_.title = "Relais, message n° " + uuid(opened_.header.id);
        paper_.header = kind_.title + " — dossier n° " + uuid(opened_.header.thread);
        if (printing_.test) paper_.header += "\nDOMAINE DE TEST : aucun patient réel";
        if (!printing_.outside.empty()) paper_.mark = kOutsideMark;
        paper_.footer =
            "Secret professionnel : à remettre en main propre, à détruire après usage.\n"
            "Message n° " +
            uuid(opened_.header.id);
        add(Style::title, act_.past);
        warn();
        say_who();
        say_what();
        list_files();
        say_digest();
        return std::move(paper_);
    }

private:
    void add(Style style, std::string text, unsigned depth = 0) {
        paper_.paragraphs.push_back({style, std::move(text), depth});
    }
    void fact(const std::string& label, const std::string& value) {
        add(Style::text, label + " : " + value);
    }

    // What must not be missed by whoever holds the sheet.
    void warn() {
        if (item_.corrected == workflow::Correction::retracts) {
            add(Style::alarm, "RETIRÉ depuis par son auteur : n'en tenez pas compte.");
        } else if (item_.corrected == workflow::Correction::supersedes) {
            add(Style::alarm, "REMPLACÉ depuis par un message corrigé.");
        }
        if (act_.off_network) {
            add(Style::alarm,
                "Consigne ce qui a été dit ou remis " + std::string(station::kOffNetwork) + ".");
        }
    }

    void say_who() {
        const Header& header = opened_.header;
        if (!printing_.outside.empty()) fact("Destinataire hors réseau", printing_.outside);
        fact("De", mailbox_text(directory_, header.from));
        fact("Signé par", person_text(directory_, header.by));
        if (header.on_behalf_of) {
            fact("Au nom de", person_text(directory_, *header.on_behalf_of) + ", par mandat");
        }
        for (const Recipient& recipient : header.to) {
            fact("À", recipient_text(directory_, recipient));
        }
        if (header.to.empty()) fact("À", "personne sur le réseau");
        fact("Accepté par le service le", french_time(opened_.accepted.time));
        fact("Type d'échange",
             kind_.title + " (" + kind_.name + ", version " + std::to_string(kind_.version) + ")");
        fact("Action", act_.past + " (" + act_.name + ")");
        fact("Dossier", uuid(header.thread));
        if (header.follows) fact("Fait suite au dossier", uuid(*header.follows));
        fact("Message", uuid(header.id));
        fact("Imprimé le",
             french_time(printing_.time) + (printing_.by.empty() ? "" : " par " + printing_.by));
    }

    // The lines that a screen shows, their two spaces of margin as steps.
    void say_what() {
        const std::string lines = station::act_text(opened_);
        if (lines.empty()) return;
        add(Style::heading, "Contenu");
        std::string_view rest = lines;
        while (!rest.empty()) {
            const std::size_t end = std::min(rest.find('\n'), rest.size() - 1);
            const std::string_view line = rest.substr(0, rest[end] == '\n' ? end : end + 1);
            const std::size_t margin = std::min(line.find_first_not_of(' '), line.size());
            add(Style::text, std::string(line.substr(margin)), static_cast<unsigned>(margin / 2));
            rest.remove_prefix(end + 1);
        }
    }

    void list_files() {
        if (opened_.attachments == nullptr) return;
        add(Style::heading, "Pièces jointes, non imprimées ici");
        for (const AttachedFile& file : opened_.attachments->list.files) {
            add(Style::text, station::attachment_label(file));
            add(Style::small, "SHA-256 : " + digest_groups(file.digest), 1);
        }
    }

    void say_digest() {
        const Digest& digest = opened_.header.content_digest;
        paper_.code = digest_name(digest);
        paper_.beside = {
            {Style::heading, "Empreinte"},
            {Style::text, digest_groups(digest)},
            {Style::small,
             "SHA-256 du contenu signé, pièces jointes comprises par leurs empreintes. Le code dit "
             "la "
             "même chose (RFC 6920). « relais proof --content », sur un poste qui a ce message, "
             "donne "
             "de quoi la vérifier sans Relais."},
        };
    }

    const DirectoryState& directory_;
    const station::TimelineItem& item_;
    const station::Opened& opened_;
    const workflow::Kind& kind_;
    const workflow::Act& act_;
    const Printing& printing_;
    Paper paper_;
};

}  // namespace

Paper slip_of(const DirectoryState& directory, const station::TimelineItem& item,
              const Printing& printing) {
    return Slip(directory, item, printing).make();
}

std::string digest_name(const Digest& digest) { return "nih:sha-256;" + hex(digest.view()); }

std::string digest_groups(const Digest& digest) {
    const std::string digits = hex(digest.view());
    std::string groups;
    for (std::size_t i = 0; i < digits.size(); i += 8) {
        groups += (i == 0 ? "" : " ") + digits.substr(i, 8);
    }
    return groups;
}

}  // namespace relais::print
