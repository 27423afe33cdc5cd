"""Which module carries out which command. RFC 9051, 6."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from simulator.protocol.imap.scanner import Scanner
from simulator.protocol.imap.server.any_state import capability, id, logout, noop
from simulator.protocol.imap.server.authenticated import (
    append,
    create,
    delete,
    enable,
    idle,
    lsub,
    namespace,
    quota,
    rename,
    select,
    status,
    subscribe,
)
from simulator.protocol.imap.server.authenticated import list as list_
from simulator.protocol.imap.server.context import Context, Result
from simulator.protocol.imap.server.not_authenticated import authenticate, login, starttls
from simulator.protocol.imap.server.selected import copy, expunge, fetch, search, store

HANDLERS: Final[Mapping[str, Callable[[Context, Scanner], Result]]] = MappingProxyType(
    {
        "CAPABILITY": capability.run,
        "NOOP": noop.run,
        "LOGOUT": logout.run,
        "ID": id.run,
        "STARTTLS": starttls.run,
        "AUTHENTICATE": authenticate.run,
        "LOGIN": login.run,
        "ENABLE": enable.run,
        "LIST": list_.run,
        "LSUB": lsub.run,
        "SELECT": select.select,
        "EXAMINE": select.examine,
        "STATUS": status.run,
        "CREATE": create.run,
        "DELETE": delete.run,
        "RENAME": rename.run,
        "SUBSCRIBE": subscribe.subscribe,
        "UNSUBSCRIBE": subscribe.unsubscribe,
        "APPEND": append.run,
        "IDLE": idle.run,
        "NAMESPACE": namespace.run,
        "GETQUOTA": quota.get_quota,
        "GETQUOTAROOT": quota.get_quota_root,
        "CHECK": noop.check,
        "CLOSE": expunge.close,
        "UNSELECT": expunge.unselect,
        "EXPUNGE": expunge.expunge,
        "FETCH": fetch.fetch,
        "SEARCH": search.search,
        "STORE": store.store,
        "COPY": copy.copy,
        "MOVE": copy.move,
        "UID EXPUNGE": expunge.uid_expunge,
        "UID FETCH": fetch.uid_fetch,
        "UID SEARCH": search.uid_search,
        "UID STORE": store.uid_store,
        "UID COPY": copy.uid_copy,
        "UID MOVE": copy.uid_move,
    }
)
