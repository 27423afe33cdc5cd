"""SCRAM-SHA-256 as the server sees it: first message, keys of the user, proof, verifier.

A user who does not exist gets a salt all the same, so that the answer does not tell (RFC 5802, 5.1 advises it).
RFC 5802, 5 and 7; RFC 7677.
"""

import hashlib
import hmac
import re
from typing import Final

from simulator.errors import LocalProtocolError, RemoteProtocolError
from simulator.protocol.sasl.credentials import Credentials, ScramSecret, Secret, SecretWanted
from simulator.protocol.sasl.encoding import decode_base64, encode_base64
from simulator.protocol.sasl.scram import ITERATIONS, MECHANISM, attributes, check_nonce, derive, mac, xor

_GS2: Final = re.compile(rb"(n|y|p=[A-Za-z0-9.-]+),(?:a=([^,\0]+))?,")
_BAD_ESCAPE: Final = re.compile(r"=(?!2C|3D)")
_SALT_LENGTH: Final = 16


class ScramServer:
    """One exchange; `nonce` is the server's part of the nonce, fresh each time."""

    __slots__ = ("_authzid", "_bare", "_client_nonce", "_first", "_gs2", "_name", "_nonce", "_secret", "_verified")

    def __init__(self, nonce: str) -> None:
        self._nonce = check_nonce(nonce).encode()
        self._gs2 = self._bare = self._first = self._client_nonce = b""
        self._name = self._authzid = ""
        self._secret: ScramSecret | None = None
        self._verified: bool | None = None

    def start(self, initial: bytes | None) -> bytes | SecretWanted | Credentials:
        """Take client-first-message, or ask for it with an empty challenge."""
        return b"" if initial is None else self._take_first(initial)

    def step(self, response: bytes) -> bytes | SecretWanted | Credentials:
        """Take the next message of the client; raises `RemoteProtocolError` for a malformed one."""
        if not self._bare:
            return self._take_first(response)
        if self._verified is None:
            return self._take_proof(response)
        if response:  # RFC 4954, 4: the client acknowledges the verifier with an empty response
            raise RemoteProtocolError("Invalid SCRAM message")
        return self._credentials()

    def provide(self, secret: Secret) -> bytes | SecretWanted | Credentials:
        """Give server-first-message for what is stored: SCRAM's keys or the password, None for nobody."""
        if not self._bare or self._first:
            raise LocalProtocolError("no secret is wanted now; provide it when the exchange asks")
        salt = hashlib.sha256(b"salt of " + self._name.encode()).digest()[:_SALT_LENGTH]
        if isinstance(secret, str):
            secret = derive(secret, salt)
        self._secret = secret
        count = secret.iterations if secret is not None else ITERATIONS
        salt = secret.salt if secret is not None else salt
        nonce = self._client_nonce + self._nonce
        self._first = b"r=" + nonce + b",s=" + encode_base64(salt) + b",i=" + str(count).encode("ascii")
        return self._first

    def _take_first(self, message: bytes) -> SecretWanted:
        header = _GS2.match(message)
        if header is None or header[1].startswith(b"p="):  # channel binding, which was not offered
            raise RemoteProtocolError("Invalid SCRAM message")
        self._gs2, self._bare = header[0], message[header.end() :]
        name, nonce, *_ = attributes(self._bare, "nr")
        self._authzid = _unescape(header[2] or b"")
        self._name = _unescape(name)
        if not self._name or not nonce or not all(0x21 <= octet <= 0x7E for octet in nonce):
            raise RemoteProtocolError("Invalid SCRAM message")
        self._client_nonce = nonce
        return SecretWanted(MECHANISM, self._name)

    def _take_proof(self, message: bytes) -> bytes | Credentials:
        without_proof, comma, _ = message.rpartition(b",p=")
        values = attributes(message, "cr")
        if not comma or not self._first or len(values) < 3:
            raise RemoteProtocolError("Invalid SCRAM message")
        if decode_base64(values[0]) != self._gs2 or values[1] != self._client_nonce + self._nonce:
            raise RemoteProtocolError("Invalid SCRAM message")
        proof, secret = decode_base64(values[-1]), self._secret
        signed = b",".join((self._bare, self._first, without_proof))
        self._verified = secret is not None and _proves(proof, secret, signed)
        if secret is None or not self._verified:
            return self._credentials()
        return b"v=" + encode_base64(mac(secret.server_key, signed))

    def _credentials(self) -> Credentials:
        return Credentials(
            mechanism=MECHANISM, authcid=self._name, authzid=self._authzid, verified=bool(self._verified)
        )


def _proves(proof: bytes, secret: ScramSecret, message: bytes) -> bool:
    """RFC 5802, 3: the proof hides ClientKey, whose hash is StoredKey."""
    if len(proof) != len(secret.stored_key):
        return False
    client_key = xor(proof, mac(secret.stored_key, message))
    return hmac.compare_digest(hashlib.sha256(client_key).digest(), secret.stored_key)


def _unescape(name: bytes) -> str:
    try:
        text = name.decode()
    except UnicodeDecodeError as error:
        raise RemoteProtocolError("Invalid SCRAM message") from error
    if _BAD_ESCAPE.search(text) is not None:
        raise RemoteProtocolError("Invalid SCRAM message")
    return text.replace("=2C", ",").replace("=3D", "=")
