"""`cmake --install` puts down all that a machine needs, and it works where it was put."""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
BUILD = Path(sys.argv.pop())
UNIT = "lib/systemd/system/relais-broker@.service"
FILES = (
    UNIT, "lib/sysusers.d/relais.conf", "lib/tmpfiles.d/relais.conf", "etc/relais/example.toml",
    "share/relais/kinds/admission/declaration.toml", "share/relais/kinds/form.fbs",
    "share/relais/kinds/liaison/declaration.toml",
    "share/relais/kinds/liaison/examples/discharge-letter.json",
    "share/man/man8/relais-broker.8", "share/man/man8/relais-admin.8",
    "share/doc/relais/README.md", "share/doc/relais/operations.md",
    "share/bash-completion/completions/relais", "share/zsh/site-functions/_relais",
    "share/fish/vendor_completions.d/relais.fish",
)
PROGRAMS = {"relais", "relais-admin", "relais-audit", "relais-broker", "relais-enrolment",
            "relais-fsck"}
EXPOSURE_MAX = 20  # of systemd-analyze security, in tenths: 2.0


def run(*command):
    """(exit status, what it says on both streams). No terminal, no settings of this user."""
    done = subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8",
                          env={"PATH": "/usr/bin:/bin"}, check=False)
    return done.returncode, done.stdout


class Installed(unittest.TestCase):
    """One installation for all the tests."""

    folder = prefix = None

    @classmethod
    def make(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="relais-install-")
        cls.prefix = Path(cls.folder.name) / "prefix"
        status, said = run("cmake", "--install", BUILD, "--prefix", cls.prefix)
        assert status == 0, said


def setUpModule():
    Installed.make()


def tearDownModule():
    Installed.folder.cleanup()


class Files(Installed):
    def programs(self):
        return sorted((self.prefix / "bin").iterdir())

    def test_every_file_is_there(self):
        for path in FILES:
            with self.subTest(path=path):
                self.assertTrue((self.prefix / path).is_file())

    def test_every_program_is_there(self):
        self.assertEqual({path.name for path in self.programs()}, PROGRAMS)

    def test_every_program_says_its_version_and_its_use(self):
        version = re.search(r"project\(relais VERSION (\S+)",
                            (SOURCE / "CMakeLists.txt").read_text(encoding="utf-8")).group(1)
        for program in self.programs():
            with self.subTest(program=program.name):
                self.assertEqual(run(program, "--version"), (0, f"{program.name} {version}\n"))
                status, said = run(program, "--help")
                self.assertEqual(status, 0, said)
                self.assertIn(program.name, said)

    def test_a_wrong_option_is_exit_code_two(self):
        for program in self.programs():
            with self.subTest(program=program.name):
                self.assertEqual(run(program, "--no-such-option", "x", "y")[0], 2)

    def test_the_example_configuration_is_good_and_its_missing_folder_is_named(self):
        status, said = run(self.prefix / "bin/relais-broker", "--check", "--config",
                           self.prefix / "etc/relais/example.toml")
        self.assertEqual(status, 9, said)
        self.assertIn("good  configuration", said)
        self.assertIn("BAD   data folder: ", said)

    def test_an_installed_kind_compiles(self):
        status, said = run(self.prefix / "bin/relais-admin", "kind", "compile",
                           self.prefix / "share/relais/kinds/admission")
        self.assertEqual(status, 0, said)
        self.assertTrue(said.startswith("admission version "), said)

    def test_no_placeholder_and_no_folder_of_the_build_is_left(self):
        text = "\n".join((self.prefix / path).read_text(encoding="utf-8")
                         for path in FILES if path.endswith((".service", ".conf", ".toml")))
        self.assertNotRegex(text, r"@[A-Z_]+@")
        self.assertNotIn(str(SOURCE), text)
        self.assertNotIn(str(BUILD), text)

    def test_the_manual_pages_are_well_formed(self):
        if shutil.which("man") is None:
            self.skipTest("no man here")
        for page in sorted((self.prefix / "share/man").rglob("*.[1-8]")):
            with self.subTest(page=page.name):
                done = subprocess.run(["man", "--warnings", "-l", "-Tutf8", page],
                                      capture_output=True, encoding="utf-8", check=False,
                                      env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"})
                self.assertEqual((done.returncode, done.stderr), (0, ""))


class Pages(Installed):
    """What the pages tell an administrator to type."""

    def commands(self):
        """(page, words) of each command of ours in a shell block, continued lines joined."""
        for page in ("README.md", "docs/operations.md"):
            text = (SOURCE / page).read_text(encoding="utf-8")
            for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL):
                for line in block.replace("\\\n", " ").splitlines():
                    words = shlex.split(re.sub(r"^(sudo (-u \w+ )?)", "", line), comments=True)
                    if words[:1] == ["systemd-run"]:  # runs what follows its own options
                        words = words[[word in PROGRAMS for word in words].index(True):]
                    if words and words[0] in PROGRAMS:
                        yield page, words

    def help_of(self, words):
        """What --help says along the subcommands that begin the command, and how many they are."""
        program, *rest = words
        path, said = [], run(self.prefix / "bin" / program, "--help")[1]
        names = [word for word in rest if re.fullmatch(r"[a-z][a-z-]*", word)]
        for name in names:
            if not re.search(rf"^ +{re.escape(name)}\b", said, re.MULTILINE):
                break
            path.append(name)
            said += run(self.prefix / "bin" / program, *path, "--help")[1]
        return said, len(path)

    def test_there_are_commands(self):
        self.assertGreater(len(list(self.commands())), 15)

    def test_every_command_and_option_exists(self):
        for page, words in self.commands():
            with self.subTest(page=page, command=" ".join(words)):
                said, depth = self.help_of(words)
                if words[0] in ("relais", "relais-admin", "relais-audit"):
                    self.assertGreater(depth, 0, "no such command")
                for option in (word.split("=")[0] for word in words if word.startswith("-")):
                    self.assertRegex(said, rf"(?m)(?<![\w-]){re.escape(option)}(?![\w-])")


class Unit(Installed):
    """The service. Its directives are checked with systemd itself where that is installed."""

    def setUp(self):
        self.instance = Path(self.folder.name) / "relais-broker@indre.service"
        shutil.copy(self.prefix / UNIT, self.instance)
        self.text = self.instance.read_text(encoding="utf-8")
        self.lines = set(self.text.splitlines())

    def test_it_starts_the_program_that_was_installed(self):
        program = re.search(r"^ExecStart=(\S+)", self.text, re.MULTILINE).group(1)
        self.assertEqual(Path(program), self.prefix / "bin/relais-broker")
        self.assertTrue(os.access(program, os.X_OK))

    def test_what_the_program_needs_is_not_taken_away(self):
        families = re.search(r"^RestrictAddressFamilies=(.+)$", self.text, re.MULTILINE).group(1)
        # libzmq asks for the list of interfaces, and aborts where it is refused.
        self.assertIn("AF_NETLINK", families.split())
        self.assertNotIn("ProcSubset=pid", self.lines)  # the boot id is below /proc/sys

    def test_it_is_confined(self):
        for line in ("NoNewPrivileges=yes", "ProtectSystem=strict", "CapabilityBoundingSet=",
                     "MemoryDenyWriteExecute=yes", "SystemCallFilter=@system-service",
                     "UMask=0077", "LimitCORE=0", "Restart=on-failure",
                     "RestartPreventExitStatus=2 3", "StateDirectoryMode=0700"):
            with self.subTest(line=line):
                self.assertIn(line, self.lines)

    def test_systemd_understands_every_line(self):
        if shutil.which("systemd-analyze") is None:
            self.skipTest("no systemd here")
        status, said = run("systemd-analyze", "verify", "--recursive-errors=no", "--man=no",
                           self.instance)
        said = [line for line in said.splitlines() if str(self.instance.name) in line]
        self.assertEqual((status, said), (0, []))

    def test_systemd_finds_it_little_exposed(self):
        if shutil.which("systemd-analyze") is None:
            self.skipTest("no systemd here")
        status, said = run("systemd-analyze", "security", "--offline=yes",
                           f"--threshold={EXPOSURE_MAX}", "--no-pager", self.instance)
        self.assertEqual(status, 0, said)


if __name__ == "__main__":
    unittest.main()
