"""Nobody answers: the on-call team, who could not read the request, is called in and acts; that
nobody answered is proven."""

from narrator import GARDE, GERIATRIE
from programs import StepFailed, check

ON_CALL = ("--mailbox", GARDE)
MINUTES = 11
ATTEMPTS = 20


def tell(story):
    call(story)
    let_the_delay_pass(story)
    act_on_call(story)
    prove_the_silence(story)


def call(story):
    sent = story.open_thread(
        story.dr_dupont, "admission", "--to", GERIATRIE, "--public", "urgency=waiting",
        "--form", f"call={story.form('admission', 'call')}",
        "--form", f"deposit={story.form('admission', 'deposit')}")
    story.silent, story.silent_call = sent["thread"], sent["messages"][0]["message"]
    hidden = story.on_call.relais("show", story.silent, expect=9)
    check(hidden["error"]["name"] == "unknown_thread", "the on-call team already knows of it")
    story.tell("A third call, with the patient waiting at the practice: ten minutes to answer. "
               "The ward says nothing.")
    story.note("the call is sealed for the on-call team too, and the broker does not hand it over")


def let_the_delay_pass(story):
    story.territory.let_pass(MINUTES)
    for _ in range(ATTEMPTS):
        shown = story.read(story.dr_dupont, story.silent)[0]
        if shown["state"]["name"] == "overdue":
            break
    else:
        raise StepFailed("the delay did not end")
    story.tell(f"{MINUTES} minutes pass (the clocks of the territory are put on).")
    story.note(f"Dr Dupont is told: « {shown['state']['label']} »")


def act_on_call(story):
    shown, acts = story.read(story.on_call, story.silent, *ON_CALL)
    check(acts["call"]["form"]["reason_code"] == "R53", "the on-call team cannot read the call")
    story.act(story.on_call, story.silent, "offer", *ON_CALL,
              "--public", "bed=full", "--form", story.form("admission", "offer"))
    story.act(story.dr_dupont, story.silent, "choose", "--to", GARDE,
              "--form", story.form("admission", "choose"))
    shown, acts = story.read(story.on_call, story.silent, *ON_CALL)
    check("deposit" in acts, "the on-call team was not given the record")
    story.tell("The call is released to the on-call team: Dr Nadia Nuit opens it, and offers a "
               "bed.")
    story.note(f"« {shown['state']['label']} »: who it is comes with the choice")


def prove_the_silence(story):
    """Without the broker and its keys: the call by its proof, the silence by the whole log."""
    territory = story.territory
    run = territory.programs.run
    folder = territory.folder / "silence"
    story.silent_proof = territory.folder / "call.tlog-proof"
    story.dr_dupont.relais("proof", story.silent_call, "-o", story.silent_proof, "--wait", "60s")
    run("relais-audit", "export", "--data", territory.data, "--out", folder)
    called = run("relais-audit", "check", story.silent_proof,
                 "--key", folder / "verifier-keys")["leaf"]
    trail = run("relais-audit", "show", folder, "--authority", territory.authority,
                "--thread", story.silent)
    check(trail["good"], "the evidence does not verify")
    leaves = trail["leaves"]
    ended = the_leaf(leaves, event="clock_ended", subject="answer")
    handed = the_leaf(leaves, event="released", header=called["header"], mailbox=GARDE)
    check(called in leaves and called["index"] < ended["index"] < handed["index"],
          "call, end of the delay and release are not in this order")
    check(not [leaf for leaf in leaves if leaf["mailbox"] == GERIATRIE],
          "the ward did something after all")
    story.tell("The proof that nobody answered is exported, and checked offline by relais-audit:")
    story.note(f"leaf {called['index']}: called at {called['time']}, by a proof of its own")
    story.note(f"leaf {ended['index']}: the delay ended at {ended['time']}; no act of the ward "
               "in the whole log")
    story.note(f"leaf {handed['index']}: released to {GARDE}, not before")


def the_leaf(leaves, **fields):
    found = [leaf for leaf in leaves if fields.items() <= leaf.items()]
    check(len(found) == 1, f"not one leaf, but {len(found)}: {fields}")
    return found[0]
