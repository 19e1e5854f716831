"""clang-format: the one of Debian 12, so that everyone has the same opinion."""

import os
import re
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor

from style.rule import rule

VERSION = 14
BATCH_MIN = 16  # files that are worth one more process
DIFFERENCE = re.compile(r"^(.*?):(\d+):\d+: (?:warning|error): (.*?)(?: \[-W[\w-]+\])?$")


def program():
    """The path of clang-format 14; None where it is not installed."""
    exact = shutil.which(f"clang-format-{VERSION}")
    plain = shutil.which("clang-format")
    if exact or not plain:
        return exact
    said = subprocess.run([plain, "--version"], capture_output=True, text=True, check=False).stdout
    return plain if re.search(rf"version {VERSION}\.", said) else None


@rule("format", f"C++ is laid out as clang-format {VERSION} does; not checked where not installed")
def layout(tree, options):
    command, paths = program(), [file.path for file in tree.cxx_files]
    if command is None or not paths:
        return
    count = min(os.cpu_count() or 1, 1 + len(paths) // BATCH_MIN)
    with ThreadPoolExecutor(count) as pool:
        batches = [paths[n::count] for n in range(count)]
        for found in pool.map(lambda batch: _batch(command, tree.root, batch), batches):
            yield from found


def _batch(command, root, paths):
    """The first difference of each file."""
    run = subprocess.run([command, "--dry-run", "--ferror-limit=1", "--", *paths], cwd=root,
                         capture_output=True, text=True, encoding="utf-8", errors="replace",
                         check=False)
    found = {}
    for line in run.stderr.splitlines():
        match = DIFFERENCE.match(line)
        if match:
            path, number, text = match.groups()
            found.setdefault(path, (path, int(number), f"{text}; run {command} -i {path}"))
    if run.returncode != 0 and not found:
        found[""] = (".clang-format", 1, run.stderr.strip() or "clang-format failed")
    return list(found.values())
