"""The patient goes home: the discharge is said, and its letter, with a PDF, is what ends the
admission."""

import hashlib

from narrator import PRACTICE
from programs import check


def tell(story):
    announce(story)
    write_the_letter(story)
    read_the_letter(story)


def announce(story):
    story.act(story.geriatrie, story.admission, "discharged", "--public", "destination=HOME",
              "--form", story.form("admission", "discharged"))
    shown = story.read(story.dr_dupont, story.admission)[0]
    check(shown["state"]["name"] == "discharged", "no letter is awaited")
    story.tell(f"The patient goes home. The case: « {shown['state']['label']} », the same day.")


def write_the_letter(story):
    story.leaflet = story.territory.folder / "information-remise.pdf"
    story.geriatrie.relais("print", "--notice", "liaison", "--contact", "02 61 91 00 10",
                           "--output", story.leaflet)
    check(story.leaflet.read_bytes().startswith(b"%PDF-"), "what was printed is not a PDF")
    story.letter = story.open_thread(
        story.geriatrie, "liaison", "--act", "discharge-letter", "--to", PRACTICE,
        "--public", "timing=same_day", "--follows", story.admission,
        "--form", f"discharge-letter={story.form('liaison', 'discharge-letter')}",
        "--attach", story.leaflet)["thread"]
    story.tell("The ward prints what the patient is told, and sends the discharge letter with it, "
               "as what")
    story.note("follows the admission")


def read_the_letter(story):
    shown, acts = story.read(story.dr_dupont, story.letter)
    letter = acts["discharge-letter"]
    check(letter["form"]["patient"]["birth_name"] == "TCHITCHI", "the letter cannot be read")
    check(letter["attachments"][0]["media"] == "application/pdf", "the PDF is not announced")
    saved = story.territory.folder / "saved.pdf"
    story.dr_dupont.relais("save", story.letter, "1", "--to", saved)
    digest = hashlib.sha256(saved.read_bytes()).hexdigest()
    check(digest == hashlib.sha256(story.leaflet.read_bytes()).hexdigest() ==
          letter["attachments"][0]["sha256"], "the PDF saved is not the one sent")
    story.act(story.dr_dupont, story.letter, "read")
    story.tell(f"Dr Dupont reads it (« {shown['state']['label']} »), saves the PDF, confirms the "
               "reading.")
    story.note(f"byte for byte what was attached: SHA-256 {digest[:16]}…")
    admission = story.read(story.dr_dupont, story.admission)[0]
    check(admission["state"]["name"] == "closed" and admission["state"]["ended"],
          "the letter did not end the admission")
    receipts = story.read(story.geriatrie, story.letter)[1]["discharge-letter"]["receipts"]
    check(receipts[0]["opened"] and receipts[0]["answered"], "the ward does not see it was read")
    story.tell("The letter's delay is over with the letter: the admission is "
               f"« {admission['state']['label']} ». The ward sees it « lue ».")
