"""A letter in eight bits becomes one in seven with the same content, or stays as it is."""

import email

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.message.seven_bit import to_seven_bit

TEXT = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
PLAIN = f"Subject: x\r\nMIME-Version: 1.0\r\n{TEXT}hello = привет \r\nмного слов\r\n".encode()
FEW = f"Subject: x\r\nMIME-Version: 1.0\r\n{TEXT}".encode() + b"a line that is almost ASCII, caf\xc3\xa9 = good\r\n" * 3
NESTED = (
    "Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=bb\r\nContent-Transfer-Encoding: 8bit\r\n"
    f"\r\npre\r\n--bb\r\n{TEXT}привет\r\n--bb\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    f"Subject: inner\r\n{TEXT}внутри\r\n--bb\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    "AAAA\r\n--bb--\r\nepilogue\r\n"
).encode()
BARE = "Subject: x\r\n\r\nпривет\r\n".encode()


def leaves(octets: bytes) -> list[bytes]:
    return [
        part.get_payload(decode=True) for part in email.message_from_bytes(octets).walk() if not part.is_multipart()
    ]


@pytest.mark.parametrize("letter", [PLAIN, FEW, NESTED, BARE], ids=["plain", "few", "nested", "bare"])
def test_the_content_of_every_part_stays_the_same(letter: bytes) -> None:
    converted = to_seven_bit(letter)
    assert converted is not None
    assert converted.isascii()
    assert leaves(converted) == leaves(letter)
    assert max(map(len, converted.split(b"\r\n"))) <= 78


def test_each_part_says_how_it_is_written_now() -> None:
    converted = to_seven_bit(NESTED) or b""
    assert converted.count(b"Content-Transfer-Encoding: base64\r\n") == 3
    assert converted.count(b"Content-Transfer-Encoding: 7bit\r\n") == 2
    assert b"8bit" not in converted
    assert b"Content-Transfer-Encoding: quoted-printable\r\n" in (to_seven_bit(FEW) or b"")


def test_a_letter_that_was_no_mime_becomes_one_in_an_unknown_charset() -> None:
    """RFC 1428: what is not known is not guessed."""
    assert (to_seven_bit(BARE) or b"").startswith(
        b"Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=unknown-8bit\r\n"
    )


def test_a_letter_in_ascii_is_left_alone() -> None:
    letter = b"Subject: x\r\n\r\nhi\r\n"
    assert to_seven_bit(letter) is letter


@pytest.mark.parametrize(
    "letter",
    [
        "Subject: тема\r\n\r\nhi\r\n",
        "MIME-Version: 1.0\r\nContent-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n\r\nпривет\r\n--b--\r\n",
        "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\nпролог\r\n--b\r\n\r\nhi\r\n--b--\r\n",
        "MIME-Version: 1.0\r\nContent-Transfer-Encoding: base64\r\n\r\nпривет\r\n",
    ],
    ids=["header", "signed", "preamble", "false-label"],
)
def test_what_has_no_form_in_seven_bits_is_not_invented(letter: str) -> None:
    assert to_seven_bit(letter.encode()) is None


@given(st.lists(st.sampled_from([NESTED, PLAIN[:40], b"--bb", b"\r\n", b"\xff", b"--bb--", b"\0"])).map(b"".join))
def test_no_letter_makes_it_fail(letter: bytes) -> None:
    converted = to_seven_bit(letter)
    assert converted is None or converted.isascii()
