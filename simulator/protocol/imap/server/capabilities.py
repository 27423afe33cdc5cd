"""What a server says it can do, in each state. RFC 9051, 6.1.1 and 7.2.2.

Before login a client learns only what it needs to log in, as from Dovecot; a mechanism that would send a password in
clear is not offered where it would.
"""

from __future__ import annotations

from typing import Final

from simulator.protocol import sasl
from simulator.protocol.imap.server.context import Terms

CAPABILITIES: Final = (
    *("IMAP4rev1", "SASL-IR", "ID", "ENABLE", "IDLE", "LITERAL+", "UNSELECT", "CHILDREN", "NAMESPACE", "UIDPLUS"),
    *("LIST-EXTENDED", "LIST-STATUS", "SPECIAL-USE", "STATUS=SIZE", "MOVE", "UTF8=ACCEPT"),
    *("QUOTA", "QUOTA=RES-STORAGE", "QUOTA=RES-MESSAGE"),
)
"""What this core can do once a client has logged in; APPENDLIMIT is added with its number."""

_BEFORE_LOGIN: Final = ("IMAP4rev1", "SASL-IR", "ID", "ENABLE", "IDLE", "LITERAL+")


def offered(terms: Terms, capabilities: tuple[str, ...] | None) -> str:
    """Give the capabilities before login; `capabilities` replaces what this module would say of the core."""
    names = list(_BEFORE_LOGIN if capabilities is None else capabilities)
    if terms.tls_available and not terms.tls:
        names.append("STARTTLS")
    if not terms.login_allowed:
        names.append("LOGINDISABLED")
    if capabilities is None:
        offers = [name for name in terms.mechanisms if terms.login_allowed or name not in sasl.PASSWORD_MECHANISMS]
        names += [f"AUTH={mechanism}" for mechanism in offers]
    return " ".join(names)


def granted(capabilities: tuple[str, ...] | None, *, append_limit: int) -> str:
    """Give the capabilities after login (RFC 7889, 2: APPENDLIMIT)."""
    if capabilities is not None:
        return " ".join(capabilities)
    return " ".join((*CAPABILITIES, f"APPENDLIMIT={append_limit}"))
