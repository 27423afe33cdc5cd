"""The PLAIN mechanism: identity and password in one message, in clear.

The simplest mechanism and the usual one under TLS; without TLS everybody on the way can read it (RFC 4616).
"""

from simulator.errors import LocalProtocolError, RemoteProtocolError
from simulator.protocol.sasl.credentials import Credentials

_NUL = b"\0"


def encode_plain(authcid: str, password: str, authzid: str = "") -> bytes:
    """Build the message `authzid NUL authcid NUL password` in UTF-8 (RFC 4616, 2).

    Raises `LocalProtocolError` if the name or password is empty or any part holds a NUL.
    """
    if not authcid or not password:
        raise LocalProtocolError("PLAIN needs a name and a password; give both")
    message = f"{authzid}\0{authcid}\0{password}".encode()
    if message.count(_NUL) != 2:
        raise LocalProtocolError("PLAIN cannot carry a NUL character; take it out of the name or password")
    return message


def decode_plain(message: bytes) -> Credentials:
    """Read the message. Raises `RemoteProtocolError` if it is not of the form that `encode_plain` builds."""
    try:
        authzid, authcid, password = message.decode().split("\0")
    except ValueError as error:  # not three parts, or no UTF-8
        raise RemoteProtocolError("Invalid PLAIN message") from error
    if not authcid or not password:
        raise RemoteProtocolError("Invalid PLAIN message")
    return Credentials("PLAIN", authcid, authzid, password)


class PlainServer:
    """The server's side: asks once with an empty challenge, then has the credentials."""

    __slots__ = ()

    def start(self, initial: bytes | None) -> bytes | Credentials:
        """Begin with the initial response, or give the empty challenge when there is none (RFC 4954, 4)."""
        return b"" if initial is None else decode_plain(initial)

    def step(self, response: bytes) -> bytes | Credentials:
        """Take the response to the challenge."""
        return decode_plain(response)


class PlainClient:
    """The client's side: everything is in the first message."""

    __slots__ = ("_answered", "_message")

    mechanism = "PLAIN"
    finished = True  # the server has nothing to prove

    def __init__(self, authcid: str, password: str, authzid: str = "", nonce: str = "") -> None:
        self._message = encode_plain(authcid, password, authzid)
        self._answered = False

    def initial(self) -> bytes | None:
        """Give the initial response."""
        return self._message

    def step(self, challenge: bytes) -> bytes:
        """Answer the empty challenge. Raises `RemoteProtocolError` for a second or any other: PLAIN has none."""
        if challenge or self._answered:
            raise RemoteProtocolError("PLAIN has no challenge, yet the server sent one")
        self._answered = True
        return self._message
