"""What the IMAP server tells its session, and its limits."""

from __future__ import annotations

import time

import pytest

from simulator import limits
from simulator.errors import LocalProtocolError
from simulator.protocol.imap.sequence import write
from simulator.protocol.imap.server import (
    Added,
    Answered,
    Arranged,
    Command,
    Expunged,
    FlagsChanged,
    Idling,
    ImapServer,
    LoggedIn,
    Login,
    Pushed,
    Refused,
    Selected,
    Transferred,
)
from simulator.protocol.imap.server.authenticated.patterns import matches
from simulator.protocol.imap.writing import read_date_time

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


def test_starttls_forgets_what_came_in_clear_and_then_lets_in() -> None:
    session = Session(login_allowed=False, tls_available=True)
    assert b"STARTTLS LOGINDISABLED]" in session.take()
    assert b"PLAIN" not in session.say("a CAPABILITY")
    assert session.say("b AUTHENTICATE PLAIN").startswith(b"b NO [PRIVACYREQUIRED]")
    session.feed(b"c STARTTLS\r\nd NOOP\r\n")
    assert session.take() == b"c OK Begin TLS negotiation now.\r\n"
    session.feed(b"e NOOP\r\nf LOG")
    assert session.take() == b""
    session.server.tls_started()
    assert session.say("g CAPABILITY").startswith(
        b"* CAPABILITY IMAP4rev1 SASL-IR ID ENABLE IDLE LITERAL+ AUTH=PLAIN\r\n"
    )
    assert session.say("h STARTTLS") == b"h BAD TLS is already active.\r\n"
    assert session.say(LOGIN).startswith(b"a OK ")
    with pytest.raises(LocalProtocolError):
        session.server.tls_started()


def test_a_letter_of_an_append_is_in_no_command_event() -> None:
    session = selected_session()
    session.say("c APPEND Sent (\\Seen) {6+}\r\nsecret")
    command, added, _ = session.events
    assert isinstance(command, Command) and command.argument == "Sent (\\Seen) {6+}"
    assert added == Added(mailbox="Sent", uid=1, uid_validity=1_795_486_339, size=6, flags=frozenset({"\\Seen"}))


def test_copies_moves_and_arrangements_are_told() -> None:
    session = selected_session()
    for line in (
        "c COPY 1 Sent",
        "d MOVE 2 Sent",
        "e CREATE New",
        "f RENAME New Old",
        "g SUBSCRIBE Old",
        "h DELETE Old",
    ):
        session.say(line)
    told = [event for event in session.events if not isinstance(event, Command | Answered)]
    assert told == [
        Transferred(mailbox="INBOX", target="Sent", uids=((1, 1),), moved=False),
        Transferred(mailbox="INBOX", target="Sent", uids=((2, 2),), moved=True),
        Arranged(verb="CREATE", name="New"),
        Arranged(verb="RENAME", name="New", target="Old"),
        Arranged(verb="SUBSCRIBE", name="Old"),
        Arranged(verb="DELETE", name="Old"),
    ]


def test_two_sessions_on_one_mailbox_see_each_others_changes() -> None:
    store = golden_store()
    first, second = selected_session(store), selected_session(store)
    first.say("c STORE 1 +FLAGS (\\Deleted \\Answered)")
    assert second.say("c NOOP").startswith(b"* 1 FETCH (UID 1 FLAGS (\\Answered \\Deleted \\Seen))\r\n")
    assert b"EXPUNGE" not in first.say("d CHECK")
    first.say("e EXPUNGE")
    for command in ("d FETCH 2 UID", "e STORE 2 +FLAGS (x)", "f SEARCH ALL"):
        assert b"EXPUNGE" not in second.say(command)
    assert b"* 1 EXPUNGE\r\n" in second.say("g NOOP")
    second.say("h APPEND INBOX {3+}\r\nabc")
    assert first.say("f NOOP").startswith(b"* FLAGS ") and b"* 3 EXISTS" not in first.say("g NOOP")
    assert first.server.next_event() is None, "nothing is sent without a command in progress"


def test_push_says_nothing_to_a_client_that_does_not_idle() -> None:
    store = golden_store()
    session = selected_session(store)
    store.boxes["INBOX"].append(b"x")
    session.server.push()
    session.pump()
    assert session.take() == b""


def test_what_is_pushed_is_told() -> None:
    store = golden_store()
    session = selected_session(store)
    session.say("c IDLE")
    assert session.events[-1] == Idling(tag="c", mailbox="INBOX") and session.server.idling
    assert session.server.legal_now() == ()
    store.boxes["INBOX"].append(b"x")
    session.server.push()
    session.pump()
    assert session.take() == b"* 4 EXISTS\r\n* 1 RECENT\r\n"
    assert session.events[-1] == Pushed(untagged=("4 EXISTS", "1 RECENT"), untagged_count=2)
    session.say("DONE")
    assert not session.server.idling


def test_a_mailbox_deleted_under_a_session_ends_it() -> None:
    store = golden_store()
    session = selected_session(store)
    store.boxes["INBOX"].is_gone = True
    assert session.say("c NOOP") == b"* BYE Mailbox was deleted.\r\n"
    assert session.server.closed


def test_a_long_or_broken_line_ends_what_goes_on() -> None:
    session = selected_session()
    session.say("c IDLE")
    session.take()
    session.feed(b"DONE\n")
    assert session.take().startswith(b"c BAD ")
    session.say("d IDLE")
    session.take()
    session.feed(b"x" * 70_000 + b"\r\ne NOOP\r\n")
    assert session.take().startswith(b"d BAD ") and b"e" not in session.output
    assert session.say("f NOOP").startswith(b"f OK")


def test_a_literal_of_append_may_be_large_and_another_may_not() -> None:
    session = selected_session()
    big = b"x" * 200_000
    session.feed(b"c APPEND Sent {200000+}\r\n" + big + b"\r\n")
    assert b"c OK [APPENDUID" in session.take()
    session.feed(b"d SEARCH SUBJECT {200000}\r\n")
    assert session.take() == b"d BAD Error in IMAP command received by server: Literal size too large.\r\n"


def test_bare_newlines_of_a_letter_become_whole_ones() -> None:
    session = selected_session()
    session.feed(b"c APPEND Sent {11+}\r\na\nb\rc\r\nd\r\r\n\r\n")
    assert session.store.boxes["Sent"].messages()[0].octets() == b"a\r\nb\r\nc\r\nd\r\n\r\n"


def test_authenticate_asks_policy_like_login_and_masks_the_secret() -> None:
    session = Session()
    session.say("a AUTHENTICATE PLAIN AGJvYkBhbHBoYS50ZXN0AGJvYiAicHdc")
    command, login, _ = session.events
    assert isinstance(command, Command) and command.masked == "PLAIN ***"
    assert isinstance(login, Login) and (login.user, login.mechanism, login.authzid) == ("bob@alpha.test", "PLAIN", "")
    assert "pw" not in repr(login)


def test_search_charsets() -> None:
    session = selected_session()
    session.feed(b"c SEARCH CHARSET KOI8-R TEXT {6+}\r\n" + "Привет".encode("koi8-r") + b"\r\n")
    assert session.take() == b"* SEARCH 2\r\nc OK Search completed.\r\n"
    assert session.say("d SEARCH CHARSET X TEXT x").startswith(b"d NO [BADCHARSET (UTF-8 US-ASCII ")
    session.say("e CLOSE")
    session.say("f ENABLE UTF8=ACCEPT")
    session.say("g SELECT INBOX")
    assert session.say("h SEARCH CHARSET UTF-8 ALL").startswith(b"h BAD ")  # RFC 6855, 3


def test_utf8_letters_are_appended_by_a_client_that_enabled_them() -> None:
    session = Session()
    session.say(LOGIN)
    assert session.say("b APPEND Sent UTF8 (~{3+}\r\nabc)").startswith(b"b BAD ")
    session.say("c ENABLE UTF8=ACCEPT")
    assert session.say("d APPEND Sent UTF8 (~{3+}\r\nabc)").startswith(b"d OK [APPENDUID ")


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        (b"01-Jan-1970 00:00:00 +0000", 0),
        (b" 1-Jan-1970 03:30:00 +0330", 0),
        (b"31-Dec-1969 19:00:00 -0500", 0),
        (b"29-Feb-2024 12:00:00 +0000", 1_709_208_000_000_000),
        (b"29-Feb-2023 12:00:00 +0000", None),
        (b"01-Foo-2023 12:00:00 +0000", None),
        (b"01-Jan-2023 24:00:00 +0000", None),
        (b"01-Jan-2023 12:00:00 +0060", None),
        (b"01-Jan-0001 12:00:00 +0000", None),
        (b"1-Jan-2023 12:00:00 +0000", None),
    ],
)
def test_dates_of_append(text: bytes, moment: int | None) -> None:
    assert read_date_time(text) == moment


@pytest.mark.parametrize(
    ("numbers", "text"), [((), ""), ((1,), "1"), ((1, 2, 3, 7, 9, 10), "1:3,7,9:10"), ((5, 1, 2), "5,1:2")]
)
def test_uid_sets_are_written_short(numbers: tuple[int, ...], text: str) -> None:
    assert write(numbers) == text
