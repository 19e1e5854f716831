"""Runs the programs of Relais: passphrases through descriptors, results as JSON."""

import json
import os
import socket
import subprocess
from pathlib import Path

PATIENCE = 120  # seconds; a guard against a hang, not what anything takes


class StepFailed(Exception):
    """A step of the story did not hold."""


def check(condition, what):
    if not condition:
        raise StepFailed(what)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Running:
    """A program that was started; `result` waits for its JSON document."""

    def __init__(self, command, process, expect):
        self.command = command
        self.process = process
        self.expect = expect

    def result(self):
        try:
            said, complained = self.process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired as expired:
            self.process.kill()
            self.process.communicate()
            raise StepFailed(f"{' '.join(self.command)}\ndid not end") from expired
        check(self.process.returncode == self.expect,
              f"{' '.join(self.command)}\nended with {self.process.returncode} instead of "
              f"{self.expect}:\n{said}{complained}")
        try:
            return json.loads(said) if said.strip() else {}
        except json.JSONDecodeError as error:
            raise StepFailed(f"{self.command[0]} did not print one JSON document: {said}"
                             ) from error


class Programs:
    """The folder of the built programs, and how each is called."""

    def __init__(self, folder, clock):
        self.folder = Path(folder).resolve()
        self.environment = os.environ | clock.environment(self.folder)

    def path(self, name):
        return str(self.folder / name)

    def start(self, name, *arguments, passphrases=None, expect=0):
        """Starts it with --json. `passphrases`: option -> passphrase."""
        command = [self.path(name), "--json", *map(str, arguments)]
        descriptors = []
        for option, passphrase in (passphrases or {}).items():
            reading, writing = os.pipe()
            os.write(writing, passphrase.encode() + b"\n")
            os.close(writing)
            descriptors.append(reading)
            command += [option, str(reading)]
        try:
            process = subprocess.Popen(
                command, pass_fds=descriptors, env=self.environment, text=True,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        finally:
            for descriptor in descriptors:
                os.close(descriptor)
        return Running(command, process, expect)

    def run(self, name, *arguments, passphrases=None, expect=0):
        """Starts it and waits; its document."""
        return self.start(name, *arguments, passphrases=passphrases, expect=expect).result()


class Broker:
    """A running relais-broker, a child of this process."""

    def __init__(self, programs, config, log):
        self.log = Path(log)
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                [programs.path("relais-broker"), "--config", str(config)],
                env=programs.environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        self.wait_until_started()

    def wait_until_started(self):
        # The broker writes nothing between this line and the first request: reading on is cheap.
        while " started " not in self.log.read_text(encoding="utf-8"):
            try:
                status = self.process.wait(timeout=0.05)
            except subprocess.TimeoutExpired:
                continue
            raise StepFailed(f"the broker ended with {status}:\n"
                             + self.log.read_text(encoding="utf-8"))

    @property
    def http(self):
        line = next(line for line in self.log.read_text(encoding="utf-8").splitlines()
                    if " started " in line)
        return line.split("http=")[1].split()[0]

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
        check(self.process.wait(timeout=PATIENCE) == 0, "the broker did not end well")

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
