"""tools/setup installs what is missing, that alone, and nothing where nothing is."""

import os
import subprocess
import tempfile
import unittest
from pathlib import Path

from clean_tree import SOURCE

SETUP = str(SOURCE / "tools/setup")
# Stand-ins for the system's commands. INSTALLED lists packages, LOG keeps the calls of apt-get.
STAND_INS = {
    "dpkg-query": '#!/bin/bash\nwhile read -r p; do echo "$p installed"; done <"$INSTALLED"\n'
                  'echo "procps config-files"\nexit 1\n',
    "apt-get": '#!/bin/bash\necho "$DEBIAN_FRONTEND apt-get $*" >>"$LOG"\n'
               '[[ " $* " == *" update "* ]] && exit "$UPDATE"\n'
               'while (($#)); do [[ $1 == -* ]] || echo "$1"; shift; done >>"$INSTALLED"\n'
               'exit "$INSTALL"\n',
    "id": '#!/bin/bash\necho "$USER_ID"\n',
    "sudo": '#!/bin/bash\necho sudo >>"$LOG"\nexec "$@"\n',
}
TOOLS = ("bash", "cat", "env")


class Setup(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="relais-setup-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.installed, self.log = self.folder / "installed", self.folder / "log"
        self.log.touch()
        for name, text in STAND_INS.items():
            (self.folder / name).write_text(text, encoding="utf-8")
            (self.folder / name).chmod(0o755)
        for name in TOOLS:
            (self.folder / name).symlink_to(f"/usr/bin/{name}")
        self.packages = self.all_packages()

    def all_packages(self):
        """Every package setup wants, as it says where none is installed."""
        self.installed.write_text("", encoding="utf-8")
        status, said = self.run_setup("--clang")
        self.assertEqual(status, 0, said)
        self.log.write_text("", encoding="utf-8")
        return said.split("setup: installing ")[1].splitlines()[0].split()

    def run_setup(self, *args, user_id=0, update=0, install=0):
        environment = {"PATH": str(self.folder), "INSTALLED": str(self.installed),
                       "LOG": str(self.log), "USER_ID": str(user_id), "UPDATE": str(update),
                       "INSTALL": str(install)}
        run = subprocess.run([SETUP, *args], env=environment, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, encoding="utf-8", check=False)
        return run.returncode, run.stdout

    def all_but(self, *names):
        kept = [package for package in self.packages if package not in names]
        self.installed.write_text("".join(f"{name}\n" for name in kept), encoding="utf-8")

    def calls(self):
        return self.log.read_text(encoding="utf-8").splitlines()

    def test_nothing_is_called_where_nothing_is_missing(self):
        self.all_but()
        self.assertEqual(self.run_setup("--clang", user_id=1000),
                         (0, "setup: nothing is missing\n"))
        self.assertEqual(self.calls(), [])

    def test_what_is_missing_is_installed_alone_and_without_a_question(self):
        self.all_but("cmake", "procps")
        status, said = self.run_setup()
        self.assertEqual(status, 0, said)
        self.assertIn("installing cmake procps\n", said)
        update, install = self.calls()
        self.assertRegex(update, r"^noninteractive apt-get .*update$")
        self.assertRegex(install, r"^noninteractive .*-y .*install --no-install-recommends "
                                  r"cmake procps$")

    def test_options_choose_the_packages(self):
        for option, missing, wanted in (("--build-only", "procps", 0), ("--build-only", "cmake", 2),
                                        ("--clang", "clang-19", 2)):
            with self.subTest(option=option, missing=missing):
                self.log.write_text("", encoding="utf-8")
                self.all_but(missing)
                self.assertEqual(self.run_setup(option)[0], 0)
                self.assertEqual(len(self.calls()), wanted)

    def test_an_ordinary_user_goes_through_sudo(self):
        self.all_but("cmake")
        self.assertEqual(self.run_setup(user_id=1000)[0], 0)
        self.assertEqual([call for call in self.calls() if call == "sudo"], ["sudo"] * 2)

    def test_without_root_and_sudo_it_says_what_is_missing(self):
        self.all_but("cmake")
        os.remove(self.folder / "sudo")
        status, said = self.run_setup(user_id=1000)
        self.assertEqual((status, self.calls()), (1, []))
        self.assertRegex(said, "root or install sudo; missing: cmake")

    def test_old_package_lists_are_tried_where_new_ones_cannot_be_had(self):
        self.all_but("cmake")
        self.assertEqual(self.run_setup(update=100)[0], 0)
        self.assertEqual(len(self.calls()), 2)

    def test_a_failed_installation_is_a_failure(self):
        self.all_but("cmake")
        status, said = self.run_setup(install=100)
        self.assertEqual(status, 1)
        self.assertIn("could not install: cmake", said)

    def test_an_unknown_option_changes_nothing(self):
        self.all_but("cmake")
        self.assertEqual(self.run_setup("--everything")[0], 2)
        self.assertEqual(self.calls(), [])


if __name__ == "__main__":
    unittest.main()
