"""The main job of Relais, told step by step, each step checked."""

import argparse
import json
import shutil
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from marker_scan import MarkerScan
from programs import Programs, StepFailed, check
from territory import STATION, Territory

SOURCES = Path(__file__).resolve().parents[2]
EXAMPLES = SOURCES / "schemas/kinds/admission/examples"


class Story:
    """Chapters that leave what the next ones need in `self`."""

    def __init__(self, territory):
        self.territory = territory
        self.begun = time.monotonic()
        self.step = 0

    def tell(self, text):
        self.step += 1
        print(f"{self.step:3d}. {text}", flush=True)

    def note(self, text):
        print(f"       {text}", flush=True)

    def open_the_domain(self):
        territory = self.territory
        territory.make_domain()
        self.tell("A domain is made, and its broker listens on loopback, over CURVE alone.")
        with urllib.request.urlopen(f"http://{territory.broker.http}/health", timeout=60) as page:
            check(page.status == 200, "the broker is not healthy")
        self.note("health: it can accept, commit and sign")
        self.cpts, _ = territory.enrol_organisation(
            "cpts", {"name": "cpts-valbrenne", "title": "CPTS du Val de Brenne", "kind": "cpts",
                     "identifier": "360000015"},
            {"title": "Anne Coordinatrice", "profession": "coordinator"}, anchor=True)
        self.tell("The CPTS enrols by invitation. It anchors the territory:")
        kind = territory.programs.run(
            "relais-admin", "kind", "add", SOURCES / "schemas/kinds/admission", "--yes",
            "--station", self.cpts.folder, passphrases={"--passphrase-fd": STATION})
        self.note(f"it signs and publishes the kind « {kind['kind']} » version {kind['version']}")

    def bring_the_organisations(self):
        territory = self.territory
        self.practice, practice_fingerprint = territory.enrol_organisation(
            "cabinet", {"name": "cabinet-dupont", "title": "Cabinet du Dr Dupont",
                        "kind": "practice", "identifier": "360000023"},
            {"title": "Dr Dominique Dupont", "profession": "10", "rpps": "10100000017"})
        self.hospital, fingerprint = territory.enrol_organisation(
            "hopital", {"name": "ch-valmont", "title": "Centre hospitalier de Valmont",
                        "kind": "hospital", "identifier": "360000031"},
            {"title": "Claude Réseau", "profession": "it"})
        self.tell("A practice and a hospital enrol, each with keys made on its own station.")
        self.geriatrie = territory.enrol_ward(
            self.hospital, "geriatrie", "Gériatrie aiguë",
            {"title": "Dr Gilles Gérard", "profession": "10", "rpps": "10100000025"})
        self.medecine = territory.enrol_ward(
            self.hospital, "medecine", "Médecine polyvalente",
            {"title": "Dr Mina Martin", "profession": "10", "rpps": "10100000033"})
        self.note("the hospital invites a station for each of its two wards")
        self.refuse_while_provisional()
        self.cpts.relais("confirm", "ch-valmont", "--fingerprint", fingerprint)
        self.cpts.relais("confirm", "cabinet-dupont", "--fingerprint", practice_fingerprint)
        self.tell("The CPTS hears their fingerprints by telephone, and confirms both.")
        for organisation, station in (("cabinet-dupont", self.practice),
                                      ("ch-valmont", self.geriatrie),
                                      ("ch-valmont", self.medecine)):
            self.cpts.relais("attest", organisation, station.person())
        self.tell("It attests the three doctors' professions, from the national directory.")

    def refuse_while_provisional(self):
        """Before anybody confirmed the hospital, nothing clinical is sealed to it."""
        refused = self.practice.relais(
            "new", "admission", "--to", "geriatrie.ch-valmont@valbrenne",
            "--form", f"call={EXAMPLES / 'call.json'}", "--public", "urgency=stat", expect=3)
        check("provisional" in json.dumps(refused), "sealed to an unconfirmed hospital")
        self.note("not confirmed yet: the practice's station refuses to seal a call to it")

    def call(self):
        found = self.practice.relais("directory", "Gériatrie")["organisations"]
        units = [unit for organisation in found for unit in organisation["units"]]
        ward = next(unit["mailbox"] for unit in units if unit["unit"] == "geriatrie")
        self.tell(f"Dr Dupont looks for a geriatric ward in the directory: {ward}")
        draft = self.practice.relais(
            "new", "admission", "--to", ward, "--to", "medecine.ch-valmont@valbrenne",
            "--form", f"call={EXAMPLES / 'call.json'}",
            "--form", f"deposit={EXAMPLES / 'deposit.json'}", "--public", "urgency=stat",
            "--respond-within", "2h")["draft"]
        sent = self.practice.relais("send", draft)
        check([message["state"] for message in sent["messages"]] == ["accepted"] * 2,
              "the call was not accepted")
        self.thread = sent["thread"]
        self.call_message = sent["messages"][0]["message"]
        self.tell("The doctor calls two wards, without naming the patient; identity and record "
                  "go along,")
        self.note("sealed for each ward, and held by the broker until one of them is chosen")
        self.note(f"acknowledged, durably, as leaf {sent['messages'][0]['leaf']} of the audit log")

    def act(self, station, act, *options, form=True):
        files = ["--form", EXAMPLES / f"{act}.json"] if form else []
        done = station.relais("act", self.thread, act, *files, *options)
        check(done["messages"][0]["state"] == "accepted", f"{act} was not accepted")

    def read(self, station):
        shown = station.relais("show", self.thread)
        return shown, {item["act"]: item for item in shown["items"] if item["type"] == "act"}

    def talk(self):
        inbox = self.geriatrie.relais("inbox")["threads"]
        check(inbox and inbox[0]["thread"] == self.thread, "the ward received nothing")
        shown, acts = self.read(self.geriatrie)
        check("TCHITCHI" not in json.dumps(shown), "the ward reads the identity before the choice")
        check(acts["call"]["form"]["reason_code"] == "R53", "the ward cannot read the call")
        self.tell("The geriatric ward reads the call. It asks a question, and is answered.")
        self.act(self.geriatrie, "ask")
        self.act(self.practice, "answer", "--to", "geriatrie.ch-valmont@valbrenne")
        check("answer" in self.read(self.geriatrie)[1], "the answer did not arrive")
        self.act(self.geriatrie, "offer", "--public", "bed=full")
        _, acts = self.read(self.practice)
        receipts = {each["mailbox"]: each for each in acts["call"]["receipts"]}
        check(receipts["geriatrie.ch-valmont@valbrenne"]["opened"], "« ouvert » is not shown")
        self.tell("It offers a bed. The doctor sees what was remis, ouvert, répondu, each apart.")

    def choose(self):
        self.act(self.practice, "choose", "--to", "geriatrie.ch-valmont@valbrenne")
        chosen, acts = self.read(self.geriatrie)
        check(acts["deposit"]["form"]["patient"]["birth_name"] == "TCHITCHI",
              "the chosen ward cannot read the identity")
        other, acts = self.read(self.medecine)
        check("deposit" not in acts and "TCHITCHI" not in json.dumps(other),
              "a ward that was not chosen reads the identity")
        self.tell("The doctor chooses the geriatric ward: identity and record are released to it, "
                  "to it alone.")
        self.act(self.geriatrie, "admitted")
        self.tell(f"The patient is admitted. The case: « {chosen['state']['label']} », then "
                  f"« {self.read(self.practice)[0]['state']['label']} ».")

    def keep_the_evidence(self):
        territory = self.territory
        self.proof = territory.folder / "call.tlog-proof"
        self.practice.relais("proof", self.call_message, "-o", self.proof, "--wait", "60s")
        self.evidence = territory.folder / "evidence"
        territory.programs.run("relais-audit", "export", "--data", territory.data,
                               "--out", self.evidence)
        self.tell("The doctor keeps a proof of the call; an auditor exports the evidence.")

    def search_the_broker(self):
        territory = self.territory
        scan = MarkerScan(["TCHITCHI", "236066322083656", "confusion fluctuante depuis trois"])
        files = scan.in_folder(territory.data) + scan.in_folder(self.evidence)
        in_files = scan.bytes_seen
        memory = scan.in_memory(territory.broker.process.pid)
        memory += scan.in_folder(territory.broker.log.parent / "broker")
        check(scan.bytes_seen - in_files > 1 << 20, "hardly any memory could be read")
        check(not files and not memory, f"readable at the broker: {files + memory}")
        planted = territory.folder / "planted"
        planted.mkdir()
        (planted / "file").write_bytes("x TCHITCHI y".encode("utf-16-be"))
        check(scan.in_folder(planted), "the search would not have found it")
        self.tell("Every file and the memory of the broker are searched for the patient's name, "
                  "number and story:")
        self.note(f"{scan.bytes_seen >> 20} MiB, as text, hex, base64 and UTF-16: clean")

    def verify_as_a_stranger(self):
        territory = self.territory
        run = territory.programs.run
        territory.broker.stop()
        self.tell("The broker is stopped. A stranger verifies what remains:")
        verified = run("relais-audit", "verify", self.evidence,
                       "--authority", territory.authority)
        check(verified["good"], "the evidence does not verify")
        leaves = verified["logs"]["audit"]["size"]
        self.note(f"{leaves} leaves of audit, every hash re-derived, every signature checked")
        run("relais-audit", "check", self.proof, "--key", self.evidence / "verifier-keys")
        self.note("and the proof of the call, by itself")
        records = next((self.evidence / "audit/tile/entries").rglob("000*"))
        if records.is_dir():
            records = next(path for path in records.rglob("*") if path.is_file())
        altered = bytearray(records.read_bytes())
        altered[len(altered) // 2] ^= 1
        records.write_bytes(altered)
        verdict = run("relais-audit", "verify", self.evidence,
                      "--authority", territory.authority, expect=7)
        check(not verdict["good"] and verdict["findings"], "an altered record went unnoticed")
        self.tell("One byte of the evidence is flipped, and the verifier names it:")
        self.note(verdict["findings"][0]["text"])

    def tell_it(self):
        for chapter in (self.open_the_domain, self.bring_the_organisations, self.call, self.talk,
                        self.choose, self.keep_the_evidence, self.search_the_broker,
                        self.verify_as_a_stranger):
            chapter()
        print(f"\nEvery step held, in {time.monotonic() - self.begun:.1f} s.")


def stay(territory):
    """Leaves the territory running until Ctrl-C."""
    territory.start_broker()
    relais = territory.programs.path("relais")
    print(f"""
The territory goes on, in {territory.folder}. The passphrase of every station: {STATION}
To try:
  {relais} --station {territory.folder}/cabinet status
  {relais} --station {territory.folder}/cabinet directory
  {relais} --station {territory.folder}/cabinet new admission --to medecine.ch-valmont@valbrenne
  {relais} --station {territory.folder}/medecine inbox
  {territory.programs.path("relais-admin")} status --config {territory.config}
  curl http://{territory.broker.http}/metrics
Ctrl-C ends it and removes the folder.""", flush=True)
    try:
        territory.broker.process.wait()
    except KeyboardInterrupt:
        print()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", required=True, help="folder of the built programs")
    parser.add_argument("--stay", action="store_true", help="leave the territory running")
    options = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="relais-demo-")
    territory = Territory(Programs(options.programs), folder, SOURCES)
    try:
        Story(territory).tell_it()
        if options.stay:
            stay(territory)
        return 0
    except StepFailed as failure:
        print(f"\ndemo: a step did not hold: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        territory.end()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
