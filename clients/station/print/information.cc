#include "clients/station/print/information.h"

#include <algorithm>
#include <set>

#include "core/codecs/codecs.h"
#include "schemas/directory/professions.h"

namespace relais::print {

namespace {

constexpr std::chrono::seconds kDay{24 * 3600};
constexpr const char* kToFill = "………………………………………………………………";

std::string or_line(const std::string& text) { return text.empty() ? kToFill : text; }

std::string joined(const std::vector<std::string>& parts) {
    std::string text;
    for (const std::string& part : parts) text += (text.empty() ? "" : ", ") + part;
    return text;
}

// What stands under a table's own label: "Identité (Nom de naissance, Prénoms …)".
std::string fields_text(const forms::Field& table) {
    std::vector<std::string> labels;
    for (const forms::Field& field : table.fields) {
        const bool identity = field.type == forms::FieldType::table && field.identity;
        labels.push_back(identity ? field.label + " (" + fields_text(field) + ")" : field.label);
    }
    return joined(labels);
}

class Information {
public:
    Information(const station::LoadedKind& loaded, const Responsible& responsible)
        : loaded_(loaded), kind_(loaded.kind), responsible_(responsible) {}

    Paper make() {
        paper_.title = "Relais, information du patient : " + kind_.title;
        paper_.header = "Information du patient — " + kind_.title;
        paper_.footer = "Type d'échange « " + kind_.name + " », version " +
                        std::to_string(kind_.version) + "\n" + hex(kind_.digest.view());
        add(Style::title, kind_.title);
        add(Style::text, kind_.summary);
        for (const std::string& paragraph : kind_.information) add(Style::text, paragraph);
        say_what();
        say_who();
        say_basis();
        say_how_long();
        say_rights();
        return std::move(paper_);
    }

private:
    void add(Style style, std::string text, unsigned depth = 0) {
        paper_.paragraphs.push_back({style, std::move(text), depth});
    }

    void say_what() {
        add(Style::heading, "Ce qui est transmis, selon ce qui est utile pour vous");
        std::set<std::string> said;
        for (const workflow::Act& act : kind_.acts) {
            const forms::FormSchema* form = loaded_.form_of(act);
            if (form == nullptr || !said.insert(act.form).second) continue;
            add(Style::text, form->title() + " : " + fields_text(form->root()), 1);
        }
        const bool files = std::ranges::any_of(
            kind_.acts, [](const workflow::Act& act) { return act.attachments.count > 0; });
        if (files) add(Style::text, "Des documents ou des images peuvent y être joints.", 1);
    }

    // "Médecin demandeur (Médecin ; Cabinet, Établissement de santé)".
    [[nodiscard]] std::string role_text(const workflow::Role& role) const {
        std::vector<std::string> professions;
        for (const std::string& code : role.professions) {
            const directory::Profession* profession = directory::find_profession(code);
            professions.push_back(profession == nullptr ? code : std::string(profession->label));
        }
        std::vector<std::string> organisations;
        for (const directory::OrganisationKind kind : role.organisation_kinds) {
            organisations.emplace_back(directory::kind_label(kind));
        }
        std::string text = role.label + " (";
        if (!professions.empty()) text += joined(professions) + " ; ";
        return text + joined(organisations) + ")";
    }

    void list_roles(const std::string& heading, workflow::Side side) {
        std::set<std::uint16_t> roles;
        for (const workflow::Act& act : kind_.acts) {
            if (act.side == side) roles.insert(act.roles.begin(), act.roles.end());
        }
        if (roles.empty()) return;
        add(Style::text, heading);
        for (const std::uint16_t role : roles) {
            add(Style::text, "– " + role_text(kind_.roles[role]), 1);
        }
    }

    void say_who() {
        add(Style::heading, "Entre qui");
        list_roles("Celui qui vous suit et son équipe :", workflow::Side::opener);
        list_roles("Ceux à qui il s'adresse :", workflow::Side::party);
        add(Style::text,
            "Le contenu est chiffré de bout en bout : seuls ces destinataires le lisent. Le "
            "service "
            "qui achemine ne peut pas l'ouvrir ; il voit qui écrit à qui, quand, et les mentions "
            "suivantes : " +
                public_text() + ".");
        const bool outside = std::ranges::any_of(kind_.acts, &workflow::Act::off_network);
        if (outside) {
            add(Style::text,
                "Un professionnel qui n'est pas sur ce réseau peut être informé par téléphone ou "
                "sur "
                "papier : ce n'est alors pas chiffré de bout en bout, et votre dossier le dit.");
        }
    }

    [[nodiscard]] std::string public_text() const {
        std::vector<std::string> labels = {"l'étape où en est l'échange"};
        for (const workflow::PublicDeclared& field : kind_.publics) {
            labels.push_back("« " + field.label + " »");
        }
        return joined(labels);
    }

    void say_basis() {
        add(Style::heading, "Sur quel fondement");
        switch (kind_.basis) {
            case workflow::Basis::care_team:
                return add(
                    Style::text,
                    "Équipe de soins : les professionnels qui participent à votre prise en "
                    "charge partagent ce qui est nécessaire à vos soins, sauf si vous vous y "
                    "opposez (articles L. 1110-4 et L. 1110-12 du code de la santé publique).");
            case workflow::Basis::agreement:
                return add(Style::text,
                           "Votre accord : sans lui, rien n'est transmis. Vous pouvez le retirer à "
                           "tout moment.");
            case workflow::Basis::none:
                return add(Style::text,
                           "Aucun fondement particulier n'est déclaré pour cet échange.");
        }
    }

    void say_how_long() {
        const auto days = kind_.retention / kDay;
        add(Style::heading, "Combien de temps");
        add(Style::text,
            "Le service qui achemine efface le contenu au bout de " + std::to_string(days) +
                (days > 1 ? " jours" : " jour") +
                " au plus. Ce qui doit l'être est gardé dans votre dossier, chez ceux qui vous "
                "soignent, pour la durée que la loi fixe.");
    }

    void say_rights() {
        add(Style::heading, "Vos droits");
        add(Style::text,
            "Vous pouvez demander à lire ces informations, à les faire corriger ou effacer, à en "
            "limiter l'usage, ou vous opposer à leur partage.");
        add(Style::text, "Responsable : " + or_line(responsible_.organisation));
        add(Style::text, "Pour exercer vos droits : " + or_line(responsible_.contact));
        add(Style::text, "Délégué à la protection des données : " + or_line(responsible_.dpo));
        add(Style::text, "Vous pouvez aussi adresser une réclamation à la CNIL (www.cnil.fr).");
    }

    const station::LoadedKind& loaded_;
    const workflow::Kind& kind_;
    const Responsible& responsible_;
    Paper paper_;
};

}  // namespace

Result<Paper> information_of(const station::LoadedKind& kind, const Responsible& responsible) {
    if (kind.kind.patient == workflow::PatientData::never) {
        return fail(ErrorCode::not_found,
                    kind.kind.name + " : cet échange ne contient rien d'un patient");
    }
    return Information(kind, responsible).make();
}

}  // namespace relais::print
