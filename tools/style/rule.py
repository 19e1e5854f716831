"""What a rule is, and the list of all of them, filled as the modules of rules are imported."""

from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Optional


@dataclass(frozen=True, order=True)
class Finding:
    path: str
    line: int
    rule: str
    text: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.rule}: {self.text}"


@dataclass(frozen=True)
class Options:
    compile_commands: Optional[Path] = None  # None: the newest of build/*/


@dataclass(frozen=True)
class Rule:
    name: str
    about: str
    check: Callable

    def run(self, tree, options):
        return [Finding(path, line, self.name, text)
                for path, line, text in self.check(tree, options)]


ALL = {}


def rule(name, about):
    """Registers `check(tree, options)`, which yields (path, line, text) for each finding."""
    def register(check):
        assert name not in ALL
        ALL[name] = Rule(name, about, check)
        return check
    return register
