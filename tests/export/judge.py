"""Wireshark's command-line twin as an outside judge of captures, and the runs that it judges."""

from __future__ import annotations

import json
import shutil
import subprocess
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from simulator.scenario import loading, world
from simulator.scenario.world import Run

SCENARIOS = sorted(
    path.stem for path in Path(__file__).resolve().parents[2].glob("scenarios/*.yaml") if "." not in path.stem
)
WRONG = (
    "_ws.malformed || tcp.analysis.flags || tcp.checksum.status == Bad || ip.checksum.status == Bad "
    "|| udp.checksum.status == Bad"
)
_CHECKS = ("tcp.check_checksum:TRUE", "ip.check_checksum:TRUE", "udp.check_checksum:TRUE")


@lru_cache(maxsize=16)
def run(scenario: str) -> Run:
    """A shipped scenario's run."""
    return world.run(loading.load(scenario))


def tshark(path: Path, *arguments: str) -> str:
    """What tshark says about a capture; skips where it is not installed."""
    program = shutil.which("tshark")
    if program is None:
        pytest.skip("needs Debian's tshark")
    options = [option for check in _CHECKS for option in ("-o", check)]
    done = subprocess.run(
        [program, "-r", str(path), *options, *arguments], capture_output=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    return done.stdout.decode(errors="replace")


def fields(path: Path, wanted: str, *names: str) -> list[list[str]]:
    """The values of fields in the packets that a display filter finds, a list a packet."""
    shown = [option for name in names for option in ("-e", name)]
    text = tshark(path, "-Y", wanted, "-T", "fields", "-E", "separator=/t", "-E", "occurrence=a", *shown)
    return [line.split("\t") for line in text.splitlines()]


def details(path: Path, wanted: str) -> list[dict[str, Any]]:
    """Everything that tshark knows about the packets that a display filter finds."""
    found: list[dict[str, Any]] = json.loads(tshark(path, "-Y", wanted, "-T", "json"))
    return [packet["_source"]["layers"] for packet in found]
