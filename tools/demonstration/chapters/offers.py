"""Three wards are called; two offer a bed in the same instant; one is chosen, the other told."""

from narrator import CARDIOLOGIE, GERIATRIE, MEDECINE
from programs import check


def tell(story):
    call_three(story)
    offer_together(story)
    choose_one(story)


def call_three(story):
    story.three = story.open_thread(
        story.dr_dupont, "admission",
        "--to", GERIATRIE, "--to", MEDECINE, "--to", CARDIOLOGIE, "--public", "urgency=asap",
        "--form", f"call={story.form('admission', 'call')}",
        "--form", f"deposit={story.form('admission', 'deposit')}")["thread"]
    story.tell("Another call, to three wards at once.")


def offer_together(story):
    arguments = ("act", story.three, "offer", "--public", "bed=full",
                 "--form", story.form("admission", "offer"))
    running = [ward.start(*arguments) for ward in (story.geriatrie, story.medecine)]
    for offer in running:
        check(offer.result()["messages"][0]["state"] == "accepted", "an offer was not accepted")
    shown, _ = story.read(story.dr_dupont, story.three)
    offers = [item for item in shown["items"] if item.get("act") == "offer"]
    check(len(offers) == 2, "an offer was lost")
    story.first, story.second = (offer["from"] for offer in offers)
    story.tell("Two of them offer a bed in the same instant. Both are accepted, one after the "
               "other:")
    for offer in offers:
        story.note(f"{offer['from']} at {offer['time']}")


def choose_one(story):
    wards = {GERIATRIE: story.geriatrie, MEDECINE: story.medecine}
    story.act(story.dr_dupont, story.three, "choose", "--to", story.second,
              "--form", story.form("admission", "choose"))
    chosen, acts = story.read(wards[story.second], story.three)
    check("deposit" in acts, "the chosen ward cannot read the record")
    lost, acts = story.read(wards[story.first], story.three)
    check("deposit" not in acts, "a ward that was not chosen reads the record")
    told = [item["title"] for item in lost["items"] if item["type"] == "notice"]
    check(any("Demande retirée" in title for title in told), "the other ward is not told")
    check(not lost["possible"], "the other ward may still act")
    story.tell("Dr Dupont chooses the second. It alone reads the record: "
               f"« {chosen['state']['label']} ».")
    story.note(f"the other is told: « {told[-1]} »")
