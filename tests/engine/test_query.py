"""The query language: what it finds, and how it complains."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator import limits
from simulator.engine.base_kinds import NOTE, TCP_CONNECT, TCP_DATA, UDP_DATA
from simulator.engine.environment import Environment
from simulator.engine.query import AGGREGATES, parse, shown
from simulator.errors import QueryError


def trace() -> list[Any]:
    env = Environment()
    env.trace.write(NOTE, ("a|b",), at="mail-alpha")
    env.trace.write(NOTE, ("Say HELLO",), at="mail-beta", letter=1)
    env.trace.write(NOTE, ("10",), also=[1, 2])
    env.trace.write(TCP_CONNECT, (25, "192.0.2.1", "192.0.2.9:40000", "connected", False), frm="mail-alpha")
    env.trace.write(TCP_CONNECT, (993, "192.0.2.2", "192.0.2.9:40001", "refused", True), frm="pc")
    env.trace.write(TCP_CONNECT, (25, "192.0.2.3", "[2001:db8::1]:40002", "timeout", False), frm="pc")
    env.trace.write(TCP_DATA, (b"\xff\x00A", ">", 3, True, "", b"sealed"), session=4)
    env.trace.write(UDP_DATA, (b"q", ">", 53, 5_000, "192.0.2.53", "192.0.2.9"))
    return env.trace.records


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("note", 3),
        ("note | count", 3),
        ("note | exists", True),
        ("note text=nothing | exists", False),
        ('note text~"a|b" | count', 1),
        ('note text="a|b"|count', 1),
        ("note text~hello | count", 1),
        ("note text=10 | count", 1),
        ("note text=10.0 | count", 1),
        ("note text!=10 | count", 2),
        ("note text>9 | count", 3),
        ("note text<9.5 | count", 0),
        ("note at=mail-* | count", 2),
        ("note at=*[* | count", 0),
        ("note letter=1 | count", 2),
        ("note letter>0 | count", 2),
        ("note also~2 | count", 1),
        ("n*e | count", 3),
        ("*.data | count", 2),
        ("*.data port=53 | count", 1),
        ("* n<=4 n>2 | list n", (3, 4)),
        ("tcp.connect port=25 | count", 2),
        ("tcp.connect port>=993 | first address", "192.0.2.2"),
        ("tcp.connect | last address", "192.0.2.3"),
        ("tcp.connect | list port", (25, 993, 25)),
        ("tcp.connect | unique port", (25, 993)),
        ("tcp.connect | max port", 993),
        ("tcp.connect | min port", 25),
        ("tcp.connect | top port", 25),
        ("tcp.connect local=yes | count", 1),
        ("tcp.connect local=no | count", 2),
        ("tcp.connect from=pc result=refused | count", 1),
        ('tcp.connect address="192.0.2.1" | count', 1),
        ('tcp.connect source~"[2001" | count', 1),
        ("tcp.data octets~ÿ | count", 1),
        ("tcp.data session=4 | list kind", ("tcp.data",)),
        ("tcp.connect port=1 | first port", None),
        ("tcp.connect port=1 | list port", ()),
        ("udp.data | list session", ()),
    ],
)
def test_queries_find_what_they_say(query: str, wanted: object) -> None:
    assert parse(query).ask(trace()).value == wanted


def test_an_answer_has_its_records_and_its_text() -> None:
    answer = parse("tcp.connect | list port").ask(trace())
    assert (len(answer.records), answer.text) == (3, "25, 993, 25")
    assert [shown(one) for one in (None, True, False, b"\xff", (1, "a"), NOTE)] == [
        "",
        "yes",
        "no",
        "ÿ",
        "1, a",
        "note",
    ]


@pytest.mark.parametrize(
    ("query", "column", "words"),
    [
        ("", 1, "here belongs a kind"),
        ("tcp.conect port=25", 1, "did you mean tcp.connect"),
        ("zzzzzzzz", 1, "mailflow explain lists them"),
        ("tcp.connect prot=25", 13, "did you mean port"),
        ("tcp.connect qqqq=25", 13, "tcp.connect has port, address"),
        ("tcp.connect port", 17, "after 'port' belongs one of"),
        ("tcp.connect port=", 18, "the value of 'port' is missing"),
        ("tcp.connect port= | count", 19, "the value of 'port' is missing"),
        ('note text="open', 11, "a quotation mark is not closed"),
        ("note | cuont", 8, "did you mean count"),
        ("note | top", 11, "here belongs a field after 'top'"),
        ("note | top txet", 12, "did you mean text"),
        ("note |", 7, "here belongs one of count, exists"),
        ("note | count text", 14, "nothing may follow"),
        ("note | count | count", 14, "nothing may follow"),
        ("note = x", 6, "here belongs a field"),
        ('"note"', 1, "here belongs a kind"),
        ("note " + "x" * limits.QUERY_CHARACTERS, limits.QUERY_CHARACTERS, "at most 2000 characters"),
    ],
)
def test_a_mistake_is_named_with_its_column_and_what_was_meant(query: str, column: int, words: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(query)
    assert words in str(caught.value)
    assert caught.value.column == column


_PIECES = st.sampled_from(
    [
        "note",
        "tcp.*",
        "text",
        "port",
        "n",
        "=",
        "~",
        "<",
        ">=",
        "!=",
        "|",
        '"',
        "a b",
        "9" * 400,
        "-1",
        "٣",
        "*",
        "[",
        "[!a",
        "\n",
        *AGGREGATES,
    ]
)


@given(st.one_of(st.text(max_size=40), st.lists(st.one_of(_PIECES, st.text(max_size=3)), max_size=10).map(" ".join)))
def test_reading_never_fails_otherwise_and_what_was_read_can_be_asked(text: str) -> None:
    try:
        query = parse(text)
    except QueryError as error:
        column = error.column
    else:
        column = 0 * len(query.ask(trace()).text)
    assert 0 <= column <= len(text) + 1
