"""`mailflow run`: the stages, the expectations, the checks, the trace that is kept."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from simulator.records.kinds_message import STAGES
from tests.cli.conftest import Command

WRONG = """\
expect:
  - id: delivered
    that: deliver mailbox=boris@beta.example
    equals: 1
  - id: twice
    that: deliver mailbox=boris@beta.example
    at-least: 2
    why: Nobody sends it twice.
"""


def test_a_run_shows_a_line_a_stage_and_the_expectations(mailflow: Command) -> None:
    done = mailflow("run", "first-letter", "--check")
    assert done.code == 0, done.text
    lines = done.out.splitlines()
    assert lines[0] == "first-letter: The path of one letter"
    assert lines[1].split() == ["start", "duration", "stage", "actor", "protocol", "result"]
    assert [line.split()[3] for line in lines[3:11]] == list(STAGES)
    assert re.match(
        r" *0:00:00\.331 +[\d.]+ ms +transfer +mail-alpha +SMTP +queue: boris@beta\.example passed", lines[6]
    )
    assert lines[-2:] == ["check: every promise of the simulator is kept", "expect: 4 of 4 hold"]
    assert done.err == ""


def test_a_run_speaks_russian(mailflow: Command) -> None:
    done = mailflow("run", "first-letter", "--check", "--lang", "ru")
    assert done.code == 0
    assert "Путь одного письма" in done.out
    assert not re.search(r"\b(start|duration|result|check|expect|hold)\b", done.out)


def test_an_expectation_that_does_not_hold_is_shown_whole_and_is_1(
    mailflow: Command, small: Callable[[str], str]
) -> None:
    done = mailflow("run", small(WRONG))
    assert done.code == 1
    text = done.out[done.out.index("expect:") :]
    assert text.splitlines() == [
        "expect: 1 of 2 hold",
        "! twice  (small.yaml:13)",
        "    query:  deliver mailbox=boris@beta.example",
        "    wanted: at least 2",
        "    got:    1",
        "    why:    Nobody sends it twice.",
    ]


def test_a_broken_promise_of_the_simulator_is_1(mailflow: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    from simulator.records import invariants

    found = tuple(invariants.Finding("clear", n, "a password in clear \x1b[2J") for n in range(1, 26))
    monkeypatch.setattr(invariants, "findings", lambda records: found)
    assert mailflow("run", "first-letter").code == 0
    done = mailflow("run", "first-letter", "--check")
    assert done.code == 1
    assert "check: broken promises: 25" in done.out
    assert "event 1: a password in clear" in done.out
    assert "and 5 more" in done.out
    assert "\x1b" not in done.out


def test_what_waits_for_ever_is_named_and_is_1(mailflow: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    from simulator.scenario import world

    real = world.run

    def stalled(scenario: object, **how: object) -> world.Run:
        run = real(scenario, **how)  # type: ignore[arg-type]
        return world.Run(run.scenario, run.world, ("the client on pc-anna waits for a reply",))

    monkeypatch.setattr(world, "run", stalled)
    done = mailflow("run", "first-letter")
    assert done.code == 1
    assert "waits for ever: the client on pc-anna waits for a reply" in done.out


def test_a_letter_that_could_not_be_sent_is_named(mailflow: Command, small: Callable[[str], str]) -> None:
    done = mailflow("run", small("faults:\n  - {at: 0s, what: host-down, host: resolver}\n"), "--check")
    assert "pc-anna tells its user: the letter was not sent" in done.out
    assert "pc-anna: letters that wait in the outbox: 1" in done.out


def test_a_world_without_letters_says_so(mailflow: Command) -> None:
    done = mailflow("run", "lecture")
    assert done.code == 0
    assert "No letter was sent in this world." in done.out


def test_the_report_for_programs_is_json(mailflow: Command) -> None:
    done = mailflow("run", "cyrillic-and-attachment", "--check", "--json")
    assert done.code == 0
    report = json.loads(done.out)
    assert report["scenario"] == "cyrillic-and-attachment"
    assert report["fine"] is True
    assert report["findings"] == report["waiting"] == []
    assert {stage["stage"] for stage in report["stages"]} == set(STAGES) - {"filtering"}
    assert all(entry["holds"] for entry in report["expect"])
    first = report["stages"][0]
    assert first["start"] == 0 and isinstance(first["duration"], int)


def test_the_trace_is_kept_whole_and_nothing_is_left_beside_it(mailflow: Command, tmp_path: Path) -> None:
    target = tmp_path / "t.jsonl"
    target.write_text("what was there before", encoding="utf-8")
    assert mailflow("run", "first-letter", "--trace", str(target)).code == 0
    assert target.read_text(encoding="utf-8") == mailflow("trace", "first-letter", "--as", "jsonl").out
    assert os.listdir(tmp_path) == ["t.jsonl"]


def test_a_run_that_fails_leaves_the_old_trace(
    mailflow: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    target = tmp_path / "t.jsonl"
    target.write_text("what was there before", encoding="utf-8")
    monkeypatch.setattr("simulator.scenario.world.run", broken)
    assert mailflow("run", "first-letter", "--trace", str(target)).code == 3
    assert target.read_text(encoding="utf-8") == "what was there before"
    assert os.listdir(tmp_path) == ["t.jsonl"]


def test_a_trace_on_the_output_leaves_the_report_to_the_other_stream(mailflow: Command) -> None:
    done = mailflow("run", "first-letter", "--trace", "-")
    assert done.code == 0
    assert done.out == mailflow("trace", "first-letter", "--as", "jsonl").out
    assert "expect: 4 of 4 hold" in done.err
