"""Documents in step: the error table with errors.def, links with what they point to."""

import ast
import re
import unicodedata
from pathlib import PurePosixPath
from urllib.parse import unquote

from style.rule import rule

ERRORS = "core/base/errors.def"
PROTOCOL = "docs/protocol.md"
BEGIN, END = "<!-- errors:begin -->", "<!-- errors:end -->"
STRINGS = r'((?:"(?:[^"\\\n]|\\.)*"\s*)+)'
ROW = re.compile(r"^RELAIS_ERROR\(\s*(\d+)\s*,\s*(\w+)\s*,\s*(\w+)\s*,\s*(\d+)\s*,\s*"
                 + r"\s*,\s*".join([STRINGS] * 3) + r"\s*\)", re.MULTILINE)
HEADINGS = ("number", "name", "retry", "exit code", "meaning", "what the professional reads",
            "what to do next")


class TableProblem(Exception):
    """The table cannot be made or placed: `path`, `line` and why."""

    def __init__(self, path, line, text):
        super().__init__(text)
        self.path, self.line, self.text = path, line, text


def error_table(definitions):
    """The Markdown table of the rows of errors.def. Raises TableProblem."""
    rows = list(ROW.finditer(definitions))
    lines = [n for n, line in enumerate(definitions.splitlines(), 1)
             if line.startswith("RELAIS_ERROR(")]
    read = [definitions.count("\n", 0, row.start()) + 1 for row in rows]
    for number in lines:
        if number not in read:
            raise TableProblem(ERRORS, number, "this row cannot be read")
    if not rows:
        raise TableProblem(ERRORS, 1, "no row")
    alignment = ["---:" if name in ("number", "exit code") else "---" for name in HEADINGS]
    return "\n".join([_line(HEADINGS), _line(alignment)] + [_line(_cells(row)) for row in rows])


def _cells(row):
    number, name, retry, exit_code = row.group(1, 2, 3, 4)
    return [number, f"`{name}`", retry, exit_code] + [_text(row.group(n)) for n in (5, 6, 7)]


def _text(literals):
    """What adjacent C++ string literals say, fit for a cell."""
    parts = re.findall(r'"(?:[^"\\\n]|\\.)*"', literals)
    return "".join(ast.literal_eval(part) for part in parts).replace("|", "\\|")


def _line(cells):
    return "| " + " | ".join(cells) + " |"


def with_error_table(tree):
    """(text of docs/protocol.md, the same with its table made anew). Raises TableProblem."""
    if not tree.exists(ERRORS):
        raise TableProblem(PROTOCOL, 1, f"{ERRORS} does not exist")
    text = tree.read(PROTOCOL)
    if text.count(BEGIN) != 1 or text.count(END) != 1 or text.index(BEGIN) > text.index(END):
        raise TableProblem(PROTOCOL, 1, f"wants one {BEGIN} and, after it, one {END}")
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    table = error_table(tree.read(ERRORS))
    return text, f"{before}{BEGIN}\n{table}\n{END}{after}"


@rule("error-table", f"the table of errors in {PROTOCOL} is the one that {ERRORS} gives")
def error_table_rule(tree, options):
    if not tree.exists(PROTOCOL):
        return
    try:
        text, wanted = with_error_table(tree)
    except TableProblem as problem:
        yield problem.path, problem.line, problem.text
        return
    if text != wanted:
        pairs = zip(text.splitlines(), wanted.splitlines() + [""])
        line = next((n for n, (is_, to_be) in enumerate(pairs, 1) if is_ != to_be), 1)
        yield PROTOCOL, line, "differs from errors.def; run tools/tidy --write-error-table"


FENCE = re.compile(r"^ {0,3}(```|~~~)")
INLINE_CODE = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)")
LINK = re.compile(r"\]\(\s*<?([^)\s>]+)>?[^)]*\)|^ {0,3}\[[^\]^][^\]]*\]:\s*<?([^\s>]+)")
SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:")
HEADING = re.compile(r"^ {0,3}#{1,6}\s+(.*?)\s*#*\s*$")
HTML_ANCHOR = re.compile(r"<\w+[^>]*\b(?:id|name)=\"([^\"]+)\"")


def _prose(text):
    """(number, line) of the lines outside fenced code."""
    fence = None
    for number, line in enumerate(text.splitlines(), 1):
        mark = FENCE.match(line)
        if mark and fence in (None, mark.group(1)):
            fence = None if fence else mark.group(1)
        elif fence is None:
            yield number, line


def anchors(text):
    """The fragments a Markdown page answers to, as forges make them from its headings."""
    found, counts = set(), {}
    for _, line in _prose(text):
        found.update(HTML_ANCHOR.findall(line))
        heading = HEADING.match(line)
        if heading:
            slug = _slug(heading.group(1))
            seen = counts[slug] = counts.get(slug, -1) + 1
            found.add(f"{slug}-{seen}" if seen else slug)
    return found


def _slug(heading):
    shown = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
    kept = [c for c in shown if c.isalnum() or c in " -_" or unicodedata.category(c)[0] == "M"]
    return "".join(kept).replace(" ", "-")


@rule("doc-link", "relative links of Markdown pages lead to files and headings that exist")
def doc_link(tree, options):
    for file in tree.files:
        if file.suffix != ".md":
            continue
        for number, line in _prose(file.text):
            for match in LINK.finditer(INLINE_CODE.sub("", line)):
                problem = _link_problem(tree, file, match.group(1) or match.group(2))
                if problem:
                    yield file.path, number, problem


def _link_problem(tree, file, link):
    if SCHEME.match(link) or link.startswith("//"):
        return None
    path, _, fragment = unquote(link).partition("#")
    target = _resolve(file.folder, path) if path else file.path
    if target is None or not tree.exists(target):
        return f"{link}: no such file"
    page = tree.by_path.get(target)
    if fragment and page and page.suffix == ".md" and fragment not in anchors(page.text):
        return f"{link}: no such heading in {target}"
    return None


def _resolve(folder, path):
    """`path`, seen from `folder`, from the root; None where it leaves the tree."""
    parts = []
    for part in PurePosixPath("/", folder, path).parts[1:]:
        if part == ".." and not parts:
            return None
        parts = parts[:-1] if part == ".." else parts + [part]
    return "/".join(parts) or "."
