"""Header blocks are read without losing an octet, and never with an exception. RFC 5322 2.2, RFC 2047."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.errors import LimitExceeded, LocalProtocolError
from simulator.message.address import Address, parse_address, parse_addresses, parse_mailboxes
from simulator.message.header import (
    content_values,
    decode_value,
    field_text,
    fields,
    first_values,
    header_line,
    raw_fields,
    read_fields,
    split_message,
)
from simulator.message.trace_fields import count_hops, has_hops, hops, parse_received

HEADERISH = st.lists(
    st.sampled_from(
        [b"\r\n", b"\n", b"\r", b" ", b"\t", b":", b"a", b"Subject", b"\0", b"\xff", b"=?utf-8?b?", b"?=", b"From "]
    )
).map(b"".join)


@given(octets=HEADERISH)
def test_a_split_letter_joins_to_itself(octets: bytes) -> None:
    header, body = split_message(octets)
    assert header + body == octets


@given(octets=HEADERISH)
def test_fields_are_pieces_of_the_header_in_order(octets: bytes) -> None:
    position = 0
    for field in fields(octets):
        found = octets.find(field.raw_octets, position)
        assert found >= position
        position = found + len(field.raw_octets)
        decode_value(field.raw_value)


CONTENTISH = st.lists(
    st.sampled_from(
        [b"\r\n", b"\n", b"\r", b" ", b"\t", b":", b"a", b"Content-Type:", b"CONTENT-X", b"content-", b"X-"]
    )
).map(b"".join)


@given(octets=CONTENTISH)
def test_the_content_values_are_first_values(octets: bytes) -> None:
    found = [(key, value) for key, value in first_values(octets).items() if key.startswith("content-")]
    assert list(content_values(octets).items()) == found


@given(octets=HEADERISH)
def test_the_first_values_are_those_of_the_first_fields(octets: bytes) -> None:
    values: dict[str, bytes] = {}
    for field in read_fields(octets):
        assert field.key == field.name.lower()
        values.setdefault(field.key, field.raw_value)
    assert first_values(octets) == values
    plain = [(field.name.encode(), field.raw_value) for field in read_fields(octets)]
    assert [(name, value.removesuffix(b"\r")) for name, value in raw_fields(octets)] == plain


RECEIVEDISH = st.lists(st.sampled_from([b"Received", b"RECEIVED :", b":", b"by x", b"\r\n", b"\n", b" ", b"x"]))


@given(octets=RECEIVEDISH.map(b"".join))
def test_each_received_field_is_a_hop(octets: bytes) -> None:
    found = [field.raw_value for field in fields(octets) if field.key == "received"]
    assert count_hops(octets) == len(found)
    assert hops(octets) == tuple(map(parse_received, found))
    assert [has_hops(octets, least) for least in range(5)] == [len(found) >= least for least in range(5)]


def test_a_line_of_white_space_alone_continues_nothing() -> None:
    block = b"a: 1\r\n \r\n 2\r\nb: 3\n\t\n\t4\r\nc: 5\r\n \r6\r"
    assert [(f.name, f.raw_value) for f in read_fields(block)] == [("a", b" 1"), ("b", b" 3"), ("c", b" 5\r\n \r6")]


def test_fields_keep_case_folds_and_order() -> None:
    block = b"To: a\r\n\tb\r\nX-y:\r\nsubject :c\r\nTo: d\r\n\r\nBody: no\r\n"
    assert [(f.name, f.raw_value) for f in fields(block)] == [
        ("To", b" a\r\n\tb"), ("X-y", b""), ("subject", b"c"), ("To", b" d"),
    ]  # fmt: skip
    assert b"".join(f.raw_octets for f in fields(block)) == block[: block.index(b"\r\n\r\n") + 2]


def test_a_header_over_the_limit_is_a_typed_error() -> None:
    with pytest.raises(LimitExceeded, match="octets"):
        fields(b"X: " + b"y" * 110_000 + b"\r\n\r\n")


@pytest.mark.parametrize("name", ["", "a b", "a:b", "имя", "a\r\n"])
def test_a_bad_field_name_is_refused(name: str) -> None:
    with pytest.raises(LocalProtocolError, match="field"):
        header_line(name, "x")


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"=?UTF-8?B?0J/RgNC40LLQtdGC?=", "Привет"),
        (b"=?koi8-r?B?8NLJ18XU?=", "Привет"),
        (b"=?windows-1251?Q?=CF=F0=E8=E2=E5=F2?= x", "Привет x"),
        (b"=?utf-8?q?caf=C3=A9?=", "café"),
        (b"a =?utf-8?q?b?= =?utf-8?q?c?= d", "a bc d"),
        (b"=?utf-8?B?0J8=?=\r\n =?utf-8?B?0YA=?=", "Пр"),
        (b"=?utf-8?B?0A==?= =?utf-8?B?nw==?=", "П"),  # cut inside a character
        (b"=?utf-8*ru?q?=D0=AF?=", "Я"),
        (b"=?utf-8?B?0J/RgNC40LLQtdG?=", "Приве\ufffd"),  # base64 cut short
        (b"=?utf-8?x?abc?=", "=?utf-8?x?abc?="),
        (b"=?utf-8?q?never closed", "=?utf-8?q?never closed"),
        (b"=?hex?q?4142?= =?unicode_escape?q?=5Cx41?=", "4142\\x41"),
        ("Привет".encode(), "Привет"),
        (b"caf\xe9", "café"),
    ],
)
def test_encoded_words_are_read_as_written_in_the_wild(raw: bytes, text: str) -> None:
    assert decode_value(raw) == text


def test_an_encoded_escape_sequence_is_decoded_but_stays_for_the_safety_boundary() -> None:
    assert field_text(b"Subject: =?utf-8?q?=1B]52?=\r\n\r\n", "subject") == "\x1b]52"


@pytest.mark.parametrize(
    ("raw", "people"),
    [
        (b"a@b.example", [Address("a", "b.example")]),
        (
            b'"Doe, Jane" <jane@a.example>, bob@b.example',
            [Address("jane", "a.example", "Doe, Jane"), Address("bob", "b.example")],
        ),
        (b"Anna (nested (comment)) <a@b>", [Address("a", "b", "Anna")]),
        (b"a@b (Anna B)", [Address("a", "b", "Anna B")]),
        (b"friends: a@b, C <c@d>; e@f", [Address("a", "b"), Address("c", "d", "C"), Address("e", "f")]),
        (b"<@x,@y:a@b>", [Address("a", "b")]),
        (b'"a b"@c', [Address("a b", "c")]),
        (b"a . b @ c . d", [Address("a.b", "c.d")]),
        (b"a@[192.0.2.1]", [Address("a", "[192.0.2.1]")]),
        (b"undisclosed-recipients:;", []),
        (b'"never closed <a@b>', []),
        (b",,;;<>>(\\", []),
        ("Анна <a@b>".encode(), [Address("a", "b", "Анна")]),
    ],
)
def test_address_lists_are_read_as_written_in_the_wild(raw: bytes, people: list[Address]) -> None:
    assert list(parse_addresses(raw)) == people


@given(text=st.text('ab@<>,:;()[]"\\ .\r\n\0я', max_size=60))
def test_reading_addresses_never_raises(text: str) -> None:
    parse_mailboxes(text)
    parse_addresses(text.encode())


@pytest.mark.parametrize(
    "bomb",
    [
        "(" * 100_000,
        '"' * 100_001,
        '"\\' * 50_000,
        "<" * 100_000,
        "a," * 50_000,
        "[" * 100_000,
        "\\" * 100_000,
        "(\\" * 50_000,
    ],
)
def test_reading_addresses_takes_linear_time(bomb: str) -> None:
    assert len(parse_mailboxes(bomb)) <= len(bomb)  # a quadratic reader does not come back from this


@pytest.mark.parametrize(
    "text", ["", "a", "a@", "@b", "a@b, c@d", "a@b c", "a@b\r\n", "x" * 65 + "@b", "a@" + "b" * 256]
)
def test_a_single_address_is_checked(text: str) -> None:
    with pytest.raises(LocalProtocolError, match="no address"):
        parse_address(text)


def test_a_single_address_may_have_a_name() -> None:
    assert parse_address("Анна Петрова <anna@example.org>") == Address("anna", "example.org", "Анна Петрова")
