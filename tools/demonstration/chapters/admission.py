"""A direct admission, from the call to the bed: the patient is named to the chosen ward alone."""

import json

from narrator import GERIATRIE, MEDECINE
from programs import check


def tell(story):
    call(story)
    talk(story)
    choose(story)


def call(story):
    found = story.dr_dupont.relais("directory", "Gériatrie")["organisations"]
    units = [unit for organisation in found for unit in organisation["units"]]
    ward = next(unit["mailbox"] for unit in units if unit["unit"] == "geriatrie")
    story.tell(f"Dr Dupont looks for a geriatric ward in the directory: {ward}")
    draft = story.dr_dupont.new(
        "admission", "--to", ward, "--to", MEDECINE,
        "--form", f"call={story.form('admission', 'call')}",
        "--form", f"deposit={story.form('admission', 'deposit')}", "--public", "urgency=stat",
        "--respond-within", "2h")["draft"]
    sent = story.dr_dupont.relais("send", draft)
    check([message["state"] for message in sent["messages"]] == ["accepted"] * 2,
          "the call was not accepted")
    story.admission = sent["thread"]
    story.tell("The doctor calls two wards, without naming the patient; identity and record "
               "go along,")
    story.note("sealed for each ward, and held by the broker until one of them is chosen")
    story.note(f"acknowledged, durably, as leaf {sent['messages'][0]['leaf']} of the audit log")


def act(story, station, name, *options):
    story.act(station, story.admission, name, "--form", story.form("admission", name), *options)


def talk(story):
    inbox = story.geriatrie.relais("inbox")["threads"]
    check(inbox and inbox[0]["thread"] == story.admission, "the ward received nothing")
    shown, acts = story.read(story.geriatrie, story.admission)
    check("TCHITCHI" not in json.dumps(shown), "the ward reads the identity before the choice")
    check(acts["call"]["form"]["reason_code"] == "R53", "the ward cannot read the call")
    story.tell("The geriatric ward reads the call. It asks a question, and is answered.")
    act(story, story.geriatrie, "ask")
    act(story, story.dr_dupont, "answer", "--to", GERIATRIE)
    check("answer" in story.read(story.geriatrie, story.admission)[1],
          "the answer did not arrive")
    act(story, story.geriatrie, "offer", "--public", "bed=full")
    _, acts = story.read(story.dr_dupont, story.admission)
    receipts = {each["mailbox"]: each for each in acts["call"]["receipts"]}
    check(receipts[GERIATRIE]["opened"], "« ouvert » is not shown")
    story.tell("It offers a bed. The doctor sees what was remis, ouvert, répondu, each apart.")


def choose(story):
    act(story, story.dr_dupont, "choose", "--to", GERIATRIE)
    chosen, acts = story.read(story.geriatrie, story.admission)
    check(acts["deposit"]["form"]["patient"]["birth_name"] == "TCHITCHI",
          "the chosen ward cannot read the identity")
    other, acts = story.read(story.medecine, story.admission)
    check("deposit" not in acts and "TCHITCHI" not in json.dumps(other),
          "a ward that was not chosen reads the identity")
    story.tell("The doctor chooses the geriatric ward: identity and record are released to it, "
               "to it alone.")
    act(story, story.geriatrie, "admitted")
    admitted = story.read(story.dr_dupont, story.admission)[0]
    check(admitted["state"]["name"] == "admitted", "the patient is not admitted")
    story.tell(f"The patient is admitted. The case: « {chosen['state']['label']} », then "
               f"« {admitted['state']['label']} ».")
