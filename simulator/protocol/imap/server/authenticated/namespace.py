"""NAMESPACE: where a user's mailboxes are: all below no prefix, none of others, none shared. RFC 2342."""

from __future__ import annotations

from simulator.protocol.imap.scanner import Scanner
from simulator.protocol.imap.server.context import Context, Outcome, ok
from simulator.protocol.imap.writing import string


def run(context: Context, scanner: Scanner) -> Outcome:
    """Name the one namespace and its delimiter."""
    scanner.end()
    delimiter = string(context.need_store().delimiter.encode("ascii"))
    context.untagged(b'NAMESPACE (("" %b)) NIL NIL' % delimiter)
    return ok("Namespace completed.")
