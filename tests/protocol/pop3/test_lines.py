"""A chunk that is read at once says what its lines say, and a password in it is not remembered."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from simulator import limits
from simulator.errors import RemoteProtocolError
from simulator.protocol.octets import LineBuffer
from simulator.protocol.pop3 import lines
from simulator.protocol.pop3.lines import read_chunk, read_line

WORDS = [
    b"USER bob@alpha.test\r\n", b"pass secret\r\n", b"UIDL\r\n", b"RETR 1\r\n", b"TOP 1 0\r\n", b"dele 2\r\n", b"QUIT\r\n",
    b"QUIT \r\n", b"NOOP now\r\n", b"FROB\r\n", b"\r\n", b" \r\n", b"\n", b"\r", b"USER \xd0\xb1\r\n", b"USER \xff\r\n",
    b"USER a\0b\r\n", b"AUTH PLAIN\r\n", b"apop x y\r\n", b"STLS\r\n", b"LIST", b"x" * 100, b"9\r\n",
]  # fmt: skip


def line_by_line(octets: bytes) -> list[tuple[str, str]] | None:
    """What a chunk of lines says, None if anything in it is no command."""
    buffer, found = LineBuffer(limits.POP3_LINE_OCTETS), []
    buffer.feed(octets)
    try:
        while (line := buffer.next_line()) is not None:
            found.append(read_line(line))
    except RemoteProtocolError:
        return None
    return None if buffer.holds else found


@given(st.lists(st.sampled_from(WORDS), max_size=8).map(b"".join))
@example(b"")
def test_a_chunk_says_what_its_lines_say(octets: bytes) -> None:
    at_once, one_by_one = read_chunk(octets), line_by_line(octets)
    if at_once is not None:
        assert list(reversed(at_once)) == one_by_one
    elif one_by_one and len(octets) <= limits.POP3_LINE_OCTETS:
        assert {verb for verb, _ in one_by_one} & {"AUTH", "APOP", "STLS"}


def test_nothing_that_may_be_a_secret_is_remembered() -> None:
    lines._known.clear()
    assert read_chunk(b"PASS secret\r\n") and read_chunk(b"user bob\r\npAsS secret\r\nUIDL\r\n")
    for octets in (b"secret\r\n", b"AUTH PLAIN AGJvYgBzZWNyZXQ=\r\n", b"AGJvYgBzZWNyZXQ=\r\n", b"APOP bob 0123\r\n"):
        read_chunk(octets)
    assert not lines._known
    assert read_chunk(b"CAPA\r\nUSER bob\r\n") == (("USER", "bob"), ("CAPA", ""))
    assert list(lines._known) == [b"CAPA\r\nUSER bob\r\n"]


def test_what_is_remembered_is_bounded() -> None:
    for number in range(2 * lines._KEPT):
        read_chunk(b"RETR %d\r\n" % number)
    assert len(lines._known) <= lines._KEPT
