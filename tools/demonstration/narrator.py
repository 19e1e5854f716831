"""What every chapter has in hand: the territory, its stations by name, numbered sentences, and the
few steps that all kinds of exchange share."""

import json

from programs import check

GERIATRIE = "geriatrie.ch-valmont@valbrenne"
MEDECINE = "medecine.ch-valmont@valbrenne"
CARDIOLOGIE = "cardiologie.ch-valmont@valbrenne"
GARDE = "garde.ch-valmont@valbrenne"
PRACTICE = "medecins.cabinet-dupont@valbrenne"
PHARMACY = "officine.pharmacie-exemple@valbrenne"


class Story:
    """Chapters leave what later ones need in `self`: stations, threads, files."""

    def __init__(self, territory):
        self.territory = territory
        self.step = 0

    def tell(self, text):
        self.step += 1
        print(f"{self.step:3d}. {text}", flush=True)

    def note(self, text):
        print(f"       {text}", flush=True)

    def form(self, kind, name):
        """The filled form of an act, as it comes with the kind."""
        return self.territory.sources / "schemas/kinds" / kind / "examples" / f"{name}.json"

    def filled(self, kind, name, **answers):
        """The same with other answers, in a file of its own."""
        form = json.loads(self.form(kind, name).read_text(encoding="utf-8")) | answers
        file = self.territory.folder / f"{kind}-{name}.json"
        file.write_text(json.dumps(form, ensure_ascii=False), encoding="utf-8")
        return file

    def open_thread(self, station, kind, *options):
        """Writes, signs and sends; what `relais` says of it."""
        sent = station.new(kind, *options, "--send")
        check(all(message["state"] == "accepted" for message in sent["messages"]),
              f"the {kind} was not accepted")
        return sent

    def act(self, station, thread, act, *options):
        done = station.relais("act", thread, act, *options)
        check(done["messages"][0]["state"] == "accepted", f"{act} was not accepted")
        return done

    def read(self, station, thread, *options):
        """The case as that station shows it, and the last act of each name in it."""
        shown = station.relais("show", thread, *options)
        return shown, {item["act"]: item for item in shown["items"] if item["type"] == "act"}
