"""TLS alerts by number and name, and what OpenSSL's errors mean in them.

OpenSSL's error texts differ between builds and cannot enter a trace; the registered alerts do not. RFC 8446, 6 and
appendix B.2; the mapping of certificate errors is OpenSSL's own (`ssl_x509err2alert`).
"""

from __future__ import annotations

import re
import ssl
from typing import Final

from simulator.errors import TlsError

NAMES: Final = {
    0: "close_notify",
    10: "unexpected_message",
    20: "bad_record_mac",
    22: "record_overflow",
    40: "handshake_failure",
    42: "bad_certificate",
    43: "unsupported_certificate",
    44: "certificate_revoked",
    45: "certificate_expired",
    46: "certificate_unknown",
    47: "illegal_parameter",
    48: "unknown_ca",
    49: "access_denied",
    50: "decode_error",
    51: "decrypt_error",
    70: "protocol_version",
    71: "insufficient_security",
    80: "internal_error",
    86: "inappropriate_fallback",
    90: "user_canceled",
    109: "missing_extension",
    110: "unsupported_extension",
    112: "unrecognized_name",
    113: "bad_certificate_status_response",
    115: "unknown_psk_identity",
    116: "certificate_required",
    120: "no_application_protocol",
}
BAD_RECORD_MAC: Final = 20
HANDSHAKE_FAILURE: Final = 40
BAD_CERTIFICATE: Final = 42
UNSUPPORTED_CERTIFICATE: Final = 43
CERTIFICATE_EXPIRED: Final = 45
CERTIFICATE_UNKNOWN: Final = 46
UNKNOWN_CA: Final = 48
DECODE_ERROR: Final = 50
DECRYPT_ERROR: Final = 51
PROTOCOL_VERSION: Final = 70
INTERNAL_ERROR: Final = 80

_NUMBERS: Final = {name.upper(): number for number, name in NAMES.items()}
_PEER_ALERT: Final = re.compile(r"^(?:SSLV3|TLSV1|TLSV13|SSL_TLS|TLS)_(?:ALERT_)?(\w+)$")
_ALERT_RECORD: Final = 21  # content type (RFC 8446, 5.1)

# X509_V_ERR_* of <openssl/x509_vfy.h> -> alert, words.
_CERTIFICATE: Final = {
    2: (UNKNOWN_CA, "no trusted authority issued the certificate"),
    7: (DECRYPT_ERROR, "the signature of the certificate is wrong"),
    18: (UNKNOWN_CA, "the certificate is signed by itself, not by a trusted authority"),
    19: (UNKNOWN_CA, "the certificate's authority is not one of the trusted ones"),
    20: (UNKNOWN_CA, "no trusted authority issued the certificate"),
    21: (UNKNOWN_CA, "no trusted authority issued the certificate"),
    24: (UNKNOWN_CA, "the certificate's issuer is no authority"),
    26: (UNSUPPORTED_CERTIFICATE, "the certificate is not made for a server"),
    62: (BAD_CERTIFICATE, "the certificate is for another host name"),
    64: (BAD_CERTIFICATE, "the certificate is for another IP address"),
}
# Reasons of libssl for which no plain alert waits that would tell.
_LOCAL: Final = {
    "WRONG_VERSION_NUMBER": (PROTOCOL_VERSION, "the peer's octets are no TLS"),
    "UNSUPPORTED_PROTOCOL": (PROTOCOL_VERSION, "the two sides have no version of TLS in common"),
    "NO_SHARED_CIPHER": (HANDSHAKE_FAILURE, "the two sides have no cipher suite in common"),
    "DECRYPTION_FAILED_OR_BAD_RECORD_MAC": (BAD_RECORD_MAC, "a record was changed on the way"),
    "BAD_RECORD_MAC": (BAD_RECORD_MAC, "a record was changed on the way"),
}


def error(alert: int, reason: str) -> TlsError:
    """A TlsError with the alert's registered name."""
    return TlsError(alert, NAMES.get(alert, f"alert_{alert}"), reason)


def plain_alert(alert: int) -> bytes:
    """A fatal alert as an unencrypted record: what a peer takes while it still waits for our Finished."""
    return bytes((_ALERT_RECORD, 3, 3, 0, 2, 2, alert))


def explain(failure: ssl.SSLError, waiting: bytes) -> TlsError:
    """The TlsError for OpenSSL's; `waiting` is what OpenSSL left for the peer, perhaps a plain alert."""
    if isinstance(failure, ssl.SSLCertVerificationError):
        alert, words = _CERTIFICATE.get(failure.verify_code, (CERTIFICATE_UNKNOWN, "the certificate does not verify"))
        return error(alert, words)
    reason = failure.reason or ""
    sent_by_peer = _peer_alert(reason)
    if sent_by_peer is not None:
        return error(sent_by_peer, f"the peer refuses: {NAMES[sent_by_peer].replace('_', ' ')}")
    alert, words = _LOCAL.get(reason, (INTERNAL_ERROR, "the peer's octets do not follow the protocol"))
    if len(waiting) >= 7 and waiting[-7] == _ALERT_RECORD and waiting[-4:-2] == b"\0\2":
        alert = waiting[-1]
    return error(alert, words)


def _peer_alert(reason: str) -> int | None:
    match = _PEER_ALERT.match(re.sub(r"\W", "_", reason.upper()))
    return _NUMBERS.get(match[1]) if match else None
