"""An exercise of crisis alerting: a group called at once, answered by role with one missing, its
report signed; then an alert that comes as CAP 1.2 and goes out as it."""

import json

from chapters.opening import add_unit
from narrator import GARDE, GERIATRIE, PHARMACY, PRACTICE
from programs import check

GROUP = "#alertes.cpts-valbrenne@valbrenne"
MEMBERS = (PRACTICE, PHARMACY, GERIATRIE)
EXERCISE = ("--public", "status=Exercise", "--public", "severity=Moderate")
THEIRS = """<?xml version="1.0" encoding="UTF-8"?>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">
  <identifier>FR-36-2026-0417</identifier>
  <sender>sidpc@prefecture-exemple.test</sender>
  <sent>2026-12-14T07:21:00+01:00</sent>
  <status>Actual</status>
  <msgType>Alert</msgType>
  <scope>Public</scope>
  <info>
    <language>fr-FR</language>
    <category>CBRNE</category>
    <event>Fuite de chlore</event>
    <urgency>Immediate</urgency>
    <severity>Severe</severity>
    <certainty>Observed</certainty>
    <headline>Fuite de chlore : confinement immédiat</headline>
  </info>
</alert>
"""


def tell(story):
    make_the_group(story)
    exercise(story)
    report(story)
    relay(story)


def make_the_group(story):
    add_unit(story.dr_dupont, PRACTICE, "Médecins du cabinet",
             "liaison", "protocol", "substitution", "alert")
    add_unit(story.pharmacy, PHARMACY, "Officine", "protocol", "alert")
    story.hospital.relais("org", "unit", "add", GERIATRIE.split(".", 1)[0],
                          "--title", "Gériatrie aiguë", "--takes", "admission",
                          "--takes", "protocol", "--takes", "alert",
                          "--phone", "02 61 91 00 10", "--fallback", GARDE)
    story.cpts.relais("group", "set", "alertes", "--title", "Alertes du territoire",
                      "--takes", "alert")
    story.cpts.relais("group", "add", "alertes", *MEMBERS)
    story.tell("The CPTS makes a group for crises: the practice, the pharmacy, the ward.")


def exercise(story):
    story.drill = story.open_thread(
        story.cpts, "alert", "--act", "exercise", "--to", GROUP, *EXERCISE,
        "--form", f"exercise={story.form('alert', 'exercise')}")["thread"]
    story.tell("It launches an exercise, on the crisis lane. Two of the three answer:")
    for station, response in ((story.dr_dupont, "MOBILISED"), (story.geriatrie, "RECEIVED")):
        shown, _ = story.read(station, story.drill)
        check("EXERCICE" in shown["state"]["label"], "the exercise does not show as one")
        story.act(station, story.drill, "acknowledge-exercise", "--public",
                  f"response={response}", "--form", story.form("alert", "acknowledge-exercise"))
    wrong = story.pharmacy.relais(
        "act", story.drill, "acknowledge", "--public", "response=RECEIVED",
        "--form", story.form("alert", "acknowledge"), expect=5)
    status = story.cpts.relais("alert", "status", story.drill)
    for answer in status["answers"]:
        story.note(f"{answer['service']}: {answer['profession']}, {answer['response']}, "
                   f"after {answer['after_s']} s")
    check([line["mailbox"] for line in status["missing"]] == [PHARMACY],
          f"missing: {status['missing']}")
    check("Pharmacien" in status["missing_roles"], "the pharmacist is not missed")
    story.note(f"answering it as a real alert is refused ({wrong['error']['name']})")
    story.note(f"missing: {status['missing'][0]['service']}; no pharmacist has answered")


def report(story):
    file = story.territory.folder / "bilan.json"
    story.cpts.relais("alert", "report", story.drill, "--output", file)
    figures = json.loads(file.read_text(encoding="utf-8"))
    check(figures["called"] == 3 and figures["acknowledged"] == 2, "the report counts wrong")
    check("time_to_half" in figures and "time_to_nine_tenths" not in figures,
          "the delays are wrong")
    story.act(story.cpts, story.drill, "report", "--form", f"report={file}")
    shown, _ = story.read(story.pharmacy, story.drill)
    story.tell(f"The report is counted and signed: half after {figures['time_to_half']} s, 90 % "
               f"never. « {shown['state']['label']} ».")


def relay(story):
    file = story.territory.folder / "prefecture.xml"
    file.write_text(THEIRS, encoding="utf-8")
    draft = story.cpts.relais("alert", "import", file, "--to", GROUP)
    sent = story.cpts.relais("send", draft["draft"])["thread"]
    out = story.territory.folder / "alerte.xml"
    story.pharmacy.relais("alert", "export", sent, "--output", out)
    text = out.read_text(encoding="utf-8")
    check("FR-36-2026-0417" in text and "<status>Actual</status>" in text,
          "the relayed alert lost its origin")
    story.tell("The prefecture's alert comes as CAP 1.2, is relayed, and goes out as CAP from the "
               "pharmacy with its origin.")
