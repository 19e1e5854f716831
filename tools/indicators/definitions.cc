// definitions.cc: the written definition of each figure, and the rules that all of them share.
#include "tools/indicators/present.h"

namespace relais::indicators {

namespace {

constexpr const char* kRules =
    "Règles communes\n"
    "\n"
    "Les chiffres sont comptés sur les en-têtes (qui, quel acte, quand, codes publics), jamais sur "
    "le contenu,\n"
    "que le relais ne peut pas lire. Un fait compte dans le mois, à l'heure de Paris, où il se "
    "produit ; un délai\n"
    "ou une part, dans le mois où l'attente se termine. Un mois clos ne change plus.\n"
    "\n"
    "Détails, parts et médianes sont de mois entiers seulement : deux périodes qui se recouvrent, "
    "soustraites l'une\n"
    "de l'autre, diraient ce qui s'est passé entre elles. Du mois en cours, et de jours choisis "
    "librement, on ne\n"
    "donne que les totaux ; de ces jours, les parts non plus.\n"
    "\n"
    "Les totaux sont toujours donnés. Dans un détail (par motif, par délai souhaité, par classe), "
    "une valeur\n"
    "inférieure à 11 est masquée, et une autre avec elle quand une soustraction la trahirait. Une "
    "médiane n'est\n"
    "donnée qu'à partir de 11 cas. Aucun chiffre ne porte sur une personne ni sur un établissement."
    "\n"
    "\n"
    "Les délais sont du temps qui passe, nuits comprises, arrondis à la minute supérieure. "
    "Au-delà de 2 h 07,\n"
    "la médiane et le neuvième décile sont donnés par excès, de 1,6 % au plus.\n";

const char* measure_text(Measure measure) {
    switch (measure) {
        case Measure::threads: return "Nombre de dossiers";
        case Measure::acts: return "Nombre d'actes";
        case Measure::delay: return "Délai : médiane et neuvième décile";
        case Measure::share: return "Part des dossiers";
        case Measure::reach:
            return "Part des destinataires, et délai de la moitié et de neuf sur dix d'entre eux";
        case Measure::entries: return "État d'un registre à la fin du mois";
    }
    return "";
}

}  // namespace

std::string definitions_of(const Report& report) {
    std::string text;
    std::string kind;
    for (const Figure& figure : report.figures) {
        if (figure.kind != kind) {
            text += figure.kind_title + " (" + figure.kind + ")\n\n";
            kind = figure.kind;
        }
        text += "  " + figure.label + " (" + figure.kind + "/" + figure.name + ")\n";
        text += "      " + figure.definition + "\n";
        text += std::string("      ") + measure_text(figure.measure);
        text += figure.by.empty() ? ".\n\n" : " ; détail par : " + figure.by + ".\n\n";
    }
    return text + kRules;
}

nlohmann::json definitions_json(const Report& report) {
    nlohmann::json figures = nlohmann::json::array();
    for (const Figure& figure : report.figures) {
        figures.push_back({{"kind", figure.kind},
                           {"kind_title", figure.kind_title},
                           {"name", figure.name},
                           {"label", figure.label},
                           {"definition", figure.definition},
                           {"measure", measure_text(figure.measure)},
                           {"by", figure.by}});
    }
    return {{"rules", kRules}, {"figures", std::move(figures)}};
}

}  // namespace relais::indicators
