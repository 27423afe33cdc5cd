"""Issue 2, section 3: the protocols of the first letter, as the trace of the shipped scenarios shows them.

Judged elsewhere: every state with every command, and the same replies for every chunking, in tests/protocol; the
parts of a letter in tests/message. Outside judges (dig, swaks, real clients) come with live mode.
"""

from __future__ import annotations

import email
import email.policy
import re
from pathlib import Path

import pytest

from tests.acceptance.outside import (
    LETTERS,
    ROOT,
    answer,
    asked_once,
    count,
    mailflow,
    records,
    sent,
    sessions,
    trace,
)


def verbs(scenario: str, kind: str, session: int) -> list[str]:
    """The commands of one session, in order."""
    return [record["verb"] for record in records(scenario, kind, session=session)]


def submitted(scenario: str) -> bytes:
    """The content as the first submission session carried it, without dot-stuffing."""
    session = sessions(scenario, 587)[0]
    octets = sent(scenario, session["session"], session["from"])
    content = octets[re.search(rb"\r\nDATA\r\n", octets).end() :]  # type: ignore[union-attr]
    return content[: content.index(b"\r\n.\r\n") + 2].replace(b"\r\n..", b"\r\n.")


def fetched(scenario: str) -> bytes:
    """The largest literal that an IMAP server sent: the whole letter."""
    literals = []
    for session in sessions(scenario, 993):
        octets = sent(scenario, session["session"], session["to"])
        for mark in re.finditer(rb"\{(\d+)\}\r\n", octets):
            literals.append(octets[mark.end() : mark.end() + int(mark.group(1))])
    return max(literals, key=len)


# SMTP


def test_submission_is_on_587_with_starttls_and_auth_plain() -> None:
    (session,) = sessions("first-letter", 587)
    commands = verbs("first-letter", "smtp.command", session["session"])
    assert commands[:4] == ["EHLO", "STARTTLS", "EHLO", "AUTH"]
    assert [verb for verb in commands if verb in ("MAIL", "RCPT", "DATA", "QUIT")] == ["MAIL", "RCPT", "DATA", "QUIT"]


def test_the_relay_session_says_what_a_real_one_says() -> None:
    (session,) = [one for one in sessions("first-letter", 25) if one["from"] == "mail-alpha"]
    commands = verbs("first-letter", "smtp.command", session["session"])
    assert commands[0] == "EHLO"
    assert commands[-1] == "QUIT"
    replies = [record["code"] for record in records("first-letter", "smtp.reply", session=session["session"])]
    assert replies[0] == 220
    assert 354 in replies
    assert replies[-1] == 221


@pytest.mark.parametrize("extension", ["PIPELINING", "SIZE", "8BITMIME", "ENHANCEDSTATUSCODES"])
@pytest.mark.parametrize("port", [25, 587])
def test_the_extension_is_offered(extension: str, port: int) -> None:
    session = sessions("first-letter", port)[0]
    assert re.search(rb"\r\n250[- ]" + extension.encode(), sent("first-letter", session["session"], session["to"]))


def test_starttls_is_offered_before_tls_and_auth_only_after_it() -> None:
    session = sessions("first-letter", 587)[0]
    before, _, after = sent("first-letter", session["session"], session["to"]).partition(b"\r\n220 ")
    assert b"STARTTLS" in before
    assert b"AUTH" not in before
    assert re.search(rb"250[- ]AUTH .*PLAIN", after)
    assert b"250-STARTTLS" not in after


def test_tls_is_established_where_it_belongs() -> None:
    ports = {session["session"]: session["port"] for session in records("first-letter", "tcp.connect")}
    established = {ports[record["session"]] for record in records("first-letter", "tls.established")}
    assert {587, 993} <= established


def test_every_command_has_one_final_reply() -> None:
    for session in {record["session"] for record in records("first-letter", "smtp.command")}:
        commands = records("first-letter", "smtp.command", session=session)
        replies = records("first-letter", "smtp.reply", session=session)
        assert len(replies) in (len(commands) + 1, len(commands) + 2), "a greeting, and a reply to the end of data"


def test_lmtp_carries_the_letter_to_the_delivery_agent() -> None:
    (session,) = sessions("first-letter", 24)
    assert verbs("first-letter", "lmtp.command", session["session"])[0] == "LHLO"
    assert b"LHLO " in sent("first-letter", session["session"], session["from"])


# DNS


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("beta.example", "MX"), r"beta\.example\.\s+\d+\s+IN\s+MX\s+10 mx\.beta\.example\."),
        (("mx", "beta.example"), r"beta\.example\.\s+\d+\s+IN\s+MX\s+10 mx\.beta\.example\."),
        (("mx.beta.example",), r"mx\.beta\.example\.\s+\d+\s+IN\s+A\s+203\.0\.113\.25"),
        (("alpha.example", "TXT"), r'alpha\.example\.\s+\d+\s+IN\s+TXT\s+"v=spf1 mx -all"'),
        (("-x", "192.0.2.25"), r"25\.2\.0\.192\.in-addr\.arpa\.\s+\d+\s+IN\s+PTR\s+mail\.alpha\.example\."),
        (("alpha.example", "NS"), r"alpha\.example\.\s+\d+\s+IN\s+NS\s+ns\.alpha\.example\."),
        (
            ("alpha.example", "SOA"),
            r"alpha\.example\.\s+\d+\s+IN\s+SOA\s+ns\.alpha\.example\. hostmaster\.alpha\.example\.",
        ),
        (("mail.alpha.example", "AAAA"), r"status: NOERROR(.|\n)*AUTHORITY SECTION(.|\n)*IN\s+SOA"),
        (("nobody.beta.example", "A"), r"status: NXDOMAIN(.|\n)*AUTHORITY SECTION(.|\n)*IN\s+SOA"),
    ],
)
def test_a_question_to_the_resolver_is_answered(arguments: tuple[str, ...], line: str) -> None:
    run = asked_once("dig", "--in", "first-letter", *arguments)
    assert run.code == 0, run.err
    assert re.search(line, run.out), run.out


def test_cname_and_aaaa_of_a_zone_are_answered(tmp_path: Path) -> None:
    world = (ROOT / "scenarios" / "first-letter.yaml").read_text(encoding="utf-8")
    more = "    www   IN CNAME mail\n    mail  IN AAAA 2001:db8::25\n    mail  IN A    192.0.2.25\n"
    world = re.sub(r" +mail +IN A +192\.0\.2\.25\n", more, world, count=1)
    (tmp_path / "aliases.yaml").write_text(world, encoding="utf-8")
    scenario = str(tmp_path / "aliases.yaml")
    run = mailflow("dig", "--in", scenario, "www.alpha.example", "A")
    assert re.search(r"www\.alpha\.example\.\s+300\s+IN\s+CNAME\s+mail\.alpha\.example\.", run.out), run.text
    assert re.search(r"mail\.alpha\.example\.\s+300\s+IN\s+A\s+192\.0\.2\.25", run.out)
    assert "2001:db8::25" in mailflow("dig", "--in", scenario, "mail.alpha.example", "AAAA", "+short").out


def test_the_resolver_begins_at_a_root_server_and_follows_referrals() -> None:
    asked = [record["to"] for record in records("first-letter", "dns.query", from_="resolver")]
    assert "root" in asked[0]
    assert asked[2] == "ns"
    assert len({asked[0], asked[1], asked[2]}) == 3, "the root, the top-level domain, the zone"


def test_the_second_question_is_answered_from_the_cache() -> None:
    asked = count("first-letter", "dns.query to=resolver qname=*beta.example")
    assert asked >= 2
    assert count("first-letter", "dns.cache at=resolver") >= 1


def test_dns_travels_as_wire_messages() -> None:
    import dns.message

    for chunk in records("first-letter", "udp.data"):
        message = dns.message.from_wire(chunk["octets"].encode("latin-1"))
        assert message.question


def test_answers_match_a_question_by_id_and_port() -> None:
    import dns.message

    open_questions = set()
    for chunk in records("first-letter", "udp.data"):
        message = dns.message.from_wire(chunk["octets"].encode("latin-1"))
        key = (message.id, str(message.question[0]))
        if message.flags & 0x8000:
            assert (*key, chunk["to"], chunk["from"]) in open_questions
        else:
            open_questions.add((*key, chunk["from"], chunk["to"]))


# POP3 and IMAP


def test_pop3_is_spoken_on_995() -> None:
    session = sessions("pop3-and-imap", 995)[0]
    commands = verbs("pop3-and-imap", "pop3.command", session["session"])
    assert {"USER", "PASS", "RETR", "QUIT"} <= set(commands)
    assert {"STAT", "LIST", "UIDL"} & set(commands)
    assert commands.index("USER") < commands.index("PASS") < commands.index("RETR") < commands.index("QUIT")


def test_imap_is_spoken_on_993() -> None:
    session = sessions("first-letter", 993)[0]
    client = sent("first-letter", session["session"], session["from"])
    server = sent("first-letter", session["session"], session["to"])
    for word in (b"LOGIN", b"SELECT", b"FETCH", b"LOGOUT"):
        assert re.search(rb"(?m)^\S+ (UID )?" + word, client), word
    assert re.match(rb"\* OK", server)
    assert re.search(rb"\* \d+ EXISTS\r\n", server)
    assert re.search(rb"\* OK \[UIDVALIDITY \d+\]", server)


def test_two_devices_read_one_mailbox_by_pop3_and_imap() -> None:
    assert sessions("pop3-and-imap", 995)
    assert sessions("pop3-and-imap", 993)
    assert len({session["from"] for port in (993, 995) for session in sessions("pop3-and-imap", port)}) == 2


# the letter


def test_the_mail_program_writes_cyrillic_as_the_standards_ask() -> None:
    content = submitted("first-letter")
    head, _, body = content.partition(b"\r\n\r\n")
    assert head.isascii()
    letter = email.message_from_bytes(content, policy=email.policy.default)
    assert letter["Subject"] == "Обед?"
    assert "Привет! Обед сегодня в" in letter.get_content()
    assert body
    assert all(len(line) <= 998 for line in content.split(b"\r\n"))


def test_an_attachment_arrives_whole() -> None:
    letter = email.message_from_bytes(fetched("cyrillic-and-attachment"), policy=email.policy.default)
    (attachment,) = list(letter.iter_attachments())  # type: ignore[attr-defined]
    assert attachment.get_filename()
    assert attachment.get_content()
    assert re.search("[а-яё]", letter["Subject"])


def test_bcc_never_travels(tmp_path: Path) -> None:
    world = (ROOT / "scenarios" / "first-letter.yaml").read_text(encoding="utf-8")
    world = world.replace("    subject: Обед?", "    bcc: [anna@alpha.example]\n    subject: Обед?")
    (tmp_path / "blind.yaml").write_text(world, encoding="utf-8")
    run = mailflow("trace", str(tmp_path / "blind.yaml"), "--as", "jsonl")
    assert run.code == 0, run.err
    assert "RCPT TO:<anna@alpha.example>" in run.out
    assert not re.search(r"\bBcc:", run.out, re.IGNORECASE)


def test_trace_fields_stand_where_they_belong() -> None:
    letter = email.message_from_bytes(fetched("first-letter"), policy=email.policy.compat32)
    names = [name.lower() for name in letter]
    assert names[:2] in (["return-path", "delivered-to"], ["delivered-to", "return-path"], ["return-path", "received"])
    assert "delivered-to" in names
    assert letter["Return-Path"] == "<anna@alpha.example>"
    received = letter.get_all("Received")
    assert received is not None
    assert len(received) >= 2
    assert any("by mx.beta.example" in line for line in received)
    assert "by mail.alpha.example" in received[-1]
    assert "ESMTPSA" in received[-1]


def test_the_submission_server_adds_what_is_missing() -> None:
    letter = email.message_from_bytes(fetched("first-letter"), policy=email.policy.compat32)
    assert all(letter[name] for name in ("Date", "Message-ID", "From", "To", "Subject", "MIME-Version"))


@pytest.mark.parametrize("scenario", ["first-letter", "cyrillic-and-attachment"])
def test_octets_are_equal_from_submission_to_mailbox_but_for_what_was_added(scenario: str) -> None:
    before, _, body = submitted(scenario).partition(b"\r\n\r\n")
    after, _, arrived = fetched(scenario).partition(b"\r\n\r\n")
    assert arrived == body
    lines = after.split(b"\r\n")
    positions = [lines.index(line) for line in before.split(b"\r\n")]
    assert positions == sorted(positions)
    added = {line.split(b":")[0].lower() for line in lines if line not in before.split(b"\r\n") and line[:1].strip()}
    assert added <= {b"received", b"return-path", b"delivered-to", b"date", b"message-id", b"sender"} | {
        name for name in added if name.startswith(b"x-spam")
    }


# nodes


def test_exchangers_are_tried_in_order_of_preference() -> None:
    tries = [record["to"] for record in records("two-mx", "tcp.connect", port=25)]
    assert len(set(tries)) >= 2
    assert tries[0] != tries[-1]
    assert count("two-mx", "fault") >= 1
    assert count("two-mx", "deliver") >= 1


def test_a_down_host_defers_the_letter_and_the_timer_tries_again(tmp_path: Path) -> None:
    world = (ROOT / "scenarios" / "first-letter.yaml").read_text(encoding="utf-8")
    world += "\nfaults:\n  - {at: 0s, until: 4m, what: host-down, host: mx-beta}\n"
    world = world.replace("  - at: 1m\n", "  - at: 30m\n")
    (tmp_path / "down.yaml").write_text(world, encoding="utf-8")
    scenario = str(tmp_path / "down.yaml")
    assert mailflow("run", scenario, "--check").code == 0
    assert answer(scenario, "queue.defer at=mail-alpha | count") >= 1
    assert answer(scenario, "queue.attempt at=mail-alpha | count") >= 2
    assert answer(scenario, "deliver mailbox=boris@beta.example | count") == 1


def test_a_permanent_failure_leaves_the_letter_in_the_queue_as_failed(tmp_path: Path) -> None:
    world = (ROOT / "scenarios" / "first-letter.yaml").read_text(encoding="utf-8")
    world = world.replace("to: [boris@beta.example]", "to: [nobody@beta.example]")
    world = world[: world.index("expect:")]
    (tmp_path / "nobody.yaml").write_text(world, encoding="utf-8")
    scenario = str(tmp_path / "nobody.yaml")
    assert mailflow("run", scenario, "--check").code == 0
    assert answer(scenario, "smtp.reply from=mx-beta code=550 | count") == 1
    assert answer(scenario, "queue.fail at=mail-alpha recipient=nobody@beta.example | count") == 1
    assert answer(scenario, "queue.attempt at=mail-alpha | count") == 1, "a 5xx is never tried again"
    assert answer(scenario, "queue.remove at=mail-alpha | count") == 0


def test_lookups_are_the_sql_that_sqlite_ran() -> None:
    statements = [str(record) for record in records("first-letter", "lookup")]
    assert statements
    assert all(re.search(r"SELECT|INSERT|UPDATE|DELETE", statement) for statement in statements)


def test_the_mailbox_is_a_maildir_on_the_simulated_disk() -> None:
    assert any(re.search(r"/(new|cur)/", str(record)) for record in trace("first-letter"))


def test_the_spam_filter_speaks_spamd_and_names_its_rules() -> None:
    (session,) = sessions("first-letter", 783)
    asked = sent("first-letter", session["session"], direction=">")
    assert re.match(rb"(SYMBOLS|REPORT|PROCESS|CHECK) SPAMC/1\.\d\r\n", asked)
    assert re.match(rb"SPAMD/1\.\d 0 EX_OK\r\n", sent("first-letter", session["session"], direction="<"))
    assert count("first-letter", "filter.spam at=mx-beta") == 1


@pytest.mark.parametrize("scenario", LETTERS)
def test_no_server_speaks_a_line_end_that_is_not_crlf(scenario: str) -> None:
    speech = [
        record for record in records(scenario, "tcp.data") if record["octets"].startswith(("250", "220", "+OK", "* "))
    ]
    assert speech
    assert not [record for record in speech if re.search(r"(?<!\r)\n", record["octets"])]
