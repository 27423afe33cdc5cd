"""Letters made for the structure: nested, with letters inside, attachments, broken headers, 8-bit, empty, deep.

Each is named by what is odd about it. CRLF throughout, as letters are in the store.
"""

from __future__ import annotations

HEAD = 'From: "Doe, Jane" <jane@a.example>\nTo: bob@b.example\nSubject: structure\nDate: Mon, 01 Jan 2024 00:00:00 +0000\nMessage-ID: <m@a.example>\nMIME-Version: 1.0\n'


def multipart(subtype: str, boundary: str, *parts: str, end: bool = True) -> str:
    """Write a multipart: its Content-Type, a blank line, its parts."""
    body = "".join(f"--{boundary}\n{part}\n" for part in parts)
    return f'Content-Type: multipart/{subtype}; boundary="{boundary}"\n\n{body}' + (f"--{boundary}--\n" if end else "")


TEXT = "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\nПривет\nмир"
HTML = "Content-Type: text/html; charset=koi8-r\nContent-Transfer-Encoding: quoted-printable\n\n<p>=F0</p>\n"
PDF = (
    'Content-Type: application/pdf; name="a b.pdf"\nContent-Transfer-Encoding: base64\nContent-ID: <1@a>\n'
    'Content-Description: the bill\nContent-Disposition: attachment; filename="a b.pdf"; size=3\nContent-Language: en\n'
    "Content-Location: http://a.example/b\nContent-MD5: Q2hlY2sgSW50ZWdyaXR5IQ==\n\nJVBERg==\n"
)
IMAGE = "Content-Type: image/png\nContent-Transfer-Encoding: base64\nContent-Disposition: inline\n\niVBORw0KGgo=\n"
INNER = 'From: Carol <carol@c.example>\nTo: "A, B" <ab@d.example>, x@y.example\nSubject: =?utf-8?b?0J/RgNC40LLQtdGC?=\nDate: Tue, 02 Jan 2024 00:00:00 +0000\nIn-Reply-To: <m@a.example>\nMessage-ID: <i@c.example>\n'


def deep(levels: int) -> str:
    """Write multiparts inside each other."""
    inner = "Content-Type: text/plain\n\ndeep\n"
    for level in range(levels):
        inner = multipart("mixed", f"b{level}", inner)
    return inner


def chain(levels: int) -> str:
    """Write letters inside each other."""
    inner = INNER + "\nlast\n"
    for _ in range(levels):
        inner = INNER + "Content-Type: message/rfc822\n\n" + inner
    return inner


CORPUS: dict[str, str] = {
    "plain": HEAD + "\nhello\nworld\n",
    "no MIME at all": "Subject: x\n\nbody",
    "header only": "Subject: x\nFrom: a@b.example\n\n",
    "empty body": HEAD + "Content-Type: text/plain\n\n",
    "eight bits": HEAD + TEXT.replace("Content-Type", "Content-Type", 1),
    "html": HEAD + HTML,
    "alternative": HEAD + multipart("alternative", "b", TEXT, HTML),
    "attachment": HEAD + multipart("mixed", "b", TEXT, PDF),
    "mixed in mixed": HEAD + multipart("mixed", "b1", multipart("alternative", "b2", TEXT, HTML), PDF, IMAGE),
    "related": HEAD
    + multipart("mixed", "b1", multipart("related", "b2", multipart("alternative", "b3", TEXT, HTML), IMAGE), PDF),
    "boundary that begins alike": HEAD + multipart("mixed", "b", multipart("mixed", "bb", TEXT, HTML), PDF),
    "boundary with odd characters": HEAD + multipart("mixed", "=_(a+b)/c:?", TEXT, HTML),
    "preamble and epilogue": HEAD
    + multipart("mixed", "b", TEXT).replace("\n\n--b", "\n\nThis is MIME.\n--b", 1)
    + "after\nall\n",
    "letter inside": HEAD + multipart("mixed", "b", TEXT, "Content-Type: message/rfc822\n\n" + INNER + "\ninside\n"),
    "only a letter inside": HEAD + "Content-Type: message/rfc822\n\n" + INNER + "\ninside\n",
    "letter with parts inside": HEAD
    + multipart("mixed", "b", "Content-Type: message/rfc822\n\n" + INNER + multipart("mixed", "c", TEXT, PDF)),
    "letters in letters": HEAD + multipart("mixed", "b", "Content-Type: message/rfc822\n\n" + chain(5)),
    "digest": HEAD + multipart("digest", "b", "\n" + INNER + "\none\n", "\n" + INNER + "\ntwo\n"),
    "empty part": HEAD + multipart("mixed", "b", "", TEXT),
    "part without header": HEAD + multipart("mixed", "b", "\njust text\n", HTML),
    "part without body": HEAD + multipart("mixed", "b", "Content-Type: text/plain\n", TEXT),
    "deep": HEAD + deep(30),
    "many parts": HEAD
    + multipart("mixed", "b", *(f"Content-Type: text/x-{number}\n\n{number}\n" for number in range(60))),
    "folded parameters": HEAD + 'Content-Type: text/plain;\n charset="utf-8";\n\tformat=flowed;\n delsp=yes\n\nx\n',
    "upper case": HEAD + "CONTENT-TYPE: TEXT/HTML; CHARSET=UTF-8\nCONTENT-TRANSFER-ENCODING: BASE64\n\nPA==\n",
    "file name in pieces": HEAD
    + "Content-Type: application/octet-stream\nContent-Disposition: attachment; filename*0*=UTF-8''%D0%9F; filename*1*=%D1%80.txt\n\nx\n",
    "type without subtype": HEAD + "Content-Type: text\n\nx\n",
    "signed": HEAD
    + multipart("signed", "b", TEXT, "Content-Type: application/pgp-signature; name=s.asc\n\n-----\n").replace(
        "boundary", 'micalg=pgp-sha256;\n protocol="application/pgp-signature"; boundary', 1
    ),
    "report": HEAD
    + multipart(
        "report",
        "b",
        TEXT,
        "Content-Type: message/delivery-status\n\nReporting-MTA: dns; a\n\nFinal-Recipient: rfc822; b\n",
        "Content-Type: text/rfc822-headers\n\n" + INNER,
    ).replace("boundary", "report-type=delivery-status; boundary", 1),
}
"""Letters whose every number an independent parser must agree with."""

BROKEN: dict[str, str] = {
    "no boundary at the end": HEAD + multipart("mixed", "b", TEXT, HTML, end=False),
    "no boundary parameter": HEAD + "Content-Type: multipart/mixed\n\n--b\n\nx\n--b--\n",
    "boundary never used": HEAD + 'Content-Type: multipart/mixed; boundary="b"\n\nnothing here\n',
    "line that is no field": "Subject: x\nthis is no field\nTo: a@b.example\n\nbody\n",
    "eight bits in header": 'From: "Анна" <anna@a.example>\nSubject: Обед\nTo: Борис <boris@b.example>\n\nx\n',
    "quote left open": HEAD + 'Content-Type: text/plain; charset="utf-8\n\nx\n',
    "addresses that are none": 'From: <\nTo: a@, <b@c>, "\nSender: @@\nCc: ,,,\nSubject:\n\nx\n',
    "colon first": ": x\nSubject: y\n\nz\n",
    "very long line": HEAD + "Content-Type: text/plain\n\n" + "x" * 20_000 + "\n",
    "nesting without end": HEAD + deep(200),
    "message in base64": HEAD + "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n" + "eA==\n",
    "control characters": "Subject: \x1b[31m\x07\nFrom: \x01@b.example\n\n\x02\n",
}
"""Letters on which parsers may differ: only the form of the answer and the octets of the sections are judged."""


def octets(letter: str) -> bytes:
    """Give a letter as the store has it."""
    return letter.replace("\n", "\r\n").encode("utf-8")
