"""The figures of the day, counted from headers alone."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from chapters.silence import MINUTES
from programs import check

EXPECTED = {
    "admission/called": 3, "admission/offered": 3, "admission/chosen": 3, "admission/admitted": 1,
    "admission/unanswered": 1, "admission/letter-on-the-day": 1, "liaison/discharge-letters": 1,
    "substitution/notices": 1, "substitution/under-protocol": 1, "substitution/answer": 1,
    "protocol/approved": 1, "protocol/agreements": 1, "protocol/open-classes": 1,
}


def tell(story):
    # A day that ends in another month than it began counts in both.
    now = datetime.now(ZoneInfo("Europe/Paris"))
    first = now - timedelta(hours=1, minutes=MINUTES)
    territory = story.territory
    figures = territory.programs.run(
        "relais-admin", "indicators", "--config", territory.config,
        "--from", f"{first:%Y-%m}", "--to", f"{now:%Y-%m}")["indicators"]
    counted = {f"{figure['kind']}/{figure['indicator']}": count_of(figure) for figure in figures}
    wrong = {name: (counted.get(name), expected) for name, expected in EXPECTED.items()
             if counted.get(name) != expected}
    check(not wrong, f"counted, and expected: {wrong}")
    story.tell("The operator, who can read none of it, counts the day from the headers:")
    for figure in figures:
        name = f"{figure['kind']}/{figure['indicator']}"
        if name in EXPECTED:
            story.note(f"{counted[name]:3d}  {figure['label']}")


def count_of(figure):
    counts = [month["count"] for month in figure["months"]]
    return counts[-1] if figure["measure"] == "entries" else sum(counts)
