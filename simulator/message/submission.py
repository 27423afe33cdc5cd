"""What the submission server adds to a letter that is not complete: Message-ID, Date, From, Sender.

Why: only here may a server touch the author's header, and it says what it added so that a trace can show it. RFC 6409
8.1 to 8.3.
"""

import re

from simulator.message.address import Address, parse_addresses
from simulator.message.header import FIELD_VALUE, structured_line, utf8_line

_FIELD_LINE = re.compile(rb"[!-9;-~]++[ \t]*+:|[ \t]")
_NEEDED = re.compile(rb"\n(message-id|date|from|sender)[ \t]*+:" + FIELD_VALUE, re.IGNORECASE)
_BEFORE_OTHER = re.compile(rb"\n(?!%b)" % _FIELD_LINE.pattern)


def complete_submission(content: bytes, *, sender: str, date_text: str, message_id: str) -> tuple[bytes, bytes]:
    """Return (content, the fields added). Missing fields go behind the author's, as Postfix does; the body is
    untouched.

    `sender` is the authenticated or envelope sender ("" for the null one), `message_id` has its angle brackets.
    Sender is added when the author in From is somebody else (RFC 6409 8.1).
    """
    end = _end_of_fields(content)
    head, rest = content[:end], content[end:]
    added = _missing(head, sender=sender, date_text=date_text, message_id=message_id)
    if not added:
        return content, b""
    if head and not head.endswith(b"\n"):
        head += b"\r\n"
    gap = b"" if rest.startswith((b"\r\n", b"\n")) else b"\r\n"
    return b"".join((head, added, gap, rest)), added


def _end_of_fields(content: bytes) -> int:
    """Return where the lines end that are fields: a blank line, or a line that is none (Postfix takes it for the
    body).
    """
    if not _FIELD_LINE.match(content):
        return 0
    other = _BEFORE_OTHER.search(content)
    return other.end() if other else len(content)


def _missing(head: bytes, *, sender: str, date_text: str, message_id: str) -> bytes:
    names, written_by = set(), []
    for written, value in _NEEDED.findall(b"\n" + head):
        name = written.lower()
        names.add(name)
        if name == b"from":
            written_by.append(value)
    lines = b"" if b"message-id" in names else structured_line("Message-ID", message_id)
    if b"date" not in names:
        lines += structured_line("Date", date_text)
    if sender and b"from" not in names:
        lines += utf8_line("From", sender)
    elif sender and b"sender" not in names and not _is_author(written_by, sender):
        lines += utf8_line("Sender", sender)
    return lines


def _is_author(values: list[bytes], sender: str) -> bool:
    authors: list[Address] = []
    for value in values:
        authors += parse_addresses(value.removesuffix(b"\r"))
    return len(authors) == 1 and authors[0].spec.lower() == sender.lower()
