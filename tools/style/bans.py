"""What code may not say, and where: one table of patterns, each with its reason."""

import ast
import re
from dataclasses import dataclass

from style.rule import rule
from style.tree import under

# Logic that takes (input, now) and yields outputs: no clock, thread, randomness or console.
SANS_IO = ("core/", "schemas/", "broker/engine/", "clients/station/seal/",
           "clients/station/store/", "clients/station/sync/")
# Whose outputs a seed must replay.
REPLAYED = ("schemas/", "broker/engine/", "clients/station/sync/")
SYSTEM_PORTS = ("core/base/system.cc",)
# Those that must wait: the station between two attempts to connect, a load at a given rate, and the
# one place where tests poll a condition.
WAITING = ("clients/station/link/", "tests/bench/", "tests/support/wait.h", "tests/support/wait.cc",
           "tests/support/wait.py", "tests/support/wait.sh")
# libzmq draws from rand() what must not be foreseen: its seed is set, and the attack on it tested.
LIBZMQ_DRAWS = ("broker/connections/routing_ids.cc", "tests/process/attack_test.cc",
                "tests/process/ids_shim.cc")


@dataclass(frozen=True)
class Ban:
    pattern: re.Pattern
    reason: str
    within: tuple = ()    # empty: everywhere
    allowed: tuple = ()

    def applies(self, path):
        return (not self.within or under(path, self.within)) and not under(path, self.allowed)

    def search(self, file):
        for match in self.pattern.finditer(file.code):
            found = " ".join(match.group().split())
            yield file.path, file.line_of(match.start()), f"{found.rstrip(' (')}: {self.reason}"


def _call(names):
    """A pattern for calls of free functions, of the global namespace or std."""
    return re.compile(rf"(?<![\w.>:])(?:std\s*::\s*|::\s*)?(?:{names})\s*\(")


def _check(tree, bans):
    for file in tree.cxx_files:
        for ban in bans:
            if ban.applies(file.path):
                yield from ban.search(file)


BANNED_CALLS = (
    Ban(_call("strcpy|strcat|sprintf|vsprintf|gets"), "writes without a bound"),
    Ban(_call("system|popen"), "runs a shell"),
    Ban(_call("rand|srand"), "neither secret nor replayable; use the Random port",
        allowed=LIBZMQ_DRAWS),
)


@rule("banned-call", "no strcpy, strcat, sprintf, vsprintf, gets, system, popen, rand, srand")
def banned_call(tree, options):
    return _check(tree, BANNED_CALLS)


@rule("assert", "no assert(): it disappears in a release; RELAIS_CHECK stays")
def no_assert(tree, options):
    pattern = re.compile(r"(?<!\w)assert\s*\(|#\s*include\s*<(?:cassert|assert\.h)>")
    return _check(tree, (Ban(pattern, "use RELAIS_CHECK"),))


@rule("console", "no std::cout, std::cerr, printf in core, schemas, the engine and the station")
def console(tree, options):
    names = "v?printf|v?fprintf|f?puts|putchar|perror"
    pattern = re.compile(rf"\bstd\s*::\s*(?:cout|cerr|clog)\b|{_call(names).pattern}")
    within = SANS_IO + ("clients/station/",)
    return _check(tree, (Ban(pattern, "a library does not write to the console", within,
                             allowed=("core/base/check.cc",)),))


@rule("clock", "no clock is read below the adapters; time comes in as `now`")
def clock(tree, options):
    now = r"\b(?:system_clock|steady_clock|high_resolution_clock)\s*::\s*now\b"
    calls = _call("clock_gettime|gettimeofday|timespec_get").pattern
    time = _call("time").pattern + r"\s*(?:nullptr|NULL|0|&)"
    pattern = re.compile(f"{now}|{calls}|{time}")
    return _check(tree, (Ban(pattern, "time comes in as `now`", SANS_IO, SYSTEM_PORTS),))


@rule("randomness", "no source of randomness below the adapters but the Random port")
def randomness(tree, options):
    calls = _call("getrandom|getentropy|arc4random\\w*|RAND_(?:priv_)?bytes").pattern
    pattern = re.compile(rf"\brandom_device\b|{calls}")
    return _check(tree, (Ban(pattern, "use the Random port", SANS_IO, SYSTEM_PORTS),))


@rule("thread", "no thread is started below the adapters")
def thread(tree, options):
    pattern = re.compile(r"\bstd\s*::\s*(?:j?thread|async)\b")
    return _check(tree, (Ban(pattern, "threads belong to the adapters", SANS_IO),))


@rule("unordered", "no unordered container where a seed must replay: their order is no one's")
def unordered(tree, options):
    pattern = re.compile(r"\bunordered_(?:multi)?(?:map|set)\b")
    return _check(tree, (Ban(pattern, "iteration order must never reach an output", REPLAYED),))


@rule("using-namespace", "no using namespace in a header, functions apart")
def using_namespace(tree, options):
    pattern = re.compile(r"^[ \t]*using\s+namespace\b", re.MULTILINE)
    for file in tree.cxx_files:
        if not file.is_header:
            continue
        for path, line, text in Ban(pattern, "every file that includes this gets it").search(file):
            if not any(f.first_line < line <= f.last_line for f in file.functions):
                yield path, line, text


SLEEP_CXX = re.compile(r"\bsleep_(?:for|until)\b|" + _call("sleep|usleep|nanosleep").pattern)
SLEEP_SHELL = re.compile(r"^(?:.*(?:[;&|]|\bdo\b|\bthen\b))?\s*sleep\s+[\d$\"]")
SLEEP_REASON = "wait on a condition, never on a time"


@rule("sleep", "no sleep but in the adapters and helpers made to wait: C++, Python, shell")
def sleep(tree, options):
    yield from _check(tree, (Ban(SLEEP_CXX, SLEEP_REASON, allowed=WAITING),))
    for file in tree.files:
        if not under(file.path, WAITING):
            lines = _python_sleeps(file) if file.is_python else _shell_sleeps(file)
            yield from ((file.path, line, f"sleep: {SLEEP_REASON}") for line in lines)


def _python_sleeps(file):
    calls = (node for node in ast.walk(file.syntax) if isinstance(node, ast.Call))
    return [call.lineno for call in calls
            if "sleep" in (getattr(call.func, "id", ""), getattr(call.func, "attr", ""))]


def _shell_sleeps(file):
    if not file.is_shell:
        return []
    return [n for n, line in enumerate(file.lines, 1) if SLEEP_SHELL.search(line.split("#")[0])]


@rule("nolint", "no NOLINT: what a tool complains of is changed, or the tool is told for all")
def nolint(tree, options):
    for file in tree.cxx_files:
        for match in re.finditer(r"\bNOLINT\w*", file.comments):
            yield file.path, file.line_of(match.start()), "change the code instead"


@rule("todo", "a TODO says what is missing and what it costs")
def todo(tree, options):
    pattern = re.compile(r"(?://|#|\*).*\bTODO\b(?:\([^)]*\))?[:\s.*/]*$", re.MULTILINE)
    for file in tree.files:
        text = file.comments if file.is_cxx else file.text
        if file.is_generated or file.suffix == ".md":
            continue
        for match in pattern.finditer(text):
            yield file.path, file.line_of(match.end()), "TODO without saying what is missing"
