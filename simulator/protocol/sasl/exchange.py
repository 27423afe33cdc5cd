"""The two shapes of an exchange, and the register of mechanisms.

Shapes rather than base classes, so that a mechanism is read without reading anything else (RFC 4422, 3).
"""

from collections.abc import Callable
from typing import Final, Protocol

from simulator.errors import LocalProtocolError
from simulator.protocol.sasl.credentials import Credentials
from simulator.protocol.sasl.plain import PlainClient, PlainServer


class ServerExchange(Protocol):
    """One authentication as the server sees it. Octets are as before base64; `RemoteProtocolError` ends it."""

    def start(self, initial: bytes | None) -> bytes | Credentials:
        """Take the initial response or None; give the next challenge, or the credentials to check."""

    def step(self, response: bytes) -> bytes | Credentials:
        """Take the response to the last challenge; give the next challenge, or the credentials to check."""


class ClientExchange(Protocol):
    """One authentication as the client sees it. Octets are as before base64."""

    mechanism: str

    def initial(self) -> bytes | None:
        """Give the initial response, or None if the mechanism lets the server speak first."""

    def step(self, challenge: bytes) -> bytes:
        """Answer a challenge. Raises `RemoteProtocolError` if it cannot be one."""


_SERVERS: Final[dict[str, Callable[[], ServerExchange]]] = {"PLAIN": PlainServer}
_CLIENTS: Final[dict[str, Callable[[str, str, str], ClientExchange]]] = {"PLAIN": PlainClient}


def server_mechanisms() -> tuple[str, ...]:
    """Names of the mechanisms that a server can offer."""
    return tuple(_SERVERS)


def server_exchange(mechanism: str) -> ServerExchange:
    """Start the server's side. Raises `LocalProtocolError` for a mechanism that is not built."""
    if mechanism not in _SERVERS:
        raise LocalProtocolError(f"mechanism {mechanism} is not built; choose from {', '.join(_SERVERS)}")
    return _SERVERS[mechanism]()


def client_exchange(mechanism: str, authcid: str, password: str, *, authzid: str = "") -> ClientExchange:
    """Start the client's side. Raises `LocalProtocolError` for a mechanism that is not built."""
    if mechanism not in _CLIENTS:
        raise LocalProtocolError(f"mechanism {mechanism} is not built; choose from {', '.join(_CLIENTS)}")
    return _CLIENTS[mechanism](authcid, password, authzid)
