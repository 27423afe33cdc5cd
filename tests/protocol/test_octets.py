"""Lines and dot-terminated content come out the same however the octets are cut, and only CRLF counts."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.errors import LimitExceeded, RemoteProtocolError
from simulator.protocol.octets import (
    ChunkReader,
    DotReader,
    LineBuffer,
    content_fault,
    dot_stuff,
    dot_unstuff,
    encode_data,
    has_line_over,
    newline_fault,
    with_crlf_only,
)

WIRE = st.lists(
    st.sampled_from([b"\r\n", b"\r", b"\n", b".", b"..", b"a", b"bc", b"\r\n.\r\n", b"\n.\r\n", b"x" * 9, b"\xff\x00"]),
    max_size=24,
).map(b"".join)
CONTENT = st.lists(st.sampled_from([b"\r\n", b".", b"..", b"a", b"\xff", b" b"]), max_size=30).map(b"".join)


def chunks_of(octets: bytes, cuts: list[int]) -> list[bytes]:
    edges = sorted({0, len(octets), *(cut for cut in cuts if cut < len(octets))})
    return [octets[a:b] for a, b in pairwise(edges)]


def lines_of(chunks: list[bytes], limit: int = 8) -> list[object]:
    buffer, seen = LineBuffer(limit), []
    for chunk in chunks:
        buffer.feed(chunk)
        while True:
            try:
                line = buffer.next_line()
            except RemoteProtocolError as error:
                seen.append((str(error), buffer.refused))
                continue
            if line is None:
                break
            seen.append(line)
    return seen


def content_of(chunks: list[bytes], limit: int = 12) -> tuple[bytes | None, bool, bytes]:
    buffer, reader, content = LineBuffer(100), DotReader(limit), None
    for chunk in chunks:
        buffer.feed(chunk)
        if content is None:
            content = reader.read(buffer)
    return content, reader.too_big, buffer.take_all()


def test_lines_come_without_their_crlf_and_an_unfinished_one_waits() -> None:
    assert lines_of([b"EHLO a\r\nQU", b"IT\r", b"\n\r\nrest"]) == [b"EHLO a", b"QUIT", b""]


def test_a_line_of_exactly_the_limit_passes_and_one_octet_more_does_not() -> None:
    assert lines_of([b"123456\r\n1234567\r\nok\r\n"]) == [
        b"123456",
        ("line longer than 8 octets", b"1234567\r"),
        b"ok",
    ]


@pytest.mark.parametrize(
    ("octets", "fault"),
    [(b"a\nb\r\n", "bare <LF> received"), (b"a\rb\r\n", "bare <CR> received"), (b"a\r\r\n", "bare <CR> received")],
)
def test_a_bare_newline_is_refused_and_the_next_line_is_whole(octets: bytes, fault: str) -> None:
    seen = lines_of([octets + b"next\r\n"])
    assert seen[0][0] == fault
    assert seen[-1] == b"next"


def test_an_endless_line_is_not_kept() -> None:
    buffer = LineBuffer(512)
    for _ in range(1000):
        buffer.feed(b"x" * 1000)
        assert buffer.next_line() is None
        assert len(buffer) <= 512
    buffer.feed(b"\r\nNOOP\r\n")
    with pytest.raises(LimitExceeded):
        buffer.next_line()
    assert buffer.refused == b"x" * 512
    assert buffer.next_line() == b"NOOP"


def test_octets_can_be_counted_taken_given_back_and_forgotten() -> None:
    buffer = LineBuffer(100)
    buffer.feed(b"abcdef")
    assert buffer.take(7) is None
    assert buffer.take(2) == b"ab"
    assert len(buffer) == 4
    buffer.give_back(b"AB")
    assert buffer.take_all() == b"ABcdef"
    buffer.feed(b"clear text")
    buffer.clear()
    assert buffer.next_line() is None
    assert len(buffer) == 0


@settings(deadline=None)
@given(WIRE, st.lists(st.integers(0, 200), max_size=12))
def test_every_chunking_gives_the_same_lines(octets: bytes, cuts: list[int]) -> None:
    assert lines_of(chunks_of(octets, cuts)) == lines_of([octets])


@settings(deadline=None)
@given(WIRE, st.lists(st.integers(0, 200), max_size=12))
def test_every_chunking_gives_the_same_content_and_the_same_rest(octets: bytes, cuts: list[int]) -> None:
    whole = content_of([octets])
    cut = content_of(chunks_of(octets, cuts))
    assert cut[0] == whole[0]
    if whole[0] is not None:
        assert cut == whole


@settings(deadline=None)
@given(CONTENT)
def test_unstuffing_undoes_stuffing(content: bytes) -> None:
    assert dot_unstuff(dot_stuff(content)) == content


@settings(deadline=None)
@given(CONTENT, st.binary(max_size=9))
def test_content_crosses_the_wire_unchanged_but_for_a_final_crlf(content: bytes, after: bytes) -> None:
    received, too_big, rest = content_of([encode_data(content) + after], limit=1000)
    assert received == (content if not content or content.endswith(b"\r\n") else content + b"\r\n")
    assert not too_big
    assert rest == after


@pytest.mark.parametrize(
    "imitation",
    [b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r", b"\r\n.\r", b"\r.\r\n", b"\r\n.\r\r\n", b"\n.\r", b"\r\n\x00.\r\n"],
)
def test_nothing_but_crlf_dot_crlf_ends_content(imitation: bytes) -> None:
    buffer, reader = LineBuffer(100), DotReader(1000)
    buffer.feed(b"a" + imitation + b"MAIL FROM:<smuggled@example.com>\r\n")
    assert reader.read(buffer) is None
    buffer.feed(b"\r\n.\r\n")
    content = reader.read(buffer)
    assert content is not None
    assert b"smuggled" in content


def test_a_dot_alone_as_first_line_is_empty_content() -> None:
    assert content_of([b".\r\nQUIT\r\n"]) == (b"", False, b"QUIT\r\n")


@pytest.mark.parametrize("line", [b"x" * 70 + b"\r\n", b".\r\n"])
def test_content_of_exactly_the_limit_passes_and_more_is_read_but_not_kept(line: bytes) -> None:
    content = line * 1000
    assert content_of([encode_data(content)], limit=len(content))[:2] == (content, False)
    assert content_of([encode_data(content)], limit=len(content) - 1)[:2] == (b"", True)


def test_memory_stays_bounded_while_too_much_content_comes_in() -> None:
    buffer, reader = LineBuffer(100), DotReader(1000)
    for _ in range(1000):
        buffer.feed(b"x" * 998 + b"\r\n")
        assert reader.read(buffer) is None
        assert len(reader._collected) < 3000
    buffer.feed(b".\r\nQUIT\r\n")
    assert reader.read(buffer) == b""
    assert reader.too_big
    assert buffer.next_line() == b"QUIT"


@pytest.mark.parametrize(
    ("octets", "fault"),
    [(b"", None), (b"a\r\n", None), (b"\r\n\n", "<LF>"), (b"\n", "<LF>"), (b"a\rb\r\n", "<CR>"), (b"\r\r\n", "<CR>")],
)
def test_newlines_that_are_not_crlf_are_named(octets: bytes, fault: str | None) -> None:
    assert newline_fault(octets) == fault


@given(st.lists(st.sampled_from([b"\r\n", b"a", b"abc"])).map(b"".join), st.integers(1, 12))
def test_a_line_over_the_limit_is_found_and_its_crlf_counts(octets: bytes, limit: int) -> None:
    lines = (octets + b"\r\n").splitlines(keepends=True)
    assert has_line_over(octets + b"\r\n", limit) is any(len(line) > limit for line in lines)


@pytest.mark.parametrize("much", [b"", b"x\r\n" * 40_000], ids=["short", "long"])
def test_content_with_a_bare_newline_or_an_overlong_line_is_at_fault(much: bytes) -> None:
    assert content_fault(much + b"x" * 998 + b"\r\n") is None
    assert content_fault(much + b"x" * 999 + b"\r\n") == "line"
    assert content_fault(b"x" * 2000 + b"\n" + much) == "<LF>"
    assert content_fault(b"\r" + much) == "<CR>"


@given(st.binary(max_size=60), st.integers(0, 60), st.integers(0, 40), st.integers(1, 20))
def test_a_chunk_ends_where_its_length_says(octets: bytes, size: int, room: int, step: int) -> None:
    buffer, reader = LineBuffer(10), ChunkReader(size, room)
    found = reader.read(buffer)
    for start in range(0, len(octets), step):
        if found is not None:
            buffer.feed(octets[start:])
            break
        buffer.feed(octets[start : start + step])
        found = reader.read(buffer)
    if len(octets) < size:
        assert found is None
        return
    assert found == (b"" if size > room else octets[:size])
    assert reader.too_big is (size > room)
    assert buffer.take_all() == octets[size:]


@given(st.lists(st.sampled_from([b"\r", b"\n", b"\r\n", b"a", b"."])).map(b"".join))
def test_normalised_content_has_no_bare_newline_and_the_same_text(octets: bytes) -> None:
    changed = with_crlf_only(octets)
    assert newline_fault(changed) is None
    assert changed.replace(b"\r\n", b"") == octets.replace(b"\r", b"").replace(b"\n", b"")
    assert with_crlf_only(changed) == changed
