"""Includes: project headers by module path, layers, and third-party libraries behind their seams.

The tables are those of tools/cmake/layers.cmake, which the configure step enforces between targets;
here they are held against what the files really include.
"""

import re

from style.rule import rule
from style.tree import MODULES, under

TABLES = "tools/cmake/layers.cmake"
# First row that matches a header of the default include path.
THIRD_PARTY = (
    (re.compile(r"zmq(_addon)?\.(h|hpp)$"), "zmq"),
    (re.compile(r"sqlite3(ext)?\.h$"), "sqlite"),
    (re.compile(r"openssl/"), "openssl"),
    (re.compile(r"flatbuffers/"), "flatbuffers"),
    (re.compile(r"nlohmann/"), "json"),
    (re.compile(r"toml\+\+/"), "toml"),
    (re.compile(r"CLI/"), "cli11"),
    (re.compile(r"spdlog/"), "spdlog"),
    (re.compile(r"fmt/"), "fmt"),
    (re.compile(r"httplib\.h$"), "httplib"),
    (re.compile(r"curl/"), "curl"),
    (re.compile(r"prometheus/"), "prometheus"),
    (re.compile(r"date/"), "date"),
    (re.compile(r"pango/|cairo(-pdf)?\.h$"), "pango"),
    (re.compile(r"qrencode\.h$"), "qrencode"),
    (re.compile(r"libxml/"), "libxml2"),
    (re.compile(r"(gtest|gmock)/"), "googletest"),
    (re.compile(r"benchmark/"), "benchmark"),
    (re.compile(r"rapidcheck(/|\.h$)"), "rapidcheck"),
    (re.compile(r"fuzzer/"), "libfuzzer"),
)
TESTS_ONLY = {"googletest", "benchmark", "rapidcheck", "libfuzzer"}
# No public header of ours may show them.
SEAMS = {"zmq", "sqlite", "openssl", "pango", "qrencode", "curl", "libxml2"}
OUR_FOLDERS = tuple(module + "/" for module in MODULES)
SYSTEM_FOLDERS = ("sys/", "netinet/", "arpa/", "net/", "linux/")


class Tables:
    """RELAIS_LAYERS and RELAIS_THIRD_PARTY_ALLOWED: path prefix -> set of names."""

    def __init__(self, tree):
        text = re.sub(r"#.*", "", tree.read(TABLES)) if tree.exists(TABLES) else ""
        self.layers = self._table(text, "RELAIS_LAYERS")
        self.third_party = self._table(text, "RELAIS_THIRD_PARTY_ALLOWED")

    @staticmethod
    def _table(text, name):
        found = re.search(rf'set\(\s*{name}\s+((?:"[^"]*"\s*)+)\)', text)
        rows = re.findall(r'"([^"|]*)\|([^"]*)"', found.group(1)) if found else []
        return {prefix: set(filter(None, names.split(","))) for prefix, names in rows}

    @staticmethod
    def row(table, path):
        """The row whose prefix matches the folder of `path` longest; None where there is none."""
        prefixes = [prefix for prefix in table if path.startswith(prefix + "/")]
        return table[max(prefixes, key=len)] if prefixes else None


def library_of(header):
    return next((name for pattern, name in THIRD_PARTY if pattern.match(header)), None)


@rule("include-path", 'project headers are included as "module/path/file.h", others as <header>')
def include_path(tree, options):
    for file in tree.cxx_files:
        for line, path, quoted in file.includes:
            if not quoted and path.partition("/")[0] in MODULES and "/" in path:
                yield file.path, line, f"<{path}>: project headers are included in quotes"
            elif quoted and not _is_project_header(tree, path):
                yield file.path, line, f'"{path}": no such file, from the top of the tree'


def _is_project_header(tree, path):
    folder = path.rpartition("/")[0]
    if folder.partition("/")[0] not in MODULES or ".." in path:
        return False
    generated = "_generated." in path and tree.exists(f"{folder}/CMakeLists.txt")
    return generated or tree.exists(path)


@rule("layer", "a file includes only the layers that RELAIS_LAYERS allows to its own")
def layer(tree, options):
    tables = Tables(tree)
    if not tables.layers:
        yield TABLES, 1, "RELAIS_LAYERS cannot be read"
        return
    for file in tree.cxx_files:
        allowed = tables.row(tables.layers, file.path)
        if allowed is None:
            yield file.path, 1, "in no layer of RELAIS_LAYERS"
            continue
        for line, path, quoted in file.includes:
            ours = quoted and under(path, OUR_FOLDERS)  # include-path reports the others
            if ours and not under(path, tuple(prefix + "/" for prefix in allowed)):
                yield file.path, line, f'"{path}" is of a layer that {file.folder} may not include'


@rule("third-party", "a third-party header only where RELAIS_THIRD_PARTY_ALLOWED admits it")
def third_party(tree, options):
    tables = Tables(tree)
    if not tables.third_party:
        yield TABLES, 1, "RELAIS_THIRD_PARTY_ALLOWED cannot be read"
        return
    for file in tree.cxx_files:
        for line, path, quoted in file.includes:
            if quoted:
                continue
            library = library_of(path)
            if library and not _is_admitted(tables, file, library):
                yield file.path, line, f"<{path}>: {library} is not admitted in {file.folder}"
            elif not library and "/" in path and not under(path, SYSTEM_FOLDERS + OUR_FOLDERS):
                yield file.path, line, f"<{path}> is of no library that Relais knows"


def _is_admitted(tables, file, library):
    if library in TESTS_ONLY:
        return file.path.startswith("tests/")
    return library in (tables.row(tables.third_party, file.path) or ())


class Reach:
    """Which seam libraries a project header brings along, through all that it includes."""

    def __init__(self, tree):
        self.tree = tree
        self.known = {}

    def of(self, path):
        file = self.tree.by_path.get(path)
        if path not in self.known:
            self.known[path] = set()  # ends a cycle
            self.known[path] = self._of_includes(file) if file else set()
        return self.known[path]

    def _of_includes(self, file):
        reached = set()
        for _, path, quoted in file.includes:
            reached |= self.of(path) if quoted else {library_of(path)} & SEAMS
        return reached


@rule("private-header", "ZeroMQ, SQLite, OpenSSL: in sources and in headers 'Private to' a use")
def private_header(tree, options):
    tables, reach = Tables(tree), Reach(tree)
    if not tables.third_party:
        return  # third-party reports it
    for file in tree.cxx_files:
        private = file.is_header and "Private to" in file.head_comment
        for line, path, quoted in file.includes:
            libraries = reach.of(path) if quoted else {library_of(path)} & SEAMS
            for library in sorted(libraries):
                if file.is_header and not private:
                    text = "in a header whose head comment does not say 'Private to' whom"
                    yield file.path, line, f"{path} shows {library} {text}"
                elif quoted and not _is_admitted(tables, file, library):
                    yield file.path, line, f'"{path}" shows {library}, not admitted here'
