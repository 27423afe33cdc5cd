"""Traces as lines of JSON: there and back, the canonical hash, and damaged files."""

from __future__ import annotations

import io
import json
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.engine import kinds
from simulator.engine.base_kinds import NOTE, TCP_CONNECT, TCP_DATA
from simulator.engine.environment import Environment
from simulator.engine.jsonlines import as_object, canonical_hash, header, line, load, writer
from simulator.engine.kinds import COMMON
from simulator.engine.trace import Trace, value
from simulator.errors import MailflowError

HEAD = header("first-letter", 1, {"lunch": "13:00"})


def records(octets: bytes = b"\x00\xff\r\n", text: str = "Обед", sealed: bytes = b"") -> list[Any]:
    env = Environment()
    env.trace.write(NOTE, (text,), origin="x.yaml:3", cause=None)
    env.trace.write(
        TCP_DATA, (octets, ">", 4, False, "", sealed), also=[1], at="a", session=1, letter=2, stage="compose"
    )
    env.trace.write(TCP_CONNECT, (25, "192.0.2.1", "", "connected", False))
    return list(env.trace.records)


def test_the_first_line_says_which_run_it_was() -> None:
    assert HEAD == '{"mailflow-trace":1,"params":{"lunch":"13:00"},"scenario":"first-letter","seed":1}'


def test_a_line_has_sorted_keys_and_leaves_out_what_is_empty() -> None:
    assert line(records()[0]) == '{"kind":"note","n":1,"origin":"x.yaml:3","t":0,"text":"Обед"}'
    assert as_object(records()[1])["octets"] == "\x00\xff\r\n"


PLAIN = st.none() | st.booleans() | st.integers() | st.text(max_size=9) | st.just("%s%d%")
ANY = PLAIN | st.binary(max_size=9) | st.lists(PLAIN | st.tuples(PLAIN), max_size=3).map(tuple)
FREE = len(COMMON) - 3 + len(TCP_DATA.fields)


@given(st.lists(ANY, min_size=FREE, max_size=FREE), st.booleans())
def test_a_line_says_what_the_object_does_whatever_the_types_of_the_values(values: list[Any], canonical: bool) -> None:
    record = (1, 2, TCP_DATA, *values)
    plain = json.dumps(
        as_object(record, canonical=canonical), ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )
    assert line(record, canonical=canonical) == plain


@given(st.binary(max_size=50), st.text(st.characters(exclude_categories=["Cs"]), max_size=50), st.binary(max_size=9))
def test_a_trace_comes_back_as_it_was(octets: bytes, text: str, sealed: bytes) -> None:
    file = io.StringIO()
    sink = writer(file, HEAD)
    written = records(octets, text, sealed)
    for record in written:
        sink(record)
    file.seek(0)
    first, found = load(file)
    assert first["scenario"] == "first-letter"
    assert list(found) == written


def test_the_canonical_hash_does_not_depend_on_what_openssl_sealed() -> None:
    one, other = records(sealed=b"\x17\x03\x03"), records(sealed=b"something else")
    assert line(one[1]) != line(other[1])
    assert line(one[1], canonical=True) == line(other[1], canonical=True)
    assert canonical_hash(HEAD, one) == canonical_hash(HEAD, other) != canonical_hash(HEAD, records(b"x"))
    assert canonical_hash(header("x", 1, {}), one) != canonical_hash(HEAD, one)


GOOD = line(records()[1])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "line 1: this is no trace"),
        ("[]\n", "line 1: this is no trace"),
        ("{}\n", "line 1: this is no trace"),
        ("[" * 100_000, "line 1: this is no trace"),
        ('{"mailflow-trace":2}\n', "line 1: the trace has form 2"),
        (HEAD + "\nnonsense\n", "line 2: this is no record"),
        (HEAD + f"\n{GOOD}\n[1]\n", "line 3: this is no record"),
        (HEAD + "\n" + GOOD.replace("tcp.data", "tcp.dada"), "line 2: this is no record"),
        (HEAD + "\n" + GOOD.replace('"n":2', '"n":"2"'), "line 2: this is no record"),
        (HEAD + "\n" + GOOD.replace('"t":0', '"x":0'), "line 2: this is no record"),
        (HEAD + "\n" + GOOD.replace("\xff", "Ж"), "line 2: this is no record"),
        (HEAD + "\n" + json.dumps(json.loads(GOOD) | {"octets": 5}), "line 2: this is no record"),
        (HEAD + "\n" + json.dumps(json.loads(GOOD) | {"also": 5}), "line 2: this is no record"),
        (HEAD + "\n" + json.dumps(json.loads(GOOD) | {"size": "4"}), "line 2: this is no record"),
        (HEAD + "\n" + "[" * 100_000, "line 2: this is no record"),
    ],
)
def test_a_damaged_file_is_told_with_its_line(text: str, words: str) -> None:
    with pytest.raises(MailflowError, match=words):
        list(load(io.StringIO(text))[1])


def test_a_sink_gets_every_record_and_without_keep_the_memory_stays_flat() -> None:
    env = Environment(keep=False)
    seen: list[Any] = []
    env.trace.sink = seen.append
    env.trace.write(NOTE, ("one",))
    env.trace.write(NOTE, ("two",))
    assert ([record[0] for record in seen], list(env.trace.records), len(env.trace)) == ([1, 2], [], 2)
    assert isinstance(env.trace, Trace)


def test_kinds_are_declared_once_documented_and_found_by_name() -> None:
    for kind in kinds.kinds():
        assert kind.doc
        assert all(field.doc for field in kind.fields)
        assert pickle.loads(pickle.dumps(kind)) is kind
    with pytest.raises(ValueError, match="declared twice"):
        kinds.kind("note", "again")
    with pytest.raises(ValueError, match="'text' is declared twice"):
        kinds.Kind("x", "y", (kinds.Field("text", str, "a"), kinds.Field("text", str, "b")))
    with pytest.raises(KeyError, match="note has no field 'port'"):
        value(records()[0], "port")
    assert value(records()[0], "kind") == "note"
    assert [kind.name for kind in kinds.matching("tcp.c*")] == ["tcp.changed", "tcp.close", "tcp.connect"]
