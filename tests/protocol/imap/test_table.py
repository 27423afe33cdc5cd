"""The table of IMAP, exhausted: every command in every state, on both sides."""

from __future__ import annotations

import pytest

from simulator.errors import LocalProtocolError
from simulator.protocol.imap.client import Completed, ImapClient
from simulator.protocol.imap.client.writer import Writer
from simulator.protocol.imap.table import AFTER_NO, COMMANDS, TABLE, State, after, legal

from .dialogue import Session

ARGUMENTS = {
    "ID": " NIL",
    "LOGIN": ' bob@alpha.test "bob \\"pw\\\\"',
    "AUTHENTICATE": " PLAIN AGJvYkBhbHBoYS50ZXN0AGJvYiAicHdc",
    "ENABLE": " UTF8=ACCEPT",
    "LIST": ' "" *',
    "LSUB": ' "" *',
    "SELECT": " INBOX",
    "EXAMINE": " INBOX",
    "STATUS": " INBOX (MESSAGES)",
    "CREATE": " New",
    "DELETE": " Work",
    "RENAME": " Work Job",
    "SUBSCRIBE": " Work",
    "UNSUBSCRIBE": " Work",
    "APPEND": " Sent {3+}\r\nabc",
    "IDLE": "\r\nDONE",
    "GETQUOTA": ' "User quota"',
    "GETQUOTAROOT": " INBOX",
    "FETCH": " 1 UID",
    "UID FETCH": " 1 UID",
    "STORE": " 1 FLAGS ()",
    "UID STORE": " 1 FLAGS ()",
    "SEARCH": " ALL",
    "UID SEARCH": " ALL",
    "UID EXPUNGE": " 1",
    "COPY": " 1 Sent",
    "MOVE": " 1 Sent",
    "UID COPY": " 1 Sent",
    "UID MOVE": " 1 Sent",
}
WAY_THERE = {
    State.NOT_AUTHENTICATED: (),
    State.AUTHENTICATED: ("LOGIN",),
    State.SELECTED: ("LOGIN", "SELECT"),
    State.LOGOUT: ("LOGOUT",),
}
EVERY_CASE = [(state, verb) for state in State for verb in sorted(COMMANDS | {"FROB", "UID FROB", "UID", "SETQUOTA"})]


def session_in(state: State) -> Session:
    session = Session(tls_available=True)
    session.store.limit = 100_000
    for verb in WAY_THERE[state]:
        session.say(f"t {verb}{ARGUMENTS.get(verb, '')}")
    assert session.server.state is state
    return session


@pytest.mark.parametrize(("state", "verb"), EVERY_CASE)
def test_a_command_is_carried_out_exactly_where_the_table_has_it(state: State, verb: str) -> None:
    session = session_in(state)
    allowed = verb in session.server.legal_now()
    argument = ARGUMENTS.get(verb, "") if allowed or verb != "IDLE" else ""
    answer = session.say(f"x {verb.lower()}{argument}")
    if state is State.LOGOUT:
        assert answer == b""
    elif allowed:
        assert answer.splitlines()[-1].startswith(b"x OK ")
        assert session.server.state is TABLE[state][verb]
    else:
        assert answer.splitlines()[0].startswith(b"x BAD ")
        assert session.server.state is state


@pytest.mark.parametrize(("state", "verb"), EVERY_CASE)
def test_a_client_sends_exactly_what_the_table_has(state: State, verb: str) -> None:
    client = ImapClient()
    client.receive_data(b"* OK hello\r\n")
    client.next_event()
    client.state = state
    arguments = Writer().plain(ARGUMENTS[verb].encode()[1:]) if ARGUMENTS.get(verb, "").startswith(" ") else None
    if verb in TABLE[state]:
        assert client.send(verb, arguments) == "a1"
        assert client.data_to_send().startswith(b"a1 " + verb.encode())
    else:
        with pytest.raises(LocalProtocolError):
            client.send(verb, arguments)
        assert client.data_to_send() == b""


@pytest.mark.parametrize(("state", "verb"), EVERY_CASE)
def test_only_ok_moves_but_for_the_rows_of_after_no(state: State, verb: str) -> None:
    assert after(state, verb, "BAD") is state
    assert after(state, verb, "NO") is AFTER_NO.get((state, verb), state)
    assert after(state, verb, "OK") is TABLE[state].get(verb, state)


def test_a_failed_select_leaves_the_mailbox_on_both_sides() -> None:
    session = session_in(State.SELECTED)
    session.say("x SELECT Missing")
    assert session.server.state is State.AUTHENTICATED
    client = ImapClient()
    client.receive_data(b"* OK hello\r\n")
    client.next_event()
    client.state = State.SELECTED
    client.select("Missing")
    client.receive_data(b"a1 NO Mailbox doesn't exist\r\n")
    assert isinstance(client.next_event(), Completed)
    assert client.state is State.AUTHENTICATED


def test_every_state_is_reachable_and_every_row_named() -> None:
    reached = {target for row in TABLE.values() for target in row.values()} | {State.NOT_AUTHENTICATED}
    assert reached == set(State)
    assert legal(State.LOGOUT) == ()
