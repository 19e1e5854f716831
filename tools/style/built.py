"""Nothing lies unbuilt: sources have a target, tests are run by ctest, fuzz targets have a corpus.

The truth is compile_commands.json, which the configure step writes, and ctest's files beside it.
"""

import json
import os
import re
from pathlib import Path

from style.rule import rule
from style.tree import MODULES, under

# Built with an option that the usual build leaves off: being named in CMakeLists.txt is enough.
OPTIONAL = ("tests/bench/", "tests/fuzz/", "tests/sanitizers/")
NOT_OURS_TO_BUILD = ("tests/data/",)
TEST = re.compile(r"^[ \t]*(?:TEST|TEST_F|TEST_P|TYPED_TEST|TYPED_TEST_P|RC_GTEST\w*)\s*\(",
                  re.MULTILINE)
TARGET = re.compile(r"\bbool\s+accepts\s*\([^;{}]*\)\s*\{")  # of tests/fuzz/target.h, defined
JOINED = re.compile(r"/CMakeFiles/[^/]+\.dir/Unity/[^/]+$")  # of CMAKE_UNITY_BUILD, made by CMake
INCLUDED = re.compile(r'^#include "([^"]+)"$', re.MULTILINE)
ADVICE = "configure first: cmake --preset dev"


class Database:
    """compile_commands.json: which target builds a source of this tree."""

    def __init__(self, tree, options):
        self.path = options.compile_commands or self._newest(tree)
        self.targets = {}
        self.problem = None
        if self.path is None:
            self.problem = f"no build/*/compile_commands.json; {ADVICE}"
            return
        try:
            entries = json.loads(Path(self.path).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            self.problem = f"{self.path} cannot be read ({error}); {ADVICE}"
            return
        self._fill(tree, entries)

    @staticmethod
    def _newest(tree):
        found = list(tree.root.glob("build/*/compile_commands.json"))
        return max(found, key=lambda path: path.stat().st_mtime, default=None)

    def _fill(self, tree, entries):
        for entry in entries:
            output = entry.get("output") or entry.get("command", "")
            target = re.search(r"CMakeFiles/([^/\s]+)\.dir/", output)
            for path in self._compiled(os.path.join(entry["directory"], entry["file"])):
                relative = os.path.relpath(os.path.realpath(path), tree.root)
                self.targets.setdefault(relative, set()).add(target.group(1) if target else "")
        if not any(path in tree.by_path for path in self.targets):
            self.problem = f"{self.path} is of another tree; {ADVICE}"

    @staticmethod
    def _compiled(path):
        """The sources that are compiled with it: several where CMake joins them, else itself."""
        if not JOINED.search(path) or not os.path.exists(path):
            return [path]
        return INCLUDED.findall(Path(path).read_text(encoding="utf-8"))

    def tested(self):
        """The text of every CTestTestfile.cmake of that build."""
        files = sorted(Path(self.path).resolve().parent.rglob("CTestTestfile.cmake"))
        return "\n".join(file.read_text(encoding="utf-8", errors="replace") for file in files)


def _sources(tree):
    modules = tuple(module + "/" for module in MODULES)
    return [file for file in tree.files
            if file.is_source and under(file.path, modules)
            and not under(file.path, NOT_OURS_TO_BUILD)]


@rule("not-built", "every C++ source is built by some target (compile_commands.json)")
def not_built(tree, options):
    database = Database(tree, options)
    if database.problem:
        yield "CMakeLists.txt", 1, database.problem
        return
    for file in _sources(tree):
        if file.path not in database.targets and not _is_named(tree, file):
            yield file.path, 1, "no target builds it (or the build is not configured anew)"


def _is_named(tree, file):
    """Whether an optional source is named in the CMakeLists.txt of its folder."""
    lists = tree.by_path.get(f"{file.folder}/CMakeLists.txt")
    if not under(file.path, OPTIONAL) or lists is None:
        return False
    return re.search(rf"(?<![\w./-]){re.escape(file.name)}(?![\w.])", lists.text) is not None


@rule("test-not-run", "every source with a TEST is in a program that ctest runs")
def test_not_run(tree, options):
    database = Database(tree, options)
    if database.problem:
        return  # not-built reports it
    tested = database.tested()
    for file in _sources(tree):
        targets = database.targets.get(file.path)
        if targets and file.path.startswith("tests/") and TEST.search(file.code):
            if not any(_is_run(target, tested) for target in targets):
                yield file.path, 1, f"ctest does not run {', '.join(sorted(targets))}"


def _is_run(target, tested):
    return re.search(rf"(?<![\w.-]){re.escape(target)}(?![\w.-])", tested) is not None


@rule("fuzz-corpus", "each fuzz target, tests/fuzz/<name>.cc, has tests/fuzz/corpus/<name>/")
def fuzz_corpus(tree, options):
    for file in tree.cxx_files:
        if not file.path.startswith("tests/fuzz/") or not file.is_source:
            continue
        if TARGET.search(file.code):
            corpus = f"tests/fuzz/corpus/{os.path.splitext(file.name)[0]}/"
            if not any(path.startswith(corpus) for path in tree.paths):
                yield file.path, 1, f"no corpus in {corpus}"
