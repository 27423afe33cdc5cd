"""IMAP and POP3 servers of a host, spoken to in raw octets: pushes, STARTTLS, quotas, and what they record."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import pytest

from simulator import limits
from simulator.engine.trace import KIND, LETTER, VALUES, value
from simulator.mailstore.quota import Quota
from simulator.nodes.imap_access import imap_clear_door
from simulator.nodes.pop3_access import pop3_clear_door
from simulator.nodes.tls_filter import secure_client
from simulator.nodes.way_in import Way
from simulator.protocol.pop3 import apop_digest
from tests.nodes.mail_world import MINUTE, SECOND, MailWorld
from tests.nodes.test_sessions import Raw

BORIS = "boris@beta.example"
LOGIN = b"a LOGIN boris@beta.example battery\r\n"
LETTER_OCTETS = b"Subject: x\r\n\r\nbody\r\n"


def open_doors(world: MailWorld, **terms: Any) -> MailWorld:
    """Add ports 143 and 110 to Beta's server."""
    server = world.servers["mx-beta"]
    context = world.internet.server_context((server.host.hostname,))
    way = Way(clear=True, context=context, **terms)
    server.host.add(imap_clear_door(server.host, server.store, 143, way))
    server.host.add(pop3_clear_door(server.host, server.store, 110, way))
    return world


@pytest.fixture
def world() -> MailWorld:
    return open_doors(MailWorld(), login_allowed=True)


def said(raw: Raw, octets: bytes, time: int = 10 * SECOND) -> bytes:
    before = len(raw.heard)
    raw.say(octets)
    return raw.wait(time)[before:]


def over(world: MailWorld) -> None:
    """Let the world end; passwords in clear, and letters put there by the test, are the only promises broken."""
    world.run(broken=True)
    assert world.promises_broken() <= {"password", "origin"}
    assert not world.network.open_sessions and not kinds(world, "alert")


def put(world: MailWorld) -> None:
    world.servers["mx-beta"].store.deliver(BORIS, LETTER_OCTETS, world.internet.epoch)


def kinds(world: MailWorld, prefix: str) -> list[tuple[Any, ...]]:
    return [(record[KIND].name, *record[VALUES:]) for record in world.records if record[KIND].name.startswith(prefix)]


def test_an_idle_client_hears_of_a_letter_that_is_delivered(world: MailWorld) -> None:
    raw = Raw(world, 143)
    said(raw, LOGIN + b"b SELECT INBOX\r\nc IDLE\r\n")
    world.send(BORIS, when=int(world.env.now) + SECOND)
    assert raw.wait(MINUTE).endswith(b"+ idling\r\n* 1 EXISTS\r\n* 1 RECENT\r\n")
    assert ("imap.response", "*", "", "", "1 EXISTS", 2) in kinds(world, "imap.response")
    assert said(raw, b"DONE\r\nd LOGOUT\r\n").startswith(b"c OK Idle completed.\r\n* BYE")
    over(world)


def test_what_one_session_does_an_idle_one_hears_and_no_other(world: MailWorld) -> None:
    for _ in range(2):
        put(world)
    idle, busy, quiet = Raw(world, 143), Raw(world, 143), Raw(world, 143)
    for raw in (idle, busy, quiet):
        said(raw, LOGIN + b"b SELECT INBOX\r\n")
    said(idle, b"c IDLE\r\n")
    heard = len(idle.heard), len(quiet.heard)
    said(busy, b"c STORE 1:2 +FLAGS (\\Deleted)\r\nd EXPUNGE\r\n")
    assert idle.heard[heard[0] :].endswith(b"* 1 EXPUNGE\r\n* 1 EXPUNGE\r\n* 0 RECENT\r\n")
    assert len(quiet.heard) == heard[1]
    assert b"* 1 EXPUNGE\r\n* 1 EXPUNGE\r\n" in said(quiet, b"c NOOP\r\n")
    for raw in (idle, busy, quiet):
        raw.stream.close()
    over(world)


def test_a_push_of_many_changes_is_told_in_one_piece(world: MailWorld) -> None:
    raw = Raw(world, 143)
    said(raw, LOGIN + b"b SELECT INBOX\r\nc IDLE\r\n")
    for _ in range(3):
        put(world)
    assert raw.wait().endswith(b"+ idling\r\n* 3 EXISTS\r\n* 3 RECENT\r\n")
    raw.stream.close()
    over(world)
    put(world)
    over(world)


def test_a_mailbox_deleted_under_an_idle_client_ends_its_session(world: MailWorld) -> None:
    store = world.servers["mx-beta"].store
    store.create_mailbox(BORIS, "Work", world.internet.epoch)
    raw = Raw(world, 143)
    said(raw, LOGIN + b"b SELECT Work\r\nc IDLE\r\n")
    store.delete_mailbox(BORIS, "Work")
    assert raw.wait().endswith(b"* BYE Mailbox was deleted.\r\n")
    over(world)


def test_an_idle_client_is_put_out_after_half_an_hour(world: MailWorld) -> None:
    raw = Raw(world, 143)
    said(raw, LOGIN + b"b IDLE\r\n")
    assert raw.wait(limits.IDLE_IMAP_US + MINUTE).endswith(b"* BYE Disconnected for inactivity.\r\n")
    over(world)


def test_letters_keep_their_identity_from_mailbox_to_mailbox(world: MailWorld) -> None:
    world.send(BORIS, when=SECOND)
    world.run()
    (letter,) = {record[LETTER] for record in world.records if record[KIND].name == "deliver"}
    raw = Raw(world, 143)
    said(raw, LOGIN + b"b SELECT INBOX\r\nc COPY 1 Sent\r\nd MOVE 1 Trash\r\ne CREATE Old.Mail\r\n")
    said(raw, b"f RENAME Trash Bin\r\ng SELECT Bin\r\nh STORE 1 +FLAGS (\\Flagged)\r\ni DELETE Bin\r\nj LOGOUT\r\n")
    over(world)
    changes = [record for record in world.records if record[KIND].name.startswith("mailbox.")]
    assert {record[LETTER] for record in changes} == {letter}
    told = [(record[KIND].name, record[VALUES + 1], record[VALUES + 2]) for record in changes]
    assert told == [
        ("mailbox.append", "INBOX", 1),
        ("mailbox.append", "Sent", 1),
        ("mailbox.append", "Trash", 1),
        ("mailbox.expunge", "INBOX", 1),
        ("mailbox.append", "Bin", 1),
        ("mailbox.expunge", "Trash", 1),
        ("mailbox.flags", "Bin", 1),
        ("mailbox.expunge", "Bin", 1),
    ]
    paths = [record[VALUES + 5] for record in changes if record[KIND].name == "mailbox.append"]
    assert "/.Sent/cur/" in paths[1] and "/.Trash/cur/" in paths[2] and "/.Bin/cur/" in paths[3]
    assert set(world.servers["mx-beta"].host.arrivals) == {(BORIS, "Sent", 1)}


def test_an_appended_letter_is_recorded_with_its_path(world: MailWorld) -> None:
    raw = Raw(world, 143)
    said(raw, LOGIN + b"b APPEND Sent (\\Seen) {%d+}\r\n%b\r\n" % (len(LETTER_OCTETS), LETTER_OCTETS))
    assert b"b OK [APPENDUID " in raw.heard
    raw.stream.close()
    over(world)
    ((_, address, name, uid, size, flags, path),) = kinds(world, "mailbox.append")
    assert (address, name, uid, size, flags) == (BORIS, "Sent", 1, len(LETTER_OCTETS), ("\\Seen",))
    assert path.endswith(":2,S")
    commands = [values for values in kinds(world, "imap.command") if values[2] == "APPEND"]
    assert commands == [("imap.command", "b", "APPEND", f"Sent (\\Seen) {{{len(LETTER_OCTETS)}+}}")]


def test_a_full_account_refuses_append_and_copy_and_tells_how_full_it_is(world: MailWorld) -> None:
    store = world.servers["mx-beta"].store
    put(world)
    raw = Raw(world, 143)
    assert said(raw, LOGIN + b"b GETQUOTAROOT INBOX\r\n").endswith(
        b"* QUOTAROOT INBOX\r\nb OK Getquotaroot completed.\r\n"
    )
    store.set_quota(BORIS, Quota(octets=len(LETTER_OCTETS), messages=10))
    assert b'* QUOTA "User quota" (STORAGE 1 0 MESSAGE 1 10)\r\n' in said(raw, b"c GETQUOTAROOT INBOX\r\n")
    assert b"d NO [OVERQUOTA] Quota exceeded" in said(raw, b"d APPEND Sent {3+}\r\nabc\r\n")
    said(raw, b"e SELECT INBOX\r\n")
    assert b"f NO [OVERQUOTA] Quota exceeded" in said(raw, b"f COPY 1 Sent\r\n")
    assert b"g OK Move completed" in said(raw, b"g MOVE 1 Sent\r\n")
    raw.stream.close()
    over(world)


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        (b"CREATE a/b", b"NO [CANNOT] Invalid mailbox name"),
        (b"CREATE sent", b"OK Create completed."),
        (b"CREATE Sent", b"NO [ALREADYEXISTS] Mailbox already exists"),
        (b"DELETE inbox", b"NO [CANNOT] INBOX can't be deleted."),
        (b"DELETE Missing", b"NO [NONEXISTENT] Mailbox doesn't exist: Missing"),
        (b"RENAME Missing X", b"NO [NONEXISTENT] Mailbox doesn't exist: Missing"),
        (b"RENAME Sent Sent.Below", b"NO [CANNOT] Invalid mailbox name"),
        (b"APPEND Missing {1+}\r\nx", b"NO [TRYCREATE] Mailbox doesn't exist: Missing"),
        (b"SUBSCRIBE a/b", b"NO [CANNOT] Invalid mailbox name"),
        (b'LSUB "" *', b'* LSUB (\\Drafts) "." Drafts\r\n* LSUB (\\Sent) "." Sent\r\n* LSUB (\\Trash) "." Trash'),
    ],
)
def test_what_the_store_refuses_is_said_as_an_rfc_says_it(world: MailWorld, command: bytes, answer: bytes) -> None:
    raw = Raw(world, 143)
    said(raw, LOGIN)
    assert said(raw, b"b " + command + b"\r\n").removeprefix(b"b ").startswith(answer)
    raw.stream.close()
    over(world)


def test_errors_slow_down_and_then_close(world: MailWorld) -> None:
    imap, pop3 = Raw(world, 143), Raw(world, 110)
    imap.say(b"".join(b"%d FROB\r\n" % number for number in range(30)))
    pop3.say(b"FROB\r\n" * 30)
    assert imap.wait(5 * SECOND).count(b" BAD ") < 20 and pop3.heard.count(b"-ERR") < 20
    assert imap.wait(MINUTE).endswith(b"* BYE Too many invalid IMAP commands.\r\n")
    assert pop3.heard.count(b"-ERR") == limits.ERRORS_CLOSE
    assert imap.closed and pop3.closed
    over(world)


@pytest.mark.parametrize(
    ("port", "start", "begin", "login"),
    [
        (143, b"a STARTTLS\r\nb LOGIN boris@beta.example battery\r\n", b"a OK Begin TLS", LOGIN),
        (110, b"STLS\r\nUSER boris@beta.example\r\n", b"+OK Begin TLS", b"USER boris@beta.example\r\nPASS battery\r\n"),
    ],
)
def test_tls_begins_and_what_was_said_too_early_is_forgotten(
    port: int, start: bytes, begin: bytes, login: bytes
) -> None:
    world = open_doors(MailWorld(), login_allowed=False)
    raw = Raw(world, port)
    assert b"LOGINDISABLED" in raw.heard or port == 110
    assert said(raw, start).startswith(begin)
    secure_client(raw.world.hosts["pc-anna"], raw.stream, "raw", "mx.beta.example", lambda: None, lambda error: None)
    assert b"b OK" not in raw.wait()
    assert b"ogged in" in said(raw, login)
    raw.stream.close()
    over(world)
    assert [values[4] for values in kinds(world, "auth.login")] == ["imap" if port == 143 else "pop3"]


def test_no_password_is_taken_in_clear_unless_the_way_allows_it() -> None:
    world = open_doors(MailWorld(), login_allowed=False)
    raw, other = Raw(world, 143), Raw(world, 110)
    assert b"a NO [PRIVACYREQUIRED]" in said(raw, LOGIN)
    assert b"-ERR [AUTH] Plaintext" in said(other, b"USER boris@beta.example\r\n")
    for each in (raw, other):
        each.stream.close()
    over(world)


def test_sasl_lets_in_and_nobody_acts_for_others(world: MailWorld) -> None:
    raw = Raw(world, 143)
    wrong = b"anna\0boris@beta.example\0battery"
    assert b"b NO " in said(raw, b"b AUTHENTICATE PLAIN " + b64encode(wrong) + b"\r\n")
    right = b"\0boris@beta.example\0battery"
    assert b"c OK " in said(raw, b"c AUTHENTICATE PLAIN\r\n") + said(raw, b64encode(right) + b"\r\n")
    raw.stream.close()
    other = Raw(world, 110)
    assert b"+OK Logged in." in said(other, b"AUTH PLAIN " + b64encode(right) + b"\r\n")
    other.stream.close()
    over(world)
    assert [values[1:5] for values in kinds(world, "auth.login")][-1] == (BORIS, "PLAIN", "ok", "pop3")


def test_apop_works_where_the_accounts_keep_passwords() -> None:
    world = open_doors(MailWorld(), apop=True)
    store = world.servers["mx-beta"].store
    store.accounts.keeps_passwords = True
    store.add_account("ivan@beta.example", "тайна", world.internet.epoch)
    raw = Raw(world, 110)
    timestamp = raw.heard.decode().split()[-1]
    assert timestamp.endswith("@mx.beta.example>")
    digest = apop_digest(timestamp, "тайна")
    assert said(raw, f"APOP boris@beta.example {digest}\r\n".encode()).startswith(b"-ERR [AUTH]")
    assert said(raw, f"APOP ivan@beta.example {digest}\r\n".encode()).startswith(b"+OK Logged in.")
    raw.stream.close()
    other = Raw(world, 110)
    assert timestamp not in other.heard.decode(), "a timestamp is never used twice"
    other.stream.close()
    over(world)


def chunks(world: MailWorld) -> list[Any]:
    """What the server said, greetings and goodbyes included."""
    return [one for one in world.records if one[KIND].name == "tcp.data" and value(one, "from") == "mx-beta"]


def test_a_group_of_pop3_commands_is_answered_in_one_chunk(world: MailWorld) -> None:
    put(world)
    raw = Raw(world, 110)
    heard = said(raw, b"USER boris@beta.example\r\nPASS battery\r\nUIDL\r\n")
    assert heard.startswith(b"+OK\r\n+OK Logged in.\r\n+OK\r\n1 ")
    goodbyes = b"+OK Marked to be deleted.\r\n+OK Logging out, messages deleted.\r\n"
    assert said(raw, b"DELE 1\r\nQUIT\r\n") == goodbyes
    over(world)
    assert [value(one, "octets") for one in chunks(world)][1:] == [heard, goodbyes]


def test_a_login_that_is_refused_in_a_group_is_the_cause_of_the_answer(world: MailWorld) -> None:
    raw = Raw(world, 110)
    assert said(raw, b"USER boris@beta.example\r\nPASS wrong\r\nUIDL\r\n").count(b"-ERR") == 2
    raw.stream.close()
    over(world)
    answer = world.records[value(chunks(world)[1], "cause") - 1]
    assert (value(answer, "verb"), value(answer, "status")) == ("PASS", "-ERR")


def test_a_pop3_session_that_ends_without_quit_removes_nothing_and_frees_the_maildrop(world: MailWorld) -> None:
    put(world)
    first = Raw(world, 110)
    said(first, b"USER boris@beta.example\r\nPASS battery\r\nDELE 1\r\n")
    second = Raw(world, 110)
    assert b"-ERR [IN-USE]" in said(second, b"USER boris@beta.example\r\nPASS battery\r\n")
    first.stream.close()
    first.wait()
    assert said(second, b"USER boris@beta.example\r\nPASS battery\r\nSTAT\r\n").endswith(b"+OK 1 20\r\n")
    said(second, b"DELE 1\r\nQUIT\r\n")
    over(world)
    assert world.letters(BORIS) == []


def test_a_letter_that_imap_removed_is_gone_for_pop3_too(world: MailWorld) -> None:
    put(world)
    raw = Raw(world, 110)
    said(raw, b"USER boris@beta.example\r\nPASS battery\r\n")
    world.servers["mx-beta"].store.mailbox(BORIS).expunge((1,))
    answer = said(raw, b"RETR 1\r\nTOP 1 0\r\nSTAT\r\nDELE 1\r\nQUIT\r\n")
    gone = b"-ERR [SYS/TEMP] Message is gone: another session removed it.\r\n"
    assert answer == gone * 2 + b"+OK 1 20\r\n+OK Marked to be deleted.\r\n+OK Logging out, messages deleted.\r\n"
    over(world)


def test_every_octet_alone_says_the_same(world: MailWorld) -> None:
    octets = LOGIN + b"b SELECT INBOX\r\nc IDLE\r\nDONE\r\nd APPEND INBOX {3+}\r\nabc\r\ne LOGOUT\r\n"
    whole, cut = Raw(world, 143), Raw(world, 143)
    said(whole, octets)
    put_away = world.servers["mx-beta"].store.mailbox(BORIS)
    put_away.expunge((1,))
    cut.say(octets, cuts=tuple(range(1, len(octets))))
    answer = cut.wait(MINUTE).replace(b"APPENDUID 1711166400 2", b"APPENDUID 1711166400 1")
    assert answer.replace(b"UIDNEXT 2", b"UIDNEXT 1") == whole.heard
    over(world)
