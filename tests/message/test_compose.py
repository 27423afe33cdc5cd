"""A composed letter says the same to an independent parser, whatever is in it. RFC 5322, RFC 2045, RFC 2047, RFC
2231.
"""

from __future__ import annotations

import email
import email.header
import email.policy
import email.utils
from email.message import Message

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.errors import LocalProtocolError
from simulator.message.address import Address, parse_addresses
from simulator.message.compose import Attachment, Draft, canonical_text, compose, recipients
from simulator.message.header import decode_value, fields, split_message
from simulator.message.structure import parse_structure

ANNA = Address("anna", "example.org", "Анна Петрова")
BORIS = Address("boris", "example.net", "Boris")
SHOWN = st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"))
SUBJECTS = st.one_of(
    st.text(SHOWN, max_size=200), st.text("абвгд еёж", max_size=300), st.text("ab =?_.\t", max_size=120)
)
TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=400)
NAMES = st.one_of(st.text(SHOWN, max_size=60), st.text("абв гд", max_size=90), st.text('ab "\\(),;<>@. ', max_size=30))
FILES = st.text(
    st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"), exclude_characters="/\\"), min_size=1, max_size=90
)


def decoded(value: str) -> str:
    """What the standard library reads in a header value."""
    flat = value.replace("\r\n", "").replace("\n", "")
    return str(email.header.make_header(email.header.decode_header(flat)))


def draft(**changes: object) -> Draft:
    values: dict[str, object] = {
        "sender": ANNA,
        "to": (BORIS,),
        "subject": "Привет",
        "text": "Как дела?\n",
        "date_text": "Tue, 24 Nov 2026 02:12:19 +0000",
        "message_id": "<1@example.org>",
    }
    return Draft(**{**values, **changes})  # type: ignore[arg-type]


def parsed(octets: bytes) -> Message:
    return email.message_from_bytes(octets, policy=email.policy.compat32)


def assert_well_formed(octets: bytes) -> None:
    """Lines end in CRLF only, hold at most 998 octets; header lines 78, unless one word alone is longer."""
    assert octets.count(b"\r\n") == octets.count(b"\n") == octets.count(b"\r")
    assert max(map(len, octets.split(b"\r\n"))) <= 998
    header, _ = split_message(octets)
    assert header.isascii()
    for line in header.split(b"\r\n"):
        assert len(line) <= 78 or len(line.split(b": ", 1)[-1].split()) == 1, line
        assert line == b"" or line.strip(b" \t") != b"", "a folded line of white space alone"


@given(subject=SUBJECTS)
def test_a_subject_comes_back_as_it_was_written(subject: str) -> None:
    octets = compose(draft(subject=subject))
    assert_well_formed(octets)
    value = next(f.raw_value for f in fields(octets) if f.name == "Subject")
    assert decode_value(value) == subject
    if "=?" not in subject:  # decode_header of 3.11 to 3.13 differs on text that looks like a broken word
        assert decoded(str(parsed(octets)["Subject"])).strip() == subject.strip()


@given(words=st.lists(st.integers(1, 69), min_size=1, max_size=30))
def test_a_plain_subject_is_folded_at_78_and_unfolds_to_itself(words: list[int]) -> None:
    subject = " ".join("x" * n for n in words)
    octets = compose(draft(subject=subject))
    lines = [line for line in split_message(octets)[0].split(b"\r\n") if b"xx" in line or line.endswith(b"x")]
    assert all(len(line) <= 78 for line in lines)
    assert str(parsed(octets)["Subject"]).replace("\r\n", "") == subject


@given(word=st.text("ab", min_size=80, max_size=2500))
def test_a_word_without_blanks_never_makes_a_line_over_998(word: str) -> None:
    octets = compose(draft(subject=word))
    assert max(map(len, octets.split(b"\r\n"))) <= 998
    assert decode_value(next(f.raw_value for f in fields(octets) if f.name == "Subject")) == word


@given(subject=st.text("aя😀é ", min_size=1, max_size=400))
def test_no_encoded_word_is_longer_than_75_or_cut_inside_a_character(subject: str) -> None:
    octets = compose(draft(subject=subject))
    for word in split_message(octets)[0].split():
        if word.startswith(b"=?"):
            assert len(word) <= 75
            (text, charset), *rest = email.header.decode_header(word.decode("ascii"))
            assert rest == []
            assert isinstance(text, bytes)
            assert charset is not None
            text.decode(charset)


@given(name=NAMES)
def test_a_display_name_comes_back_as_it_was_written(name: str) -> None:
    octets = compose(draft(sender=Address("anna", "example.org", name)))
    assert_well_formed(octets)
    value = next(f.raw_value for f in fields(octets) if f.name == "From")
    assert parse_addresses(value) == (Address("anna", "example.org", name),)
    assert email.utils.parseaddr(str(parsed(octets)["From"]).replace("\r\n", ""))[1] == "anna@example.org"


@given(names=st.lists(NAMES, min_size=1, max_size=12))
def test_a_list_of_recipients_is_read_alike_by_both_parsers(names: list[str]) -> None:
    people = tuple(Address(f"p{i}", "example.net", name) for i, name in enumerate(names))
    octets = compose(draft(to=people))
    assert_well_formed(octets)
    value = next(f.raw_value for f in fields(octets) if f.name == "To")
    assert parse_addresses(value) == people
    theirs = email.utils.getaddresses([str(parsed(octets)["To"]).replace("\r\n", "")])
    assert [spec for _, spec in theirs] == [person.spec for person in people]


@given(text=TEXTS)
def test_a_text_comes_back_with_its_lines(text: str) -> None:
    octets = compose(draft(text=text))
    assert_well_formed(octets)
    message = parsed(octets)
    payload = message.get_payload(decode=True)
    assert isinstance(payload, bytes)
    assert payload.rstrip(b"\r\n") == canonical_text(text).rstrip(b"\r\n")
    structure = parse_structure(octets)
    assert structure.decoded_text(structure.parts()[0]) == canonical_text(text).decode().replace("\r\n", "\n")


@pytest.mark.parametrize("encoding", ["8bit", "quoted-printable", "base64"])
def test_a_text_may_ask_for_its_encoding(encoding: str) -> None:
    octets = compose(draft(text="Как дела?\nтри = 3 \n", text_encoding=encoding))
    message = parsed(octets)
    assert message["Content-Transfer-Encoding"] == encoding
    payload = message.get_payload(decode=True)
    assert isinstance(payload, bytes)
    assert payload.decode() == "Как дела?\r\nтри = 3 \r\n"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("plain\n", "7bit"),
        ("", "7bit"),
        ("mostly plain, one caf\u00e9 in it\n", "quoted-printable"),
        ("Привет\n", "base64"),
        ("x" * 999 + "\n", "quoted-printable"),
        ("a\0b, then quite a lot of ordinary text\n", "quoted-printable"),
    ],
)
def test_the_encoding_suits_the_text(text: str, encoding: str) -> None:
    assert parsed(compose(draft(text=text)))["Content-Transfer-Encoding"] == encoding


def test_8bit_is_refused_for_what_it_cannot_carry() -> None:
    with pytest.raises(LocalProtocolError, match="base64"):
        compose(draft(text="я" * 600, text_encoding="8bit"))


@settings(max_examples=60)
@given(name=FILES, octets=st.binary(max_size=300), text=TEXTS)
def test_an_attachment_comes_back_with_name_and_octets(name: str, octets: bytes, text: str) -> None:
    letter = compose(draft(text=text, attachments=(Attachment(name, "application/pdf", octets),)))
    assert_well_formed(letter)
    message = parsed(letter)
    first, second = message.get_payload()  # type: ignore[misc]
    assert second.get_payload(decode=True) == octets  # type: ignore[union-attr]
    theirs = email.utils.collapse_rfc2231_value(second.get_filename() or "")  # type: ignore[union-attr]
    assert theirs == name.strip()  # the standard library strips names
    body = first.get_payload(decode=True)  # type: ignore[union-attr]
    assert body.rstrip(b"\r\n") == canonical_text(text).rstrip(b"\r\n")  # type: ignore[union-attr]
    structure = parse_structure(letter)
    part = structure.parts()[1]
    assert structure.decoded_octets(part) == octets
    assert part.media_type == "application/pdf"


def test_a_cyrillic_file_name_has_a_latin_fallback() -> None:
    letter = compose(draft(attachments=(Attachment("Отчёт.pdf", "application/pdf", b"%PDF"),)))
    assert b"name=Otchet.pdf" in letter
    assert b"filename*=UTF-8''%D0%9E" in letter
    assert parse_structure(letter).parts()[1].filename == "Отчёт.pdf"


def test_a_letter_inside_a_letter_is_not_encoded() -> None:
    inner = compose(draft(subject="inner", text_encoding="8bit"))
    outer = compose(draft(attachments=(Attachment("inner.eml", "message/rfc822", inner),)))
    assert inner in outer
    assert parsed(outer)["Content-Transfer-Encoding"] == "8bit"
    envelope = parse_structure(outer).section((2,), "HEADER.FIELDS", ("subject",))
    assert envelope == b"Subject: inner\r\n\r\n"


@pytest.mark.parametrize("media_type", ["pdf", "multipart/mixed", "a/b; c=d", "a/b\r\nX: y", ""])
def test_a_bad_media_type_is_refused(media_type: str) -> None:
    with pytest.raises(LocalProtocolError, match="media type"):
        compose(draft(attachments=(Attachment("f", media_type, b""),)))


def test_bcc_is_in_the_envelope_and_nowhere_in_the_content() -> None:
    secret = Address("vera", "example.com", "Вера")
    letter = draft(bcc=(secret, BORIS), extra=(("Bcc", "vera@example.com"),))
    assert recipients(letter) == ("boris@example.net", "vera@example.com")
    assert b"vera" not in compose(letter)
    assert b"bcc" not in compose(letter).lower()


def test_a_letter_to_nobody_named_says_so() -> None:
    assert b"\r\nTo: undisclosed-recipients:;\r\n" in compose(draft(to=(), bcc=(BORIS,)))


def test_date_and_message_id_may_be_left_to_the_msa() -> None:
    names = [field.name for field in fields(compose(draft(date_text=None, message_id=None)))]
    assert "Date" not in names
    assert "Message-ID" not in names


@pytest.mark.parametrize(
    "subject", ["a\r\nBcc: evil@example.org", "a\nb", "a\0b", "\x1b]52;c;x\x07", " a ", "a\u2028b"]
)
def test_a_subject_cannot_add_a_field(subject: str) -> None:
    octets = compose(draft(subject=subject))
    assert_well_formed(octets)
    assert b"\r\nBcc" not in octets
    assert decode_value(next(f.raw_value for f in fields(octets) if f.name == "Subject")) == subject


@pytest.mark.parametrize(
    "changes", [{"message_id": "<a@b>\r\nBcc: x@y"}, {"date_text": "now\nX: y"}, {"message_id": "<" + "x" * 1200 + ">"}]
)
def test_a_structured_value_that_no_header_carries_is_refused(changes: dict[str, str]) -> None:
    with pytest.raises(LocalProtocolError):
        compose(draft(**changes))


def test_a_cyrillic_letter_is_these_octets_on_every_python() -> None:
    letter = draft(
        subject="Re: Привет, это очень длинная тема письма, которую надо сложить (fold)",
        attachments=(Attachment("Отчёт за прошлый год.pdf", "application/pdf", b"%PDF-1.4"),),
    )
    assert compose(letter) == CYRILLIC_LETTER.replace("\n", "\r\n").encode("ascii")


CYRILLIC_LETTER = """\
Date: Tue, 24 Nov 2026 02:12:19 +0000
From: =?UTF-8?B?0JDQvdC90LAg0J/QtdGC0YDQvtCy0LA=?= <anna@example.org>
To: Boris <boris@example.net>
Subject: Re: =?UTF-8?B?0J/RgNC40LLQtdGCLCDRjdGC0L4g0L7Rh9C10L3RjCDQtNC7?=
 =?UTF-8?B?0LjQvdC90LDRjyDRgtC10LzQsCDQv9C40YHRjNC80LAsINC60L7RgtC+0YA=?=
 =?UTF-8?B?0YPRjiDQvdCw0LTQviDRgdC70L7QttC40YLRjA==?= (fold)
Message-ID: <1@example.org>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="=_c0723f335f0367840f98117daed935d3"
Content-Transfer-Encoding: 7bit

This is a multi-part message in MIME format.
--=_c0723f335f0367840f98117daed935d3
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: base64

0JrQsNC6INC00LXQu9CwPw0K

--=_c0723f335f0367840f98117daed935d3
Content-Type: application/pdf; name="Otchet za proshlyy god.pdf"
Content-Disposition: attachment;
 filename*0*=UTF-8''%D0%9E%D1%82%D1%87%D1%91%D1%82%20%D0%B7%D0%B0%20%D0%BF;
 filename*1*=%D1%80%D0%BE%D1%88%D0%BB%D1%8B%D0%B9%20%D0%B3%D0%BE;
 filename*2*=%D0%B4.pdf
Content-Transfer-Encoding: base64

JVBERi0xLjQ=
--=_c0723f335f0367840f98117daed935d3--
"""


def test_the_same_draft_gives_the_same_octets_and_another_boundary_for_another_letter() -> None:
    one = draft(attachments=(Attachment("a.txt", "text/plain", b"a"),))
    other = draft(attachments=(Attachment("a.txt", "text/plain", b"a"),), message_id="<2@example.org>")
    assert compose(one) == compose(one)
    assert parsed(compose(one)).get_boundary() != parsed(compose(other)).get_boundary()


def test_a_text_that_quotes_the_boundary_gets_another_one() -> None:
    boundary = parsed(compose(draft(attachments=(Attachment("a", "text/plain", b"a"),)))).get_boundary()
    octets = compose(draft(text=f"--{boundary}\n", attachments=(Attachment("a", "text/plain", b"a"),)))
    assert parsed(octets).get_boundary() != boundary
    assert len(parsed(octets).get_payload()) == 2
