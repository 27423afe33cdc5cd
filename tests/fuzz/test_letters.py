"""Letters and what is in them: structure, header, addresses, dates, encodings; nothing raises, nothing is invented."""

from __future__ import annotations

import re
import time
from dataclasses import fields as fields_of

import pytest

from simulator.errors import MailflowError
from simulator.filtering.report import answer
from simulator.filtering.rules import score
from simulator.message import address, dates, header, params, seven_bit, submission, trace_fields, transfer, words
from simulator.message.structure import parse_structure
from simulator.protocol.imap import utf7
from simulator.protocol.octets import newline_fault
from simulator.safe import safe_markup, safe_octets, safe_text
from tests.fuzz.mutation import Mutator, attempt, rounds
from tests.message.test_structure import GOLDEN, HOSTILE, NESTED
from tests.protocol.imap import corpus

SMALL = [octets for octets in HOSTILE.values() if len(octets) < 20_000]
LETTERS = Mutator(
    [GOLDEN, NESTED, *SMALL, *(corpus.octets(letter) for letter in corpus.CORPUS.values() if len(letter) < 20_000)],
    [
        b"Content-Type: multipart/mixed; boundary=b\r\n", b"Content-Type: message/rfc822\r\n\r\n", b"--b\r\n", b"--b--\r\n",
        b"Content-Transfer-Encoding: base64\r\n", b"=?utf-8?b?////?=", b"=?x?q?=FF=?=", b"boundary=\"\"", b"name*0*=x''%",
        b"Received: from a by b; 31 Feb 2024 25:61:61 +9999\r\n", b"=\r\n", b"=X", b"charset=\x00", b"charset=rot13", b"charset=zip",
        b"charset=idna", b"charset=undefined", b"charset=unicode_escape", b"Bcc: a@b\r\n", b"(" * 60, b"<@a,@b:c@d>", b"a: b, c;",
    ],
)  # fmt: skip
FIELDS = Mutator(
    [
        b'"Doe, Jane" <jane@a.example>, bob@b.example (Bob), team: a@x.test, b@y.test;, =?utf-8?q?caf=C3=A9?= <c@d.test>',
        b"Mon, 01 Jan 2024 00:00:00 +0000 (UTC)",
        b" 01-Jan-2024 00:00:00 +0000",
        b"text/plain; charset=utf-8; name*0*=utf-8''%D0%BF; name*1=x",
        b"from a.example (b [192.0.2.1]) by c.example with ESMTPS id 1 for <x@y>; Mon, 01 Jan 2024 00:00:00 +0000",
        "Привет, мир &BB8EQAQ4- &-".encode(),
        b"=?utf-8?B?0J/RgNC40LLQtdGC?= =?koi8-r?Q?=F0?=",
        b"anna@xn--80ak6aa92e.test",
    ],
    [
        b"(((",
        b")",
        b"<<",
        b">>",
        b",,",
        b"@",
        b"=?",
        b"?=",
        b"''",
        b"*=",
        b"&",
        b"-",
        b"\\",
        b"[",
        b"IPv6:",
        b"+9999",
        b"9" * 30,
    ],
)


def test_no_letter_breaks_the_structure(long: bool) -> None:
    for octets, chance in LETTERS.inputs(rounds(long, 2000)):
        structure = parse_structure(octets)
        assert structure.section((), None) == octets
        structure.envelope()
        structure.body()
        structure.body_structure()
        for part in structure.parts():
            structure.decoded_octets(part)
            structure.decoded_text(part)
            assert part.filename is None or not re.search(r"[/\\\0]", part.filename)
        numbers = tuple(chance.randrange(4) for _ in range(chance.randrange(3)))
        for name in (None, "HEADER", "TEXT", "MIME", "HEADER.FIELDS"):
            structure.section(numbers, name, ("subject", "from") if name == "HEADER.FIELDS" else ())


def test_no_letter_breaks_what_servers_do_with_it(long: bool) -> None:
    for octets, _ in LETTERS.inputs(rounds(long, 2000), seed=2):
        head, body = header.split_message(octets)
        assert head + body == octets
        trace_fields.hops(octets)
        trace_fields.count_hops(octets)
        trace_fields.without_return_path(octets)
        answer("REPORT", octets, score(octets))
        for name in ("Subject", "From", "Received"):
            header.field_text(octets, name)
        narrow = seven_bit.to_seven_bit(octets)
        assert narrow is None or narrow.isascii()
        complete, _ = submission.complete_submission(
            octets, sender="a@b.test", date_text="Mon, 01 Jan 2024 00:00:00 +0000", message_id="<1@b>"
        )
        assert newline_fault(octets) is not None or newline_fault(complete) is None


def test_no_field_breaks_its_reader(long: bool) -> None:
    for octets, chance in FIELDS.inputs(rounds(long, 6000)):
        text = octets.decode("utf-8", "replace")
        for reader in (address.parse_addresses, words.decode_words, header.decode_value, params.parse_parameters):
            reader(octets)
        trace_fields.parse_received(octets)
        dates.parse_rfc5322_date(text)
        dates.parse_imap_date(text)
        for encoding in ("base64", "quoted-printable", "x-uuencode", "7bit"):
            transfer.decode(octets, encoding)
        attempt(MailflowError, utf7.decode, octets)
        found, _ = attempt(MailflowError, address.parse_address, text)
        if found is not None:
            found.format(chance.randrange(80))


def test_names_of_mailboxes_come_back_from_utf7(long: bool) -> None:
    for octets, _ in FIELDS.inputs(rounds(long, 3000), seed=3):
        name = octets.decode("utf-8", "replace")
        assert utf7.decode(utf7.encode(name)) == name


HARMFUL = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def test_what_is_shown_never_holds_a_control_character(long: bool) -> None:
    for octets, _ in LETTERS.inputs(rounds(long, 3000), seed=4):
        shown = [safe_octets(octets), *(safe(octets.decode("utf-8", "replace")) for safe in (safe_text, safe_markup))]
        assert not any(HARMFUL.search(text) for text in shown)
        envelope = parse_structure(octets).envelope()
        for field in fields_of(envelope):
            safe_text(str(getattr(envelope, field.name)))


@pytest.mark.parametrize(
    "bomb",
    [
        b"To: " + b"(" * 90_000 + b"\r\n\r\n",
        b"To: " + b"<" * 90_000 + b"\r\n\r\n",
        b"To: " + b"a," * 40_000 + b"\r\n\r\n",
        b"Subject: " + b"=?utf-8?q?" * 9_000 + b"\r\n\r\n",
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\n" + b"--x\r\n" * 40_000,
        b"Content-Type: multipart/mixed; " + b"a*0*=x''%41; " * 7_000 + b"\r\n\r\n",
        b"".join(b"X-%d: y\r\n" % number for number in range(9_000)) + b"\r\n",
        b"Received: " + b"from (" * 15_000 + b"\r\n\r\n",
        b"A:\r\n" + b" \r\n" * 30_000,
    ],
)
def test_no_letter_takes_long(bomb: bytes) -> None:
    began = time.process_time()
    structure = parse_structure(bomb)
    structure.envelope()
    structure.body_structure()
    trace_fields.hops(bomb)
    seven_bit.to_seven_bit(bomb)
    assert time.process_time() - began < 5
