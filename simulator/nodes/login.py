"""Checking a password, for every service alike, with a record of who tried and what came of it."""

from __future__ import annotations

from simulator.engine.stream import Stream
from simulator.mailstore.store import MailStore
from simulator.nodes.host import Host
from simulator.records.kinds_smtp import AUTH_LOGIN

__all__ = ["check_login"]


def check_login(
    host: Host,
    store: MailStore,
    stream: Stream,
    *,
    user: str,
    password: str,
    mechanism: str,
    service: str,
    verified: bool | None = None,
) -> bool:
    """Tell whether `password` is that of the account `user`; both are as the client sent them.

    A mechanism that shows no password has judged by itself: `verified` is what it found.
    """
    if store.accounts.authenticate(user, password) if verified is None else verified:
        result = "ok"
    else:
        result = "wrong-password" if store.accounts.has_account(user) else "unknown-user"
    if host.trace.heard:
        here, there, wiretaps = host.name, stream.remote.node, host.network.wiretaps
        clear = verified is None and not stream.secure
        observers = wiretaps.observers(here, there) if clear and wiretaps.busy else ()
        values = (user, mechanism, result, service, clear, observers)
        host.trace.write_next(AUTH_LOGIN, values, here, there, here, stream.session)
    return result == "ok"
