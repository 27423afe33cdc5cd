"""Issue 4, section 1: the complete protocols, spoken to the cores and to servers of a simulated world.

Judged elsewhere: every state with every command, every chunking, dialogues line by line and strangers' clients, in
tests/protocol; live mode in test_issue_4_2_live.py.
"""

from __future__ import annotations

import re
from base64 import b64encode
from pathlib import Path

import pytest

from simulator.protocol.pop3 import apop_digest
from simulator.protocol.smtp import FACES
from tests.acceptance.outside import ROOT, count, mailflow
from tests.nodes.mail_world import SECOND, MailWorld
from tests.nodes.test_sessions import Raw
from tests.protocol.imap.dialogue import Session as ImapSession
from tests.protocol.pop3.dialogue import PASSWORD, USER
from tests.protocol.pop3.dialogue import Session as Pop3Session
from tests.protocol.smtp.runner import Policy, serve, server_for

EXTENSIONS = {"PIPELINING", "SIZE", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES", "DSN", "CHUNKING", "AUTH", "LIMITS"}
IMAP_COMMANDS = [
    "CAPABILITY",
    "NOOP",
    "LOGOUT",
    "ID",
    "STARTTLS",
    "LOGIN",
    "AUTHENTICATE",
    "ENABLE",
    "SELECT",
    "EXAMINE",
    "CREATE",
    "DELETE",
    "RENAME",
    "SUBSCRIBE",
    "UNSUBSCRIBE",
    "LIST",
    "LSUB",
    "STATUS",
    "APPEND",
    "CHECK",
    "CLOSE",
    "UNSELECT",
    "EXPUNGE",
    "SEARCH",
    "FETCH",
    "STORE",
    "COPY",
    "MOVE",
    "IDLE",
    "NAMESPACE",
    "GETQUOTA",
    "GETQUOTAROOT",
]
SEARCH_KEYS = [
    "ALL",
    "ANSWERED",
    'BCC "x"',
    "BEFORE 1-Jan-2030",
    'BODY "x"',
    'CC "x"',
    "DELETED",
    "DRAFT",
    "FLAGGED",
    'FROM "x"',
    'HEADER Subject ""',
    "KEYWORD $Label",
    "LARGER 10",
    "NEW",
    "NOT ALL",
    "OLD",
    "ON 1-Jan-2030",
    "OR ALL SEEN",
    "RECENT",
    "SEEN",
    "SENTBEFORE 1-Jan-2030",
    "SENTON 1-Jan-2030",
    "SENTSINCE 1-Jan-2030",
    "SINCE 1-Jan-2030",
    "SMALLER 10",
    'SUBJECT "x"',
    'TEXT "x"',
    'TO "x"',
    "UID 1:*",
    "UNANSWERED",
    "UNDELETED",
    "UNDRAFT",
    "UNFLAGGED",
    "UNKEYWORD $Label",
    "UNSEEN",
    "1:*",
    "(ALL SEEN)",
    "CHARSET UTF-8 ALL",
]


def told(options: str, *lines: str) -> list[str]:
    """What an SMTP server says to these lines, after its greeting, with a policy that knows alpha.test."""
    server = server_for(options)
    said = serve(server, Policy(server), "".join(line + "\r\n" for line in lines).encode())
    return said.decode("ascii").split("\r\n")[1:-1]


def logged_in() -> ImapSession:
    """An IMAP session of Bob's, with INBOX open."""
    session = ImapSession()
    session.say('a LOGIN "bob@alpha.test" "bob \\"pw\\\\"')
    assert session.say("b SELECT INBOX").endswith(b"b OK [READ-WRITE] Select completed.\r\n")
    return session


# SMTP


@pytest.mark.parametrize("face", ["relay", "submission", "submissions", "lmtp"])
def test_each_face_can_offer_every_extension_that_it_should(face: str) -> None:
    tls = "tls" if face == "submission" else ""
    mechanisms = "PLAIN,LOGIN,CRAM-MD5,SCRAM-SHA-256"
    said = told(f"face={face} {tls} clear auth={mechanisms} offers=all", f"{FACES[face].hello[0]} c.example")
    offered = {line[4:].split()[0]: line[4:].split()[1:] for line in said[1:]}
    assert set(offered) >= EXTENSIONS - ({"AUTH"} if not FACES[face].needs_auth else set())
    assert "STARTTLS" in offered or face != "submission"
    if "AUTH" in offered:
        assert sorted(offered["AUTH"]) == sorted(mechanisms.split(","))


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("MAIL FROM:<a@b.test> SIZE=5", "555"),
        ("MAIL FROM:<a@b.test> BODY=8BITMIME", "555"),
        ("MAIL FROM:<a@b.test> SMTPUTF8", "555"),
        ("MAIL FROM:<a@b.test> RET=FULL", "555"),
        ("STARTTLS", "502"),
        ("AUTH PLAIN", "503"),
        ("BDAT 3 LAST\r\nx", "502"),
    ],
)
def test_what_is_not_offered_is_refused(line: str, code: str) -> None:
    assert told("offers=PIPELINING", "EHLO c.example", line)[-1][:3] in (code, "502")


def test_several_letters_in_chunks_and_by_data_share_a_session() -> None:
    server = server_for("offers=all")
    policy = Policy(server)
    envelope = b"MAIL FROM:<a@b.test>\r\nRCPT TO:<bob@alpha.test>\r\n"
    by_data = b"DATA\r\nSubject: 1\r\n\r\n..dot\r\n.\r\n"
    serve(
        server,
        policy,
        b"EHLO c\r\n" + envelope + by_data + envelope + b"BDAT 7\r\nSubjectBDAT 10 LAST\r\n: 2\r\n\r\nx\r\n",
    )
    assert [letter[2] for letter in policy.letters] == [b"Subject: 1\r\n\r\n.dot\r\n", b"Subject: 2\r\n\r\nx\r\n"]


def test_lmtp_answers_for_each_recipient() -> None:
    lines = (
        "LHLO c",
        "MAIL FROM:<a@b.test>",
        "RCPT TO:<bob@alpha.test>",
        "RCPT TO:<erin@alpha.test>",
        "DATA",
        "x",
        ".",
    )
    assert [line[:9] for line in told("face=lmtp", *lines)[-2:]] == ["250 2.0.0", "452 4.2.2"]


@pytest.mark.parametrize("protocol", ["smtp", "lmtp", "imap", "pop3"])
def test_the_state_diagram_is_drawn_from_the_table(protocol: str) -> None:
    run = mailflow("export", protocol, "--as", "states")
    assert run.code == 0, run.err
    assert "stateDiagram-v2" in run.out and re.search(r"-->.*:.*[A-Z]{4}", run.out)
    assert "QUIT" in run.out or "LOGOUT" in run.out


# IMAP


@pytest.mark.parametrize("verb", IMAP_COMMANDS)
def test_each_imap_command_is_known_and_has_a_file(verb: str) -> None:
    session = ImapSession() if verb in ("STARTTLS", "AUTHENTICATE", "LOGIN") else logged_in()
    if verb == "ENABLE":
        session.say("c CLOSE")  # legal only before a mailbox is open
    said = session.say(f"a {verb}")
    assert b"unknown" not in said.lower() and re.search(rb"a (OK|NO|BAD)|\+ ", said)
    modules = {path.stem for path in Path(ROOT, "simulator/protocol/imap/server").rglob("*.py")}
    shared = {"examine": "select", "unsubscribe": "subscribe", "check": "expunge", "close": "expunge", "move": "copy"}
    shared |= {"unselect": "expunge", "getquota": "quota", "getquotaroot": "quota"}
    assert shared.get(verb.lower(), verb.lower()) in modules


@pytest.mark.parametrize("key", SEARCH_KEYS)
def test_every_search_key_is_understood(key: str) -> None:
    said = logged_in().say(f"a SEARCH {key}")
    assert re.match(rb"\* SEARCH[ 0-9]*\r\n", said) and b"a OK" in said, said


def test_two_sessions_on_one_mailbox_see_each_others_changes() -> None:
    one = logged_in()
    other = ImapSession(one.store)
    other.say('a LOGIN "bob@alpha.test" "bob \\"pw\\\\"')
    other.say("b SELECT INBOX")
    one.say("c STORE 2 +FLAGS.SILENT (\\Deleted)")
    assert b"* 2 FETCH" in other.say("c NOOP")
    one.say("d EXPUNGE")
    assert b"* 2 EXPUNGE\r\n" in other.say("d NOOP")


def test_the_extensions_of_the_issue_are_announced() -> None:
    said = logged_in().say("a CAPABILITY").decode()
    for word in (
        "IDLE",
        "UIDPLUS",
        "MOVE",
        "QUOTA",
        "SPECIAL-USE",
        "NAMESPACE",
        "ENABLE",
        "UNSELECT",
        "LITERAL+",
        "ID",
    ):
        assert f" {word}" in said.replace("\r", " "), word


def test_a_mail_program_appends_what_it_sends_to_sent() -> None:
    assert count("three-devices", "imap.command verb=APPEND") >= 1


# POP3


def test_pop3_logs_in_by_apop_and_by_auth() -> None:
    session = Pop3Session(apop=True, mechanisms=("PLAIN",))
    stamp = re.search(r"<.*>", session.take().decode())
    assert stamp is not None
    assert session.say(f"APOP {USER} {apop_digest(stamp.group(), PASSWORD)}").startswith(b"+OK")
    other = Pop3Session()
    proof = b64encode(f"\0{USER}\0{PASSWORD}".encode()).decode()
    assert other.say(f"AUTH PLAIN {proof}").startswith(b"+OK")


def test_pop3_needs_tls_before_a_password_and_forgets_what_came_in_clear() -> None:
    session = Pop3Session(tls_available=True, login_allowed=False)
    assert session.say(f"USER {USER}").startswith(b"-ERR")
    session.take()
    session.feed(b"STLS\r\nNOOP\r\n")
    assert session.take().startswith(b"+OK")
    session.server.tls_started()
    session.feed(b"CAPA\r\n")
    assert b"STLS" not in session.take()


def test_pop3_deletes_at_quit_and_holds_the_lock() -> None:
    session = Pop3Session()
    session.say(f"USER {USER}")
    session.say(f"PASS {PASSWORD}")
    session.say("DELE 1")
    assert 1 in session.drop.letters
    assert session.say("QUIT").startswith(b"+OK") and 1 not in session.drop.letters
    other = Pop3Session()
    other.locked = True
    other.say(f"USER {USER}")
    assert other.say(f"PASS {PASSWORD}").startswith(b"-ERR [IN-USE]")


# TLS and addresses


@pytest.mark.parametrize("port", [465, 993, 995])
def test_each_service_has_tls_from_the_first_octet(port: int) -> None:
    raw = Raw(MailWorld(), port, tls=True)
    assert re.match(rb"220 |\* OK|\+OK", raw.heard)


SCENARIO = """\
mailflow: 1
id: locks
title: Locks
people:
  anna@alpha.example: {{password: correct-horse}}
  boris@beta.example: {{password: battery-staple}}
hosts:
  mail-alpha:
    kind: mail-server
    domains: [alpha.example]
    services: [smtp, submission, imaps]
    {alpha}
  mx-beta:
    kind: mail-server
    domains: [beta.example]
    services: [smtp, submission, imaps]
    {beta}
timeline:
  - at: 1s
    who: anna@alpha.example
    do: send
    to: [boris@beta.example]
    text: Hello
"""


def asked(tmp_path: Path, query: str, *, alpha: str = "tls: off", beta: str = "tls: off") -> str:
    """The answer of a run in which two servers have these settings."""
    file = tmp_path / "locks.yaml"
    file.write_text(SCENARIO.format(alpha=alpha, beta=beta))
    run = mailflow("ask", str(file), query)
    assert run.code == 0, run.text
    return run.out.strip()


@pytest.mark.parametrize("policy", ["required", "opportunistic", "off"])
def test_a_sender_uses_tls_as_its_policy_says(tmp_path: Path, policy: str) -> None:
    count = asked(tmp_path, "tls.established from=mail-alpha | count", alpha=f"tls: {policy}")
    assert count == ("0" if policy == "off" else "1")


@pytest.mark.parametrize("certificate", ["expired", "wrong-name", "self-signed"])
def test_a_sender_that_requires_tls_refuses_a_bad_certificate(tmp_path: Path, certificate: str) -> None:
    settings = {"alpha": "tls: required", "beta": f"certificate: {certificate}"}
    assert int(asked(tmp_path, "tls.failed from=mail-alpha | count", **settings)) >= 1
    assert asked(tmp_path, "deliver mailbox=boris@beta.example | count", **settings) == "0"


def test_an_internationalised_address_gets_its_letter() -> None:
    from tests.nodes.test_submitting import (
        test_a_person_with_a_name_outside_ascii_gets_letters_where_all_offer_smtputf8,
    )

    test_a_person_with_a_name_outside_ascii_gets_letters_where_all_offer_smtputf8()


def test_a_server_of_the_world_offers_what_real_ones_do() -> None:
    raw = Raw(MailWorld())
    raw.say(b"EHLO c.example\r\n")
    said = raw.wait(10 * SECOND).decode()
    for word in ("PIPELINING", "SIZE", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES", "DSN", "CHUNKING"):
        assert re.search(rf"250[- ]{word}", said), word
