"""What remains: evidence that anybody can verify, and a broker that knows nothing of patients."""

from marker_scan import MarkerScan
from programs import check


def tell(story):
    keep_the_evidence(story)
    search_the_broker(story)
    verify_as_a_stranger(story)


def keep_the_evidence(story):
    territory = story.territory
    story.evidence = territory.folder / "evidence"
    territory.programs.run("relais-audit", "export", "--data", territory.data,
                           "--out", story.evidence)
    story.tell("An auditor exports the evidence.")


def search_the_broker(story):
    territory = story.territory
    scan = MarkerScan(["TCHITCHI", "236066322083656", "confusion fluctuante depuis trois",
                       "Aucun flacon à 500 mg", "Je préfère être appelé"])
    files = scan.in_folder(territory.data) + scan.in_folder(story.evidence)
    in_files = scan.bytes_seen
    memory = scan.in_memory(territory.broker.process.pid)
    memory += scan.in_folder(territory.broker.log.parent / "broker")
    check(scan.bytes_seen - in_files > 1 << 20, "hardly any memory could be read")
    check(not files and not memory, f"readable at the broker: {files + memory}")
    planted = territory.folder / "planted"
    planted.mkdir()
    (planted / "file").write_bytes("x TCHITCHI y".encode("utf-16-be"))
    check(scan.in_folder(planted), "the search would not have found it")
    story.tell("Every file and the memory of the broker are searched for the patient's name, "
               "number, story,")
    story.note("and for what doctors and the pharmacist wrote to each other:")
    story.note(f"{scan.bytes_seen >> 20} MiB, as text, hex, base64 and UTF-16: clean")


def verify_as_a_stranger(story):
    territory = story.territory
    run = territory.programs.run
    territory.broker.stop()
    story.tell("The broker is stopped. A stranger verifies what remains:")
    verified = run("relais-audit", "verify", story.evidence, "--authority", territory.authority)
    check(verified["good"], "the evidence does not verify")
    leaves = verified["logs"]["audit"]["size"]
    story.note(f"{leaves} leaves of audit, every hash re-derived, every signature checked")
    run("relais-audit", "check", story.silent_proof, "--key", story.evidence / "verifier-keys")
    story.note("and the proof of the call that nobody answered, by itself")
    kept = run("relais-audit", "check", story.notice_proof, "--authority", territory.authority)
    informed = [receipt for receipt in kept["acts"][0]["receipts"]
                if receipt["word"] == "delivered"]
    check(kept["good"] and informed, "the pharmacy's proof does not hold")
    acts = [act["act"] for act in kept["acts"]]
    check(acts == ["protocol-notice", "acknowledge"], f"the proof is of {acts}")
    story.note("and the pharmacy's, that the prescriber had the notice and acknowledged it")
    records = next((story.evidence / "audit/tile/entries").rglob("000*"))
    if records.is_dir():
        records = next(path for path in records.rglob("*") if path.is_file())
    altered = bytearray(records.read_bytes())
    altered[len(altered) // 2] ^= 1
    records.write_bytes(altered)
    verdict = run("relais-audit", "verify", story.evidence, "--authority", territory.authority,
                  expect=7)
    check(not verdict["good"] and verdict["findings"], "an altered record went unnoticed")
    story.tell("One byte of the evidence is flipped, and the verifier names it:")
    story.note(verdict["findings"][0]["text"])
