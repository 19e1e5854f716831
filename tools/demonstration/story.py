"""The main jobs of Relais, told chapter by chapter, each step checked."""

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

from chapters import (admission, alert, discharge, evidence, figures, offers, opening, protocol,
                      silence, substitution)
from clock import Clock
from narrator import MEDECINE, PRACTICE, Story
from programs import Programs, StepFailed
from territory import STATION, Territory

SOURCES = Path(__file__).resolve().parents[2]
CHAPTERS = (
    ("A territory", opening),
    ("A direct admission", admission),
    ("The discharge, and its letter", discharge),
    ("A substitution protocol", protocol),
    ("Substitutions", substitution),
    ("Three wards", offers),
    ("An exercise", alert),
    ("Nobody answers", silence),
    ("The figures", figures),
    ("What remains", evidence),
)


def tell(territory):
    begun = time.monotonic()
    story = Story(territory)
    for title, chapter in CHAPTERS:
        print(f"-- {title}", flush=True)
        chapter.tell(story)
    print(f"\nEvery step held, in {time.monotonic() - begun:.1f} s.")


def stay(territory):
    """Leaves the territory running until Ctrl-C."""
    territory.start_broker()
    relais = territory.programs.path("relais")
    print(f"""
The territory goes on, in {territory.folder}. The passphrase of every station: {STATION}
To try:
  {relais} --station {territory.folder}/cabinet status
  {relais} --station {territory.folder}/cabinet directory
  {relais} --station {territory.folder}/cabinet --as Dupont new admission \\
    --from {PRACTICE} --to {MEDECINE}
  {relais} --station {territory.folder}/medecine inbox
  {relais} --station {territory.folder}/pharmacie register protocol agreement
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
    territory = None
    try:
        clock = Clock(Path(folder) / "clock", silence.MINUTES)
        territory = Territory(Programs(options.programs, clock), folder, SOURCES, clock)
        tell(territory)
        if options.stay:
            stay(territory)
        return 0
    except StepFailed as failure:
        print(f"\ndemo: a step did not hold: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        if territory is not None:
            territory.end()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
