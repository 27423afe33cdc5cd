"""What an exchange ends in on the server's side: who wants in, as whom, with what secret.

One shape for every mechanism that carries a password, so that the accounts need not know the mechanism (RFC 4422, 2).
"""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """`authcid` logs in, to act as `authzid` ("" for itself); the password is kept out of `repr`."""

    mechanism: str
    authcid: str
    authzid: str
    password: str = field(repr=False)
