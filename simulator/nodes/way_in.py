"""How a client of IMAP or POP3 may come in: in clear or under TLS, by which mechanisms, and what is judged of it.

Both servers of a host share it, so that the same account has the same doors. RFC 9051, 11.1; RFC 2595; RFC 5034.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Protocol

from simulator.engine.stream import Stream
from simulator.mailstore.store import MailStore
from simulator.nodes.host import Host
from simulator.nodes.login import check_login
from simulator.protocol import sasl

__all__ = ["UNDER_TLS", "Way", "is_admitted", "nonce_for", "stored_secret"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """The terms of one port. With `clear` the session begins without TLS and `context` is what STARTTLS needs;
    `login_allowed` lets passwords come in clear. Challenges (`apop`, CRAM-MD5) need accounts that keep passwords, SCRAM
    those that keep these or its keys.
    """

    clear: bool = False
    context: ssl.SSLContext | None = None
    login_allowed: bool = True
    mechanisms: tuple[str, ...] = ("PLAIN",)
    apop: bool = False

    @property
    def tls_available(self) -> bool:
        """Whether TLS may be started."""
        return self.clear and self.context is not None

    def secure(self) -> ssl.SSLContext:
        """Give what STARTTLS needs; the core offers it only where there is one."""
        if self.context is None:
            raise RuntimeError("TLS was offered without a certificate")
        return self.context


UNDER_TLS: Final = Way()
"""The ports of implicit TLS: the handshake is done before the session begins (RFC 8314, 3)."""


class Attempt(Protocol):
    """What both cores tell of a login."""

    @property
    def user(self) -> str: ...
    @property
    def password(self) -> str: ...
    @property
    def mechanism(self) -> str: ...
    @property
    def authzid(self) -> str: ...
    @property
    def verified(self) -> bool | None: ...


def nonce_for(host: Host, way: Way, service: str) -> str:
    """Draw what challenges are made from, "" where none are made."""
    if way.apop or _make_challenges(way.mechanisms):
        return f"{host.env.random(f'{service}/{host.name}').getrandbits(64):016x}"
    return ""


@lru_cache(maxsize=64)
def _make_challenges(mechanisms: tuple[str, ...]) -> bool:
    """Tell whether any of them needs a nonce; there are few such tuples, one for each way in."""
    return not frozenset(sasl.SECRET_MECHANISMS).isdisjoint(mechanisms)


def stored_secret(store: MailStore, mechanism: str, user: str) -> sasl.Secret:
    """Look up what a mechanism judges by: SCRAM's keys where they are kept, else the password itself, or None."""
    keys = store.accounts.scram_keys(user) if mechanism == "SCRAM-SHA-256" else None
    if keys is None:
        return store.accounts.password(user)
    salt, iterations, stored_key, server_key = keys
    return sasl.ScramSecret(salt=salt, iterations=iterations, stored_key=stored_key, server_key=server_key)


def is_admitted(host: Host, store: MailStore, stream: Stream, attempt: Attempt, service: str) -> bool:
    """Tell whether a client is let in, with a record of it; nobody may act for somebody else."""
    good = check_login(
        host,
        store,
        stream,
        user=attempt.user,
        password=attempt.password,
        mechanism=attempt.mechanism,
        service=service,
        verified=attempt.verified,
    )
    return good and (not attempt.authzid or attempt.authzid.lower() == attempt.user.lower())
