"""Issue 2, section 2: the engine, as its trace shows it.

Judged elsewhere: the engine's parts one by one in tests/engine, times and memory in tests/bench.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.acceptance.outside import (
    LETTERS,
    ROOT,
    SHIPPED,
    answer,
    asked_once,
    count,
    environment,
    mailflow,
    records,
    trace,
)

COMMON = {"n", "t", "kind", "at", "from", "to", "session", "letter", "stage", "cause", "also", "origin"}


@pytest.mark.parametrize("scenario", SHIPPED)
def test_time_is_integer_microseconds_and_never_runs_back(scenario: str) -> None:
    times = [record["t"] for record in trace(scenario)]
    assert all(type(time) is int for time in times)
    assert times == sorted(times)


@pytest.mark.parametrize("scenario", SHIPPED)
def test_records_are_numbered_without_a_gap(scenario: str) -> None:
    numbers = [record["n"] for record in trace(scenario)]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


@pytest.mark.parametrize("scenario", SHIPPED)
def test_every_record_is_caused_by_an_earlier_one_or_has_an_origin(scenario: str) -> None:
    for record in trace(scenario):
        cause = record.get("cause")
        assert (cause is not None and cause < record["n"]) or record.get("origin"), record
        assert all(other < record["n"] for other in record.get("also") or ())


def test_an_origin_is_a_file_and_a_line_of_the_scenario() -> None:
    origins = {record["origin"] for record in trace("first-letter") if record.get("origin")}
    lines = (ROOT / "scenarios" / "first-letter.yaml").read_text(encoding="utf-8").splitlines()
    places = [re.fullmatch(r"(?:.*/)?first-letter\.yaml:(\d+)", origin) for origin in origins]
    numbers = [int(place.group(1)) for place in places if place]
    assert numbers
    assert all(1 <= number <= len(lines) for number in numbers)


def test_chunks_on_links_are_the_primary_records_and_carry_octets() -> None:
    chunks = records("first-letter", "tcp.data") + records("first-letter", "udp.data")
    assert {chunk["kind"] for chunk in chunks} == {"tcp.data", "udp.data"}
    for chunk in chunks:
        assert set(chunk["octets"]) <= {chr(code) for code in range(256)}
    assert {chunk["direction"] for chunk in chunks if chunk["kind"] == "tcp.data"} == {"<", ">"}


def test_pipelined_commands_travel_in_one_chunk() -> None:
    together = [chunk for chunk in records("first-letter", "tcp.data") if "MAIL FROM:" in chunk["octets"]]
    assert any("RCPT TO:" in chunk["octets"] for chunk in together)


def test_json_lines_are_canonical() -> None:
    lines = asked_once("trace", "first-letter", "--as", "jsonl").out
    assert lines.endswith("\n")
    assert "\r" not in lines
    for line in lines.splitlines():
        plain = json.dumps(json.loads(line), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        assert line in (plain, json.dumps(json.loads(line), sort_keys=True, separators=(",", ":")))


def test_the_first_json_line_names_scenario_seed_and_parameters() -> None:
    head = json.loads(asked_once("trace", "first-letter", "--as", "jsonl").out.splitlines()[0])
    assert head["mailflow-trace"] == 1
    assert head["scenario"] == "first-letter"
    assert head["seed"] == 1
    assert set(head["params"]) == {"lunch", "latency"}


def test_the_memory_sink_and_the_json_lines_sink_hold_the_same(tmp_path: Path) -> None:
    run = mailflow("run", "first-letter", "--trace", str(tmp_path / "it.jsonl"))
    assert run.code == 0, run.err
    assert (tmp_path / "it.jsonl").read_text(encoding="utf-8") == asked_once(
        "trace", "first-letter", "--as", "jsonl"
    ).out


def test_the_same_seed_gives_the_same_octets_and_another_seed_other_ones() -> None:
    one, again, other = (mailflow("trace", "first-letter", "--as", "jsonl", "--seed", seed).out for seed in "223")
    digest = [hashlib.sha256(text.encode()).hexdigest() for text in (one, again, other)]
    assert one
    assert digest[0] == digest[1] != digest[2]


@pytest.mark.parametrize(
    "kind", ["tcp.data", "smtp.reply", "dns.query", "queue.attempt", "imap.response", "stage", "action"]
)
def test_field_documentation_is_generated_for_a_kind(kind: str) -> None:
    run = asked_once("explain", kind)
    assert run.code == 0, run.err
    (*_, record) = records("first-letter", kind)
    for field in set(record) - COMMON:
        assert re.search(rf"\b{re.escape(field)}\b", run.out), field


@pytest.mark.parametrize("kind", sorted({"udp.data", "world", "lookup", "deliver", "tls.established", "queue.enter"}))
def test_every_kind_has_typed_fields(kind: str) -> None:
    found = records("first-letter", kind)
    assert found
    names = {frozenset(record) - COMMON for record in found}
    assert len(names) == 1, "the same fields in every record of a kind"


def test_the_engine_knows_no_mail() -> None:
    program = "import simulator.engine, sys; print([name for name in sys.modules if name.startswith('simulator.')])"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=environment(), check=True
    )
    names = set(re.findall(r"'simulator\.(\w+)", done.stdout))
    assert names <= {"engine", "errors", "limits", "safe", "text"}


@pytest.mark.parametrize(
    ("query", "value"),
    [
        ("smtp.command verb=RCPT from=mail-alpha | count", 1),
        ("smtp.command verb=MAIL from=mail-alpha | first address", "anna@alpha.example"),
        ("smtp.command verb=MAIL to=mx-* | last address", "anna@alpha.example"),
        ("smtp.command verb=mail | count", 0),
        ("smtp.command verb=RCPT | unique address", ["boris@beta.example"]),
        ("tcp.connect port>=993 | min port", 993),
        ("tcp.connect port<26 from=mail-alpha | max port", 25),
        ("smtp.command verb!=* | count", 0),
        ("smtp.command verb!=MAIL address=anna@alpha.example | unique verb", ["DATA"]),
        ("deliver mailbox~BETA | count", 1),
        ('deliver mailbox="boris@beta.example" | count', 1),
    ],
)
def test_the_query_language_answers(query: str, value: object) -> None:
    assert answer("first-letter", query) == value


def test_a_bar_inside_quotes_does_not_begin_an_aggregate() -> None:
    assert answer("first-letter", 'smtp.reply text~"a|b" | count') == 0


def test_the_query_language_lists_and_ranks() -> None:
    verbs = answer("first-letter", "smtp.command from=mail-alpha | list verb")
    assert verbs[:2] == ["EHLO", "MAIL"]
    top = answer("first-letter", "smtp.command | top verb")
    assert "EHLO" in json.dumps(top)


def test_the_stages_come_in_the_order_of_the_lecture() -> None:
    wanted = ["compose", "submission", "routing", "transfer", "filtering", "delivery", "retrieval", "reading"]
    stages = [record["stage"] for record in records("first-letter", "stage")]
    assert stages == wanted


@pytest.mark.parametrize("scenario", LETTERS)
def test_each_run_can_be_checked_against_the_invariants(scenario: str) -> None:
    run = asked_once("run", scenario, "--check")
    assert run.code == 0, run.text
    assert re.search(r"(?m)^check: ", run.out)
    assert "check: " not in asked_once("run", scenario).out


def test_links_take_the_time_that_the_scenario_says() -> None:
    queries = records("first-letter", "udp.data", from_="mail-alpha", to="resolver")
    answers = records("first-letter", "udp.data", from_="resolver", to="mail-alpha")
    assert queries
    assert answers
    assert min(reply["t"] for reply in answers) - min(query["t"] for query in queries) >= 40_000


def test_the_same_seed_gives_the_same_parameters_and_the_same_latency() -> None:
    head = json.loads(asked_once("trace", "first-letter", "--as", "jsonl", "--seed", "5").out.splitlines()[0])
    assert head["params"]["lunch"] in ("12:30", "13:00", "13:15")
    assert head["params"]["latency"] in ("40ms", "80ms", "120ms")


def test_the_rows_of_the_budget_that_apply_have_a_bench() -> None:
    benches = list((ROOT / "tests" / "bench").glob("*.py"))
    text = "".join(bench.read_text(encoding="utf-8") for bench in benches)
    assert all(word in text for word in ("must", "goal", "first-letter", "--help"))


def test_a_fold_of_the_trace_is_asked_for_at_an_event() -> None:
    assert (
        count("first-letter", "queue.enter at=mail-alpha") == count("first-letter", "queue.remove at=mail-alpha") == 1
    )
