"""SCRAM-SHA-256: its keys, its messages and the client's side; the server's side is in `scram_server`.

Both ends prove that they know the password (or what was derived from it), and neither shows it; the server keeps
nothing that lets anybody log in. RFC 5802, RFC 7677. Channel binding is not offered (no -PLUS).
"""

import hashlib
import hmac
import re
from typing import Final

from simulator.errors import LocalProtocolError, RemoteProtocolError
from simulator.protocol.sasl.credentials import ScramSecret
from simulator.protocol.sasl.encoding import decode_base64, encode_base64
from simulator.protocol.sasl.prepare import saslprep

MECHANISM: Final = "SCRAM-SHA-256"
ITERATIONS: Final = 4096
"""The least that RFC 7677, 4 allows."""
_MOST_ITERATIONS: Final = 100_000  # a server must not make a client calculate for minutes
_NO_BINDING: Final = b"n,,"  # RFC 5802, 7: gs2-header of a client that knows no channel binding
_CLIENT_KEY: Final = b"Client Key"
_SERVER_KEY: Final = b"Server Key"
_PRINTABLE: Final = re.compile(r"[!-+\--~]+")  # RFC 5802, 7: no comma
_ATTRIBUTE: Final = re.compile(rb"([A-Za-z])=([^,\0]*)")


def salted_password(password: str, salt: bytes, iterations: int) -> bytes:
    """`Hi(Normalize(password), salt, i)` (RFC 5802, 2.2 and 3)."""
    return hashlib.pbkdf2_hmac("sha256", saslprep(password).encode(), salt, iterations)


def derive(password: str, salt: bytes, iterations: int = ITERATIONS) -> ScramSecret:
    """Give what a server keeps instead of the password (RFC 5802, 3)."""
    salted = salted_password(password, salt, iterations)
    stored = hashlib.sha256(mac(salted, _CLIENT_KEY)).digest()
    return ScramSecret(salt=salt, iterations=iterations, stored_key=stored, server_key=mac(salted, _SERVER_KEY))


def mac(key: bytes, message: bytes) -> bytes:
    """HMAC-SHA-256."""
    return hmac.digest(key, message, "sha256")


def xor(left: bytes, right: bytes) -> bytes:
    """Exclusive or of two strings of the same length."""
    return bytes(a ^ b for a, b in zip(left, right, strict=True))


def attributes(message: bytes, expected: str) -> list[bytes]:
    """Read `a=...,b=...` whose names are those of `expected`, in order; later extensions are passed over.

    Raises `RemoteProtocolError`, also for `m=`, which asks for an extension that nobody has (RFC 5802, 5.1).
    """
    found = [_ATTRIBUTE.fullmatch(part) for part in message.split(b",")]
    names = "".join(one[1].decode() if one is not None else "?" for one in found)
    if "?" in names or not names.startswith(expected) or "m" in names:
        raise RemoteProtocolError("Invalid SCRAM message")
    return [one[2] for one in found if one is not None]


def check_nonce(nonce: str) -> str:
    """Give the nonce back if it can stand in a message. Raises `LocalProtocolError`."""
    if _PRINTABLE.fullmatch(nonce) is None:
        raise LocalProtocolError(f"{MECHANISM} needs a nonce of printable ASCII without commas; give a fresh one")
    return nonce


class ScramClient:
    """The client's side; `nonce` is fresh for each exchange. `finished` only once the server has proved itself."""

    __slots__ = ("_bare", "_gs2", "_password", "_signature", "finished", "nonce")

    mechanism = MECHANISM

    def __init__(self, authcid: str, password: str, authzid: str = "", nonce: str = "") -> None:
        if not authcid or not password:
            raise LocalProtocolError(f"{MECHANISM} needs a name and a password; give both")
        self.nonce = check_nonce(nonce)
        self._password = password
        self._gs2 = _NO_BINDING if not authzid else f"n,a={_escape(authzid)},".encode()
        self._bare = f"n={_escape(authcid)},r={nonce}".encode()
        self._signature: bytes | None = None
        self.finished = False

    def initial(self) -> bytes | None:
        """Give client-first-message (RFC 5802, 5)."""
        return self._gs2 + self._bare

    def step(self, challenge: bytes) -> bytes:
        """Answer server-first-message with the proof, and check server-final-message, answered by nothing.

        Raises `RemoteProtocolError` if the message is malformed or the server does not know the password either.
        """
        return self._prove(challenge) if self._signature is None else self._check(challenge, self._signature)

    def _prove(self, first: bytes) -> bytes:
        nonce, salt, count, *_ = attributes(first, "rsi")
        own = self.nonce.encode()
        if not nonce.startswith(own) or len(nonce) == len(own) or not count.isdigit() or len(count) > 6:
            raise RemoteProtocolError("Invalid SCRAM message")
        iterations = int(count)
        if not ITERATIONS <= iterations <= _MOST_ITERATIONS:  # RFC 7677, 4
            raise RemoteProtocolError(f"the server asks for {iterations} iterations, which is too few or too many")
        salted = salted_password(self._password, decode_base64(salt), iterations)
        client_key = mac(salted, _CLIENT_KEY)
        without_proof = b"c=" + encode_base64(self._gs2) + b",r=" + nonce
        message = b",".join((self._bare, first, without_proof))
        proof = xor(client_key, mac(hashlib.sha256(client_key).digest(), message))
        self._signature = mac(mac(salted, _SERVER_KEY), message)
        return without_proof + b",p=" + encode_base64(proof)

    def _check(self, final: bytes, signature: bytes) -> bytes:
        if final.startswith(b"e="):
            raise RemoteProtocolError("the server did not accept the proof")
        (verifier, *_) = attributes(final, "v")
        if self.finished or not hmac.compare_digest(decode_base64(verifier), signature):
            raise RemoteProtocolError("the server could not prove that it knows the password")
        self.finished = True
        return b""


def _escape(name: str) -> str:
    """RFC 5802, 5.1: `=` and `,` in a name are written `=3D` and `=2C`."""
    return saslprep(name).replace("=", "=3D").replace(",", "=2C")
