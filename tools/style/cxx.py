"""Just enough of C++ for the rules: comments and strings told from code, includes, functions."""

import re
from dataclasses import dataclass

TOKEN = re.compile(
    r"""
    (?P<comment> //(?:[^\n\\]|\\[^\n]|\\\n)* | /\*.*?\*/ )
  | (?P<raw> R"(?P<mark>[^()\\\s"]{0,16})\(.*?\)(?P=mark)" )
  | (?P<string> "(?:[^"\\\n]|\\.)*" )
  | (?P<number> (?<!\w)\d(?:[\w.]|'(?=\w)|(?<=[eEpP])[+-])* )
  | (?P<char> '(?:[^'\\\n]|\\.)+' )
    """,
    re.DOTALL | re.VERBOSE)
NOT_NEWLINE = re.compile(r"[^\n]")
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?:"([^"\n]+)"|<([^>\n]+)>)', re.MULTILINE)


def blank(text):
    return NOT_NEWLINE.sub(" ", text)


def split(text):
    """(code, comments): the same text with everything else blanked; strings are blank in both."""
    code, comments, end = [], [], 0
    for token in TOKEN.finditer(text):
        between, word = text[end:token.start()], token.group()
        end = token.end()
        code.append(between)
        comments.append(blank(between))
        kind = token.lastgroup if token.lastgroup != "mark" else "raw"
        code.append(_as_code(kind, word))
        comments.append(word if kind == "comment" else blank(word))
    code.append(text[end:])
    comments.append(blank(text[end:]))
    return "".join(code), "".join(comments)


def _as_code(kind, word):
    if kind == "number":
        return word
    if kind == "comment":
        return blank(word)
    return word[0] + blank(word[1:-1]) + word[-1]  # with quotes, a string is still an operand


def includes(text, code):
    """(line, path, quoted) of each include; `code` tells which are in comments."""
    found = []
    for match in INCLUDE.finditer(text):
        if "#" in code[match.start():match.end()]:
            line = text.count("\n", 0, match.start(0)) + 1
            found.append((line, match.group(1) or match.group(2), match.group(1) is not None))
    return found


@dataclass(frozen=True)
class Function:
    name: str
    first_line: int
    last_line: int

    @property
    def lines(self):
        return self.last_line - self.first_line + 1


class Unbalanced(Exception):
    """The braces of a file do not pair; `line` is where that was seen."""

    def __init__(self, line):
        super().__init__(f"braces do not pair at line {line}")
        self.line = line


STEP = re.compile(r"[{}();]|^[ \t]*#(?:[^\n\\]|\\[^\n]|\\\n)*", re.MULTILINE)
DIRECTIVE = re.compile(r"\s*#\s*(\w+)")
ACCESS = re.compile(r"^(?:(?:public|private|protected)\s*:(?!:)\s*)+")
ATTRIBUTE = re.compile(r"\[\[[^\]]*\]\]")
OPERATOR = re.compile(r"\boperator\s*[^\s\w(]+")
TYPE = re.compile(r"\b(?:class|struct|union|enum)\b")
AFTER_PARAMETERS = (r"(?:\s*(?:const|noexcept|override|final|mutable|volatile|try|&&?|\(\)|"
                    r"constexpr|->\s*[\w:<>,\s*&]+))*\s*$")
CALLABLE_END = re.compile(r"\)" + AFTER_PARAMETERS)
LAMBDA_END = re.compile(r"(?<![\w\]])\[[^\]]*\]\s*(?:<[^=]*>)?\s*(?:\(\)" +
                        AFTER_PARAMETERS + r"|$)")
MEMBER_INITIALISER = re.compile(r"\)(?:\s*noexcept(?:\s*\(\))?)?\s*:(?!:).*[\w>]\s*$", re.DOTALL)


def functions(code):
    """The outermost functions of `code`, which `split` returned. Raises Unbalanced."""
    return _Scanner(code).run()


class _Scanner:
    """Follows braces. A scope is 'scope' (namespace, type), 'function', or 'inner' (all others)."""

    def __init__(self, code):
        self.code = code
        self.found = []
        self.scopes = []       # (kind, head start, head text, parentheses open outside)
        self.head = 0          # where the declaration under way begins
        self.parentheses = 0
        self.saved = []        # state at each open #if

    def run(self):
        for step in STEP.finditer(self.code):
            text = step.group()
            if text == "{":
                self._open(step)
            elif text == "}":
                self._close(step)
            elif text == ";":
                self._end_declaration(step.end())
            elif text in "()":
                self.parentheses += 1 if text == "(" else -1
            else:
                self._directive(step)
        if self.scopes:
            raise Unbalanced(self._line(self.scopes[-1][1]))
        return self.found

    def _line(self, offset):
        return self.code.count("\n", 0, offset) + 1

    def _at_scope(self):
        return not self.scopes or self.scopes[-1][0] == "scope"

    def _end_declaration(self, offset):
        if self._at_scope() and self.parentheses == 0:
            self.head = offset

    def _open(self, step):
        kind, head = "inner", ""
        if self._at_scope() and self.parentheses == 0:
            head = self.code[self.head:step.start()]
            kind = classify(head)
        self.scopes.append((kind, self._head_start(head), head, self.parentheses))
        self.parentheses = 0
        if kind == "scope":
            self.head = step.end()

    def _head_start(self, head):
        skipped = len(head) - len(head.lstrip())
        access = ACCESS.match(head.lstrip())
        return self.head + skipped + (access.end() if access else 0)

    def _close(self, step):
        if not self.scopes:
            raise Unbalanced(self._line(step.start()))
        kind, start, head, self.parentheses = self.scopes.pop()
        if kind == "function":
            name = function_name(head)
            self.found.append(Function(name, self._line(start), self._line(step.start())))
        if kind != "inner":
            self.head = step.end()

    def _directive(self, step):
        match = DIRECTIVE.match(step.group())
        word = match.group(1) if match else ""
        between = not self.code[self.head:step.start()].strip()  # two declarations
        if word in ("if", "ifdef", "ifndef"):
            self.saved.append((list(self.scopes), self.head, self.parentheses, between))
        elif word in ("else", "elif") and self.saved:
            scopes, self.head, self.parentheses, between = self.saved[-1]
            self.scopes = list(scopes)
        elif word == "endif" and self.saved:
            self.saved.pop()
        if self._at_scope() and between:
            self.head = step.end()


def classify(head):
    """What the brace after the declaration `head`, at namespace or class level, opens."""
    rest = _without_parameters(ATTRIBUTE.sub(" ", ACCESS.sub("", head.strip()))).strip()
    if re.search(r"\bnamespace\b|\bextern\s*\"\s*\"\s*$", rest):
        return "scope"
    if TYPE.search(rest) and not CALLABLE_END.search(rest):
        return "scope"
    if LAMBDA_END.search(rest):
        return "function"
    if "=" in OPERATOR.sub("", rest) or MEMBER_INITIALISER.search(rest):
        return "inner"
    return "function" if "()" in rest else "inner"


def _without_parameters(head):
    """`head` with what is between parentheses, and a template's parameters, taken out."""
    kept, depth = [], 0
    for c in head:
        if c == ")":
            depth -= 1
        if depth == 0:
            kept.append(c)
        if c == "(":
            depth += 1
    return _without_template("".join(kept))


def _without_template(head):
    while re.match(r"\s*template\s*<", head):
        depth, end = 0, head.index("<")
        for end in range(head.index("<"), len(head)):
            depth += {"<": 1, ">": -1}.get(head[end], 0)
            if depth == 0:
                break
        head = head[end + 1:]
    return head


def function_name(head):
    """The name to show for the function that `head` declares."""
    rest = ACCESS.sub("", head.strip())
    macro = re.match(r"(?:TEST\w*|TYPED_TEST\w*|RC_\w+|BENCHMARK\w*)\s*\(([^)]*)\)", rest)
    if macro:
        return " ".join(macro.group(1).split())
    name = re.search(r"([~\w:]+|operator[^\s(]*)\s*\(", rest)
    return name.group(1) if name else "lambda"


CONTROL = re.compile(
    r"\b(?:if|for|while|switch|catch)\b[^;]*\)\s*$|\bfor\b.*\)\s*$|\b(?:else|do|try)\s*$",
    re.DOTALL)
BLOCK_STEP = re.compile(r"[{}();]")


def deep_blocks(code, depth_max):
    """Offsets in `code` of the braces that open a control block inside `depth_max` others."""
    found, blocks, head, parentheses = [], [], 0, 0
    for step in BLOCK_STEP.finditer(code):
        kind = step.group()
        parentheses += {"(": 1, ")": -1}.get(kind, 0)
        if kind in "()" or (kind == ";" and parentheses > 0):
            continue  # the two semicolons of a `for`
        if kind == "{":
            is_control = CONTROL.search(code[head:step.start()]) is not None
            blocks.append((is_control, parentheses, head))
            parentheses = 0
            if is_control and sum(block[0] for block in blocks) > depth_max:
                found.append(step.start())
        elif kind == "}" and blocks:
            _, parentheses, before = blocks.pop()
            if parentheses > 0:  # an argument: what it stands in goes on
                head = before
                continue
        head = step.end()
    return found
