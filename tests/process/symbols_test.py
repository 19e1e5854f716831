"""The broker and its enrolment process link no code that can open an envelope: the symbols tell."""

import subprocess
import sys
import unittest
from pathlib import Path

PROGRAMS = Path(sys.argv.pop())
# What opening takes: a key agreement for the key box, then an authenticated cipher. libzmq has a
# CURVE of its own, which knows nothing of envelopes.
OPENING = ("EVP_Decrypt", "EVP_Cipher", "EVP_PKEY_derive", "EVP_PKEY_decrypt", "ECDH_")
NAMESPACES = ("relais::seal::", "relais::station::")


def symbols(program, *options):
    listed = subprocess.run(["nm", *options, str(PROGRAMS / program)], capture_output=True,
                            text=True, check=True)
    return listed.stdout


def found(program):
    listed = symbols(program, "-D", "--undefined-only").splitlines()
    imported = [line.split()[-1] for line in listed]
    own = symbols(program, "-C")
    return ([name for name in imported if name.startswith(OPENING)]
            + [space for space in NAMESPACES if space in own])


class Symbols(unittest.TestCase):
    def test_the_broker_links_no_code_that_opens(self):
        for program in ("relais-broker", "relais-enrolment"):
            with self.subTest(program=program):
                self.assertIn("relais::wire::", symbols(program, "-C"), "symbols were stripped")
                self.assertEqual(found(program), [])

    def test_the_same_search_finds_it_in_the_station(self):
        there = found("relais")
        for sought in ("EVP_PKEY_derive", "EVP_Decrypt", *NAMESPACES):
            self.assertTrue(any(name.startswith(sought) for name in there), sought)


if __name__ == "__main__":
    unittest.main()
