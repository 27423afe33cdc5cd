"""The simulator as seen from outside: its command, its trace as JSON lines, its screen in a terminal.

Acceptance tests judge what a person or another program would see, so they come through here and not through the package.
"""

from __future__ import annotations

import functools
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = (
    "first-letter", "ten-lines", "two-mx", "pop3-and-imap", "cyrillic-and-attachment", "lecture", "open-house",
    "cc-bcc-attachment", "telnet-hour", "three-doors", "one-box-two-devices", "three-devices",
)  # fmt: skip
LETTERS = tuple(name for name in SHIPPED if name != "lecture")

AT_THE_PROMPT = r"shell>\s*\Z"

Fields = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Run:
    """One finished command: its exit code and what it printed."""

    code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        """Everything it printed."""
        return self.out + self.err


_LEARNERS = TemporaryDirectory(prefix="mailflow-learners-")
_NUMBERS = count(1)


def environment(changes: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment for a child: ours, without a terminal's wishes, with the checkout importable and a new learner."""
    variables = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "COLUMNS", "LINES")}
    variables |= {"PYTHONPATH": str(ROOT), "TERM": "dumb", "PYTHONDONTWRITEBYTECODE": "1"}
    variables["MAILFLOW_HOME"] = str(Path(_LEARNERS.name, str(next(_NUMBERS))))
    return variables | dict(changes or {})


def mailflow(
    *arguments: str,
    given: str = "",
    where: Path = ROOT,
    variables: Mapping[str, str] | None = None,
    flags: tuple[str, ...] = (),
    seconds: float = 60,
) -> Run:
    """Run `mailflow ARGUMENTS` as a process of its own, with `given` as its input, and wait for its end."""
    done = subprocess.run(
        [sys.executable, *flags, "-m", "simulator", *arguments],
        input=given.encode(),
        capture_output=True,
        cwd=where,
        env=environment(variables),
        timeout=seconds,
        check=False,
    )
    return Run(done.returncode, done.stdout.decode(), done.stderr.decode())


@functools.cache
def asked_once(*arguments: str) -> Run:
    """Like `mailflow`, run once for the whole test session: for commands that change nothing."""
    return mailflow(*arguments)


@functools.cache
def trace(scenario: str, *options: str) -> tuple[Fields, ...]:
    """Every record of a scenario's run, as the command prints it; octets as `str` of U+0000 to U+00FF."""
    run = mailflow("trace", scenario, "--as", "jsonl", *options)
    assert run.code == 0, run.err
    lines = run.out.splitlines()
    assert json.loads(lines[0])["mailflow-trace"] == 1
    return tuple(json.loads(line) for line in lines[1:])


def records(scenario: str, kind: str, **wanted: Any) -> list[Fields]:
    """The records of one kind (`smtp.*` for a family) whose fields have the wanted values; `from_` stands for `from`."""
    pattern = re.compile(re.escape(kind).replace(r"\*", ".*") + r"\Z")
    wanted = {key.rstrip("_"): value for key, value in wanted.items()}
    return [
        record
        for record in trace(scenario)
        if pattern.match(record["kind"]) and all(record.get(key) == value for key, value in wanted.items())
    ]


def sent(scenario: str, session: int, sender: str | None = None, **wanted: str) -> bytes:
    """All octets that a node sent in one session (or that went in one `direction`), in order, in clear."""
    if sender is not None:
        wanted["from"] = sender
    chunks = records(scenario, "tcp.data", session=session, **wanted)
    return b"".join(chunk["octets"].encode("latin-1") for chunk in chunks)


def sessions(scenario: str, port: int) -> list[Fields]:
    """The connections to a port."""
    return records(scenario, "tcp.connect", port=port)


def answer(scenario: str, query: str, *options: str) -> Any:
    """What `mailflow ask` answers to a query with an aggregate."""
    run = asked_once("ask", scenario, query, "--json", *options)
    assert run.code == 0, run.err
    found = json.loads(run.out)
    return found["value"] if isinstance(found, dict) else found


def count(scenario: str, query: str) -> int:
    """How many records a query finds, asked through the command."""
    return int(answer(scenario, f"{query} | count"))


def in_checkout(path: str) -> str:
    """The text of a file of the checkout."""
    return (ROOT / path).read_text(encoding="utf-8")


def need(*programs: str) -> None:
    """Skip the test, naming what is missing, unless these programs are installed."""
    packages = {"dig": "bind9-dnsutils", "mbsync": "isync"}
    missing = [name for name in programs if shutil.which(name) is None]
    if missing:
        pytest.skip("needs Debian's " + ", ".join(packages.get(name, name) for name in missing))


class Terminal:
    """A command in a real terminal (tmux), its keys and its screen."""

    def __init__(self, name: str) -> None:
        self.name = name

    def _tmux(self, *arguments: str) -> str:
        done = subprocess.run(
            ["tmux", "-L", self.name, *arguments], capture_output=True, check=True, timeout=20, env=environment()
        )
        return done.stdout.decode()

    def press(self, *keys: str) -> None:
        """Press keys by tmux's names: `Right`, `PageDown`, `n`."""
        self._tmux("send-keys", "-t", "it", *keys)

    def type(self, text: str) -> None:
        """Send text (or an escape sequence) as it stands."""
        self._tmux("send-keys", "-t", "it", "-l", text)

    def screen(self) -> str:
        """What the screen shows now."""
        return self._tmux("capture-pane", "-p", "-t", "it")

    def resize(self, columns: int, rows: int) -> None:
        """Change the size of the terminal."""
        self._tmux("resize-window", "-t", "it", "-x", str(columns), "-y", str(rows))

    def wait_for(self, pattern: str, seconds: float = 30) -> str:
        """Wait until the screen matches a regular expression, at most 3 s after the command ended; give the screen back."""
        start = alive = time.monotonic()
        while time.monotonic() < start + seconds and time.monotonic() < alive + 3:
            seen = self.screen()
            if re.search(pattern, seen):
                return seen
            if not seen.rstrip().endswith("shell>"):
                alive = time.monotonic()
            time.sleep(0.05)
        raise AssertionError(f"no {pattern!r} on the screen:\n{self.screen()}")

    def changed(self, before: str, seconds: float = 5) -> str:
        """Wait until the screen differs from `before` and give it back."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            seen = self.screen()
            if seen != before:
                return seen
            time.sleep(0.05)
        raise AssertionError(f"the screen stayed as it was:\n{before}")


@contextmanager
def terminal(command: str, columns: int = 80, rows: int = 24) -> Iterator[Terminal]:
    """A shell in tmux that runs `command` (with `mailflow` standing for this checkout's) in a window of that size."""
    need("tmux")
    name = f"mailflow-test-{os.getpid()}-{time.monotonic_ns()}"
    it = Terminal(name)
    variables = environment({"TERM": "xterm-256color", "PS1": "shell> ", "LC_ALL": "C.UTF-8"})
    start = ["tmux", "-L", name, "-f", "/dev/null", "new-session", "-d", "-s", "it"]
    size = ["-x", str(columns), "-y", str(rows)]
    subprocess.run([*start, *size, "env PS1='shell> ' sh"], check=True, cwd=ROOT, env=variables, timeout=20)
    try:
        it.wait_for(AT_THE_PROMPT)
        it.type(command.replace("mailflow", f"{sys.executable} -m simulator", 1) + "\n")
        yield it
    finally:
        subprocess.run(["tmux", "-L", name, "kill-server"], check=False, capture_output=True, timeout=20)
