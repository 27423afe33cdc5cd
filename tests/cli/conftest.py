"""Run a command in this process, as a script would see it: its exit code and both of its outputs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from simulator.cli import main
from simulator.text import set_language


@dataclass(frozen=True, slots=True)
class Done:
    """One finished command."""

    code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        return self.out + self.err


Command = Callable[..., Done]


@pytest.fixture(autouse=True)
def _quiet_surroundings(monkeypatch: pytest.MonkeyPatch, root: Path, tmp_path: Path) -> Iterator[None]:
    for name in ("MAILFLOW_LANG", "MAILFLOW_PATH", "MAILFLOW_DEBUG", "NO_COLOR", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MAILFLOW_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.chdir(root)
    yield
    set_language("en")


@pytest.fixture
def mailflow(capsys: pytest.CaptureFixture[str]) -> Command:
    """`mailflow("run", "first-letter")`."""

    def run(*arguments: str) -> Done:
        capsys.readouterr()
        code = main(arguments)
        printed = capsys.readouterr()
        return Done(code, printed.out, printed.err)

    return run


SMALL = """\
id: small
title: A small world
people:
  anna@alpha.example: {name: Anna, password: correct-horse}
  boris@beta.example: {name: Boris, password: battery-staple}
timeline:
  - {at: 0s, who: anna@alpha.example, do: send, to: [boris@beta.example], subject: Hello, text: Hi}
  - {at: 1m, who: boris@beta.example, do: fetch}
"""


@pytest.fixture
def small(tmp_path: Path) -> Callable[[str], str]:
    """Write a small scenario, with something added at its end, and give its path."""

    def write(added: str = "") -> str:
        path = tmp_path / "small.yaml"
        path.write_text(SMALL + added, encoding="utf-8")
        return str(path)

    return write
