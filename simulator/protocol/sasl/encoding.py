"""The base64 in which SMTP, POP3 and IMAP carry challenges and responses.

Strict, because two ends that decode the same line differently could authenticate different
people (RFC 4648, 3.3 and 12).
"""

from base64 import b64encode
from binascii import Error as BadBase64
from binascii import a2b_base64

from simulator.errors import RemoteProtocolError


def encode_base64(octets: bytes) -> bytes:
    """Encode a challenge or response, without line breaks."""
    return b64encode(octets)


def decode_base64(text: bytes) -> bytes:
    """Decode one line. Raises `RemoteProtocolError` for anything that is not the one encoding of some octets."""
    try:
        octets = a2b_base64(text, strict_mode=True)
    except BadBase64 as error:
        raise RemoteProtocolError("Invalid base64 data") from error
    if b64encode(octets) != text:  # left-over bits that are not zero: RFC 4648, 3.5
        raise RemoteProtocolError("Invalid base64 data")
    return octets
