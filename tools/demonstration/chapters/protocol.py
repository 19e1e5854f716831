"""A substitution protocol: drafted by the CPTS, approved by three persons that it names, published;
of two doctors asked, one agrees and one refuses."""

from narrator import GERIATRIE, PHARMACY, PRACTICE
from programs import check

DUPONT, ESSAI = "10100000024", "01234567897"  # by RPPS, as the register keeps them
AGREED, REFUSED = 1, 2
NUMBER, VERSION, CLASS = 12, 2, 1
TEXT = ("--public", f"protocol={NUMBER}", "--public", f"version={VERSION}")
OF_THE_CLASS = (*TEXT, "--public", f"class={CLASS}")
SITUATIONS = [part for name, holds in (("out-of-stock", "true"), ("tension", "true"),
                                       ("discontinued", "false"), ("local", "false"))
              for part in ("--public", f"on-{name}={holds}")]
APPROVERS = [{"name": "Dr Dominique Dupont", "rpps": DUPONT},
             {"name": "Dr Gilles Gérard", "rpps": "10100000032"},
             {"name": "Camille Exemple, pharmacien", "rpps": "10100000057"}]


def tell(story):
    draft_and_submit(story)
    name_the_approvers(story)
    approve(story)
    publish(story)
    ask_for_agreements(story)


def draft_and_submit(story):
    text = story.filled("protocol", "draft", approvers=APPROVERS)
    story.protocol = story.open_thread(
        story.cpts, "protocol", "--to", PRACTICE, "--to", GERIATRIE, "--to", PHARMACY,
        "--form", text, *TEXT)["thread"]
    story.act(story.cpts, story.protocol, "submit", *TEXT,
              "--form", story.filled("protocol", "submit", approvers=APPROVERS))
    story.tell("Amoxicillin runs short. The CPTS drafts what may be dispensed instead, and submits "
               "the text.")


def name_the_approvers(story):
    approval = ("approve", "--form", story.form("protocol", "approve"))
    early = story.dr_dupont.relais("act", story.protocol, *approval, expect=5)
    check(early["error"]["name"] == "register_refused", "somebody not named may approve")
    for mailbox, name in ((PRACTICE, "Dupont"), (GERIATRIE, "Gérard"), (PHARMACY, "Exemple")):
        story.act(story.cpts, story.protocol, "appoint", "--to", mailbox, "--attention", name,
                  "--form", story.form("protocol", "appoint"))
    story.tell("Nobody may approve it who is not named. The CPTS names three, one by one:")
    story.note("by their RPPS, each in a signed act: a colleague of theirs is refused")


def approve(story):
    approval = ("approve", "--form", story.form("protocol", "approve"))
    story.act(story.dr_dupont, story.protocol, *approval)
    story.act(story.geriatrie, story.protocol, *approval)
    early = story.cpts.relais("act", story.protocol, "publish", *OF_THE_CLASS, *SITUATIONS,
                              "--form", story.form("protocol", "publish"), expect=5)
    story.tell("A doctor of the practice and one of the hospital approve. Two are not enough:")
    story.note(f"publishing it now is refused ({early['error']['name']})")
    story.act(story.pharmacy, story.protocol, *approval)


def publish(story):
    story.act(story.cpts, story.protocol, "publish", *OF_THE_CLASS, *SITUATIONS,
              "--form", story.form("protocol", "publish"))
    story.tell("The pharmacist approves, the third. The CPTS publishes class "
               f"{CLASS} of protocol {NUMBER}, version {VERSION}.")


def ask_for_agreements(story):
    invitation = story.open_thread(
        story.cpts, "protocol", "--act", "invite", "--to", PRACTICE,
        "--form", f"invite={story.form('protocol', 'invite')}", *TEXT)["thread"]
    story.act(story.dr_dupont, invitation, "answer", "--form", story.form("protocol", "answer"),
              *OF_THE_CLASS, "--public", "decision=AGREE")
    story.act(story.dr_essai, invitation, "answer",
              "--form", story.form("protocol", "decide"),
              *OF_THE_CLASS, "--public", "decision=REFUSE")
    said = story.pharmacy.relais("register", "protocol", "agreement")
    decisions = {entry["key"].rsplit("/", 1)[1]: entry["value"] for entry in said["entries"]}
    check(decisions == {DUPONT: AGREED, ESSAI: REFUSED}, f"the register says {decisions}")
    story.tell("The practice is asked. Dr Dupont agrees; Dr Essai would rather be called.")
    story.note("the pharmacy reads it in the register of agreements, signed by each doctor")
