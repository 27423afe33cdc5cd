"""ID: who is speaking, for logs and curious people; nothing depends on it. RFC 2971."""

from __future__ import annotations

from simulator.protocol.imap.scanner import Malformed, Scanner
from simulator.protocol.imap.server.context import Context, Outcome, ok

_PAIRS = 30  # RFC 2971, 3.3
_NAME_OCTETS = 30
_VALUE_OCTETS = 1024


def run(context: Context, scanner: Scanner) -> Outcome:
    """Read the client's fields and give ours."""
    scanner.space()
    read_fields(scanner)
    scanner.end()
    context.untagged(b'ID ("name" "Mailflow")')
    return ok("ID completed.")


def read_fields(scanner: Scanner) -> tuple[tuple[bytes, bytes | None], ...]:
    """Read `NIL` or `("name" "value" ...)`."""
    if scanner.nil():
        return ()
    scanner.expect(b"(", "list of fields or NIL")
    fields: list[tuple[bytes, bytes | None]] = []
    while not scanner.skip(b")"):
        if fields:
            scanner.space()
        name = scanner.string()
        if name is None or len(name) > _NAME_OCTETS or len(fields) == _PAIRS:
            raise Malformed(f"at most {_PAIRS} names of {_NAME_OCTETS} octets")
        scanner.space()
        value = scanner.nstring()
        if len(value or b"") > _VALUE_OCTETS:
            raise Malformed(f"value of at most {_VALUE_OCTETS} octets")
        fields.append((name, value))
    return tuple(fields)
