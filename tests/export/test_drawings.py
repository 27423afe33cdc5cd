"""Sequence diagrams and databases: what they show, and that no letter can break out of them."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from simulator.engine.environment import Environment
from simulator.engine.kinds import Record, kinds
from simulator.engine.query import parse
from simulator.engine.trace import KIND, N
from simulator.export.database import database, table_name
from simulator.export.mermaid import mermaid
from simulator.export.scene import Scene, scene
from simulator.export.states import PROTOCOLS, state_diagram
from simulator.export.svg import svg
from simulator.records.kinds_smtp import SMTP_COMMAND
from tests.export.judge import SCENARIOS, run
from tests.tui.handmade import Hand, hand_run

SVG = "{http://www.w3.org/2000/svg}"
NASTY = [
    "</title><script>x</script>",
    "a & b < c > \"d\" 'e'",
    "x;y #35; %%z",
    "\x1b[31m\x00\ufffe\ud800",
    "end",
    "A->>B: hi",
]


def drawn(shown: Scene) -> ElementTree.Element:
    return ElementTree.fromstring("\n".join(svg(shown, title="a <title> & more")).encode())


def nasty_scene(text: str) -> Scene:
    hand = Hand(Environment())
    hand.write(SMTP_COMMAND, "MAIL", "", text, at="b", frm="a", to="b", session=1)
    return scene(hand.env.trace.records)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_an_xml_parser_reads_the_picture_of_each_scenario(scenario: str) -> None:
    shown = scene(run(scenario).records)
    root = drawn(shown)
    assert root.tag == f"{SVG}svg"
    texts = [element.text or "" for element in root.iter(f"{SVG}text")]
    assert set(shown.hosts) <= set(texts)
    assert len(root.findall(f"{SVG}g")) == len(shown.rows)
    width, height = (int(root.attrib[name]) for name in ("width", "height"))
    for line in root.iter(f"{SVG}line"):
        assert all(0 <= int(line.attrib[x]) <= width for x in ("x1", "x2"))
        assert all(0 <= int(line.attrib[y]) <= height for y in ("y1", "y2"))


def test_a_picture_needs_nothing_from_outside() -> None:
    text = "\n".join(svg(scene(run("first-letter").records), title="x"))
    assert "href" not in text and "@import" not in text and "<script" not in text
    assert set(re.findall(r"https?://[^\s\"]+", text)) == {"http://www.w3.org/2000/svg"}
    assert set(re.findall(r"url\(([^)]*)\)", text)) == {"#tip"}


@pytest.mark.parametrize("text", NASTY)
def test_hostile_words_stay_words(text: str) -> None:
    shown = nasty_scene(text)
    root = drawn(shown)
    assert not list(root.iter(f"{SVG}script"))
    assert next(element.text for element in root.iter(f"{SVG}title")) == "a <title> & more"
    *_, line = mermaid(shown)
    arrow, _, label = line.partition(": ")
    assert arrow == "    h0->>h1"
    assert not re.search(r"[;#<>&\"%{}\[\]`\\]", re.sub(r"#\d+;", "", label))
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]", label)


def test_refusals_losses_and_tls_are_told_without_colour() -> None:
    records = hand_run().records
    shown = scene(records)
    marks = {row.mark for row in shown.rows}
    assert marks == {"", "!", "x"}
    lines = mermaid(shown)
    assert any(re.search(r": e\d+ x .*lost", line) for line in lines)
    assert any(re.search(r": e\d+ ! 450 ", line) for line in lines)
    root = drawn(shown)
    texts = [element.text or "" for element in root.iter(f"{SVG}text")]
    assert any(text.startswith("! 450") for text in texts) and any(text.startswith("x ") for text in texts)
    sealed = [row for row in shown.rows if row.sealed and row.source != row.target]
    double = [line for line in root.iter(f"{SVG}line") if "tls" in line.attrib["class"].split()]
    assert len(double) == len(sealed) > 0


def test_passwords_are_masked_in_diagrams() -> None:
    shown = scene(run("first-letter").records)
    for text in ("\n".join(mermaid(shown)), "\n".join(svg(shown, title="x"))):
        assert "AGFubm" not in text and "battery-staple" not in text
        assert "***" in text


def test_a_query_chooses_what_is_drawn() -> None:
    records = run("first-letter").records
    hits = parse("lookup").hits(records)
    shown = scene(records, hits)
    assert [row.n for row in shown.rows] == [record[N] for record in hits]
    assert {row.source == row.target for row in shown.rows} == {True}
    assert mermaid(scene(records, ())) == ("sequenceDiagram",)
    assert drawn(scene(records, ())).tag == f"{SVG}svg"


# --- states -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("protocol", "own", "others"), [
    ("smtp", "EHLO", "LHLO"), ("lmtp", "LHLO", "EHLO"), ("imap", "UID FETCH", "USER"), ("pop3", "RETR", "FETCH"),
])  # fmt: skip
def test_the_states_of_a_protocol_are_drawn_from_its_table(protocol: str, own: str, others: str) -> None:
    for text in state_diagram(protocol):
        assert own in text and others not in text
    text, diagram = state_diagram(protocol)
    assert text.startswith(protocol.upper())
    assert diagram.startswith("stateDiagram-v2\n    state ")
    assert protocol in PROTOCOLS


# --- SQLite -------------------------------------------------------------------------------------------------------


@pytest.fixture
def base(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    trace = run("first-letter")
    path = tmp_path / "x.db"
    path.write_bytes(database(trace.header, trace.records))
    connection = sqlite3.connect(path)
    yield connection
    connection.close()


def test_sqlite_answers_what_the_query_language_answers(base: sqlite3.Connection) -> None:
    records = run("first-letter").records
    codes = dict(base.execute("SELECT code, count(*) FROM smtp_reply GROUP BY code").fetchall())
    for code, count in codes.items():
        assert count == parse(f"smtp.reply code={code} | count").ask(records).value
    (total,) = base.execute("SELECT count(*) FROM records").fetchone()
    assert total == len(records)
    rows = base.execute('SELECT "from", "to", cause FROM records WHERE kind = ? ORDER BY n', ("smtp.command",))
    assert rows.fetchall() == [(r[4], r[5], r[9]) for r in records if r[KIND].name == "smtp.command"]
    (carried,) = base.execute("SELECT sum(length(octets)) FROM tcp_data").fetchone()
    assert carried == sum(len(r[12]) for r in records if r[KIND].name == "tcp.data")


def test_sqlite_follows_causes_and_knows_every_field(base: sqlite3.Connection) -> None:
    chain = """WITH RECURSIVE why(n) AS (SELECT n FROM deliver UNION SELECT cause FROM records JOIN why USING (n))
        SELECT kind, origin FROM records JOIN why USING (n) ORDER BY n LIMIT 1"""
    kind, origin = base.execute(chain).fetchone()
    assert kind == "action" and origin.startswith("first-letter.yaml:")
    assert base.execute("SELECT scenario, seed FROM run").fetchall() == [("first-letter", 1)]
    told = {(kind, name) for kind, name in base.execute("SELECT kind, field FROM kinds")}
    assert {(kind.name, field.name) for kind in kinds() for field in kind.fields} <= told
    (value,) = base.execute("SELECT exchangers FROM route WHERE via = 'mx'").fetchone()
    assert json.loads(value) == ["mx.beta.example"]
    assert base.execute("SELECT count(*) FROM also").fetchone()[0] > 0


def test_every_table_of_a_kind_has_its_columns(base: sqlite3.Connection) -> None:
    found = {kind for record in run("first-letter").records for kind in [record[KIND]]}
    for kind in found:
        columns = [row[1] for row in base.execute(f'PRAGMA table_info("{table_name(kind)}")')]
        assert columns == ["n", *(re.sub(r"[.-]", "_", field.name) for field in kind.fields)]


def test_text_that_no_utf_8_can_carry_is_spelt_out() -> None:
    records: list[Record] = nasty_records()
    connection = sqlite3.connect(":memory:")
    connection.deserialize(database('{"scenario": "x", "seed": 1, "params": {}}', records))
    assert connection.execute("SELECT argument FROM smtp_command").fetchone() == ("\\ud800\0",)


def nasty_records() -> list[Record]:
    hand = Hand(Environment())
    hand.write(SMTP_COMMAND, "MAIL", "", "\ud800\0", at="b", frm="a", to="b", session=1)
    return hand.env.trace.records
