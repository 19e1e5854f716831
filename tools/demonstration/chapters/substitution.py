"""At the counter: under the protocol for the doctor who agreed; on request for the one who did
not."""

from chapters.protocol import OF_THE_CLASS
from narrator import PRACTICE
from programs import check

DR_DUPONT = {"name": "Dr Dominique Dupont", "rpps": "10100000024", "phone": "02 61 91 00 02"}


def tell(story):
    tell_the_one_who_agreed(story)
    be_refused_for_the_other(story)
    ask_the_other(story)


def notice(form, mailbox, person):
    return ("substitution", "--act", "protocol-notice", "--to", mailbox,
            "--attention", person, "--form", f"protocol-notice={form}", *OF_THE_CLASS,
            "--public", "legal-basis=LOCAL_PROTOCOL", "--public", "supply=OUT_OF_STOCK")


def tell_the_one_who_agreed(story):
    form = story.filled("substitution", "protocol-notice", prescriber=DR_DUPONT)
    thread = story.open_thread(story.pharmacy, *notice(form, PRACTICE, "Dupont"))["thread"]
    story.act(story.dr_dupont, thread, "acknowledge",
              "--form", story.form("substitution", "acknowledge"))
    shown, acts = story.read(story.pharmacy, thread)
    check(shown["state"]["name"] == "acknowledged" and "acknowledge" in acts,
          "the pharmacy does not see that the prescriber was told")
    story.tell("Camille Exemple, pharmacist, dispenses another strength for a prescription of "
               "Dr Dupont, and says so:")
    story.note(f"a notice under the protocol is accepted. « {shown['state']['label']} »")
    story.notice_proof = story.territory.folder / "notice-proof"
    proof = story.pharmacy.relais("proof", "--thread", thread, "-o", story.notice_proof)
    check(proof["notices"] >= 1, "nothing proves that the notice was delivered")
    story.note("and the pharmacy keeps the proof of it, for whoever may ask in ten years")


def be_refused_for_the_other(story):
    refused = story.pharmacy.new(
        *notice(story.form("substitution", "protocol-notice"), PRACTICE, "Essai"), "--send",
        expect=5)
    check(refused["error"]["name"] == "register_refused", "it is refused for another reason")
    story.tell("The same notice for a prescription of Dr Essai is refused by the broker:")
    story.note(f"« {refused['error']['french']} »")


def ask_the_other(story):
    thread = story.open_thread(
        story.pharmacy, "substitution", "--act", "ask", "--to", PRACTICE,
        "--form", f"ask={story.form('substitution', 'ask')}", "--public", "urgency=waiting",
        "--public", "supply=OUT_OF_STOCK")["thread"]
    story.act(story.dr_essai, thread, "authorise",
              "--form", story.form("substitution", "authorise"))
    shown, acts = story.read(story.pharmacy, thread)
    check(shown["state"]["name"] == "authorised", "the authorisation did not arrive")
    check(acts["authorise"]["form"]["conditions"] == "Sept jours, pas de renouvellement.",
          "the pharmacy cannot read the conditions")
    story.act(story.pharmacy, thread, "close", "--form", story.form("substitution", "close"))
    story.tell("The pharmacist asks Dr Essai instead, the patient at the counter, ten minutes to "
               "answer:")
    story.note(f"« {shown['state']['label']} », with conditions. What was dispensed closes the "
               "case.")
