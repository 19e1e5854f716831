"""A small tree in which the style checker finds nothing, for tests to plant one fault in."""

import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path.insert(0, str(SOURCE / "tools"))

from style import main  # noqa: E402 (the path comes first)
from style.rule import Options  # noqa: E402
from style.tree import Tree  # noqa: E402

MEMORY = "/dev/shm"  # hundreds of small trees come and go
FILES = {
    # Its own, so that a change of the house's layout leaves these tests as they are.
    ".clang-format": "BasedOnStyle: Google\nColumnLimit: 100\nIncludeBlocks: Preserve\n",
    "tools/cmake/layers.cmake": """\
set(RELAIS_LAYERS
  "core|core"
  "schemas|core,schemas"
  "broker|core,schemas,broker"
  "clients/station|core,schemas,clients/station"
  "clients/cap|core,clients/cap"
  "clients/cli|core,schemas,clients/cap,clients/station,clients/cli"
  "tools|core,schemas,broker,clients/station,tools"
  "tests|core,schemas,broker,clients,tools,tests")

set(RELAIS_THIRD_PARTY_ALLOWED
  # Seams.
  "core/crypto|openssl"  # (EVP)
  "core/database|sqlite"
  "schemas|flatbuffers"
  "schemas/forms|json"
  "schemas/compiler|toml"
  "broker/engine|"
  "broker/server|zmq,httplib,prometheus"
  "broker/ringing|curl,json"
  "broker/app|spdlog"
  "clients/station/seal|openssl"
  "clients/station/link|zmq"
  "clients/cap|libxml2"
  "clients/cli|cli11"
  "tools|fmt"
  "tests|openssl")
""",
    "README.md": """\
# A tree

See [the errors](docs/protocol.md#errors-a-table), [the page](docs/protocol.md), [below](#below).

## Below
""",
    "docs/protocol.md": """\
# Protocol

## Errors: a `table`

<!-- errors:begin -->
| number | name | retry | exit code | meaning | what the professional reads | what to do next |
| ---: | --- | --- | ---: | --- | --- | --- |
| 100 | `malformed` | never | 3 | not its format | Données illisibles. | Vérifiez le fichier. |
| 310 | `mailbox_full` | later | 6 | mailbox full | Boîte pleine. | Téléphonez \\| réessayez. |
<!-- errors:end -->
""",
    "core/base/errors.def": """\
// RELAIS_ERROR(number, name, retry, exit code, English text, French text, French next step)
RELAIS_ERROR(100, malformed, never, 3, "not its format", "Données illisibles.",
             "Vérifiez le fichier.")
RELAIS_ERROR(310, mailbox_full, later, 6, "mailbox full", "Boîte pleine.",
             "Téléphonez "
             "| réessayez.")
""",
    "core/base/CMakeLists.txt": "relais_module(core/base SOURCES widget.cc)\n",
    "core/base/widget.h": """\
// widget.h: a widget.
#pragma once

namespace relais {

int widget();

}  // namespace relais
""",
    "core/base/widget.cc": """\
#include "core/base/widget.h"

namespace relais {

int widget() { return 1'000; }

}  // namespace relais
""",
    "core/crypto/key_evp.h": """\
// key_evp.h: keys as OpenSSL objects. Private to modules that
// use OpenSSL.
#pragma once

#include <openssl/evp.h>
""",
    "core/crypto/key.cc": "// key.cc: keys.\n#include \"core/crypto/key_evp.h\"\n",
    "broker/engine/engine.h": "// engine.h: the engine.\n#pragma once\n",
    "schemas/generated/CMakeLists.txt": "# Headers made from the schemas.\n",
    "tests/unit/widget_test.cc": """\
// What a widget keeps to.
#include <gtest/gtest.h>

#include "core/base/widget.h"

TEST(Widget, IsAThousand) { EXPECT_EQ(relais::widget(), 1000); }
""",
    "tests/fuzz/target.h": """\
// target.h: what a fuzz target defines.
#pragma once

bool accepts(ByteView input);
""",
    "tests/fuzz/parse_widget.cc": """\
// No bytes crash the parser of widgets.
#include "tests/fuzz/target.h"

bool accepts(ByteView input) { return input.empty(); }
""",
    "tests/fuzz/corpus/parse_widget/empty": "",
}


def target_of(path):
    return "target_" + path.rpartition("/")[0].replace("/", "_")


class CleanTree:
    """A folder of its own, gone at close(). `files` are added or, where None, taken away.

    Every source has a target, and ctest runs each of a test, but for `unbuilt` and `unrun`.
    `joined`: the compiler gets no source itself, but files that include one.
    """

    def __init__(self, files=None, unbuilt=(), unrun=(), joined=False):
        memory = MEMORY if os.access(MEMORY, os.W_OK) else None
        self.root = Path(tempfile.mkdtemp(prefix="relais-style-", dir=memory)).resolve()
        for path, text in {**FILES, **(files or {})}.items():
            if text is not None:
                self.write(path, text)
        self._configure(unbuilt, unrun, joined)

    def close(self):
        shutil.rmtree(self.root)

    def write(self, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        if text.startswith("#!"):
            file.chmod(0o755)

    def findings(self, skipped=()):
        return main.findings(Tree(self.root), Options(), skipped)

    def _configure(self, unbuilt, unrun, joined):
        build = self.root / "build/dev"
        sources = [path.relative_to(self.root).as_posix() for path in self.root.rglob("*.cc")]
        built = [path for path in sources if path not in unbuilt]
        entries = [{"directory": str(build),
                    "file": self._join(path) if joined else str(self.root / path),
                    "command": f"c++ -o x/CMakeFiles/{target_of(path)}.dir/x.o -c {path}"}
                   for path in built]
        tests = {target_of(path) for path in built if path not in unrun}
        self.write("build/dev/compile_commands.json", json.dumps(entries))
        self.write("build/dev/tests/CTestTestfile.cmake",
                   "".join(f'add_test([=[{name}]=] "{build}/tests/{name}")\n' for name in tests))

    def _join(self, path):
        """A file as CMake makes it where it joins the sources of a target; here one."""
        name = path.replace("/", "_")
        made = f"build/dev/x/CMakeFiles/{target_of(path)}.dir/Unity/{name}.cxx"
        self.write(made, f'/* generated by CMake */\n\n#include "{self.root / path}"\n')
        return str(self.root / made)
