"""Issue 4, section 5: fuzzing, as a person finds it in the checkout, and the promises that it is about.

The fuzzers themselves are tests/fuzz (everything) and tests/protocol/smtp/test_fuzz.py (SMTP in depth).
"""

from __future__ import annotations

import re

import pytest

from simulator.errors import ProtocolError
from simulator.protocol.smtp import commands
from tests.acceptance.outside import ROOT
from tests.fuzz.mutation import rounds
from tests.protocol.imap.dialogue import Session as ImapSession
from tests.protocol.pop3.dialogue import Session as Pop3Session
from tests.protocol.smtp.runner import Policy, serve, server_for

MACHINES = (
    "smtp", "lmtp", "pop3", "imap", "dns", "spamd", "structure", "header", "address", "zone", "yaml", "jsonlines",
    "query", "progress",
)  # fmt: skip
ENDS = [b"\n.\r\n", b"\n.\n", b"\r\n.\n", b"\r.\r\n", b"\r.\r", b"\r\n.\r", b"\n.\r", b"\r\n\0.\r\n", b"\n\n.\r\n"]
CONTROL = re.compile(rb"[^\r\n -~]")


@pytest.mark.parametrize("machine", MACHINES)
def test_every_machine_and_parser_has_a_fuzzer(machine: str) -> None:
    files = [*ROOT.glob("tests/fuzz/test_*.py"), ROOT / "tests/protocol/smtp/test_fuzz.py"]
    assert len(files) > 1
    assert any(machine in path.read_text(encoding="utf-8") for path in files)


def test_a_million_inputs_are_one_option_away() -> None:
    assert rounds(True, 2000) == 1_000_000 and rounds(False, 2000) == 2000
    for path in ROOT.glob("tests/fuzz/test_*.py"):
        text = path.read_text(encoding="utf-8")
        assert text.count(".inputs(rounds(long, ") == text.count(".inputs("), path


@pytest.mark.parametrize("end", ENDS)
def test_no_variant_of_the_end_smuggles_a_letter(end: bytes) -> None:
    server = server_for("offers=all")
    policy = Policy(server)
    envelope = b"MAIL FROM:<a@b.test>\r\nRCPT TO:<bob@alpha.test>\r\n"
    inner = envelope + b"DATA\r\nSubject: smuggled\r\n\r\nx\r\n.\r\n"
    serve(server, policy, b"EHLO c\r\n" + envelope + b"DATA\r\nSubject: outer\r\n\r\nx" + end + inner)
    assert not any(letter[2].startswith(b"Subject: smuggled") for letter in policy.letters)
    assert not any(re.search(rb"(?<!\r)\n|\r(?!\n)", letter[2]) for letter in policy.letters)


@pytest.mark.parametrize("octets", [b"x\n.\r\ny\r\n", b"x\r.\r\n", b"x\ny\r\n", b"\r"])
def test_no_bare_newline_is_ever_sent_out(octets: bytes) -> None:
    with pytest.raises(ProtocolError):
        commands.content(octets)
    with pytest.raises(ProtocolError):
        commands.chunks(octets, size=3)


def test_what_follows_starttls_in_clear_is_dropped_by_each_server() -> None:
    smtp = server_for("face=submission tls auth=PLAIN")
    said = serve(smtp, Policy(smtp), b"EHLO c\r\nSTARTTLS\r\nNOOP injected\r\n")
    smtp.tls_started()
    assert said.count(b"220 ") == 2 and b"\r\n250 2.0.0" not in smtp.data_to_send()
    imap = ImapSession(login_allowed=False, tls_available=True)
    imap.take()
    imap.feed(b"a STARTTLS\r\nb NOOP\r\n")
    imap.server.tls_started()
    imap.pump()
    assert b"b OK" not in imap.take()
    pop3 = Pop3Session(login_allowed=False, tls_available=True)
    pop3.take()
    pop3.feed(b"STLS\r\nCAPA\r\n")
    pop3.server.tls_started()
    pop3.feed(b"")
    assert pop3.take().count(b"+OK") == 1


def test_no_refusal_repeats_a_control_octet() -> None:
    hostile = b"\x1b]52;c;AAAA\x07\x00\x9b31m"
    smtp = server_for()
    said = serve(smtp, Policy(smtp), hostile + b"\r\nMAIL FROM:<" + hostile + b">\r\nVRFY " + hostile + b"\r\n")
    imap, pop3 = ImapSession(), Pop3Session()
    for octets in (hostile + b"\r\n", b"a " + hostile + b"\r\n", b"a LOGIN " + hostile + b" x\r\n"):
        imap.feed(octets)
        pop3.feed(octets)
    for output in (said, imap.take(), pop3.take()):
        assert output and CONTROL.search(output) is None
