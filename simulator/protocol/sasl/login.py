"""The LOGIN mechanism: name and password in two messages, in clear.

No standard names it (an expired draft did, draft-murchison-sasl-login-00), yet mail programs speak it first; it is
PLAIN with more round trips and without an identity to act as.
"""

from typing import Final

from simulator.errors import LocalProtocolError, RemoteProtocolError
from simulator.protocol.sasl.credentials import Credentials

_ASK_NAME: Final = b"Username:"
_ASK_PASSWORD: Final = b"Password:"


class LoginServer:
    """The server's side: asks for the name, then for the password; an initial response is the name."""

    __slots__ = ("_name",)

    def __init__(self) -> None:
        self._name: str | None = None

    def start(self, initial: bytes | None) -> bytes | Credentials:
        """Ask for the name, or take it from the initial response, as many clients send it."""
        return _ASK_NAME if initial is None else self.step(initial)

    def step(self, response: bytes) -> bytes | Credentials:
        """Take the name, then the password. Raises `RemoteProtocolError` for one that is empty or not UTF-8."""
        word = _word(response)
        if self._name is None:
            self._name = word
            return _ASK_PASSWORD
        return Credentials(mechanism="LOGIN", authcid=self._name, authzid="", password=word)


class LoginClient:
    """The client's side: lets the server ask, and answers in order whatever words it asks with."""

    __slots__ = ("_words",)

    mechanism = "LOGIN"

    def __init__(self, authcid: str, password: str, authzid: str = "", nonce: str = "") -> None:
        if not authcid or not password or authzid:
            raise LocalProtocolError("LOGIN needs a name and a password, and cannot act as somebody else")
        self._words = [authcid.encode(), password.encode()]

    @property
    def finished(self) -> bool:
        """Whether everything has been said."""
        return not self._words

    def initial(self) -> bytes | None:
        """LOGIN lets the server speak first."""
        return None

    def step(self, challenge: bytes) -> bytes:
        """Answer a question. Raises `RemoteProtocolError` for a third."""
        if not self._words:
            raise RemoteProtocolError("the server asks for more than a name and a password")
        return self._words.pop(0)


def _word(octets: bytes) -> str:
    if not octets or b"\0" in octets:
        raise RemoteProtocolError("Invalid LOGIN message")
    try:
        return octets.decode()
    except UnicodeDecodeError as error:
        raise RemoteProtocolError("Invalid LOGIN message") from error
