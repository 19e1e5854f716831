"""The figures of the day, counted from headers alone; and a share, which is told of months."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from chapters.silence import MINUTES
from programs import check

OF_THE_DAY = {
    "admission/called": 3, "admission/offered": 3, "admission/chosen": 3, "admission/admitted": 1,
    "admission/unanswered": 1, "liaison/discharge-letters": 1,
    "substitution/notices": 1, "substitution/under-protocol": 1, "substitution/answer": 1,
    "protocol/approved": 1, "protocol/agreements": 1, "protocol/open-classes": 1,
}
OF_THE_MONTH = {"admission/letter-on-the-day": 1}


def tell(story):
    # Two days, or months, where the story's own clocks made one pass.
    now = datetime.now(ZoneInfo("Europe/Paris"))
    first = now - timedelta(hours=1, minutes=MINUTES)
    story.tell("The operator, who can read none of it, counts the day from the headers:")
    show(story, OF_THE_DAY, "--from", f"{first:%Y-%m-%d}", "--until", f"{now:%Y-%m-%d}")
    story.tell("A share is told of whole months alone; of the one that runs, as a total:")
    show(story, OF_THE_MONTH, "--from", f"{first:%Y-%m}", "--to", f"{now:%Y-%m}")


def show(story, expected, *period):
    territory = story.territory
    figures = territory.programs.run(
        "relais-admin", "indicators", "--config", territory.config, *period)["indicators"]
    counted = {name_of(figure): count_of(figure) for figure in figures}
    wrong = {name: (counted.get(name), count) for name, count in expected.items()
             if counted.get(name) != count}
    check(not wrong, f"counted, and expected: {wrong}")
    for figure in figures:
        name = name_of(figure)
        if name in expected:
            story.note(f"{counted[name]:3d}  {figure['label']}")


def name_of(figure):
    return f"{figure['kind']}/{figure['indicator']}"


def count_of(figure):
    counts = [period["count"] for period in figure["months"]]
    return counts[-1] if figure["measure"] == "entries" else sum(counts)
