"""Whole processes as a person starts them: `mailflow --help`, `mailflow run first-letter --check`; and a lab's re-run."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from simulator.scenario.loading import load
from simulator.scenario.world import run
from tests.bench.calibration import factor
from tests.bench.measure import Row, wall_ms

__all__ = ["rows"]

_ROOT = Path(__file__).resolve().parents[2]
_BARE = ("-c", "pass")
_WITHOUT_CLI = {
    "--help": "import simulator.scenario.finding, argparse",
    "run": "from simulator.scenario.loading import load\nfrom simulator.scenario.world import run\n"
    "run(load('first-letter'))",
}


def _start(*arguments: str) -> None:
    """Run a process to its end; it may keep compiled modules, as an installed command does."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    subprocess.run([sys.executable, *arguments], cwd=_ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)


def _command(*arguments: str) -> tuple[str, ...]:
    """How to start `mailflow`; without a command line, what it would have to do at least."""
    if find_spec("simulator.cli") is None:
        return ("-c", _WITHOUT_CLI[arguments[0]])
    return ("-c", "import sys; from simulator.cli import main; sys.exit(main())", *arguments)


def rows() -> list[Row]:
    """Wall time of processes, and of running the world of a lab again."""
    note = "" if find_spec("simulator.cli") is not None else "without simulator.cli: its imports only"
    bare = wall_ms(lambda: _start(*_BARE), times=15)
    helped = wall_ms(lambda: _start(*_command("--help")), times=15)
    ran = wall_ms(lambda: _start(*_command("run", "first-letter", "--check")), times=5)
    scenario = load("first-letter")
    again = wall_ms(lambda: run(scenario), times=9)
    scale = factor()
    return [
        Row("mailflow --help against a bare interpreter", helped / bare, 3, 2, "x", note=note or f"{helped:.0f} ms"),
        Row("mailflow run first-letter --check", ran, 800 * scale, 500 * scale, "ms", note=note),
        Row("re-run of a lab world (first-letter)", again, 300 * scale, 100 * scale, "ms"),
    ]
