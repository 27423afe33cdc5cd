"""Structure, sections and envelope agree with the standard library on good letters and survive bad ones. RFC 9051
6.4.5, 7.5.2.
"""

from __future__ import annotations

import email
import email.policy
from email.message import Message

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.message.header import first_values, split_message
from simulator.message.section import Entity
from simulator.message.structure import Structure, parse_structure, text_parts

GOLDEN = (
    b'From: "Doe, Jane" <jane@a.example>\r\nTo: bob@b.example\r\nSubject: =?utf-8?q?caf=C3=A9?=\r\n'
    b"Date: Mon, 01 Jan 2024 00:00:00 +0000\r\nMessage-ID: <imap1@a.example>\r\nMIME-Version: 1.0\r\n"
    b"Content-Type: multipart/alternative; boundary=b\r\n\r\n"
    b"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nhello\r\n.dot\r\n"
    b"--b\r\nContent-Type: text/html\r\n\r\n<p>hello</p>\r\n--b--\r\n"
)

# The example of RFC 9051, 6.4.5.1: 3 is a letter with 3.1 and 3.2; 4 is multipart; 4.2 is a letter with 4.2.1 and a
# multipart 4.2.2 that holds 4.2.2.1 and 4.2.2.2.
NESTED = b"""\
Subject: outer
Content-Type: multipart/mixed; boundary=A

preamble
--A

one
--A
Content-Type: application/octet-stream

two
--A
Content-Type: message/rfc822

Subject: three
Content-Type: multipart/mixed; boundary=C

--C

three one
--C
Content-Type: application/octet-stream

three two
--C--
--A
Content-Type: multipart/mixed; boundary=D

--D
Content-Type: image/gif
Content-Transfer-Encoding: base64

R0lG
--D
Content-Type: message/rfc822

Subject: four two
Content-Type: multipart/mixed; boundary=E

--E

four two one
--E
Content-Type: multipart/alternative; boundary=F

--F

f1
--F
Content-Type: text/richtext

f2
--F--
--E--
--D--
--A--
epilogue
""".replace(b"\n", b"\r\n")


def test_the_golden_letter_has_the_oracles_envelope() -> None:
    envelope = parse_structure(GOLDEN).envelope()
    jane = ((b"Doe, Jane", None, b"jane", b"a.example"),)
    assert (envelope.date, envelope.subject) == (b"Mon, 01 Jan 2024 00:00:00 +0000", b"=?utf-8?q?caf=C3=A9?=")
    assert envelope.from_ == envelope.sender == envelope.reply_to == jane
    assert envelope.to == ((None, None, b"bob", b"b.example"),)
    assert (envelope.cc, envelope.bcc, envelope.in_reply_to, envelope.message_id) == (
        (),
        (),
        None,
        b"<imap1@a.example>",
    )


def test_the_golden_letter_has_the_oracles_bodystructure() -> None:
    plain = (b"text", b"plain", (b"charset", b"utf-8"), None, None, b"7bit", 11, 1)
    html = (b"text", b"html", (b"charset", b"us-ascii"), None, None, b"7bit", 12, 0)
    structure = parse_structure(GOLDEN)
    nothing = (None, None, None, None)
    assert structure.body() == (plain, html, b"alternative")
    assert structure.body_structure() == (
        plain + nothing,
        html + nothing,
        b"alternative",
        (b"boundary", b"b"),
        None,
        None,
        None,
    )


def test_the_golden_letter_has_the_oracles_sections() -> None:
    structure = parse_structure(GOLDEN)
    wanted = b'From: "Doe, Jane" <jane@a.example>\r\nSubject: =?utf-8?q?caf=C3=A9?=\r\n\r\n'
    assert structure.section((), "HEADER.FIELDS", ("SUBJECT", "FROM")) == wanted
    assert len(wanted) == 70
    assert structure.section((1,), None) == b"hello\r\n.dot"
    assert structure.section((2,), "MIME") == b"Content-Type: text/html\r\n\r\n"
    assert structure.section((), None) == GOLDEN


@pytest.mark.parametrize(
    ("numbers", "part", "octets"),
    [
        ((1,), None, b"one"),
        ((1,), "MIME", b"\r\n"),
        ((2,), None, b"two"),
        ((3,), "MIME", b"Content-Type: message/rfc822\r\n\r\n"),
        ((3,), "HEADER", b"Subject: three\r\nContent-Type: multipart/mixed; boundary=C\r\n\r\n"),
        ((3,), "HEADER.FIELDS.NOT", b"Subject: three\r\n\r\n"),
        ((3, 1), None, b"three one"),
        ((3, 2), None, b"three two"),
        ((4, 1), None, b"R0lG"),
        ((4, 2), "HEADER.FIELDS", b"Subject: four two\r\n\r\n"),
        ((4, 2, 1), None, b"four two one"),
        ((4, 2, 2, 1), None, b"f1"),
        ((4, 2, 2, 2), None, b"f2"),
        ((4, 2, 2, 3), None, None),
        ((1,), "HEADER", None),
        ((1, 1), None, None),
        ((5,), None, None),
        ((0,), None, None),
        ((), "MIME", None),
        ((), "NONSENSE", None),
    ],
)
def test_sections_are_numbered_as_in_the_rfcs_example(
    numbers: tuple[int, ...], part: str | None, octets: bytes | None
) -> None:
    names = ("CONTENT-TYPE",) if part == "HEADER.FIELDS.NOT" else ("SUBJECT",) if part == "HEADER.FIELDS" else ()
    assert parse_structure(NESTED).section(numbers, part, names) == octets


def test_a_letter_that_is_no_multipart_has_a_part_one() -> None:
    structure = parse_structure(b"Subject: x\r\n\r\nbody\r\n")
    assert structure.section((1,), None) == structure.section((), "TEXT") == b"body\r\n"
    assert structure.section((1,), "MIME") == b"Subject: x\r\n\r\n"
    assert structure.section((2,), None) is None
    assert structure.section((1, 1), None) is None


def test_a_letter_that_is_a_letter_counts_from_one_inside() -> None:
    structure = parse_structure(b"Content-Type: message/rfc822\r\n\r\nSubject: in\r\n\r\nbody\r\n")
    assert structure.section((1,), "HEADER") == b"Subject: in\r\n\r\n"
    assert structure.section((1, 1), None) == b"body\r\n"


def test_parts_are_listed_with_their_numbers() -> None:
    parts = parse_structure(NESTED).parts()
    assert [part.number for part in parts] == [
        (1,), (2,), (3,), (3, 1), (3, 2), (4, 1), (4, 2), (4, 2, 1), (4, 2, 2, 1), (4, 2, 2, 2),
    ]  # fmt: skip


# Trees of parts, written out with boundaries of their own; our offsets must give what the standard library gives.
LEAVES = st.text("ab .-\n", max_size=40).map(lambda text: ("leaf", text))
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=4).map(lambda children: ("multi", children)),
        inner.map(lambda child: ("letter", child)),
    ),
    max_leaves=12,
)


def written(tree: object, path: str = "b") -> bytes:
    kind, inside = tree  # type: ignore[misc]
    if kind == "leaf":
        return b"Content-Type: text/plain\r\n\r\n" + inside.replace("\n", "\r\n").encode()
    if kind == "letter":
        return b"Content-Type: message/rfc822\r\n\r\nSubject: " + path.encode() + b"\r\n" + written(inside, path + "m")
    line = f"--={path}".encode()
    parts = b"".join(line + b"\r\n" + written(child, f"{path}{i}") + b"\r\n" for i, child in enumerate(inside))
    return b'Content-Type: multipart/mixed; boundary="=' + path.encode() + b'"\r\n\r\n' + parts + line + b"--\r\n"


def flat(message: Message) -> list[tuple[str, bytes]]:
    """Leaves of the standard library's tree: (type, body octets)."""
    found = []
    for part in message.walk():
        if not part.is_multipart():
            found.append((part.get_content_type(), str(part.get_payload()).encode().replace(b"\r\n", b"\n")))
    return found


@settings(max_examples=150)
@given(tree=TREES)
def test_good_letters_have_the_standard_librarys_leaves(tree: object) -> None:
    octets = b"Subject: top\r\nMIME-Version: 1.0\r\n" + written(tree)
    structure = parse_structure(octets)
    ours = [
        (part.media_type, (structure.section(part.number, None) or b"").replace(b"\r\n", b"\n"))
        for part in structure.parts()
        if part.media_type != "message/rfc822"
    ]
    assert ours == flat(email.message_from_bytes(octets, policy=email.policy.compat32))


HOSTILE = {
    "nothing": b"",
    "nul": b"\0" * 1000,
    "no blank line": b"Subject: x",
    "only a boundary": b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b--",
    "no boundary parameter": b"Content-Type: multipart/mixed\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n",
    "empty boundary": b'Content-Type: multipart/mixed; boundary=""\r\n\r\n--\r\n\r\nx\r\n----\r\n',
    "boundary that never comes": b"Content-Type: multipart/mixed; boundary=b\r\n\r\ntext\r\n",
    "never closed": b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx",
    "8-bit everywhere": b"Subject: \xff\xfe\r\nContent-Type: \xd0\xbf/\xff; charset=\xff\r\n\r\n\xff\xfe\r\n",
    "bad charset": b"Content-Type: text/plain; charset=punycode\r\n\r\nabc",
    "bad base64": b"Content-Transfer-Encoding: base64\r\n\r\n!!!a=b==\r\n",
    "bad quoted-printable": b"Content-Transfer-Encoding: quoted-printable\r\n\r\n=\r=ZZ=\r\n=",
    "path in the file name": b'Content-Disposition: attachment; filename="../../etc/passwd"\r\n\r\n',
    "2231 pieces without end": b"Content-Disposition: a; "
    + b"; ".join(b"filename*%d*=%%FF" % i for i in range(999))
    + b"\r\n\r\n",
    "2231 odd": b"Content-Disposition: a; filename*=utf-8'%D0; filename*1=x; filename*0*=a'b\r\n\r\n",
    "one boundary for all": b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" * 2000 + b"--b\r\n\r\nx\r\n",
    "letters in letters": b"Content-Type: message/rfc822\r\n\r\n" * 2000 + b"x",
    "parts without number": b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\n\r\n" * 50_000,
    "false boundaries": b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--bx\r\n" * 100_000,
    "bare carriage returns": b"Content-Type: multipart/mixed; boundary=b\r\r--b\r\rx",
    "bare line feeds": b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b--\n",
    "header of a megabyte": b"X: " + b"y" * 1_000_000 + b"\r\n\r\nz",
    "addresses": b"From: " + b"(" * 30_000 + b"<" * 30_000 + b'"' * 3001 + b"\r\n\r\n",
    "broken words": b"Subject: =?utf-8?b?" + b"=?" * 10_000 + b"\r\n\r\n",
    "parameters": b"Content-Type: text/plain" + b';a="' * 20_000 + b"\r\n\r\n",
    "escaped quotes": b"Content-Type: text/plain" + b';a="\\' * 15_000 + b"\r\n\r\n",
}
DEEP = b"".join(b"Content-Type: multipart/mixed; boundary=%d\r\n\r\n--%d\r\n" % (i, i) for i in range(2000))
HOSTILE["nesting of 2000"] = DEEP + b"\r\nx\r\n" + b"".join(b"--%d--\r\n" % i for i in range(1999, -1, -1))


def use_everything(structure: Structure) -> None:
    structure.envelope()
    structure.body()
    structure.body_structure()
    for part in structure.parts():
        assert structure.section(part.number, None) is not None
        structure.decoded_text(part)
        structure.section(part.number, "HEADER.FIELDS", ("subject",))
        assert part.filename is None or "/" not in part.filename


def depth_and_count(root: Entity) -> tuple[int, int]:
    deepest, count, stack = 0, 0, [(root, 1)]
    while stack:
        entity, depth = stack.pop()
        deepest, count = max(deepest, depth), count + 1
        stack += [(child, depth + 1) for child in (*entity.children, *([entity.embedded] if entity.embedded else []))]
    return deepest, count


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_a_hostile_letter_gives_a_smaller_tree_and_no_error(name: str) -> None:
    structure = parse_structure(HOSTILE[name])
    use_everything(structure)
    assert structure.section((), None) == HOSTILE[name]
    deepest, count = depth_and_count(structure.root)
    assert deepest <= 100
    assert count <= 1001


def test_parts_in_parts_of_a_large_letter_are_searched_a_bounded_number_of_times() -> None:
    octets = DEEP + b"\n--\n" * 1_000_000
    deepest, _ = depth_and_count(parse_structure(octets).root)
    assert 10 <= deepest < 20


PIECES = st.sampled_from(
    [b"\r\n", b"\n", b"\r", b"--b", b"--", b"--b--", b"Content-Type: ", b"multipart/mixed", b"; boundary=b",
     b"message/rfc822", b"\0", b"\xff", b"text/plain; charset=utf-8", b"Content-Transfer-Encoding: base64",
     b"Subject: =?utf-8?q?=FF?=", b"From: a@b", b" ", b"filename*0*=x''%", b'"']
)  # fmt: skip


@settings(max_examples=300)
@given(octets=st.lists(PIECES, max_size=40).map(b"".join))
def test_no_mixture_of_octets_raises(octets: bytes) -> None:
    use_everything(parse_structure(octets))


@settings(max_examples=100)
@given(octets=st.lists(PIECES, max_size=40).map(b"".join))
def test_the_texts_of_a_letter_are_its_text_parts(octets: bytes) -> None:
    structure = parse_structure(octets)
    texts = [part for part in structure.parts() if part.media_type.startswith("text/")]
    header = split_message(octets)[0]
    firsts = first_values(header)
    kind, encoding = firsts.get("content-type"), firsts.get("content-transfer-encoding", b"")
    assert text_parts(octets, kind, encoding, body_start=len(header), most=3) == [
        (part.media_type, structure.decoded_text(part)) for part in texts[:3]
    ]


@settings(max_examples=100)
@given(position=st.integers(0, len(NESTED) - 1), octet=st.integers(0, 255))
def test_a_mutated_letter_never_raises(position: int, octet: int) -> None:
    use_everything(parse_structure(NESTED[:position] + bytes((octet,)) + NESTED[position + 1 :]))


def test_a_file_name_is_stripped_of_its_path() -> None:
    assert parse_structure(HOSTILE["path in the file name"]).parts()[0].filename == "passwd"


def test_a_group_is_opened_and_closed_in_the_envelope() -> None:
    envelope = parse_structure(b"To: friends: a@b;\r\n\r\n").envelope()
    assert envelope.to == ((None, None, b"friends", None), (None, None, b"a", b"b"), (None, None, None, None))


def test_koi8_text_is_read_by_its_charset() -> None:
    octets = (
        b"Content-Type: text/plain; charset=koi8-r\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
        + "Привет\r\n".encode("koi8-r")
    )
    structure = parse_structure(octets)
    assert structure.decoded_text(structure.parts()[0]) == "Привет\n"
