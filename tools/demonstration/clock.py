"""The clocks of the territory's processes, which can be put on: no delay of a kind is shorter than
five minutes, and nobody waits for one here.

They begin slow, and are right once the time has been let pass, so that what is typed in a territory
that goes on (`--stay`) agrees with it. The library that does it is the one of the tests."""

from pathlib import Path

from programs import StepFailed

SHIM = Path("tests/process/librelais_clock_shim.so")


class Clock:
    """Wall clocks begin `minutes` slow. Boot clocks never go back, and count what was let pass."""

    def __init__(self, file, minutes):
        self.file = Path(file)
        self.minutes_slow = minutes
        self.minutes_passed = 0
        self._write()

    def _write(self):
        wall, boot = -self.minutes_slow * 60_000, self.minutes_passed * 60_000
        whole = self.file.with_suffix(".new")
        whole.write_text(f"{wall} {boot}", encoding="ascii")
        whole.replace(self.file)

    def environment(self, programs):
        shim = Path(programs).parent / SHIM
        if not shim.is_file():
            raise StepFailed(f"{shim} is missing: build the target relais_clock_shim")
        return {"LD_PRELOAD": str(shim), "RELAIS_TEST_CLOCK": str(self.file)}

    def let_pass(self, minutes):
        """For every process at once, those that run included."""
        self.minutes_slow -= minutes
        self.minutes_passed += minutes
        self._write()
