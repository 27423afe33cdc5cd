"""How a client says who it is, other than by USER and PASS: APOP and AUTH.

Both sides' words are carried here and judged in `protocol.sasl`. RFC 1939, 7 (APOP); RFC 5034 (AUTH).
"""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from hashlib import md5
from typing import Final

from simulator.errors import LocalProtocolError, RemoteProtocolError
from simulator.protocol import sasl
from simulator.protocol.pop3.events import Login, SecretAsked
from simulator.protocol.pop3.replies import Answer, err

PRIVACY: Final = err("Plaintext authentication disallowed on non-secure (SSL/TLS) connections.", "AUTH")
ABORTED: Final = err("Authentication aborted by client.")
_APOP: Final = re.compile(r"(\S.*) ([0-9a-fA-F]{32})")
_TIMESTAMP: Final = re.compile(r"<[\x21-\x3b\x3d\x3f-\x7e]+@[\x21-\x3b\x3d\x3f-\x7e]+>")


@dataclass(slots=True, kw_only=True)
class Terms:
    """On what terms a client may log in, now: TLS may be started, passwords may come, these mechanisms are offered.

    `nonce` is the session's own, "" where nothing needs one; `hostname` stands in challenges.
    """

    tls_available: bool
    tls: bool
    login_allowed: bool
    apop: bool
    mechanisms: tuple[str, ...]
    nonce: str
    hostname: str
    exchanges: int = 0

    @property
    def timestamp(self) -> str:
        """What APOP's digest covers, and the greeting shows (RFC 1939, 7: a message-id, never the same twice)."""
        return f"<{self.nonce}@{self.hostname}>" if self.apop else ""

    def offered(self) -> tuple[str, ...]:
        """Name the mechanisms that may be used now: none that shows a password where that would go in clear."""
        return self.mechanisms if self.login_allowed else _without_password(self.mechanisms)

    def begin(self, mechanism: str) -> sasl.ServerExchange | sasl.SecretExchange:
        """Start the server's side of an exchange, with a nonce that this session has not used."""
        if mechanism in sasl.PASSWORD_MECHANISMS:
            return sasl.server_exchange(mechanism)
        self.exchanges += 1
        return sasl.secret_exchange(mechanism, nonce=f"{self.nonce}.{self.exchanges}", hostname=self.hostname)


def _without_password(mechanisms: tuple[str, ...]) -> tuple[str, ...]:
    return tuple([name for name in mechanisms if name not in sasl.PASSWORD_MECHANISMS])


def apop_digest(timestamp: str, password: str) -> str:
    """Give the digest of APOP: MD5 over the greeting's timestamp and the password (RFC 1939, 7)."""
    return md5((timestamp + password).encode("utf-8")).hexdigest()


def apop_timestamp(greeting: str) -> str | None:
    """Find the timestamp in a greeting, None if it offers no APOP."""
    found = _TIMESTAMP.search(greeting)
    return None if found is None else found[0]


class Apop:
    """An APOP command whose digest waits for the password."""

    __slots__ = ("_digest", "_timestamp", "user")

    def __init__(self, timestamp: str, argument: str) -> None:
        found = _APOP.fullmatch(argument)
        if found is None:
            raise RemoteProtocolError("no name and digest", "Invalid APOP parameters.")
        self.user, self._digest = found[1], found[2].lower()
        self._timestamp = timestamp

    def start(self) -> SecretAsked:
        """Ask for the password."""
        return SecretAsked(mechanism="APOP", user=self.user)

    def provide(self, secret: sasl.Secret) -> Login:
        """Judge by the password; anything else (SCRAM's keys, None) proves nothing."""
        known = secret if isinstance(secret, str) else ""
        good = hmac.compare_digest(apop_digest(self._timestamp, known), self._digest)
        verified = good and isinstance(secret, str)
        return Login(user=self.user, password="", verb="APOP", masked="", mechanism="APOP", verified=verified)


class Auth:
    """An AUTH command: each step gives the octets of a challenge, or an event, or a refusal."""

    __slots__ = ("_exchange",)

    def __init__(self, exchange: sasl.ServerExchange | sasl.SecretExchange) -> None:
        self._exchange = exchange

    def start(self, initial: str | None) -> bytes | SecretAsked | Login | Answer:
        """Begin with an initial response in base64, `=` for one of no octets, or None (RFC 5034, 4)."""
        try:
            octets = None if initial is None else b"" if initial == "=" else sasl.decode_base64(initial.encode("utf-8"))
            return _told(self._exchange.start(octets))
        except RemoteProtocolError as error:
            return err(f"{error}.", "AUTH")

    def take(self, line: bytes) -> bytes | SecretAsked | Login | Answer:
        """Take a response in base64, or `*` to give up."""
        if line == b"*":
            return ABORTED
        try:
            return _told(self._exchange.step(sasl.decode_base64(line)))
        except RemoteProtocolError as error:
            return err(f"{error}.", "AUTH")

    def provide(self, secret: sasl.Secret) -> bytes | SecretAsked | Login | Answer:
        """Take what is stored about the user."""
        if not isinstance(self._exchange, sasl.SecretExchange):
            raise LocalProtocolError("This mechanism wants no secret; answer its Login event instead.")
        return _told(self._exchange.provide(secret))


def _told(said: bytes | sasl.SecretWanted | sasl.Credentials) -> bytes | SecretAsked | Login:
    if isinstance(said, sasl.SecretWanted):
        return SecretAsked(mechanism=said.mechanism, user=said.authcid)
    if not isinstance(said, sasl.Credentials):
        return said
    return Login(
        user=said.authcid,
        password=said.password,
        verb="AUTH",
        masked="",
        mechanism=said.mechanism,
        authzid=said.authzid,
        verified=said.verified,
    )
