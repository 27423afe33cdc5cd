"""What an exchange asks for and what it ends in on the server's side: who wants in, as whom, with what secret.

One shape for every mechanism, so that the accounts need not know it (RFC 4422, 2). A mechanism that never shows the
password asks for what is stored about a user (`SecretWanted`) and judges by itself (`verified`).
"""

from dataclasses import dataclass, field
from typing import NamedTuple


class Credentials(NamedTuple):
    """`authcid` logs in, to act as `authzid` ("" for itself); the password is kept out of `repr`.

    `verified` is None where `password` must still be compared with the accounts, else the verdict of the mechanism.
    """

    mechanism: str
    authcid: str
    authzid: str
    password: str = ""
    verified: bool | None = None

    def __repr__(self) -> str:
        """Give all but the password."""
        who = f"mechanism={self.mechanism!r}, authcid={self.authcid!r}, authzid={self.authzid!r}"
        return f"Credentials({who}, verified={self.verified!r})"


@dataclass(frozen=True, slots=True)
class SecretWanted:
    """The exchange goes on when `provide` has been given what is stored about the user, or None for nobody."""

    mechanism: str
    authcid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScramSecret:
    """What a server keeps about a user for SCRAM: no password, and nothing to log in with (RFC 5802, 3)."""

    salt: bytes = field(repr=False)
    iterations: int
    stored_key: bytes = field(repr=False)
    server_key: bytes = field(repr=False)


Secret = str | ScramSecret | None
"""What is stored: the password itself, SCRAM's keys, or None where the user is unknown."""
