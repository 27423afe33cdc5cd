"""The shapes of an exchange, and the register of mechanisms.

Shapes rather than base classes, so that a mechanism is read without reading anything else (RFC 4422, 3). Mechanisms of
two families: those that bring the password along (PLAIN, LOGIN) end in credentials to check; those that do not
(CRAM-MD5, SCRAM-SHA-256) ask on the way for what is stored about the user, and need a nonce.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Final, Protocol

from simulator.errors import LocalProtocolError
from simulator.protocol.sasl.cram_md5 import CramMd5Client, CramMd5Server
from simulator.protocol.sasl.credentials import Credentials
from simulator.protocol.sasl.login import LoginClient, LoginServer
from simulator.protocol.sasl.plain import PlainClient, PlainServer
from simulator.protocol.sasl.scram import ScramClient
from simulator.protocol.sasl.scram_server import ScramServer

PASSWORD_MECHANISMS: Final = ("PLAIN", "LOGIN")
"""Mechanisms whose words hold the password itself."""
SECRET_MECHANISMS: Final = ("CRAM-MD5", "SCRAM-SHA-256")
"""Mechanisms that need what is stored about a user; CRAM-MD5 the password in clear, SCRAM its keys or the password."""
MECHANISMS: Final = (*PASSWORD_MECHANISMS, *SECRET_MECHANISMS)
"""All that are built, in the order in which Postfix lists them."""
STRONGEST_FIRST: Final = ("SCRAM-SHA-256", "CRAM-MD5", "PLAIN", "LOGIN")
"""The order in which a client chooses where the way is not encrypted."""


class ServerExchange(Protocol):
    """One authentication as the server sees it. Octets are as before base64; `RemoteProtocolError` ends it."""

    def start(self, initial: bytes | None) -> bytes | Credentials:
        """Take the initial response or None; give the next challenge, or the credentials to check."""

    def step(self, response: bytes) -> bytes | Credentials:
        """Take the response to the last challenge; give the next challenge, or the credentials to check."""


SecretExchange = CramMd5Server | ScramServer
"""An exchange that may also give `SecretWanted`, and goes on when `provide` is called."""


class ClientExchange(Protocol):
    """One authentication as the client sees it. Octets are as before base64."""

    mechanism: str

    @property
    def finished(self) -> bool:
        """Whether a success is to be believed: all has been said, and a server that must prove itself has."""

    def initial(self) -> bytes | None:
        """Give the initial response, or None if the mechanism lets the server speak first."""

    def step(self, challenge: bytes) -> bytes:
        """Answer a challenge. Raises `RemoteProtocolError` if it cannot be one."""


_SERVERS: Final[dict[str, Callable[[], ServerExchange]]] = {"PLAIN": PlainServer, "LOGIN": LoginServer}
_CLIENTS: Final[dict[str, Callable[[str, str, str, str], ClientExchange]]] = {
    "PLAIN": PlainClient,
    "LOGIN": LoginClient,
    "CRAM-MD5": CramMd5Client,
    "SCRAM-SHA-256": ScramClient,
}


def server_mechanisms() -> tuple[str, ...]:
    """Names of the mechanisms that a server offers which was not told otherwise."""
    return ("PLAIN",)


def server_exchange(mechanism: str) -> ServerExchange:
    """Start the server's side of a mechanism that brings the password. Raises `LocalProtocolError` for any other."""
    if mechanism not in _SERVERS:
        raise LocalProtocolError(f"mechanism {mechanism} is not built; choose from {', '.join(_SERVERS)}")
    return _SERVERS[mechanism]()


def secret_exchange(mechanism: str, *, nonce: str, hostname: str) -> SecretExchange:
    """Start the server's side of a mechanism that asks for what is stored.

    `nonce` is printable ASCII without commas, different in each exchange and, where attackers are real, unguessable.
    Raises `LocalProtocolError`.
    """
    if not nonce:
        raise LocalProtocolError(f"{mechanism} needs a nonce; give the session one")
    if mechanism == "SCRAM-SHA-256":
        return ScramServer(nonce)
    if mechanism == "CRAM-MD5":
        return CramMd5Server(f"<{nonce}@{hostname}>")
    raise LocalProtocolError(f"mechanism {mechanism} is not built; choose from {', '.join(SECRET_MECHANISMS)}")


@lru_cache(maxsize=64)
def strongest(offered: tuple[str, ...]) -> str | None:
    """The strongest mechanism among those a server offers; None if none of them is built."""
    return next((name for name in STRONGEST_FIRST if name in offered), None)


def client_exchange(
    mechanism: str, authcid: str, password: str, *, authzid: str = "", nonce: str = ""
) -> ClientExchange:
    """Start the client's side; only SCRAM needs a nonce. Raises `LocalProtocolError` for a mechanism not built."""
    if mechanism not in _CLIENTS:
        raise LocalProtocolError(f"mechanism {mechanism} is not built; choose from {', '.join(_CLIENTS)}")
    return _CLIENTS[mechanism](authcid, password, authzid, nonce)
