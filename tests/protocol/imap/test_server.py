"""What the IMAP server tells its session, and its limits."""

from __future__ import annotations

import time

import pytest

from simulator import limits
from simulator.errors import LocalProtocolError
from simulator.protocol.imap.server import (
    Answered,
    Command,
    Expunged,
    FlagsChanged,
    ImapServer,
    LoggedIn,
    Login,
    Refused,
    Selected,
)
from simulator.protocol.imap.server.authenticated.list import matches

from .dialogue import Session
from .fake import FakeMailbox, FakeStore, golden_store

LOGIN = 'a LOGIN bob@alpha.test "bob \\"pw\\\\"'


def selected_session(store: FakeStore | None = None) -> Session:
    session = Session(store)
    session.say(LOGIN)
    session.say("b SELECT INBOX")
    session.events.clear()
    return session


def test_a_command_comes_before_its_effect_and_its_answer_last() -> None:
    session = selected_session()
    session.say("c STORE 1 +FLAGS (\\Deleted)")
    session.say("d EXPUNGE")
    assert [type(event) for event in session.events] == [Command, FlagsChanged, Answered, Command, Expunged, Answered]
    _, changed, answered, command, expunged, _ = session.events
    assert isinstance(changed, FlagsChanged) and changed.uid == 1
    assert changed.after - changed.before == {"\\Deleted"}
    assert isinstance(answered, Answered) and answered.untagged == ("1 FETCH (FLAGS (\\Deleted \\Seen))",)
    assert isinstance(command, Command) and (command.tag, command.verb, command.argument) == ("d", "EXPUNGE", "")
    assert expunged == Expunged(mailbox="INBOX", uids=(1,))


def test_the_store_is_asked_only_after_the_command_event_was_given() -> None:
    store = golden_store()
    server = ImapServer()
    server.receive_data(LOGIN.encode() + b"\r\nb SELECT INBOX\r\nc STORE 1 +FLAGS (\\Deleted)\r\n")
    while not isinstance(server.next_event(), Login):
        pass
    assert server.next_event() is None, "nothing may happen before the login is answered"
    server.reply(LoggedIn(store))
    while not (isinstance(event := server.next_event(), Command) and event.verb == "STORE"):
        pass
    assert "\\Deleted" not in store.boxes["INBOX"].messages()[0].flags
    assert isinstance(server.next_event(), FlagsChanged)
    assert "\\Deleted" in store.boxes["INBOX"].messages()[0].flags


def test_the_password_is_masked_and_the_user_is_not() -> None:
    session = Session()
    session.say("a LOGIN bob@alpha.test secret")
    session.say("a LOGIN bob@alpha.test secret surplus")
    session.say("LOGIN bob secret")
    commands = [event for event in session.events if isinstance(event, Command)]
    assert [command.masked for command in commands] == ["bob@alpha.test ***", "***", "***"]
    assert commands[0].argument == "bob@alpha.test secret"


def test_an_octet_of_a_letter_is_in_no_summary() -> None:
    session = selected_session()
    session.say("c FETCH 1 (UID BODY.PEEK[])")
    answered = session.events[-1]
    assert isinstance(answered, Answered)
    assert answered.untagged == ("1 FETCH (UID 1 BODY[] {168})",)


def test_select_tells_what_was_opened() -> None:
    session = selected_session()
    session.say("c EXAMINE INBOX")
    assert Selected(name="INBOX", read_only=True, exists=3) in session.events


def test_three_failed_logins_end_the_session() -> None:
    session = Session()
    for _ in range(limits.FAILED_LOGINS):
        session.say("a LOGIN bob wrong")
    last = session.events[-1]
    assert isinstance(last, Answered) and last.status == "BYE"
    assert session.server.closed
    assert session.say("a NOOP") == b""


def test_a_refusal_carries_its_response_code() -> None:
    server = ImapServer()
    server.receive_data(b"a LOGIN u p\r\n")
    while not isinstance(server.next_event(), Login):
        pass
    server.reply(Refused("Too many users.", "UNAVAILABLE"))
    assert server.data_to_send().endswith(b"a NO [UNAVAILABLE] Too many users.\r\n")


def test_reply_without_a_question_is_refused() -> None:
    with pytest.raises(LocalProtocolError):
        ImapServer().reply(Refused())


def test_no_password_in_clear_where_login_is_disabled() -> None:
    session = Session(login_allowed=False)
    assert b"LOGINDISABLED" in session.take()
    assert session.say(LOGIN).startswith(b"a NO [PRIVACYREQUIRED]")
    assert not any(isinstance(event, Login) for event in session.events)


def test_a_line_over_the_limit_is_refused_and_the_next_one_read() -> None:
    session = Session()
    at_limit = b"a NOOP " + b"x" * (limits.IMAP_LINE_BEFORE_LOGIN_OCTETS - 9) + b"\r\n"
    session.take()
    session.feed(at_limit)
    assert session.take().startswith(b"a BAD Error in IMAP command NOOP")
    session.feed(b"b" + at_limit + b"c NOOP\r\n")
    assert session.take().splitlines() == [
        b"ba BAD Error in IMAP command received by server: Too long argument.",
        b"c OK NOOP completed.",
    ]


def test_a_longer_line_is_read_after_login() -> None:
    session = Session()
    session.say(LOGIN)
    names = " ".join(["MESSAGES"] * 2000)
    assert session.say(f"b STATUS INBOX ({names})").endswith(b"b OK Status completed.\r\n")


def test_many_small_literals_count_together() -> None:
    session = Session()
    session.take()
    session.feed(b"a LOGIN" + b" {1000+}\r\n" % () + b"x" * 1000 + b" {3097+}\r\n")
    assert session.take() == b"* BYE [TOOBIG] Literal size too large.\r\n"


def test_shut_down_says_bye_once() -> None:
    session = selected_session()
    session.take()
    session.server.shut_down("Disconnected for inactivity.")
    session.server.shut_down()
    session.pump()
    assert session.take() == b"* BYE Disconnected for inactivity.\r\n"


def test_an_answer_after_shut_down_comes_too_late() -> None:
    server = ImapServer()
    server.receive_data(b"a LOGIN u p\r\n")
    while not isinstance(server.next_event(), Login):
        pass
    server.data_to_send()
    server.shut_down("Bye.")
    server.reply(LoggedIn(golden_store()))
    assert server.data_to_send() == b"* BYE Bye.\r\n"


def test_a_peek_and_a_read_only_mailbox_leave_seen_alone() -> None:
    session = selected_session()
    session.say("c FETCH 2 BODY.PEEK[]")
    session.say("d EXAMINE INBOX")
    session.say("e FETCH 2 BODY[]")
    assert "\\Seen" not in session.store.boxes["INBOX"].messages()[1].flags
    session.say("f SELECT INBOX")
    session.say("g FETCH 2 BODY[TEXT]<0.1>")
    assert "\\Seen" in session.store.boxes["INBOX"].messages()[1].flags


def test_two_sessions_are_told_of_each_other() -> None:
    first = selected_session()
    second = selected_session(first.store)
    first.say("c STORE 2 +FLAGS.SILENT (\\Deleted)")
    assert b"* 2 FETCH (UID 2 FLAGS (\\Flagged \\Deleted $Label))\r\n" in second.say("c NOOP")
    assert b"* 2 EXPUNGE\r\n" in first.say("d EXPUNGE")
    assert b"EXPUNGE" not in second.say("d FETCH 1 FLAGS")
    assert b"* 2 EXPUNGE\r\n" in second.say("e NOOP")
    assert second.say("f NOOP") == b"f OK NOOP completed.\r\n"


@pytest.mark.parametrize(
    ("name", "pattern", "fits"),
    [
        ("INBOX", "inbox", True),
        ("INBOX", "I%X", True),
        ("a.b", "%", False),
        ("a.b", "*", True),
        ("a.b", "%.%", True),
        ("a.b", "a.*b", True),
        ("ab", "a", False),
        ("a", "a%*", True),
        ("", "*", True),
    ],
)
def test_wildcards(name: str, pattern: str, fits: bool) -> None:
    assert matches(name, pattern, ".") is fits


def test_hostile_patterns_sets_and_brackets_cost_little() -> None:
    box = FakeMailbox()
    for _ in range(500):
        box.append(b"Subject: x\r\n\r\nx\r\n")
    session = selected_session(FakeStore({"INBOX": box, "a" * 200: FakeMailbox()}))
    started = time.process_time()
    session.say(f'c LIST "" "{"*a" * 250}b"')
    session.say(f"d UID SEARCH {','.join(['1:4294967295'] * 4000)}")
    assert session.say(f"e SEARCH {'(' * 20_000}").startswith(b"e BAD")
    assert session.say(f"f SEARCH {'NOT ' * 15_000}ALL").startswith(b"f BAD")
    assert session.say('g SEARCH SUBJECT "' + "\\\\" * 30_000).startswith(b"g BAD")
    assert time.process_time() - started < 5
