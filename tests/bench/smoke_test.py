#!/usr/bin/python3
"""The benchmark in its least size: every row still runs, to its end, and gives what it promises.
Nothing is said of speed. Usage: smoke_test.py PROGRAM"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

GUARD_SECONDS = 240
SOURCE = Path(__file__).resolve().parents[2]


def run(program, *arguments):
    return subprocess.run([program, *arguments], capture_output=True, text=True,
                          timeout=GUARD_SECONDS, check=False)


def rows_of_help(program):
    lines = run(program, "--help").stdout.split("Rows:\n")[1].splitlines()
    return [line.split()[0] for line in lines if line.strip()]


def check_every_row_measures_something(program):
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "figures.json"
        done = run(program, "--quick", "--json", str(file))
        assert done.returncode == 0, done.stderr
        figures = json.loads(file.read_text(encoding="utf-8"))
        for figure in figures:
            name = figure["name"]
            assert len(figure["runs"]) == 1, name
            assert figure["what"], name
            # A memory that did not grow and a queue that did not either are nought, or noise.
            if name not in ("memory-above", "half-load-queue"):
                assert figure["value"] > 0, name
            if figure["reference"]:
                assert figure["reference_value"] > 0, name
                assert figure["ratio"] > 0, name
            assert figure["name"] + ": " in done.stdout, name
        return [figure["name"] for figure in figures]


def check_the_page_tells_of_every_figure(figures, rows):
    page = (SOURCE / "docs" / "performance.md").read_text(encoding="utf-8")
    for name in figures:
        assert f"**{name}**" in page, f"docs/performance.md lacks the figure {name}"
    for name in rows:
        assert re.search(rf"`{name}`", page), f"docs/performance.md lacks the row {name}"


def check_an_unknown_row_is_refused(program):
    done = run(program, "--only", "no-such-row")
    assert done.returncode == 2, done.returncode
    assert "no row" in done.stderr


def main():
    program = sys.argv[1]
    rows = rows_of_help(program)
    assert len(rows) >= 15, rows
    check_an_unknown_row_is_refused(program)
    figures = check_every_row_measures_something(program)
    check_the_page_tells_of_every_figure(figures, rows)
    print(f"{len(figures)} figures of {len(rows)} rows")


if __name__ == "__main__":
    main()
