"""No view shows a password: not in a command, not in a chunk, not in the lines that answer a server."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.engine.base_kinds import TCP_DATA
from simulator.engine.kinds import Kind, Record
from simulator.export.transcript import transcript
from simulator.records.kinds_access import IMAP_COMMAND, POP3_COMMAND
from simulator.records.kinds_smtp import SMTP_COMMAND
from simulator.records.masking import mask_octets, mask_value


def record(kind: Kind, *values: Any, n: int = 1) -> Record:
    return (n, 0, kind, "mail-beta", "pc", "mail-beta", 7, None, None, None, (), None, *values)


def base64(text: str) -> str:
    return b64encode(text.encode()).decode()


PLAIN = base64("\0boris\0battery")


@pytest.mark.parametrize(
    ("kind", "values", "shown"),
    [
        (SMTP_COMMAND, ("AUTH", "", f"PLAIN {PLAIN}", True), "PLAIN ***"),
        (SMTP_COMMAND, ("AUTH", "", "LOGIN", True), "LOGIN"),
        (IMAP_COMMAND, ("a", "AUTHENTICATE", f"PLAIN {PLAIN}"), "PLAIN ***"),
        (IMAP_COMMAND, ("a", "authenticate", f"plain {PLAIN}"), "plain ***"),
        (IMAP_COMMAND, ("a", "AUTHENTICATE", "PLAIN"), "PLAIN"),
        (IMAP_COMMAND, ("a", "LOGIN", "boris battery"), "boris ***"),
        (IMAP_COMMAND, ("a", "LOGIN", '"bo \\" ris" "bat tery"'), '"bo \\" ris" ***'),
        (IMAP_COMMAND, ("a", "LOGIN", "boris {7}\r\nbattery"), "boris ***"),
        (IMAP_COMMAND, ("a", "LOGIN", "{5}\r\nboris {7}\r\nbattery"), "{5}\r\nboris ***"),
        (IMAP_COMMAND, ("a", "LOGIN", "{5+}\r\nboris {9+}\r\nbat\r\ntery"), "{5+}\r\nboris ***"),
        (IMAP_COMMAND, ("a", "LOGIN", "battery"), "***"),
        (IMAP_COMMAND, ("a", "SELECT", "INBOX"), "INBOX"),
        (POP3_COMMAND, ("PASS", " bat tery "), "***"),
        (POP3_COMMAND, ("APOP", "boris c4c9334bac560ecc979e58001b3e22fb"), "boris ***"),
        (POP3_COMMAND, ("AUTH", f"PLAIN {PLAIN}"), "PLAIN ***"),
        (POP3_COMMAND, ("USER", "boris"), "boris"),
    ],
)
def test_the_argument_of_a_command_shows_no_password(kind: Kind, values: tuple[Any, ...], shown: str) -> None:
    assert mask_value(record(kind, *values), "argument") == shown


def test_a_line_of_a_login_that_came_as_a_command_is_masked_too() -> None:
    assert mask_value(record(SMTP_COMMAND, base64("battery").upper(), "", "", False), "verb") == "***"
    for verb in ("EHLO", "HELLO", "STARTTLS", "X-EXPS", "UID FETCH", "GETQUOTAROOT"):
        assert mask_value(record(SMTP_COMMAND, verb, "", "", False), "verb") == verb


@pytest.mark.parametrize(
    ("octets", "masked"),
    [
        (b"Ym9yaXM=\r\n", b"********\r\n"),
        (b"YmF0dGVyeQ==\r\n", b"************\r\n"),
        (b"cHc=", b"****"),
        (b"Ym9yaXM=\r\nYmF0dGVyeQ==\r\n", b"********\r\n************\r\n"),
        (b"a AUTHENTICATE PLAIN AGEAYg==\r\n", b"a AUTHENTICATE PLAIN ********\r\n"),
        (b"APOP boris c4c9\r\n", b"APOP boris ****\r\n"),
        (b'a LOGIN "bo\\" ris" "se cret"\r\n', b'a LOGIN "bo\\" ris" *********\r\n'),
        (
            b"a LOGIN {5+}\r\nboris {6+}\r\nsecret\r\n",
            b"a LOGIN {5+}\r\n**********\r\n******\r\n",
        ),
        (b"a LOGIN boris {6+}\r\nsecret\r\n", b"a LOGIN boris ****\r\n******\r\n"),
        (b"QUIT\r\n", b"QUIT\r\n"),
        (b"STARTTLS\r\n", b"STARTTLS\r\n"),
        (b"334 VXNlcm5hbWU6\r\n", b"334 VXNlcm5hbWU6\r\n"),
        (b"+ UGFzc3dvcmQ6\r\n", b"+ UGFzc3dvcmQ6\r\n"),
        (b"SGVsbG8h\r\n" * 4, b"SGVsbG8h\r\n" * 4),
    ],
)
def test_a_chunk_shows_no_password(octets: bytes, masked: bytes) -> None:
    assert mask_octets(octets) == masked


@given(st.text(st.characters(categories=("L", "N", "P", "S")), min_size=1, max_size=40))
def test_no_answer_of_a_login_is_shown_whatever_the_password(password: str) -> None:
    for text in (password, f"\0boris\0{password}", f"boris {password}"):
        line = b64encode(text.encode()) + b"\r\n"
        if line.strip().upper() not in (b"RSET", b"BDAT", b"STAT", b"LIST", b"UIDL", b"USER"):
            assert mask_octets(line) == b"*" * (len(line) - 2) + b"\r\n"


DIALOGUES = {
    "smtp": ["> AUTH LOGIN", "< 334 VXNlcm5hbWU6", "> !Ym9yaXM=", "< 334 UGFzc3dvcmQ6", "> !secret", "< 235 2.7.0 Ok", "> QUIT"],
    "imap": ["> a AUTHENTICATE LOGIN", "< + VXNlcm5hbWU6", "> !Ym9yaXM=", "< + UGFzc3dvcmQ6", "> !secret", "< a OK", "> b NOOP"],
    "literals": ["> a LOGIN {5}", "< + OK", "> !boris {6}", "< + OK", "> !secret", "< a OK Logged in", "> b LOGOUT"],
    "early": ["> a LOGIN {5+}", "> !boris {6+}", "> !secret", "< a OK Logged in", "> b LOGOUT"],
    "pop3": ["> AUTH PLAIN", "< + ", "> !secret", "< +OK Logged in", "> STAT", "< +OK 0 0", "> QUIT"],
    "refused": ["> AUTH PLAIN", "< 334 ", "> *", "< 501 5.7.0 Authentication aborted", "> NOOP"],
}  # fmt: skip


@pytest.mark.parametrize("name", DIALOGUES)
def test_a_transcript_masks_what_answers_a_server_and_nothing_else(name: str) -> None:
    lines = DIALOGUES[name]
    records = [
        record(TCP_DATA, line[2:].removeprefix("!").encode() + b"\r\n", line[0], len(line), False, "", b"", n=number)
        for number, line in enumerate(lines, 1)
    ]
    sides = {">": "C", "<": "S"}
    wanted = [f"{sides[line[0]]}: {'***' if line[2:3] == '!' else line[2:]}" for line in lines]
    assert [str(line) for line in transcript(records, 7)] == wanted
