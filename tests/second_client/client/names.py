"""Names, identifiers and code lists: docs/formats.md, sections 1 and 16."""

import re
import unicodedata

SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
TITLE_BYTES_MAX = 120
LA_POSTE = "356000000"  # has more sites than Luhn leaves numbers for

HEALTH = "10 21 26 28 40 50 60 70 80 91 94 95".split()
ALL = HEALTH + ["bed-manager", "coordinator", "director", "it", "preparer", "secretary", "service",
                "social-worker"]
OFFICE = ["it", "secretary", "service"]
HEAD = ["coordinator", "director", *OFFICE]
PROFESSIONS = {
    1: "10 21 40 50 60 70 80 91 94 95 social-worker".split() + HEAD,
    2: "10 40 50 60 70 80 91 94 95".split() + OFFICE,
    3: ["21", "preparer", *OFFICE],
    4: ["60", *OFFICE],
    5: ALL,
    6: "10 60 94 95 social-worker".split() + HEAD,
    7: "10 21 60 70 91 94 95 social-worker".split() + HEAD,
    8: ["10", "21", "60", *HEAD],
    9: ["10", "60", "coordinator", *OFFICE],
    10: ["10", "21", "60", *OFFICE],
    11: ["social-worker", *HEAD],
}


def professions_of(organisation_kind):
    return PROFESSIONS[organisation_kind]


def has_rpps(profession):
    return profession.isdigit()


def is_title(text):
    return (1 <= len(text.encode()) <= TITLE_BYTES_MAX
            and not any(unicodedata.category(letter) == "Cc" for letter in text))


def luhn(digits):
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (1 + place % 2)
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0


def is_identifier(text):
    """A FINESS (9, its key not judged) or a SIRET (14, its key right)."""
    if len(text) == 9:
        return re.fullmatch("(?!00)([0-9]{2}|2A|2B)[0-9]{7}", text) is not None
    if not re.fullmatch("[0-9]{14}", text):
        return False
    return luhn(text) or text.startswith(LA_POSTE) and sum(map(int, text)) % 5 == 0
