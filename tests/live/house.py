"""A running `mailflow live`, as another program sees it: its process, and what its endpoints file says."""

from __future__ import annotations

import json
import os
import signal
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


@dataclass(slots=True)
class House:
    """One running world; `facts` is the endpoints file, `folder` a place for files of the test."""

    process: subprocess.Popen[bytes]
    folder: Path
    facts: dict[str, Any] = field(default_factory=dict)

    def port(self, service: str) -> int:
        """The port of a service."""
        return int(str(self.facts[service]).rpartition(":")[2])

    @property
    def users(self) -> list[tuple[str, str]]:
        """Address and password of each account, in the scenario's order."""
        return list(self.facts["users"].items())

    @property
    def ca_file(self) -> str:
        """The certificate that clients have to trust."""
        return str(self.facts["ca_file"])

    def trust(self) -> ssl.SSLContext:
        """What a careful client checks the server's certificate with."""
        return ssl.create_default_context(cafile=self.ca_file)

    def said(self) -> str:
        """What the command printed so far."""
        return (self.folder / "printed").read_text(encoding="utf-8")

    def end(self, number: int = signal.SIGTERM, seconds: float = 10) -> int:
        """Send a signal and wait for the end; returns the exit code."""
        self.process.send_signal(number)
        return self.process.wait(seconds)


def start(folder: Path, *options: str, scenario: str = "open-house", seconds: float = 30) -> House:
    """Start `mailflow live` on ports that are free, and wait until its endpoints file is there."""
    endpoints = folder / "endpoints.json"
    endpoints.unlink(missing_ok=True)
    where = ["--endpoints", str(endpoints), "--ca-file", str(folder / "ca.pem")]
    if "--port-base" not in options:
        where += ["--port-base", "0"]
    variables = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", "MAILFLOW_DEBUG": "1"}
    with (folder / "printed").open("wb") as printed:
        command = [sys.executable, "-m", "simulator", "live", scenario, *where, *options]
        process = subprocess.Popen(command, cwd=ROOT, env=variables, stdout=printed, stderr=subprocess.STDOUT)
    house = House(process, folder)
    end = time.monotonic() + seconds
    while not endpoints.exists():
        if process.poll() is not None or time.monotonic() > end:
            process.kill()
            raise AssertionError(f"live mode did not begin:\n{house.said()}")
        time.sleep(0.02)
    house.facts = json.loads(endpoints.read_text(encoding="utf-8"))
    return house


@contextmanager
def living(*options: str, scenario: str = "open-house") -> Iterator[House]:
    """A running world in a folder of its own; it is killed at the end if it still runs."""
    with tempfile.TemporaryDirectory(prefix="mailflow-live-") as folder:
        house = start(Path(folder), *options, scenario=scenario)
        try:
            yield house
        finally:
            if house.process.poll() is None:
                house.process.kill()
                house.process.wait(10)
