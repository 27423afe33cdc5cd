"""BODYSTRUCTURE, BODY and ENVELOPE over the wire, against the standard library's parser, on letters made for it."""

from __future__ import annotations

import email
import email.utils
import re
from email.message import Message
from email.policy import compat32

import pytest

from simulator.message.structure import Structure, parse_structure
from simulator.protocol.imap.client import Completed, Fetch
from simulator.protocol.imap.client.data import Envelope

from .corpus import BROKEN, CORPUS, octets
from .dialogue import ACCOUNTS
from .fake import FakeMailbox, FakeMessage
from .test_pair import Pair

FLAT = compat32.clone(linesep="\r\n", max_line_length=0)
FOLD = re.compile(r"\r\n(?=[ \t])")


class Served(FakeMessage):
    """A message whose structure is that of the simulator's own parser."""

    def __init__(self, uid: int, letter: bytes) -> None:
        super().__init__(uid, letter)
        self.structure: Structure = parse_structure(letter)

    def envelope(self) -> object:  # type: ignore[override]
        return self.structure.envelope()

    def body(self) -> object:
        return self.structure.body()

    def body_structure(self) -> object:
        return self.structure.body_structure()

    def section(self, numbers: tuple[int, ...], part: str | None, fields: tuple[str, ...] = ()) -> bytes | None:
        return self.structure.section(numbers, part, fields)


def fetched(letter: bytes, items: str) -> Fetch:
    """Ask our server by our client."""
    box = FakeMailbox(stored=[Served(1, letter)], uid_next=2)
    pair = Pair()
    pair.session.store.boxes["INBOX"] = box
    pair.done(pair.client.login("bob@alpha.test", ACCOUNTS["bob@alpha.test"]))
    pair.done(pair.client.select("INBOX"))
    done = pair.done(pair.client.fetch("1", items))
    assert isinstance(done, Completed) and done.ok
    return done.of(Fetch)[0]


# --- what the standard library sees


def another(letter: bytes) -> Message:
    """Parse with the standard library, octets as characters, so that it decodes nothing."""
    return email.message_from_string(letter.decode("latin-1"))


def expected(part: Message, *, extended: bool) -> tuple[object, ...]:
    """Give BODY or BODYSTRUCTURE of a parsed letter (RFC 9051, 7.5.2)."""
    if part.get_content_maintype() == "multipart":
        parts = part.get_payload()
        assert isinstance(parts, list)
        body = (*(expected(inner, extended=extended) for inner in parts), part.get_content_subtype().encode())
        return (*body, parameters(part), *extension(part)) if extended else body
    raw = raw_body(part)
    body = (
        part.get_content_maintype().encode(),
        part.get_content_subtype().encode(),
        parameters(part),
        field(part, "Content-ID"),
        field(part, "Content-Description"),
        (field(part, "Content-Transfer-Encoding") or b"7bit").lower(),
        len(raw),
    )
    if part.get_content_type() == "message/rfc822":
        inner = part.get_payload(0)
        assert isinstance(inner, Message)
        body = (*body, envelope(inner), expected(inner, extended=extended), raw.count(b"\n"))
    elif part.get_content_maintype() == "text":
        body = (*body, raw.count(b"\n"))
    return (*body, field(part, "Content-MD5"), *extension(part)) if extended else body


def raw_body(part: Message) -> bytes:
    payload = part.get_payload()
    if isinstance(payload, str):
        return payload.encode("latin-1")
    if part.get_content_type() == "message/delivery-status":
        return b"\r\n".join(inner.as_string(policy=FLAT).encode("latin-1").removesuffix(b"\r\n") for inner in payload)
    return payload[0].as_string(policy=FLAT).encode("latin-1")


def parameters(part: Message) -> tuple[bytes, ...] | None:
    pairs = raw_parameters(part, "Content-Type")
    names = [name for name, _ in pairs]
    if part.get_content_maintype() == "text" and b"charset" not in names:
        pairs.append((b"charset", b"us-ascii"))
    return tuple(word for pair in pairs for word in pair) or None


def raw_parameters(part: Message, header: str) -> list[tuple[bytes, bytes]]:
    """Give parameters as written, RFC 2231 pieces not joined: compat32 alone would join them."""
    value = FOLD.sub("", str(part.get(header, "")))
    found = re.findall(r';\s*([^=;\s]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^;\s]*)', value)
    return [(name.lower().encode(), email.utils.unquote(text).encode()) for name, text in found]


def extension(part: Message) -> tuple[object, ...]:
    disposition: object = None
    if "Content-Disposition" in part:
        pairs = raw_parameters(part, "Content-Disposition")
        kind = part.get_content_disposition() or ""
        disposition = (kind.encode(), tuple(word for pair in pairs for word in pair) or None)
    return (disposition, field(part, "Content-Language"), field(part, "Content-Location"))


def field(part: Message, name: str) -> bytes | None:
    value = part.get(name)
    return None if value is None else FOLD.sub("", str(value)).strip().encode("latin-1")


def envelope(part: Message) -> tuple[object, ...]:
    author = addresses(part, "From")
    return (
        field(part, "Date"),
        field(part, "Subject"),
        author,
        addresses(part, "Sender") or author,
        addresses(part, "Reply-To") or author,
        addresses(part, "To"),
        addresses(part, "Cc"),
        addresses(part, "Bcc"),
        field(part, "In-Reply-To"),
        field(part, "Message-ID"),
    )


def addresses(part: Message, name: str) -> tuple[object, ...] | None:
    pairs = email.utils.getaddresses([str(value) for value in part.get_all(name, [])])
    found = []
    for shown, address in pairs:
        local, _, host = address.rpartition("@")
        found.append((shown.encode() or None, None, local.encode(), host.encode()))
    return tuple(found) or None


def flat(value: Envelope) -> tuple[object, ...]:
    lists = (value.from_, value.sender, value.reply_to, value.to, value.cc, value.bcc)
    return (value.date, value.subject, *(found or None for found in lists), value.in_reply_to, value.message_id)


# --- judged


@pytest.mark.parametrize("name", CORPUS)
def test_structure_and_envelope_are_those_of_another_parser(name: str) -> None:
    letter = octets(CORPUS[name])
    parsed = another(letter)
    answer = fetched(letter, "(BODYSTRUCTURE ENVELOPE RFC822.SIZE)")
    assert answer.structure == expected(parsed, extended=True)
    assert answer.envelope is not None and flat(answer.envelope) == envelope(parsed)
    assert answer.size == len(letter)
    assert fetched(letter, "BODY").structure == expected(parsed, extended=False)


def leaves(part: Message, number: tuple[int, ...]) -> list[tuple[tuple[int, ...], Message]]:
    """Number the leaves as RFC 9051, 6.4.5.1 does."""
    payload = part.get_payload()
    if part.get_content_maintype() == "multipart" and isinstance(payload, list):
        return [leaf for at, inner in enumerate(payload, 1) for leaf in leaves(inner, (*number, at))]
    found = [(number or (1,), part)]
    if part.get_content_type() == "message/rfc822" and isinstance(payload, list):
        inner = payload[0]
        here = number or (1,)
        found += (
            leaves(inner, here)
            if inner.is_multipart() and inner.get_content_maintype() == "multipart"
            else leaves(inner, (*here, 1))
        )
    return found


@pytest.mark.parametrize("name", CORPUS)
def test_sections_are_those_of_another_parser(name: str) -> None:
    letter = octets(CORPUS[name])
    structure = parse_structure(letter)
    for number, part in leaves(another(letter), ()):
        assert structure.section(number, None) == raw_body(part), number


@pytest.mark.parametrize("name", [*CORPUS, *BROKEN])
def test_whatever_the_letter_the_answer_is_well_formed(name: str) -> None:
    letter = octets((CORPUS | BROKEN)[name])
    answer = fetched(letter, "(ENVELOPE BODYSTRUCTURE BODY.PEEK[] BODY.PEEK[1] BODY.PEEK[HEADER] BODY.PEEK[TEXT])")
    sections = answer.sections
    assert sections["BODY[]"] == letter == (sections["BODY[HEADER]"] or b"") + (sections["BODY[TEXT]"] or b"")
    assert isinstance(answer.structure, tuple) and well_formed(answer.structure)


def well_formed(body: tuple[object, ...]) -> bool:
    """Check the grammar of `body` (RFC 9051, 9), with the extension data."""
    if isinstance(body[0], tuple):
        parts = [part for part in body if isinstance(part, tuple) and part and isinstance(part[0], bytes | tuple)]
        return (
            isinstance(body[len(body) - 5], bytes)
            and all(well_formed(part) for part in body[: len(body) - 5])
            and bool(parts)
        )  # type: ignore[arg-type]
    kind, subtype, _, _, _, encoding, size = body[:7]
    lines = {b"text": 1}.get(kind, 0) if isinstance(kind, bytes) else 0  # type: ignore[call-overload]
    is_letter = (kind, subtype) in ((b"message", b"rfc822"), (b"message", b"global")) and len(body) == 14
    rest = 3 if is_letter else lines
    return isinstance(encoding, bytes) and isinstance(size, int) and len(body) == 7 + rest + 4


def test_a_group_and_a_route_are_told_as_the_rfc_says() -> None:
    letter = b"From: Friends: a@b.example, C <c@d.example>;\r\nTo: <@r.example:x@y.example>\r\n\r\n"
    answer = fetched(letter, "ENVELOPE").envelope
    assert answer is not None
    assert answer.from_ == (
        (None, None, b"Friends", None),
        (None, None, b"a", b"b.example"),
        (b"C", None, b"c", b"d.example"),
        (None, None, None, None),
    )
    assert answer.to == ((None, b"@r.example", b"x", b"y.example"),)


def test_nesting_is_told_to_the_limit_and_no_deeper() -> None:
    answer = fetched(octets(BROKEN["nesting without end"]), "BODYSTRUCTURE")
    depth, body = 0, answer.structure
    while isinstance(body, tuple) and isinstance(body[0], tuple):
        depth, body = depth + 1, body[0]
    assert 50 <= depth <= 101
