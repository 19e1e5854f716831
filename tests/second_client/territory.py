"""A small territory on real processes: a broker, a CPTS and a hospital ward, all of them C++.

Everything stands in one folder and listens on 127.0.0.1. What is started here is ended here.
"""

import json
import os
import re
import socket
import subprocess
import threading
from pathlib import Path

PASSPHRASE = "une phrase de passe pour les essais"
WAIT_S = 120
DOMAIN = "essai"


def free_endpoints(count):
    """Ports that were free a moment ago: `relais-admin init` writes them to the configuration."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return [f"127.0.0.1:{port}" for port in ports]


class Broker:
    """The process, from the line that says it listens to SIGTERM."""

    def __init__(self, program, config):
        self.lines = []
        self.process = subprocess.Popen([program, "--config", config], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                        encoding="utf-8", errors="replace")
        self.started = threading.Event()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        if not self.started.wait(WAIT_S) or self.process.poll() is not None:
            self.stop()
            raise RuntimeError("the broker does not start:\n" + "".join(self.lines))

    def _read(self):
        for line in self.process.stderr:
            self.lines.append(line)
            if re.search(r"\bstarted\b", line):
                self.started.set()
        self.started.set()

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(WAIT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.reader.join(WAIT_S)
        self.process.stderr.close()


class Territory:
    def __init__(self, programs, kinds, folder):
        self.programs, self.folder = Path(programs), Path(folder)
        self.config = self.folder / "domain.toml"
        self.authority = self.folder / "authority.key"
        self.registrar = self.folder / "registrar.key"
        stations, enrolment, http = free_endpoints(3)
        self.admin("init", DOMAIN, "--title", "Territoire d'essai", "--data", self.folder / "data",
                   "--config", self.config, "--authority-file", self.authority,
                   "--registrar-file", self.registrar, "--listen", f"tcp://{stations}",
                   "--listen-enrolment", f"tcp://{enrolment}", "--listen-http", http, "--test",
                   passphrases=("--authority-passphrase-fd", "--registrar-passphrase-fd"))
        self.broker = Broker(self.programs / "relais-broker", self.config)
        try:
            self._people(kinds)
        except BaseException:
            self.close()
            raise

    def publish(self, kind):
        self.run("relais-admin", "kind", "add", kind, "--yes", "--station", self.folder / "cpts")

    def _people(self, kinds):
        self.enrol("cpts", "cpts", "CPTS d'essai", "36000000000016", "coordinator", anchor=True)
        self.publish(kinds)
        self.enrol("ch-essai", "hospital", "CH d'essai", "360000012", "60")
        self.confirm("ch-essai")
        self.station("ch-essai", "org", "unit", "add", "geriatrie", "--title",
                     "Court séjour gériatrique", "--takes", "admission", "--here")

    def close(self):
        self.broker.stop()

    # ---- commands -------------------------------------------------------------------------------

    def run(self, program, *words, passphrases=("--passphrase-fd",), expect=(0,)):
        """(exit status, standard output). Every passphrase is given by a descriptor of its own."""
        readers, options = [], []
        for option in passphrases:
            reader, writer = os.pipe()
            os.write(writer, (PASSPHRASE + "\n").encode())
            os.close(writer)
            readers.append(reader)
            options += [option, str(reader)]
        command = [str(word) for word in (self.programs / program, *words, *options)]
        try:
            done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, encoding="utf-8", pass_fds=readers,
                                  timeout=WAIT_S, check=False,
                                  env={"PATH": "/usr/bin:/bin", "HOME": str(self.folder)})
        finally:
            for reader in readers:
                os.close(reader)
        if done.returncode not in expect:
            raise RuntimeError(f"{command}: {done.returncode}\n{done.stdout}{done.stderr}\n"
                               + "".join(self.broker.lines if "init" not in words else ()))
        return done.returncode, done.stdout

    def admin(self, command, *words, key=None, **options):
        if key:
            words = (*words, "--config", self.config, "--registrar", key)
        return self.run("relais-admin", command, *words, **options)

    def station(self, name, *words, expect=(0,)):
        """What `relais --json` says, as a dict."""
        _, said = self.run("relais", "--station", self.folder / name, "--json", *words,
                           expect=expect)
        return json.loads(said)

    # ---- what people do -------------------------------------------------------------------------

    def invite(self, name, anchor=False):
        token = self.folder / f"{name}.token"
        self.admin("invite", "-o", token, *(["--anchor"] if anchor else []),
                   key=self.authority if anchor else self.registrar)
        return token

    def approve(self, anchor=False):
        self.admin("approve", "--wait", "1min", key=self.authority if anchor else self.registrar)

    def enrol(self, name, kind, title, identifier, profession, anchor=False):
        token = self.invite(name, anchor)
        self.station(name, "enrol", token, "--station-title", "Poste 1", "--person-title",
                     f"Personne de {name}", "--profession", profession, "--organisation", name,
                     "--title", title, "--kind", kind, "--identifier", identifier, "--sheet",
                     self.folder / f"{name}.sheet", expect=(0, 6))
        self.approve(anchor)
        self.station(name, "enrol", "--wait", "1min")

    def fingerprint(self, name):
        found = self.station("cpts", "directory", "--organisation", name)["organisations"]
        return found[0]["fingerprint"]

    def confirm(self, name, fingerprint=None):
        self.station("cpts", "confirm", name, "--fingerprint",
                     fingerprint or self.fingerprint(name))
