"""A dependency the wrong way, or a library behind another's seam, stops the configure step."""

import re
import subprocess
import tempfile
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from clean_tree import SOURCE
from style.layers import Tables
from style.tree import Tree

PROJECT = Path(__file__).resolve().parent / "layering"
WRONG_WAY = (
    ("core/base", "schemas/wire"), ("core/base", "broker/engine"),
    ("schemas/wire", "broker/engine"), ("schemas/wire", "clients/station"),
    ("broker/engine", "clients/station"), ("broker/server", "tools/admin"),
    ("clients/station", "broker/engine"), ("clients/station/link", "clients/cli"),
    ("clients/cli", "clients/desk"), ("clients/desk", "clients/cli"),
    ("clients/cli", "broker/store"), ("tools/audit", "clients/desk"),
    ("tools/audit", "tests/support"), ("corefoo/base", "core/base"),
)
RIGHT_WAY = (
    ("core/crypto", "core/base"), ("schemas/wire", "core/base"), ("broker/engine", "schemas/wire"),
    ("broker/server", "broker/engine"), ("clients/station/link", "schemas/wire"),
    ("clients/cli", "clients/station/api"), ("tools/audit", "broker/store"),
    ("tests/unit", "clients/desk"),
)
BEHIND_A_SEAM = (
    ("broker/engine", "openssl"), ("broker/engine", "sqlite"), ("broker/engine", "zmq"),
    ("broker/server", "sqlite"), ("broker/store", "zmq"), ("broker/server", "openssl"),
    ("broker/store", "sqlite"), ("clients/station/store", "sqlite"), ("core/base", "openssl"),
    ("clients/cli", "sqlite"), ("clients/station/sync", "zmq"),
)
AT_THE_SEAM = (
    ("core/crypto", "openssl"), ("core/database", "sqlite"), ("broker/server", "zmq"),
    ("broker/enrolment", "zmq"), ("clients/station/seal", "openssl"),
    ("clients/station/link", "zmq"),
)


def configure(module, to="", library=""):
    """(exit status, what CMake says) for module depending on `to` or using `library`."""
    with tempfile.TemporaryDirectory(prefix="relais-layering-") as folder:
        settings = {"RELAIS_SOURCE": SOURCE, "FROM": module, "TO": to, "LIBRARY": library,
                    "CMAKE_CXX_COMPILER_FORCED": "ON"}  # spares the search for what it can do
        run = subprocess.run(
            ["cmake", "-S", str(PROJECT), "-B", folder, "-G", "Ninja"]
            + [f"-D{name}={value}" for name, value in settings.items()],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", check=False)
        return run.returncode, " ".join(run.stdout.split())


def each(pairs, run):
    """(pair, exit status, what CMake says); side by side."""
    with ThreadPoolExecutor() as pool:
        return [(pair, *said) for pair, said in zip(pairs, pool.map(lambda p: run(*p), pairs))]


def use(module, library):
    return configure(module, library=library)


class Layering(unittest.TestCase):
    def test_a_dependency_the_wrong_way_stops_the_configure_step(self):
        for (module, to), status, said in each(WRONG_WAY, configure):
            with self.subTest(module=module, to=to):
                self.assertNotEqual(status, 0)
                self.assertIn(f"layering: {module} may not depend on {to}", said)

    def test_a_dependency_the_right_way_is_configured(self):
        for pair, status, said in each(RIGHT_WAY, configure):
            with self.subTest(pair=pair):
                self.assertEqual(status, 0, said)

    def test_a_library_behind_the_seam_of_another_module_stops_the_configure_step(self):
        for (module, library), status, said in each(BEHIND_A_SEAM, use):
            with self.subTest(module=module, library=library):
                self.assertNotEqual(status, 0)
                self.assertIn(f"layering: {module} may not use {library}", said)

    def test_a_library_at_its_seam_is_configured(self):
        for pair, status, said in each(AT_THE_SEAM, use):
            with self.subTest(pair=pair):
                self.assertEqual(status, 0, said)


class TablesAreOne(unittest.TestCase):
    def test_the_style_checker_reads_the_tables_as_cmake_does(self):
        status, said = configure("core/base")
        self.assertEqual(status, 0, said)
        tables = Tables(Tree(SOURCE))
        for name, table in (("RELAIS_LAYERS", tables.layers),
                            ("RELAIS_THIRD_PARTY_ALLOWED", tables.third_party)):
            rows = re.findall(rf"{name}: (\S+)\|(\S*)", said)
            with self.subTest(table=name):
                self.assertEqual(table, {prefix: set(filter(None, names.split(",")))
                                         for prefix, names in rows})


if __name__ == "__main__":
    unittest.main()
