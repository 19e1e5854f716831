"""The small territory of the demonstration: its domain, organisations and stations, made with the
commands that people would type."""

from dataclasses import dataclass, replace
from pathlib import Path

from programs import Broker, check, free_port

AUTHORITY = "phrase de la demonstration, autorite"
REGISTRAR = "phrase de la demonstration, registraire"
STATION = "phrase de la demonstration, poste"


@dataclass
class Station:
    """A station's folder, and the `relais` command in its name."""

    territory: "Territory"
    folder: Path
    title: str
    person: str = ""   # who acts, where several persons use it
    mailbox: str = ""  # which one writes, where it serves several

    def used_by(self, person, mailbox):
        return replace(self, person=person, mailbox=mailbox)

    def start(self, *arguments, expect=0):
        person = ("--as", self.person) if self.person else ()
        return self.territory.programs.start(
            "relais", "--station", self.folder, *person, *arguments,
            passphrases={"--passphrase-fd": STATION}, expect=expect)

    def relais(self, *arguments, expect=0):
        return self.start(*arguments, expect=expect).result()

    def new(self, kind, *options, expect=0):
        mailbox = ("--from", self.mailbox) if self.mailbox else ()
        return self.relais("new", kind, *mailbox, *options, expect=expect)

    def publish(self, kind):
        """A kind of exchange, from its folder, in the name of the CPTS."""
        return self.territory.programs.run(
            "relais-admin", "kind", "add", kind, "--yes", "--station", self.folder,
            passphrases={"--passphrase-fd": STATION})

    def import_pack(self, folder):
        """A reference pack, from the files as they are published, in the name of the CPTS."""
        return self.territory.programs.run(
            "relais-admin", "pack", "import", folder, "--yes", "--station", self.folder,
            passphrases={"--passphrase-fd": STATION})


class Territory:
    """Everything in one folder: keys and data of each apart."""

    def __init__(self, programs, folder, sources, clock):
        self.programs = programs
        self.clock = clock
        self.folder = Path(folder)
        self.sources = Path(sources)
        self.config = self.folder / "broker.toml"
        self.data = self.folder / "broker"
        self.broker = None
        self.authority = None
        self._tokens = 0

    def make_domain(self):
        self.authority = self.programs.run(
            "relais-admin", "init", "valbrenne", "--title", "Territoire de démonstration",
            "--test", "--data", self.data, "--config", self.config,
            "--authority-file", self.folder / "authority.json",
            "--registrar-file", self.folder / "registrar.json",
            "--listen", f"tcp://127.0.0.1:{free_port()}",
            "--listen-enrolment", f"tcp://127.0.0.1:{free_port()}",
            "--listen-http", "127.0.0.1:0",
            passphrases={"--authority-passphrase-fd": AUTHORITY,
                         "--registrar-passphrase-fd": REGISTRAR})["authority"]
        self.start_broker()

    def start_broker(self):
        self.broker = Broker(self.programs, self.config, self.folder / "broker.log")

    def let_pass(self, minutes):
        self.clock.let_pass(minutes)

    def admin(self, *arguments, anchor=False, expect=0):
        """relais-admin with the registrar's key, or the authority's for the anchor."""
        key = "authority.json" if anchor else "registrar.json"
        return self.programs.run(
            "relais-admin", *arguments, "--config", self.config,
            "--registrar", self.folder / key,
            passphrases={"--passphrase-fd": AUTHORITY if anchor else REGISTRAR}, expect=expect)

    def _token(self):
        self._tokens += 1
        return self.folder / f"invitation-{self._tokens}"

    def enrol_organisation(self, folder, organisation, person, anchor=False):
        """Invited by the domain, approved because its proposal bears the invitation's HMAC."""
        token = self._token()
        self.admin("invite", "-o", token, *(["--anchor"] if anchor else []), anchor=anchor)
        station = Station(self, self.folder / folder, organisation["title"])
        begun = station.relais(
            "enrol", token, "--station-title", "Premier poste",
            "--organisation", organisation["name"], "--title", organisation["title"],
            "--kind", organisation["kind"], "--identifier", organisation["identifier"],
            "--person-title", person["title"], "--profession", person["profession"],
            *(["--rpps", person["rpps"]] if "rpps" in person else []),
            "--sheet", self.folder / f"{folder}-recovery-sheet.txt", expect=6)
        check(begun["state"] == "waiting", "an organisation let itself in")
        self.admin("approve", "--wait", "60s", anchor=anchor)
        check(station.relais("enrol")["state"] == "approved", "the approval did not arrive")
        return station, begun["fingerprint"]

    def enrol_ward(self, hospital, unit, title, person, *options):
        """A station for a ward, invited by the hospital itself."""
        hospital.relais("org", "unit", "add", unit, "--title", title, "--takes", "admission",
                        "--phone", "02 61 91 00 10", *options)
        token = self._token()
        hospital.relais("org", "invite", "--unit", unit, "--new-person", "-o", token)
        station = Station(self, self.folder / unit, title)
        station.relais("enrol", token, "--station-title", f"Poste de soins {title}",
                       "--person-title", person["title"], "--profession", person["profession"],
                       "--rpps", person["rpps"], expect=6)
        outcome = hospital.relais("org", "approve", "--wait", "60s")["outcomes"][0]
        check(outcome["approved"], "the hospital's own station was refused")
        check(station.relais("enrol")["state"] == "approved", "the approval did not arrive")
        return station

    def end(self):
        if self.broker is not None:
            self.broker.kill()
