"""A client that takes a turn at once ends where one does that goes reply by reply, and hears the same."""

from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.errors import ProtocolError
from simulator.protocol.smtp import LMTP, RELAY, SUBMISSION, ClientCommand, Face, Reply, SmtpClient, State
from simulator.protocol.smtp.replies import read_named, read_whole
from tests.protocol.smtp.test_states import BUILD

USUAL = {"AUTH": b"235 in\r\n", "DATA": b"354 go\r\n", "QUIT": b"221 bye\r\n", "STARTTLS": b"220 go\r\n"}
HELLO = b"250-mail\r\n250-SIZE 1000\r\n250-AUTH PLAIN\r\n250-CHUNKING\r\n250-STARTTLS\r\n250 %b\r\n"
LETTER = (BUILD["MAIL"], BUILD["RCPT"], BUILD["DATA"])
GROUPS = st.one_of(
    st.sampled_from(
        [LETTER, (*LETTER[:2], *LETTER[1:]), (BUILD["DATA-END"], BUILD["QUIT"]), (BUILD["DATA-END"], *LETTER)]
    ),
    st.lists(st.sampled_from(sorted(BUILD)).map(BUILD.__getitem__), min_size=1, max_size=3).map(tuple),
)
TURNS = st.lists(
    st.tuples(GROUPS, st.lists(st.sampled_from([b"", b"", b"", b"450 no\r\n", b"550-no\r\n550 no\r\n"]), max_size=5)),
    max_size=6,
)
SPOILT = st.sampled_from([b"", b"", b"", b"250 more\r\n", b"421 bye\r\n", b"25", b"nonsense\r\n", b"334 \r\n"])


def quickly(client: SmtpClient, group: tuple[ClientCommand, ...], octets: bytes) -> list[Reply]:
    """Send a group and take what comes, at once where that goes."""
    client.send(*group)
    replies = client.take_all(octets)
    return in_steps(client, octets) if replies is None else [*replies]


def slowly(client: SmtpClient, group: tuple[ClientCommand, ...], octets: bytes) -> list[Reply]:
    """Send commands one by one, and take each reply."""
    for command in group:
        client.send(command)
    return in_steps(client, octets)


def in_steps(client: SmtpClient, octets: bytes) -> list[Reply]:
    client.receive_data(octets)
    return [*iter(client.next_reply, None)]


def both(face: Face, clear: bool) -> tuple[SmtpClient, SmtpClient]:
    first, second = (SmtpClient(hostname="c.example", face=face, auth_in_clear=clear) for _ in range(2))
    return first, second


def seen(client: SmtpClient) -> tuple[object, ...]:
    """All that a client shows of itself."""
    return (
        client.state, client.legal_now(), client.unanswered, client.data_to_send(), client.extensions,
        client.authenticated, client.pipelining, client._recipients if client.face.reply_each else None,
    )  # fmt: skip


def answers(client: SmtpClient, group: tuple[ClientCommand, ...], odd: list[bytes], keyword: bytes) -> bytes:
    """Answer each command of a group as usual, but for the odd ones; LMTP's letter once for each recipient."""
    found = []
    for position, command in enumerate(group):
        usual = HELLO % keyword if command.verb in ("EHLO", "LHLO") else USUAL.get(command.verb, b"250 2.0.0 Ok\r\n")
        said = (odd[position] if position < len(odd) else b"") or usual
        letter = client.face.reply_each and command.verb in ("DATA-END", "BDAT-LAST")
        found.append(said * (len(client._recipients) if letter else 1))
    return b"".join(found)


@settings(deadline=None)
@given(
    st.sampled_from([RELAY, LMTP, SUBMISSION]), st.booleans(), st.sampled_from([b"PIPELINING", b"DSN"]), TURNS, SPOILT
)
def test_a_turn_taken_at_once_is_a_turn_taken_reply_by_reply(
    face: Face, clear: bool, keyword: bytes, turns: list[tuple[tuple[ClientCommand, ...], list[bytes]]], spoilt: bytes
) -> None:
    quick, slow = both(face, clear)
    assert quick.take_all(b"220 hi\r\n") == tuple(in_steps(slow, b"220 hi\r\n"))
    hello = ((BUILD[face.hello[0]],), [])
    for group, odd in (hello, *turns):
        octets = answers(slow, group, odd, keyword) + (b"" if group is hello[0] else spoilt)
        outcomes = []
        for client, way in ((quick, quickly), (slow, slowly)):
            try:
                outcomes.append(repr(way(client, group, octets)))
            except ProtocolError as error:
                outcomes.append(repr(error))
        assert outcomes[0] == outcomes[1]
        assert seen(quick) == seen(slow)


def test_a_usual_session_is_taken_turn_by_turn() -> None:
    client = SmtpClient(hostname="c.example", face=LMTP)
    assert client.take_all(b"220 hi\r\n") is not None
    for group, octets in (
        ((client.hello(),), HELLO % b"PIPELINING"),
        ((*LETTER[:2], *LETTER[1:]), b"250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n"),
        ((BUILD["DATA-END"],), b"250 ok\r\n250 ok\r\n"),
        (LETTER, b"250 ok\r\n250 ok\r\n354 go\r\n"),
        ((BUILD["DATA-END"], BUILD["QUIT"]), b"250 ok\r\n221 bye\r\n"),
    ):
        client.send(*group)
        assert client.take_all(octets) is not None
    assert client.closed
    assert client.take_all(b"250 ok\r\n") is None


def test_a_usual_session_under_tls_is_taken_turn_by_turn() -> None:
    client = SmtpClient(hostname="c.example")
    assert client.take_all(b"220 hi\r\n") is not None
    for group, octets in (((client.hello(),), HELLO % b"DSN"), ((BUILD["STARTTLS"],), b"220 go\r\n")):
        client.send(*group)
        assert client.take_all(octets) is not None
    assert client.state is State.HANDSHAKE
    client.tls_started()
    client.send(client.hello())
    assert client.take_all(HELLO % b"PIPELINING") is not None
    assert client.pipelining


def test_a_turn_is_read_in_steps_while_anything_waits_that_was_not_taken_at_once() -> None:
    client = SmtpClient(hostname="c.example")
    client.receive_data(b"220 h")
    assert client.take_all(b"220 hi\r\n") is None
    client.receive_data(b"i\r\n250")
    assert client.next_reply() is not None
    client.send(client.hello())
    assert client.take_all(HELLO % b"DSN") is None
    client.receive_data(b" mail\r\n")
    assert client.next_reply() is not None
    client.send(client.hello())
    assert client.take_all(HELLO % b"DSN") is not None


LINES = st.sampled_from(
    [b"250 2.0.0 Ok: queued as 0A\r\n", b"221 2.0.0 Bye\r\n", b"250-2.0.0 a\r\n250 2.0.0 b\r\n", b"250 5.0.0 odd\r\n",
     b"550 5.1.1 no\r\n", b"354 3.0.0 go\r\n", b"250 2.10.0 a\r\n", b"250 ok\r\n", b"250\r\n", b"250 2.0.0 \xff\x1b\r\n",
     b"250 2.0.0 a\rb\r\n", b"250 2.0.0 a\n", b"250 2.0.0 \r\n", b"250 2.0.0\r\n", b"650 5.0.0 x\r\n", b"250 2.0.0 a", b"x" * 3000]
)  # fmt: skip


@settings(deadline=None)
@given(st.lists(LINES, max_size=4).map(b"".join) | st.binary(max_size=30))
def test_the_replies_to_a_letter_are_read_as_any_other(octets: bytes) -> None:
    assert read_named(octets) == read_whole(octets)
