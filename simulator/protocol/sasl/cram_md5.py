"""The CRAM-MD5 mechanism: the server sends a challenge, the client its digest keyed with the password.

The password stays at home, but the server must keep it in clear, and who overhears one exchange may guess at leisure:
the lesson that led to SCRAM. RFC 2195.
"""

import hmac
from typing import Final

from simulator.errors import LocalProtocolError, RemoteProtocolError
from simulator.protocol.sasl.credentials import Credentials, Secret, SecretWanted

_DIGEST_LENGTH: Final = 32


def cram_md5(challenge: bytes, password: str) -> bytes:
    """Give the digest: 32 lower-case hexadecimal digits (RFC 2195, 2)."""
    return hmac.new(password.encode(), challenge, "md5").hexdigest().encode("ascii")


class CramMd5Server:
    """The server's side. `challenge` is `<digits.digits@host>` and must never be used twice (RFC 2195, 2)."""

    __slots__ = ("_challenge", "_digest", "_name")

    def __init__(self, challenge: str) -> None:
        self._challenge = challenge.encode("ascii")
        self._name = ""
        self._digest = b""

    def start(self, initial: bytes | None) -> bytes | SecretWanted | Credentials:
        """Give the challenge. Raises `RemoteProtocolError` for an initial response: the server speaks first."""
        if initial is not None:
            raise RemoteProtocolError("CRAM-MD5 has no initial response")
        return self._challenge

    def step(self, response: bytes) -> bytes | SecretWanted | Credentials:
        """Take `name digest`; the name may hold spaces. Asks for the user's password."""
        name, space, digest = response.rpartition(b" ")
        if not name or not space or len(digest) != _DIGEST_LENGTH:
            raise RemoteProtocolError("Invalid CRAM-MD5 response")
        try:
            self._name = name.decode()
        except UnicodeDecodeError as error:
            raise RemoteProtocolError("Invalid CRAM-MD5 response") from error
        self._digest = digest
        return SecretWanted("CRAM-MD5", self._name)

    def provide(self, secret: Secret) -> bytes | SecretWanted | Credentials:
        """Judge by the password; anything else (SCRAM's keys, None) proves nothing and the login fails."""
        known = secret if isinstance(secret, str) else ""
        good = hmac.compare_digest(cram_md5(self._challenge, known), self._digest)
        verified = good and isinstance(secret, str)
        return Credentials(mechanism="CRAM-MD5", authcid=self._name, authzid="", verified=verified)


class CramMd5Client:
    """The client's side."""

    __slots__ = ("_name", "_password", "finished")

    mechanism = "CRAM-MD5"

    def __init__(self, authcid: str, password: str, authzid: str = "", nonce: str = "") -> None:
        if not authcid or not password or authzid:
            raise LocalProtocolError("CRAM-MD5 needs a name and a password, and cannot act as somebody else")
        self._name = authcid
        self._password = password
        self.finished = False

    def initial(self) -> bytes | None:
        """CRAM-MD5 lets the server speak first."""
        return None

    def step(self, challenge: bytes) -> bytes:
        """Answer the challenge. Raises `RemoteProtocolError` for an empty one (it would give a reusable digest)."""
        if self.finished or not challenge:
            raise RemoteProtocolError("the server sent no CRAM-MD5 challenge where one is due")
        self.finished = True
        return self._name.encode() + b" " + cram_md5(challenge, self._password)
