"""Each rule of the style checker reports its fault, that alone, and not the clean twin."""

import subprocess
import unittest

import cases
from clean_tree import SOURCE, CleanTree
from style import layout
from style.rule import ALL

TIDY = str(SOURCE / "tools/tidy")


class Rules(unittest.TestCase):
    def tree(self, *args, **kwargs):
        tree = CleanTree(*args, **kwargs)
        self.addCleanup(tree.close)
        return tree

    def test_clang_format_is_there(self):
        self.assertIsNotNone(layout.program(), "tools/setup installs clang-format-14")

    def test_every_rule_has_a_case(self):
        self.assertEqual({case.rule for case in cases.ALL}, set(ALL))

    def test_the_clean_tree_is_clean(self):
        self.assertEqual(self.tree().findings(), [])

    def each(self, tree_of):
        """(number, case, what is found in its tree).

        Starting clang-format takes longer than all the rest, so only its own cases start it.
        """
        for number, case in enumerate(cases.ALL):
            skipped = () if case.rule == "format" else ("format",)
            yield number, case, tree_of(case).findings(skipped)

    def test_a_fault_is_reported_by_its_rule_alone(self):
        for number, case, found in self.each(lambda c: self.tree(c.fault, c.unbuilt, c.unrun)):
            with self.subTest(rule=case.rule, number=number):
                places = {(finding.rule, finding.path) for finding in found}
                self.assertEqual(places, {(case.rule, case.path)}, found)

    def test_the_clean_twin_of_a_fault_passes(self):
        for number, case, found in self.each(lambda c: self.tree(c.clean, c.clean_unbuilt)):
            with self.subTest(rule=case.rule, number=number):
                self.assertEqual(found, [])

    def test_sources_that_are_compiled_together_are_built(self):
        planted = {"core/base/planted.cc": cases.SOURCE}
        self.assertEqual(self.tree(planted, joined=True).findings(), [])
        found = self.tree(planted, unbuilt=tuple(planted), joined=True).findings()
        self.assertEqual([(finding.rule, finding.path) for finding in found],
                         [("not-built", "core/base/planted.cc")])

    def test_an_unknown_build_is_a_finding(self):
        for text in ("[]", "not JSON", None):
            with self.subTest(text=text):
                tree = self.tree()
                file = tree.root / "build/dev/compile_commands.json"
                file.unlink() if text is None else file.write_text(text, encoding="utf-8")
                self.assertEqual([finding.rule for finding in tree.findings()], ["not-built"])


class Command(unittest.TestCase):
    def setUp(self):
        self.tree = CleanTree({"core/base/errors.def": cases.TABLE})
        self.addCleanup(self.tree.close)

    def tidy(self, *args, **environment):
        environment = {"PATH": "/usr/bin:/bin", **environment}  # no locale
        return subprocess.run([TIDY, "--root", str(self.tree.root), *args], env=environment,
                              cwd="/", capture_output=True, encoding="utf-8", check=False)

    def test_findings_are_lines_of_path_line_rule_text_and_the_status_is_one(self):
        run = self.tidy()
        self.assertEqual(run.returncode, 1)
        self.assertRegex(run.stdout, r"\Adocs/protocol\.md:9: error-table: .+\n\Z")

    def test_the_error_table_can_be_written_and_then_all_is_clean(self):
        self.assertEqual(self.tidy("--write-error-table").returncode, 0)
        run = self.tidy()
        self.assertEqual((run.returncode, run.stdout), (0, ""))
        page = (self.tree.root / "docs/protocol.md").read_text(encoding="utf-8")
        self.assertNotIn("mailbox_full", page)
        self.assertIn("| Données illisibles. |", page)
        self.assertTrue(page.endswith("<!-- errors:end -->\n"))

    def test_a_table_that_cannot_be_made_leaves_the_page_as_it_is(self):
        self.tree.write("core/base/errors.def", "RELAIS_ERROR(1)\n")
        before = (self.tree.root / "docs/protocol.md").read_bytes()
        self.assertEqual(self.tidy("--write-error-table").returncode, 1)
        self.assertEqual((self.tree.root / "docs/protocol.md").read_bytes(), before)

    def test_a_finding_can_be_told_in_any_locale(self):
        self.tree.write("README.md", "[a](docs/santé.md)\n")
        run = self.tidy(PYTHONIOENCODING="ascii")
        self.assertIn("docs/santé.md: no such file", run.stdout)

    def test_the_build_named_is_the_one_looked_at(self):
        other = self.tree.root / "elsewhere.json"
        other.write_text("[]", encoding="utf-8")
        run = self.tidy("--compile-commands", str(other))
        self.assertIn("not-built", run.stdout)

    def test_rules_are_listed_by_name(self):
        listed = [line.split()[0] for line in self.tidy("--list-rules").stdout.splitlines()]
        self.assertEqual(listed, sorted(ALL))


if __name__ == "__main__":
    unittest.main()
