"""What somebody in the middle of a link does to a dialogue that is still in clear: he takes the offer of TLS out of it.

The word is overwritten and not cut out, so that no octet moves: the client finds an extension that it does not know.
RFC 3207, 6; RFC 7525 calls it STARTTLS stripping.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["strip_starttls"]

_OFFER: Final = re.compile(rb"(?mi)^(250[ -])STARTTLS(?=\r$)|^(STLS)(?=\r$)|(?<=[ \[])(STARTTLS)(?=[ \]\r])")


def strip_starttls(octets: bytes) -> bytes:
    """Overwrite the offer of STARTTLS in what a server says: SMTP's line, POP3's STLS, IMAP's capability.

    >>> strip_starttls(b"250-SIZE 1000\\r\\n250-STARTTLS\\r\\n250 DSN\\r\\n")
    b'250-SIZE 1000\\r\\n250-XXXXXXXX\\r\\n250 DSN\\r\\n'
    """
    return _OFFER.sub(_overwritten, octets)


def _overwritten(found: re.Match[bytes]) -> bytes:
    kept = found[1] or b""
    return kept + b"X" * (len(found[0]) - len(kept))
