"""What people and programs write: zones, YAML, traces as JSON lines, queries, progress, kept letters, lessons' pages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulator.engine.jsonlines import line, load
from simulator.engine.query import parse
from simulator.errors import MailflowError, QueryError, ScenarioError
from simulator.learning.pages import read_pages
from simulator.learning.progress import FILE, Progress
from simulator.learning.quiz import load_quiz
from simulator.nodes.queue import Entry, Queued
from simulator.nodes.queue_file import entry_of, octets_of
from simulator.protocol.dns.zone import parse_zone, read_zone
from simulator.protocol.dns.zone_text import ZoneSyntaxError
from simulator.records.describe import describe
from simulator.scenario import loading
from simulator.scenario.report import Report
from simulator.scenario.yamlload import load_tree, source_of
from tests.conftest import ROOT
from tests.export.judge import run
from tests.fuzz.mutation import Mutator, attempt, rounds
from tests.protocol.dns.worlds import ALPHA_TEST

ZONE = Mutator(
    [
        ALPHA_TEST.encode(),
        (b"$TTL 1h\n@ IN SOA ns hostmaster (1 3600\n 600 86400 300) ; x\n@ NS ns\nns A 192.0.2.1\n* 5 IN TXT \"a;b\" \"c\\\"d\"\n"
        b"a IN AAAA 2001:db8::1\nb CNAME a\n1 PTR a.\ns SRV 0 5 25 a\n@ CAA 0 issue \"x\"\n@ MX 10 a\n@ MX 0 .\n"),
    ],
    [b"$INCLUDE /etc/passwd\n", b"$GENERATE 1-1000000 a A 192.0.2.$\n", b"$ORIGIN ", b"(", b")", b'"', b";", b"\\000", b"\\256", b"IN ", b"99999999999999", b"-1", b"1w2d", b"a" * 70, b".a" * 130, b"..", b"@ CNAME @\n", b"TYPE65535 \\# 4 00"],
)  # fmt: skip
SCENARIOS = sorted(path for path in ROOT.glob("scenarios/*.yaml") if "." not in path.stem)
YAML = Mutator(
    [path.read_bytes() for path in SCENARIOS],
    [b"&a ", b"*a", b"<<: *a\n", b"!!python/object:os.system x", b"[" * 40, b"{" * 40, b"- " * 20, b"? ", b"|\n", b">-\n", b"%TAG ! x\n", b"---\n", b"...\n", b"id: id\n", b"include: [../../etc/passwd]\n", b"1e999", b".inf", b"0x", b"~", b"${x}", b"\t", b"'", b"at: -5s", b"seed: 99999999999999999999999\n", b"999999999999999999d", b"what: host-down", b"${lunch}", b"ip: 999.0.2.1", b"2024-13-99"],
)  # fmt: skip
QUERIES = Mutator(
    [
        b'smtp.reply from=mx-beta verb=RCPT code>=400 text~"no, no" | first code',
        b"tcp.* session!=1 | list n",
        b"deliver mailbox=boris@beta.example | exists",
        b"queue.attempt number<=2 | max t",
    ],
    [
        b"|",
        b"||",
        b"*",
        b"**",
        b"?",
        b"[!x]",
        b"[",
        b"~",
        b"=",
        b"!=",
        b"<",
        b'"',
        b"count",
        b"first",
        b"n",
        b"9" * 400,
        b"1e9",
    ],
)


def test_no_zone_text_raises_anything_but_its_own_error(long: bool) -> None:
    for octets, _ in ZONE.inputs(rounds(long, 1000)):
        text = octets.decode("utf-8", "replace")
        problems = read_zone(text, "alpha.test")
        assert problems is not None
        zone, error = attempt(ZoneSyntaxError, parse_zone, text, "alpha.test")
        assert str(error) if zone is None else zone.serial >= 0


def read(octets: bytes) -> object:
    """Read YAML as every file of ours is read."""
    report = Report()
    tree = load_tree(*source_of(octets, "x.yaml", "x.yaml", report), report)
    report.stop_if_any()
    return tree


def test_no_yaml_raises_anything_but_diagnostics(long: bool) -> None:
    for octets, _ in YAML.inputs(rounds(long, 300)):
        _, error = attempt(ScenarioError, read, octets)
        if isinstance(error, ScenarioError):
            assert error.diagnostics
            assert all(one.line >= 1 and one.column >= 1 and one.rule for one in error.diagnostics)


def test_no_scenario_file_raises_anything_but_diagnostics(tmp_path: Path, long: bool) -> None:
    path = tmp_path / "x.yaml"
    for octets, _ in YAML.inputs(rounds(long, 2500) // 10, seed=2):
        path.write_bytes(octets)
        scenario, error = attempt(ScenarioError, lambda: loading.load_file(path, shown="x.yaml"))
        assert scenario is not None or (isinstance(error, ScenarioError) and error.diagnostics)


def test_no_query_raises_anything_but_its_own_error(long: bool) -> None:
    records = run("two-mx").records
    for octets, chance in QUERIES.inputs(rounds(long, 4000)):
        query, error = attempt(QueryError, parse, octets.decode("utf-8", "replace"))
        if isinstance(error, QueryError):
            assert str(error) and (error.column or 0) >= 0
        elif chance.random() < 0.2:
            assert isinstance(query.ask(records).text, str)


def kept_traces() -> list[bytes]:
    """Pieces of a kept trace, each with its first line."""
    found = run("first-letter")
    lines = [line(record) for record in found.records]
    return [("\n".join([found.header, *lines[at : at + 12]]) + "\n").encode() for at in range(0, len(lines), 12)]


def test_no_trace_as_json_lines_raises_anything_but_a_sentence(long: bool) -> None:
    traces = Mutator(
        kept_traces(),
        [b"null", b"[]", b"{}", b"1e999", b"-1", b"true", b'"kind":"note"', b"NaN", b'"\\ud800"', b"[" * 2000, b'"n":', b"99999999999999999999"],
    )  # fmt: skip
    for octets, _ in traces.inputs(rounds(long, 3000)):
        lines = octets.decode("utf-8", "surrogateescape").split("\n")
        told, error = attempt(MailflowError, lambda text: [describe(record) for record in load(text)[1]], lines)
        assert told is not None or "line " in str(error)


def test_no_progress_file_stops_a_learner(tmp_path: Path, long: bool) -> None:
    one = {
        "v": 1,
        "t": 1,
        "lesson": "a",
        "item": "b",
        "seed": 1,
        "answer": "x",
        "points": 1.0,
        "sure": "guess",
        "right": True,
    }
    good = [
        json.dumps(one | change).encode() + b"\n"
        for change in ({}, {"answer": ["x", "y"]}, {"item": "в"}, {"points": 0.5})
    ]
    files = Mutator(
        [b"".join(good), *good], [b'"v": 2', b"null", b"[]", b"NaN", b"1e400", b"[" * 3000, b'"\\ud800"', b'"t": true']
    )
    for number, (octets, _) in enumerate(files.inputs(rounds(long, 1500))):
        folder = tmp_path / str(number % 50)
        folder.mkdir(exist_ok=True)
        (folder / FILE).write_bytes(octets)
        progress = Progress(folder, clock=lambda: 1.0)
        assert all(isinstance(message, str) for message in progress.messages)
        if not progress.messages and octets.endswith(b"\n"):
            assert (folder / FILE).read_bytes() == octets
        for path in folder.iterdir():
            path.unlink()


def test_no_kept_letter_raises_anything_but_a_sentence(long: bool) -> None:
    entry = Entry(
        "1A", "a@b.test", b"Subject: x\r\n\r\n", None, 5, [Queued("c@d.test"), Queued("п@d.test", "deferred", 2, 9)]
    )
    kept = Mutator(
        [octets_of(entry, 7)], [b"null", b"[]", b"{}", b"NaN", b"1e400", b'"x"', b"[" * 3000, b'"state"', b"-1"]
    )
    for octets, _ in kept.inputs(rounds(long, 3000)):
        found, error = attempt(MailflowError, entry_of, "1A", octets, 7)
        assert "1A" in str(error) if found is None else octets_of(found, 7)
        assert found is None or all(isinstance(one.address, str) for one in found.recipients)


def lessons() -> Iterator[Path]:
    """The quizzes that are shipped."""
    return iter(sorted(ROOT.glob("lessons/*/quiz.yaml")))


def test_no_quiz_or_page_raises_anything_but_diagnostics(tmp_path: Path, long: bool) -> None:
    quizzes = Mutator([path.read_bytes() for path in lessons()], YAML.pieces)
    pages = Mutator(
        [path.read_bytes() for path in sorted(ROOT.glob("lessons/*/lesson.*.md"))],
        [b"```", b"---\n", b"|", b"[x](", b"**"],
    )
    path = tmp_path / "quiz.yaml"
    for octets, _ in quizzes.inputs(rounds(long, 1500) // 10):
        path.write_bytes(octets)
        report = Report()
        quiz, error = attempt(ScenarioError, load_quiz, path, "quiz.yaml", report)
        assert quiz is not None or len(report) or error is not None
    for octets, _ in pages.inputs(rounds(long, 1500) // 10):
        attempt(MailflowError, read_pages, octets.decode("utf-8", "replace"))


@pytest.mark.parametrize("text", ["[" * 100_000, "{a: " * 100_000, "&a [*a, *a]\n" * 9999, "a: " + "x" * 2_000_000])
def test_no_yaml_bomb_is_opened(text: str) -> None:
    with pytest.raises(ScenarioError):
        read(text.encode())
