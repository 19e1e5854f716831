"""The faults to plant: for each rule, what it must report and the clean twin that it must not."""

from dataclasses import dataclass, field

BODY = "    x += 1;\n"
HEADER = "// planted.h: planted.\n#pragma once\n"
SOURCE = "// planted.cc: planted.\n"


@dataclass(frozen=True)
class Case:
    rule: str
    path: str            # where the finding is reported
    fault: dict          # files of the tree with the fault; None takes one away
    clean: dict          # files of its clean twin
    unbuilt: tuple = field(default=())   # with the fault; and so on
    clean_unbuilt: tuple = field(default=())
    unrun: tuple = field(default=())


def one(rule, path, fault, clean):
    """A case of one file."""
    return Case(rule, path, {path: fault}, {path: clean})


def code(rule, path, fault, clean):
    """A case of one function in a source: a line with the fault, a line without."""
    def text(line):
        return f"{SOURCE}\nvoid planted() {{\n    {line}\n}}\n"
    return one(rule, path, text(fault), text(clean))


def include(rule, path, fault, clean, head=SOURCE):
    """A case of one include."""
    return one(rule, path, f"{head}#include {fault}\n", f"{head}#include {clean}\n")


def function(lines, opening="int planted(int x) {\n"):
    """A function of so many lines, its braces included."""
    return opening + BODY * (lines - 2) + "}\n"


def test_source(head="// A test.\n"):
    return head + "TEST(Widget, Holds) {\n    widget();\n}\n"


SIZES = (
    one("columns", "core/base/planted.h", HEADER + "// " + "é" * 98 + "\n",
        HEADER + "// " + "é" * 97 + "\n"),
    one("columns", "CMakeLists.txt", "#" * 101 + "\n", "#" * 100 + "\n"),
    one("columns", "tools/planted", "#!/usr/bin/python3\n#" + " " * 100 + "\n",
        "#!/usr/bin/python3\n#" + " " * 99 + "\n"),
    one("columns", "schemas/planted.fbs", "//" + "-" * 99 + "\n", "//" + "-" * 98 + "\n"),
    one("file-length", "core/base/planted.h", HEADER + "\n// More.\n" * 150,
        HEADER + "\n// More.\n" * 149),
    one("file-length", "core/base/planted.cc", SOURCE + "\n// More.\n" * 300,
        SOURCE + "\n// More.\n" * 299),
    one("function-length", "core/base/planted.cc", SOURCE + function(71), SOURCE + function(70)),
    one("function-length", "core/base/planted.cc", SOURCE + "\nint lost() {\n", SOURCE),
    one("function-length", "tools/planted.py", "def planted(x):\n" + "    x += 1\n" * 70,
        "def planted(x):\n" + "    x += 1\n" * 69),
    code("nesting", "core/base/planted.cc",
         "for (int i = 0; i < 9; ++i) { if (i) { while (x) { switch (y) { case 1: z(); } } } }",
         "auto f = [&] { for (int i = 0; i < 9; ++i) { if (i) { do { z(); } while (x); } } };"),
    code("nesting", "core/base/planted.cc",
         "if (a) { } else { try { if (b) { for (auto& c : d({1, 2})) { z(c); } } } }",
         "if (a) { } else { try { for (auto& c : d({1, 2})) { z(W{c, {1}}); } } catch (...) {} }"),
    one("head-comment", "core/base/planted.h", "#pragma once\n", HEADER),
    # A source may leave it to the header of its name; no other header will do.
    Case("head-comment", "core/base/other.cc",
         {"core/base/other.cc": '#include "core/base/widget.h"\n'},
         {"core/base/planted.cc": '#include "core/base/planted.h"\n',
          "core/base/planted.h": HEADER}),
)

CALLS = tuple(
    code("banned-call", "broker/app/planted.cc", fault, clean) for fault, clean in (
        ("strcpy(a, b);", "copy(a, b);"),
        ("std::strcat(a, b);", "// strcat(a, b);"),
        ('::sprintf(a, "b");', 'snprintf(a, 2, "b");'),
        ("vsprintf(a, b, c);", "vsnprintf(a, b, c);"),
        ("gets(a);", "budgets(a);"),
        ('system("b");', 'log("system(b)");'),
        ('popen("b", "r");', "door.popen(1);"),
        ("int a = rand();", "int a = random_.rand();"),
        ("srand(1);", "relais::srand(1);"),
    ))

BANS = (
    code("assert", "tests/planted.cc", "assert(x);", "static_assert(x);"),
    include("assert", "tests/planted.cc", "<cassert>", "<cctype>"),
    code("console", "clients/station/planted.cc", "std::cout << 1;", "out << 1;"),
    code("console", "core/base/planted.cc", "std::cerr << 1;", 'text = "std::cerr";'),
    code("console", "schemas/planted.cc", 'printf("a");', 'std::snprintf(a, 2, "a");'),
    Case("console", "broker/engine/planted.cc",
         {"broker/engine/planted.cc": SOURCE + '\nint a = std::fprintf(stderr, "a");\n'},
         {"broker/app/planted.cc": SOURCE + '\nint a = std::fprintf(stderr, "a");\n'}),
    code("clock", "core/base/planted.cc", "auto a = std::time(nullptr);", "auto a = time(3);"),
    code("clock", "broker/engine/planted.cc", "auto a = std::chrono::system_clock::now();",
         "std::chrono::system_clock::time_point a;"),
    code("clock", "clients/station/sync/planted.cc",
         "auto a = std::chrono::steady_clock::now();", "auto a = now;"),
    Case("clock", "core/base/other.cc",
         {"core/base/other.cc": SOURCE + "\nint a = clock_gettime(0, nullptr);\n"},
         {"core/base/system.cc": SOURCE + "\nint a = clock_gettime(0, nullptr);\n",
          "broker/app/main.cc": SOURCE + "\nauto a = std::chrono::system_clock::now();\n"}),
    code("randomness", "schemas/planted.cc", "std::random_device a;", "std::mt19937 a;"),
    Case("randomness", "core/crypto/planted.cc",
         {"core/crypto/planted.cc": SOURCE + "\nlong a = getrandom(b, 1, 0);\n"},
         {"core/base/system.cc": SOURCE + "\nlong a = getrandom(b, 1, 0);\n"}),
    code("thread", "broker/engine/planted.cc", "std::thread a;", "std::this_thread::yield();"),
    code("thread", "broker/engine/planted.cc", "std::jthread a;", "thread a;"),
    code("thread", "core/base/planted.cc", "auto a = std::async(b);", "auto a = async(b);"),
    code("unordered", "broker/engine/planted.cc", "std::unordered_map<int, int> a;",
         "std::map<int, int> a;"),
    include("unordered", "schemas/planted.cc", "<unordered_set>", "<set>"),
    one("using-namespace", "core/base/planted.h", HEADER + "using namespace std;\n",
        HEADER + "inline void planted() {\n    using namespace std;\n}\n"),
    code("nolint", "core/base/planted.cc", "int a = b;  // NOLINT(c)", 'text = "NOLINT";'),
    code("todo", "core/base/planted.cc", "int a = b;  // TODO(c):", "int a = b;  // TODO: c"),
    one("todo", "tools/planted.py", "# TODO\n", "# TODO: more\n"),
)

SLEEPS = (
    code("sleep", "broker/server/planted.cc", "std::this_thread::sleep_for(a);", "wait_for(a);"),
    Case("sleep", "tests/unit/planted.cc",
         {"tests/unit/planted.cc": SOURCE + "\nint a = usleep(1);\n"},
         {"clients/station/link/planted.cc": SOURCE + "\nint a = usleep(1);\n",
          "tests/bench/planted.cc": SOURCE + "\nint a = sleep(1);\n"}),
    one("sleep", "tests/planted.py", "import time\ntime.sleep(1)\n", "text = 'time.sleep(1)'\n"),
    one("sleep", "tools/planted", "#!/bin/bash\nwhile true; do sleep 1; done\n",
        "#!/bin/bash\n# rest; sleep 1\necho a sleep of 1\n"),
)

INCLUDES = (
    include("include-path", "core/base/planted.cc", "<core/base/widget.h>",
            '"core/base/widget.h"'),
    include("include-path", "core/base/planted.cc", '"core/base/gadget.h"',
            '"core/base/widget.h"'),
    include("include-path", "core/base/planted.cc", '"core/base/../base/widget.h"',
            '"core/base/widget.h"'),
    include("include-path", "core/base/planted.cc", '"widget.h"', '"core/base/widget.h"'),
    include("include-path", "schemas/planted.cc", '"schemas/produced/wire_generated.h"',
            '"schemas/generated/wire_generated.h"'),
    include("layer", "core/base/planted.cc", '"broker/engine/engine.h"', '"core/base/widget.h"'),
    Case("layer", "clients/cli/planted.cc",
         {"clients/cli/planted.cc": SOURCE + '#include "broker/engine/engine.h"\n'},
         {"tools/audit/planted.cc": SOURCE + '#include "broker/engine/engine.h"\n',
          "core/base/planted.cc": SOURCE + '// #include "broker/engine/engine.h"\n'}),
    Case("layer", "clients/planted.cc", {"clients/planted.cc": SOURCE}, {}),
    Case("layer", "coreless/planted.cc", {"coreless/planted.cc": SOURCE}, {}),
    Case("layer", "tools/cmake/layers.cmake",
         {"tools/cmake/layers.cmake": 'set(RELAIS_THIRD_PARTY_ALLOWED\n  "core/crypto|openssl")\n'},
         {}),
    Case("third-party", "tools/cmake/layers.cmake",
         {"tools/cmake/layers.cmake": 'set(RELAIS_LAYERS "core|core" "tests|core,tests"\n'
                                      '  "broker|broker")\n'}, {}),
)

LIBRARIES = tuple(
    Case("third-party", fault,
         {fault: f"{SOURCE}#include <{header}>\n"}, {clean: f"{SOURCE}#include <{header}>\n"})
    for header, fault, clean in (
        ("zmq.h", "broker/engine/planted.cc", "broker/server/planted.cc"),
        ("zmq.hpp", "clients/station/store/planted.cc", "clients/station/link/planted.cc"),
        ("sqlite3.h", "broker/store/planted.cc", "core/database/planted.cc"),
        ("openssl/sha.h", "broker/engine/planted.cc", "clients/station/seal/planted.cc"),
        ("flatbuffers/flatbuffers.h", "core/base/planted.cc", "schemas/wire/planted.cc"),
        ("nlohmann/json.hpp", "core/base/planted.cc", "schemas/forms/planted.cc"),
        ("toml++/toml.h", "broker/engine/planted.cc", "schemas/compiler/planted.cc"),
        ("CLI/CLI.hpp", "broker/app/planted.cc", "clients/cli/planted.cc"),
        ("spdlog/spdlog.h", "broker/engine/planted.cc", "broker/app/planted.cc"),
        ("fmt/format.h", "core/base/planted.cc", "tools/audit/planted.cc"),
        ("httplib.h", "broker/app/planted.cc", "broker/server/planted.cc"),
        ("curl/curl.h", "broker/server/planted.cc", "broker/ringing/planted.cc"),
        ("libxml/parser.h", "clients/cli/planted.cc", "clients/cap/planted.cc"),
        ("prometheus/counter.h", "broker/engine/planted.cc", "broker/server/planted.cc"),
        ("gtest/gtest.h", "broker/engine/planted.cc", "tests/planted.cc"),
        ("benchmark/benchmark.h", "core/base/planted.cc", "tests/bench/planted.cc"),
        ("rapidcheck.h", "clients/station/planted.cc", "tests/planted.cc"),
    )) + (
    include("third-party", "core/base/planted.cc", "<boost/any.hpp>", "<sys/random.h>"),
    one("private-header", "core/crypto/planted.h", HEADER + "\n#include <openssl/evp.h>\n",
        "// planted.h: planted. Private to core/crypto.\n#pragma once\n\n"
        "#include <openssl/evp.h>\n"),
    one("private-header", "core/crypto/planted.h", HEADER + '\n#include "core/crypto/key_evp.h"\n',
        HEADER + '\n#include "core/base/widget.h"\n'),
    one("private-header", "core/crypto/planted.h",
        "// planted.h: Private.\n#pragma once\n\n// Private to.\n#include <openssl/evp.h>\n",
        "// planted.h: Private\n// to.\n#pragma once\n\n#include <openssl/evp.h>\n"),
    Case("private-header", "core/base/planted.cc",
         {"core/base/planted.cc": SOURCE + '#include "core/crypto/outer.h"\n',
          "core/crypto/outer.h": "// Private to.\n#include \"core/crypto/key_evp.h\"\n"},
         {"core/crypto/planted.cc": SOURCE + '#include "core/crypto/outer.h"\n',
          "core/crypto/outer.h": "// Private to.\n#include \"core/crypto/key_evp.h\"\n"}),
    Case("private-header", "core/base/planted.cc",
         {"core/base/planted.cc": SOURCE + '#include "core/crypto/key_evp.h"\n'},
         {"clients/station/seal/planted.cc": SOURCE + '#include "core/crypto/key_evp.h"\n'}),
)

BUILT = (
    Case("not-built", "core/base/planted.cc", {"core/base/planted.cc": SOURCE},
         {"core/base/planted.cc": SOURCE}, unbuilt=("core/base/planted.cc",)),
    Case("not-built", "core/base/planted.cc",
         {"core/base/planted.cc": SOURCE, "core/base/CMakeLists.txt": "f(planted.cc)\n"}, {},
         unbuilt=("core/base/planted.cc",)),
    Case("not-built", "tests/bench/other.cc",
         {"tests/bench/other.cc": SOURCE, "tests/bench/CMakeLists.txt": "# another.cc\n"},
         {"tests/bench/other.cc": SOURCE, "tests/bench/CMakeLists.txt": "f(other.cc)\n"},
         unbuilt=("tests/bench/other.cc",), clean_unbuilt=("tests/bench/other.cc",)),
    Case("not-built", "tests/fuzz/other.cc",
         {"tests/fuzz/other.cc": SOURCE},
         {"tests/fuzz/other.cc": SOURCE, "tests/fuzz/CMakeLists.txt": "f(other.cc)\n"},
         unbuilt=("tests/fuzz/other.cc",), clean_unbuilt=("tests/fuzz/other.cc",)),
    Case("test-not-run", "tests/late/planted_test.cc",
         {"tests/late/planted_test.cc": test_source()},
         {"tests/late/planted_test.cc": test_source()}, unrun=("tests/late/planted_test.cc",)),
    Case("fuzz-corpus", "tests/fuzz/parse_widget.cc",
         {"tests/fuzz/corpus/parse_widget/empty": None, "tests/fuzz/corpus/other/a": "a"},
         {"tests/fuzz/corpus/parse_widget/empty": None, "tests/fuzz/parse_widget.cc": None}),
)

TABLE = ('RELAIS_ERROR(100, malformed, never, 3, "not its format", "Données illisibles.", '
         '"Vérifiez le fichier.")\n')
MARKED = """\
<!-- errors:begin -->
| number | name | retry | exit code | meaning | what the professional reads | what to do next |
| ---: | --- | --- | ---: | --- | --- | --- |
| 100 | `malformed` | never | 3 | not its format | Données illisibles. | Vérifiez le fichier. |
| 310 | `mailbox_full` | later | 6 | mailbox full | Boîte pleine. | Téléphonez \\| réessayez. |
<!-- errors:end -->
"""
DOCS = (
    Case("error-table", "docs/protocol.md", {"core/base/errors.def": TABLE},
         {"core/base/errors.def": TABLE, "docs/protocol.md": None, "README.md": None}),
    Case("error-table", "core/base/errors.def", {"core/base/errors.def": TABLE + "RELAIS_ERROR(\n"},
         {}),
    one("error-table", "docs/protocol.md",
        "# Protocol\n\n## Errors: a table\n<!-- errors:end --><!-- errors:begin -->\n",
        "# Protocol\n\n## Errors: a table\n" + MARKED),
    one("error-table", "docs/protocol.md",
        "# Protocol\n\n## Errors: a table\n<!-- errors:begin -->\n" + MARKED,
        "# Protocol\n\n## Errors: a table\n" + MARKED + "More.\n"),
    one("error-table", "docs/protocol.md", "# Protocol\n\n## Errors: a table\n",
        "# Protocol\n\n## Errors: a table\n\n" + MARKED),
    one("doc-link", "docs/page.md", "[a](missing.md)\n", "[a](protocol.md)\n"),
    one("doc-link", "docs/page.md", "[a](protocol.md#nowhere)\n",
        "[a](protocol.md#errors-a-table)\n"),
    one("doc-link", "docs/page.md", "# A\n[a](#b)\n", "# A\n## Où aller ?\n[a](#où-aller-)\n"),
    one("doc-link", "docs/page.md", "[a](../../README.md)\n", "`[a](../../README.md)`\n"),
    one("doc-link", "docs/page.md", "[a]: ../core/gadget.h\n", "[a]: ../core/base/widget.h\n"),
    one("doc-link", "docs/page.md", "[a](../core/gadget)\n",
        "[a](https://example.org/gadget)\n\n```\n[a](../core/gadget)\n```\n"),
)

FORMAT = (
    one("format", "core/base/planted.cc", SOURCE + "\nint  a ;\n", SOURCE + "\nint a;\n"),
)

ALL = (SIZES + CALLS + BANS + SLEEPS + INCLUDES + LIBRARIES + BUILT + DOCS + FORMAT)
