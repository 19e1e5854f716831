"""The command line of tools/tidy."""

import argparse
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from style import bans, built, docs, layers, layout, sizes  # noqa: F401 (each adds to ALL)
from style.rule import ALL, Options
from style.tree import Tree


def findings(tree, options, skipped=()):
    """What every rule finds, but for those `skipped`, in the order of files and lines."""
    rules = [rule for name, rule in ALL.items() if name not in skipped]
    slowest_first = sorted(rules, key=lambda rule: rule.name != "format")
    with ThreadPoolExecutor() as pool:  # clang-format works while the others do
        lists = list(pool.map(lambda rule: rule.run(tree, options), slowest_first))
    return sorted(set(finding for found in lists for finding in found))


def arguments(argv):
    parser = argparse.ArgumentParser(
        prog="tidy", description="Checks the house style. Exit status: 0 clean, 1 findings.")
    parser.add_argument("--list-rules", action="store_true", help="say what is checked, and stop")
    parser.add_argument("--write-error-table", action="store_true",
                        help=f"make the table of errors of {docs.PROTOCOL} anew, and stop")
    parser.add_argument("--compile-commands", type=Path, metavar="FILE",
                        help="what the build knows (default: the newest build/*/)")
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parents[2],
                        metavar="FOLDER", help="the tree to check (default: the one this is in)")
    return parser.parse_args(argv)


def list_rules():
    width = max(map(len, ALL))
    for name in sorted(ALL):
        print(f"{name:{width}}  {ALL[name].about}")
    return 0


def write_error_table(tree):
    try:
        text, wanted = docs.with_error_table(tree)
    except (docs.TableProblem, OSError) as problem:
        print(f"tidy: {problem}", file=sys.stderr)
        return 1
    if text != wanted:
        (tree.root / docs.PROTOCOL).write_text(wanted, encoding="utf-8")
    print(f"{docs.PROTOCOL}: {'written' if text != wanted else 'in step already'}")
    return 0


def check(tree, options):
    started = time.monotonic()
    found = findings(tree, options)
    for finding in found:
        print(finding)
    if layout.program() is None:
        print(f"tidy: clang-format {layout.VERSION} is not installed (tools/setup): not checked",
              file=sys.stderr)
    files = len({finding.path for finding in found})
    verdict = f"{len(found)} findings in {files} files" if found else "clean"
    print(f"tidy: {verdict}; {len(tree.files)} files, {len(ALL)} rules, "
          f"{time.monotonic() - started:.1f} s", file=sys.stderr)
    return 1 if found else 0


def main(argv=None):
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8")  # whatever the locale
    args = arguments(argv)
    if args.list_rules:
        return list_rules()
    tree = Tree(args.root)
    if args.write_error_table:
        return write_error_table(tree)
    return check(tree, Options(args.compile_commands))
