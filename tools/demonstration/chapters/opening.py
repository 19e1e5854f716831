"""A domain, its organisations and stations, and the kinds of exchange that the CPTS publishes."""

import json
import urllib.request

from narrator import CARDIOLOGIE, GARDE, GERIATRIE, PHARMACY, PRACTICE
from programs import check

KINDS = ("admission", "liaison", "protocol", "substitution", "alert")


def tell(story):
    open_the_domain(story)
    bring_the_practice_and_the_pharmacy(story)
    bring_the_hospital(story)
    refuse_while_provisional(story)
    vouch(story)
    look_codes_up(story)


def open_the_domain(story):
    territory = story.territory
    territory.make_domain()
    story.tell("A domain is made, and its broker listens on loopback, over CURVE alone.")
    with urllib.request.urlopen(f"http://{territory.broker.http}/health", timeout=60) as page:
        check(page.status == 200, "the broker is not healthy")
    story.note("health: it can accept, commit and sign")
    story.cpts, _ = territory.enrol_organisation(
        "cpts", {"name": "cpts-valbrenne", "title": "CPTS du Val de Brenne", "kind": "cpts",
                 "identifier": "360000015"},
        {"title": "Anne Coordinatrice", "profession": "coordinator"}, anchor=True)
    story.tell("The CPTS enrols by invitation. It anchors the territory:")
    published = [story.cpts.publish(territory.sources / "schemas/kinds" / kind) for kind in KINDS]
    story.note("it signs and publishes the kinds " + ", ".join(
        f"« {kind['kind']} » version {kind['version']}" for kind in published))
    pack = story.cpts.import_pack(territory.sources / "tests/data/packs/fiction")
    codes = ", ".join(f"{one['rows']} codes of « {one['list']} »" for one in pack["lists"])
    story.note(f"it signs the reference pack « {pack['pack']} » of {pack['version']}: {codes}")


def bring_the_practice_and_the_pharmacy(story):
    enrol = story.territory.enrol_organisation
    story.fingerprints = {}
    practice, story.fingerprints["cabinet-dupont"] = enrol(
        "cabinet", {"name": "cabinet-dupont", "title": "Cabinet Dupont et Essai",
                    "kind": "practice", "identifier": "360000023"},
        {"title": "Dr Dominique Dupont", "profession": "10", "rpps": "10100000024"})
    add_unit(practice, PRACTICE, "Médecins du cabinet", "liaison", "protocol", "substitution")
    practice.relais("org", "person", "add", "--title", "Dr Essai", "--profession", "10",
                    "--rpps", "01234567897")
    story.dr_dupont, story.dr_essai = (practice.used_by(person, PRACTICE)
                                       for person in ("Dupont", "Essai"))
    pharmacy, story.fingerprints["pharmacie-exemple"] = enrol(
        "pharmacie", {"name": "pharmacie-exemple", "title": "Pharmacie Exemple",
                      "kind": "pharmacy", "identifier": "360000020"},
        {"title": "Camille Exemple", "profession": "21", "rpps": "10100000057"})
    add_unit(pharmacy, PHARMACY, "Officine", "protocol")
    story.pharmacy = pharmacy.used_by("Camille", PHARMACY)
    story.tell("A practice of two doctors and a pharmacy enrol, each with keys made on its own "
               "station.")


def add_unit(station, mailbox, title, *kinds):
    """A unit that this station serves, and what it takes."""
    takes = [word for kind in kinds for word in ("--takes", kind)]
    station.relais("org", "unit", "add", mailbox.split(".", 1)[0], "--title", title, *takes,
                   "--phone", "02 61 91 00 19", "--here")


def bring_the_hospital(story):
    territory = story.territory
    story.hospital, story.fingerprints["ch-valmont"] = territory.enrol_organisation(
        "hopital", {"name": "ch-valmont", "title": "Centre hospitalier de Valmont",
                    "kind": "hospital", "identifier": "360000031"},
        {"title": "Claude Réseau", "profession": "it"})
    # Its own station serves the on-call team, and the ward that has none yet.
    add_unit(story.hospital, GARDE, "Médecin de garde", "admission")
    add_unit(story.hospital, CARDIOLOGIE, "Cardiologie", "admission")
    story.geriatrie = territory.enrol_ward(
        story.hospital, "geriatrie", "Gériatrie aiguë",
        {"title": "Dr Gilles Gérard", "profession": "10", "rpps": "10100000032"},
        "--takes", "protocol", "--fallback", GARDE)
    story.medecine = territory.enrol_ward(
        story.hospital, "medecine", "Médecine polyvalente",
        {"title": "Dr Mina Martin", "profession": "10", "rpps": "10100000040"})
    story.hospital.relais("org", "person", "add", "--title", "Dr Nadia Nuit",
                          "--profession", "10", "--rpps", "10100000065")
    story.on_call = story.hospital.used_by("Nuit", GARDE)
    story.tell("A hospital enrols, and invites a station for each of its two wards.")
    story.note("it says who is called where the geriatric ward does not answer: the on-call team")


def refuse_while_provisional(story):
    """Before anybody confirmed the hospital, nothing clinical is sealed to it."""
    refused = story.dr_dupont.new(
        "admission", "--to", GERIATRIE, "--form", f"call={story.form('admission', 'call')}",
        "--public", "urgency=stat", expect=3)
    check("provisional" in json.dumps(refused), "sealed to an unconfirmed hospital")
    story.note("not confirmed yet: the practice's station refuses to seal a call to it")


def vouch(story):
    for organisation, fingerprint in story.fingerprints.items():
        story.cpts.relais("confirm", organisation, "--fingerprint", fingerprint)
    story.tell("The CPTS hears their fingerprints by telephone, and confirms each.")
    for organisation, person in (("cabinet-dupont", "Dupont"), ("cabinet-dupont", "Essai"),
                                 ("pharmacie-exemple", "Camille"), ("ch-valmont", "Gérard")):
        story.cpts.relais("attest", organisation, person)
    story.tell("It attests the professions of the doctors and the pharmacist, from the national "
               "directory.")


def look_codes_up(story):
    """The pack that the CPTS signed is on every station."""
    found = story.dr_dupont.relais("pack", "search", "icd10", "fatigue")["found"]
    check("R53" in [row["code"] for row in found], f"codes found: {found}")
    drug = story.pharmacy.relais("pack", "show", "cis", "60000001")
    check("Rupture de stock" in drug["facts"]["disponibilite"], f"the drug is not short: {drug}")
    story.tell("The doctor's station knows the code of fatigue; the pharmacist's, that "
               f"{drug['label'].split(',')[0]} is out of stock.")
    call = story.filled("admission", "call", reason_code="Z99.9")
    refused = story.dr_dupont.new("admission", "--to", GERIATRIE, "--form", f"call={call}",
                                  "--public", "urgency=stat", expect=3)
    check("icd10" in json.dumps(refused), "a code that no list has was taken")
    story.note("a code that the list does not have is refused before anything is sent")
