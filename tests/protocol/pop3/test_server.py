"""The POP3 server: its table exhausted, its events, its limits, every chunking alike."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator import limits
from simulator.errors import LocalProtocolError
from simulator.protocol.pop3 import Command, LoggedIn, Login, Pop3Server, Refused, State, Update, Updated
from simulator.protocol.pop3.table import AFTER_ERR, COMMANDS, TABLE, after, legal

from .dialogue import LETTER, PASSWORD, USER, FakeMaildrop, Session

ARGUMENTS = {"USER": f" {USER}", "PASS": f" {PASSWORD}", "RETR": " 1", "DELE": " 1", "TOP": " 1 0"}
WAY_THERE = {
    State.AUTHORIZATION: (),
    State.USER_NAMED: ("USER",),
    State.TRANSACTION: ("USER", "PASS"),
    State.UPDATE: ("USER", "PASS", "QUIT"),
    State.CLOSED: ("QUIT",),
}
EVERY_CASE = [(state, verb) for state in State for verb in sorted(COMMANDS | {"FROB", "APOP"})]


def session_in(state: State) -> Session:
    session = Session()
    for verb in WAY_THERE[state]:
        session.say(verb + ARGUMENTS.get(verb, ""))
    assert session.server.state is state
    session.events.clear()
    return session


@pytest.mark.parametrize(("state", "verb"), EVERY_CASE)
def test_a_command_is_carried_out_exactly_where_the_table_has_it(state: State, verb: str) -> None:
    session = session_in(state)
    allowed = verb in session.server.legal_now()
    answer = session.say(verb.lower() + ARGUMENTS.get(verb, ""))
    if state in (State.UPDATE, State.CLOSED):
        assert answer == b"" and session.server.closed
    elif allowed:
        assert answer.startswith(b"+OK")
        assert session.server.state is TABLE[state][verb]
    else:
        assert answer.startswith(b"-ERR")
        assert session.server.state is state


@pytest.mark.parametrize(("state", "verb"), EVERY_CASE)
def test_only_ok_moves_but_for_the_rows_of_after_err(state: State, verb: str) -> None:
    assert after(state, verb, ok=False) is AFTER_ERR.get((state, verb), state)
    assert after(state, verb, ok=True) is TABLE[state].get(verb, state)


def test_every_state_is_reachable() -> None:
    assert {target for row in TABLE.values() for target in row.values()} == set(State)
    assert legal(State.CLOSED) == ()


def test_a_deletion_acts_at_quit_and_never_before() -> None:
    session = session_in(State.TRANSACTION)
    session.say("DELE 2")
    assert len(session.drop.letters) == 3
    assert session.say("QUIT") == b"+OK Logging out, messages deleted.\r\n"
    assert list(session.drop.letters) == [1, 3]
    assert session.events[-1] == Update(deleted=(2,))


def test_a_lost_connection_or_a_shutdown_deletes_nothing() -> None:
    session = session_in(State.TRANSACTION)
    session.say("DELE 2")
    session.server.shut_down("Disconnected for inactivity.")
    assert session.server.data_to_send() == b"-ERR [SYS/TEMP] Disconnected for inactivity.\r\n"
    assert session.say("QUIT") == b""
    assert len(session.drop.letters) == 3


def test_a_failed_update_is_told_and_ends_the_session() -> None:
    session = session_in(State.TRANSACTION)
    session.update_fails = True
    assert session.say("QUIT") == b"-ERR [SYS/TEMP] Some deleted messages not removed.\r\n"
    assert session.server.closed


def test_a_quit_with_an_argument_is_no_quit() -> None:
    session = session_in(State.TRANSACTION)
    assert session.say("QUIT now").startswith(b"-ERR")
    assert session.server.state is State.TRANSACTION
    assert session.say("NOOP") == b"+OK\r\n"


def test_a_password_keeps_its_spaces_and_is_masked() -> None:
    session = session_in(State.USER_NAMED)
    session.say("PASS  two  spaces ")
    (login,) = session.events
    assert isinstance(login, Login)
    assert (login.user, login.password, login.masked, login.reply) == (USER, " two  spaces ", "***", None)


def test_an_answered_command_comes_with_its_reply_and_the_octets_that_follow() -> None:
    session = session_in(State.TRANSACTION)
    sent = session.say("RETR 1")
    (command,) = session.events
    assert isinstance(command, Command)
    assert (command.verb, command.argument, command.reply) == ("RETR", "1", f"+OK {len(LETTER)} octets")
    assert command.octets == len(sent) - len(command.reply) - 2


def test_what_cannot_be_read_is_never_shown() -> None:
    session = session_in(State.USER_NAMED)
    session.say("PASSWORD secret")
    session.say("PASS\tsecret")
    assert [event.masked for event in session.events] == ["***", "***"]


def test_nothing_is_read_while_policy_is_asked() -> None:
    server = Pop3Server()
    server.receive_data(b"USER u\r\nPASS p\r\nSTAT\r\n")
    server.next_event()
    assert isinstance(server.next_event(), Login)
    assert server.next_event() is None
    with pytest.raises(LocalProtocolError):
        server.reply(Updated())
    server.reply(LoggedIn(FakeMaildrop()))
    with pytest.raises(LocalProtocolError):
        server.reply(Refused())
    assert isinstance(server.next_event(), Command)
    assert server.data_to_send().endswith(b"+OK Logged in.\r\n+OK 3 135\r\n")


def test_an_answer_after_shut_down_comes_too_late() -> None:
    server = Pop3Server()
    server.receive_data(b"USER u\r\nPASS p\r\n")
    server.next_event()
    server.next_event()
    server.data_to_send()
    server.shut_down("Bye.")
    server.reply(Refused())
    assert server.data_to_send() == b"-ERR [SYS/TEMP] Bye.\r\n"


def test_three_failed_logins_end_the_session() -> None:
    session = Session()
    for _ in range(limits.FAILED_LOGINS):
        session.say(f"USER {USER}")
        assert session.say("PASS wrong") == b"-ERR [AUTH] Authentication failed.\r\n"
    assert session.server.closed


def test_twenty_errors_end_the_session() -> None:
    session = Session()
    for _ in range(limits.ERRORS_CLOSE):
        session.say("FROB")
    assert session.server.closed and session.server.errors == limits.ERRORS_CLOSE


def test_a_line_over_the_limit_is_refused_and_the_next_one_read() -> None:
    session = session_in(State.TRANSACTION)
    session.take()
    session.feed(b"NOOP" + b" " * limits.POP3_LINE_OCTETS + b"\r\nNOOP\r\n")
    assert session.take() == b"-ERR Input line too long.\r\n+OK\r\n"


def test_no_password_in_clear_where_login_is_disabled() -> None:
    session = Session(login_allowed=False)
    assert b"USER" not in session.say("CAPA")
    assert session.say(f"USER {USER}").startswith(b"-ERR [AUTH]")


STREAMS = [
    "".join(
        line[3:].replace("\\r", "\r") + "\r\n" for line in file.read_text("utf-8").splitlines() if line[:3] == "C: "
    )
    for file in sorted(Path(__file__).with_name("dialogues").glob("*.txt"))
]


def outcome(octets: bytes, places: list[int]) -> tuple[bytes, list[object]]:
    session = Session()
    edges = [0, *sorted({place % (len(octets) + 1) for place in places}), len(octets)]
    for start, end in pairwise(edges):
        if start < end:
            session.feed(octets[start:end])
    return session.output, list(session.events)


@given(stream=st.sampled_from(STREAMS), places=st.lists(st.integers(0, 2000), max_size=40))
@settings(max_examples=80, deadline=None)
def test_every_chunking_gives_the_same_replies_and_events(stream: str, places: list[int]) -> None:
    octets = stream.encode("utf-8")
    assert outcome(octets, places) == outcome(octets, []) == outcome(octets, list(range(len(octets))))


@given(noise=st.binary(max_size=400), places=st.lists(st.integers(0, 400), max_size=10))
@settings(max_examples=150, deadline=None)
def test_noise_is_refused_alike_and_never_echoed(noise: bytes, places: list[int]) -> None:
    said, events = outcome(noise, places)
    assert (said, events) == outcome(noise, [])
    assert not set(said) - set(range(0x20, 0x7F)) - {13, 10}
