"""The POP3 client: against our server, against hostile octets, and poplib and curl against the server."""

from __future__ import annotations

import poplib
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from simulator.errors import LimitExceeded, LocalProtocolError, RemoteProtocolError
from simulator.protocol.pop3 import Greeting, Pop3Client, Reply, State
from simulator.protocol.pop3.table import COMMANDS, TABLE

from .dialogue import HEADER_ONLY, LETTER, PASSWORD, UNENDED, USER, Session


class Pair:
    """A client and a server session joined by nothing but octets."""

    def __init__(self) -> None:
        self.session = Session()
        self.client = Pop3Client()
        self.client.receive_data(self.session.take())
        assert self.client.next_event() == Greeting(ok=True, text="POP3 server ready.")

    def ask(self, verb: str, argument: str = "") -> Reply:
        self.client.send(verb, argument)
        self.session.feed(self.client.data_to_send())
        self.client.receive_data(self.session.take())
        reply = self.client.next_event()
        assert isinstance(reply, Reply) and self.client.next_event() is None
        assert self.client.state is self.session.server.state
        return reply


def logged_in() -> Pair:
    pair = Pair()
    assert pair.ask("USER", USER).ok and pair.ask("PASS", PASSWORD).ok
    return pair


def test_a_whole_session() -> None:
    pair = Pair()
    assert "UIDL" in [line.decode() for line in pair.ask("CAPA").lines()]
    pair.ask("USER", USER)
    refused = pair.ask("PASS", "wrong")
    assert (refused.ok, refused.code, refused.text) == (False, "AUTH", "Authentication failed.")
    pair.ask("USER", USER)
    assert pair.ask("PASS", PASSWORD).ok
    assert pair.ask("LIST").listing() == {1: str(len(LETTER)), 2: str(len(UNENDED)), 3: str(len(HEADER_ONLY))}
    assert pair.ask("LIST", "2").listing() == {2: str(len(UNENDED))}
    assert pair.ask("UIDL").listing()[3] == "000000036b04f283"
    assert pair.ask("RETR", "1").octets == LETTER
    assert pair.ask("RETR", "2").octets == UNENDED + b"\r\n", "the wire ends the last line"
    assert (
        pair.ask(
            "TOP",
            "1",
        ).ok
        is False
    )
    assert pair.ask("TOP", "1 1").octets == LETTER[: LETTER.index(b".leading")]
    assert pair.ask("DELE", "1").ok
    assert pair.ask("QUIT").ok and pair.client.state is State.UPDATE
    assert list(pair.session.drop.letters) == [2, 3]


@given(
    content=st.lists(st.sampled_from([b".", b"..", b"a", b"\r\n", b"\r\n.\r\n", b"\r", b"\n", b"\xff"]), max_size=20)
)
@settings(max_examples=150, deadline=None)
def test_a_letter_comes_back_octet_for_octet(content: list[bytes]) -> None:
    pair = logged_in()
    letter = b"".join(content) + b"\r\n"
    pair.session.drop.letters[1] = letter
    assert pair.ask("RETR", "1").octets == letter


@pytest.mark.parametrize(("state", "verb"), [(state, verb) for state in State for verb in sorted(COMMANDS | {"FROB"})])
def test_a_client_sends_exactly_what_the_table_has(state: State, verb: str) -> None:
    client = Pair().client
    client.state = state
    if verb in TABLE[state]:
        client.send(verb.lower())
        assert client.data_to_send() == verb.encode() + b"\r\n"
        assert client.legal_now() == ()
    else:
        with pytest.raises(LocalProtocolError):
            client.send(verb)
        assert client.data_to_send() == b""


@pytest.mark.parametrize("text", ["a\r\nQUIT", "a\nb", "a\rb", "a\x00b", "a" * 300])
def test_nothing_can_be_injected(text: str) -> None:
    client = Pair().client
    with pytest.raises(LocalProtocolError):
        client.send("USER", text)
    assert client.data_to_send() == b""


def test_one_command_at_a_time_and_none_before_the_greeting() -> None:
    client = Pop3Client()
    with pytest.raises(LocalProtocolError):
        client.send("CAPA")
    client.receive_data(b"+OK\r\n")
    client.next_event()
    client.send("CAPA")
    with pytest.raises(LocalProtocolError):
        client.send("QUIT")


def talking(octets: bytes) -> Pop3Client:
    client = Pop3Client(content_limit=1000)
    client.receive_data(b"+OK hi\r\n")
    client.next_event()
    client.state = State.TRANSACTION
    client.send("RETR", "1")
    client.receive_data(octets)
    return client


@pytest.mark.parametrize("octets", [b"+OK\r\n" + b"x" * 2000, b"+OK " + b"x" * 5000, b"+OK " + b"x" * 5000 + b"\r\n"])
def test_a_server_that_sends_too_much_is_a_typed_error(octets: bytes) -> None:
    with pytest.raises(LimitExceeded):
        talking(octets).next_event()


@pytest.mark.parametrize("octets", [b"220 hi\r\n", b"\r\n", b"+OKAY\r\n", b"+OK\n", b"-err\r\n"])
def test_a_server_that_speaks_no_pop3_is_a_typed_error(octets: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        talking(octets).next_event()


def test_octets_that_answer_nothing_are_a_typed_error() -> None:
    client = talking(b"-ERR no\r\n+OK surplus\r\n")
    assert isinstance(client.next_event(), Reply)
    with pytest.raises(RemoteProtocolError):
        client.next_event()


def test_a_listing_that_is_none_is_a_typed_error() -> None:
    reply = Reply(verb="LIST", argument="", ok=True, code=None, text="", octets=b"1 x\r\n\r\n")
    with pytest.raises(RemoteProtocolError):
        reply.listing()


REPLY = b"+OK 9 octets\r\n..a\r\nb\r\n\r\n.\r\n"


@given(places=st.lists(st.integers(0, len(REPLY)), max_size=8))
def test_every_chunking_is_understood_the_same(places: list[int]) -> None:
    client = talking(b"")
    events = []
    edges = [0, *sorted(set(places)), len(REPLY)]
    for start, end in pairwise(edges):
        if start < end:
            client.receive_data(REPLY[start:end])
            events.append(client.next_event())
    assert [event.octets for event in events if isinstance(event, Reply)] == [b".a\r\nb\r\n\r\n"]


def serve(listener: socket.socket, session: Session) -> None:
    connection, _ = listener.accept()
    with connection:
        connection.sendall(session.take())
        while not session.server.closed and (octets := connection.recv(5)):
            session.feed(octets)
            connection.sendall(session.take())


@pytest.fixture
def served() -> Iterator[tuple[int, Session]]:
    """Give the port of a server that takes one connection, and its session."""
    session = Session()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener, session), daemon=True)
        thread.start()
        yield listener.getsockname()[1], session
        thread.join(10)
        assert not thread.is_alive()


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs Debian's curl")
def test_curl_reads_a_letter(served: tuple[int, Session]) -> None:
    command = ["curl", "-s", "-m", "20", "-u", f"{USER}:{PASSWORD}", f"pop3://127.0.0.1:{served[0]}/1"]
    assert subprocess.run(command, capture_output=True, check=True, timeout=30).stdout == LETTER


def test_poplib_reads_and_deletes(served: tuple[int, Session]) -> None:
    port, session = served
    judge = poplib.POP3("127.0.0.1", port, timeout=10)
    assert judge.capa()["UIDL"] == []
    judge.user(USER)
    with pytest.raises(poplib.error_proto, match=r"\[AUTH\]"):
        judge.pass_("wrong")
    judge.user(USER)
    judge.pass_(PASSWORD)
    assert judge.stat() == (3, len(LETTER + UNENDED + HEADER_ONLY))
    assert judge.list()[1][0] == b"1 %d" % len(LETTER)
    assert b"\r\n".join(judge.retr(1)[1]) + b"\r\n" == LETTER
    assert judge.top(1, 1)[1][-1] == b"Hello Bob"
    assert judge.uidl()[1][2] == b"3 000000036b04f283"
    judge.dele(2)
    judge.rset()
    judge.dele(3)
    assert judge.noop() == b"+OK"
    assert judge.quit().startswith(b"+OK Logging out")
    assert list(session.drop.letters) == [1, 2]


def test_commands_go_in_groups_once_capa_says_so() -> None:
    pair = Pair()
    pair.client.send("USER", USER)
    with pytest.raises(LocalProtocolError, match="Wait"):
        pair.client.send("PASS", PASSWORD)
    pair.session.feed(pair.client.data_to_send())
    pair.client.receive_data(pair.session.take())
    assert pair.client.next_event() is not None
    pair.ask("CAPA")
    for verb, argument in (("USER", USER), ("PASS", PASSWORD), ("UIDL", ""), ("RETR", "1"), ("QUIT", "")):
        pair.client.send(verb, argument)
    with pytest.raises(LocalProtocolError):
        pair.client.send("NOOP")  # nothing follows QUIT
    pair.session.feed(pair.client.data_to_send())
    pair.client.receive_data(pair.session.take())
    replies = [reply for reply in iter(pair.client.next_event, None) if isinstance(reply, Reply)]
    assert [(reply.verb, reply.ok) for reply in replies] == [
        ("USER", True), ("PASS", True), ("UIDL", True), ("RETR", True), ("QUIT", True)
    ]  # fmt: skip
    assert replies[3].octets == LETTER


def test_what_is_no_plain_question_and_answer_goes_alone() -> None:
    pair = Pair()
    pair.ask("CAPA")
    pair.client.send("USER", USER)
    with pytest.raises(LocalProtocolError, match="Wait"):
        pair.client.send("STLS")


TURNS = [
    [("RETR", "1")], [("UIDL", "")], [("DELE", "1"), ("QUIT", "")], [("NOOP", ""), ("STAT", ""), ("LIST", "")], [("CAPA", "")],
    [("LIST", "2")], [("RETR", "1"), ("RETR", "2")], [("CAPA", ""), ("NOOP", "")],
]  # fmt: skip
SAID = [
    b"+OK\r\n", b"+OK hi\r\n", b"+OK [X] hi\r\n", b"-ERR [AUTH] no\r\n", b".\r\n", b"1 a\r\n", b"PIPELINING\r\n", b"..a\r\n",
    b"\r\n", b"+OK a\rb\r\n", b"+OK a\n", b"+OKAY\r\n", b"+OK " + b"x" * 600 + b"\r\n", b"x" * 1200 + b"\r\n", b"+OK",
]  # fmt: skip


def turned(commands: list[tuple[str, str]]) -> Pop3Client:
    client = Pop3Client(content_limit=1000)
    client.receive_data(b"+OK hi\r\n")
    client.next_event()
    client.pipelining, client.state = True, State.TRANSACTION
    for verb, argument in commands:
        client.send(verb, argument)
    client.data_to_send()
    return client


def step_by_step(client: Pop3Client, octets: bytes) -> tuple[list[object], str]:
    events: list[object] = []
    client.receive_data(octets)
    try:
        while (event := client.next_event()) is not None:
            events.append(event)
    except RemoteProtocolError as error:
        return events, f"{type(error).__name__}: {error}"
    return events, ""


@given(st.sampled_from(TURNS), st.lists(st.sampled_from(SAID), max_size=7).map(b"".join))
@example(TURNS[0], b"+OK\r\n1 a\r\n.\r\n")
@example(TURNS[2], b"+OK\r\n+OK hi\r\n")
@example(TURNS[4], b"+OK\r\n.\r\n")
def test_replies_that_come_at_once_are_what_they_are_step_by_step(turn: list[tuple[str, str]], octets: bytes) -> None:
    at_once, by_step = turned(turn), turned(turn)
    replies, (events, error) = at_once.take_all(octets), step_by_step(by_step, octets)
    if replies is None:
        assert step_by_step(at_once, octets) == (events, error), "nothing was taken"
    else:
        assert (replies, "", len(turn)) == (events, error, len(replies))
        assert not (at_once.in_steps or by_step.in_steps)
    assert (at_once.state, at_once.pipelining, at_once.legal_now()) == (
        by_step.state, by_step.pipelining, by_step.legal_now()
    )  # fmt: skip
