"""The files under check, each read once, and how a path is classed."""

import ast
import os
import re
from functools import cached_property
from pathlib import Path

from style import cxx

MODULES = ("core", "schemas", "broker", "clients", "tools", "tests")  # where C++ lives
SKIPPED_FOLDERS = {"build", "node_modules", "__pycache__", "dist"}
KEPT_HIDDEN_FOLDERS = {".ci"}


def under(path, prefixes):
    """Whether `path` is one of `prefixes` or inside one; a prefix ending in '/' is a folder."""
    return any(path.startswith(p) if p.endswith("/") else path == p for p in prefixes)


class SourceFile:
    """One text file: `path` from the root with '/', its text and what is derived from it."""

    def __init__(self, root, path):
        self.path = path
        self.name = path.rsplit("/", 1)[-1]
        self.folder = path.rpartition("/")[0]
        self.suffix = os.path.splitext(self.name)[1]
        self._on_disk = root / path

    @cached_property
    def text(self):
        return self._on_disk.read_text(encoding="utf-8", errors="replace")

    @cached_property
    def lines(self):
        return self.text.splitlines()

    @cached_property
    def is_header(self):
        return self.suffix in (".h", ".hpp")

    @cached_property
    def is_source(self):
        return self.suffix in (".cc", ".cpp")

    @property
    def is_cxx(self):
        return self.is_header or self.is_source

    @property
    def is_generated(self):
        return "_generated." in self.name

    @cached_property
    def is_python(self):
        return self.suffix == ".py" or self._interpreter("python")

    @cached_property
    def is_shell(self):
        return self.suffix == ".sh" or self._interpreter("sh")

    @cached_property
    def syntax(self):
        """Python only: its tree; an empty one where it does not parse, as its tests will tell."""
        try:
            return ast.parse(self.text)
        except SyntaxError:
            return ast.Module([], [])

    @property
    def is_cmake(self):
        return self.name == "CMakeLists.txt" or self.suffix == ".cmake"

    def _interpreter(self, word):
        first = self.lines[0] if self.lines else ""
        return not self.suffix and first.startswith("#!") and word in first

    @cached_property
    def split(self):
        """C++ only: (code, comments), each as long as the text, the rest blanked."""
        return cxx.split(self.text)

    @property
    def code(self):
        return self.split[0]

    @property
    def comments(self):
        return self.split[1]

    @cached_property
    def _functions(self):
        try:
            return cxx.functions(self.code), None
        except cxx.Unbalanced as error:
            return [], error

    @property
    def functions(self):
        """C++ only: the outermost functions; none where the braces do not pair."""
        return self._functions[0]

    @property
    def unbalanced(self):
        """C++ only: the error that left `functions` empty, or None."""
        return self._functions[1]

    @cached_property
    def includes(self):
        """C++ only: (line, path, quoted) of each include that is not in a comment."""
        return cxx.includes(self.text, self.code)

    @cached_property
    def head_comment(self):
        """C++ only: the comment at the top, joined into one line; empty where there is none."""
        words = []
        for line in self.lines:
            if not line.startswith("//"):
                break
            words.append(line[2:].strip())
        return " ".join(words)

    def line_of(self, offset):
        return self.text.count("\n", 0, offset) + 1


class Tree:
    """The files below `root`, build folders and hidden folders left out."""

    NAMES = re.compile(r"\.(h|hpp|cc|cpp|cmake|py|fbs|md|sh)$|(^|/)CMakeLists\.txt$")
    SCRIPT = re.compile(r"(^|/)[^./]+$")  # where it is executable

    def __init__(self, root):
        self.root = Path(root).resolve()
        self.paths = sorted(self._walk())
        self.files = [SourceFile(self.root, p) for p in self.paths if self._is_wanted(p)]
        self.by_path = {file.path: file for file in self.files}

    def _is_wanted(self, path):
        if self.NAMES.search(path):
            return True
        return bool(self.SCRIPT.search(path)) and os.access(self.root / path, os.X_OK)

    def _walk(self):
        for folder, subfolders, names in os.walk(self.root):
            subfolders[:] = [s for s in subfolders if self._enters(Path(folder, s))]
            relative = os.path.relpath(folder, self.root)
            for name in names:
                if not os.path.islink(os.path.join(folder, name)):
                    yield name if relative == "." else f"{relative}/{name}".replace(os.sep, "/")

    @staticmethod
    def _enters(folder):
        hidden = folder.name.startswith(".") and folder.name not in KEPT_HIDDEN_FOLDERS
        skipped = hidden or folder.name in SKIPPED_FOLDERS or folder.is_symlink()
        return not skipped and not (folder / "CMakeCache.txt").exists()

    @property
    def cxx_files(self):
        return [f for f in self.files if f.is_cxx and not f.is_generated]

    def exists(self, path):
        """Whether `path`, a file or a folder, exists; it is read from the disk."""
        return (self.root / path).exists()

    def read(self, path):
        return (self.root / path).read_text(encoding="utf-8")
