"""A mail server as one host runs it: MTA and MSA, queue, delivery agent, store, filter, and access by IMAP and POP3."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

from simulator.mailstore.store import MailStore
from simulator.message.structure import parse_structure
from simulator.nodes.certificates import certified
from simulator.nodes.delivery_agent import DeliveryAgent
from simulator.nodes.host import Host
from simulator.nodes.imap_access import imap_clear_door, imap_door
from simulator.nodes.mta import Mta
from simulator.nodes.pop3_access import pop3_clear_door, pop3_door
from simulator.nodes.queue import Queue
from simulator.nodes.relay import Relay
from simulator.nodes.spam_client import SpamClient
from simulator.nodes.spam_filter import SpamFilter
from simulator.nodes.transaction import Manner
from simulator.nodes.way_in import Way
from simulator.protocol.smtp import FACES
from simulator.records.kinds_queue import LOOKUP

__all__ = ["MailServer", "Mailbox", "serve_mail"]

_TLS_SERVICES = frozenset({"submission", "submissions", "imap", "imaps", "pop3", "pop3s"})
_LOOPBACK = "127.0.0.1"
_USUAL_MANNER = Manner()


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One account to set up; `aliases` are further addresses that lead to it."""

    address: str
    password: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MailServer:
    """What runs on one mail server."""

    host: Host
    store: MailStore
    queue: Queue
    mta: Mta
    agent: DeliveryAgent


def serve_mail(
    host: Host,
    *,
    domains: tuple[str, ...],
    services: Mapping[str, int],
    mailboxes: tuple[Mailbox, ...],
    spam_filter: str | None = None,
    auth: tuple[str, ...] = ("plain",),
    certificate: str | None = None,
    tls: str = "off",
    manner: Manner = _USUAL_MANNER,
    login_in_clear: bool = False,
) -> MailServer:
    """Install a mail server on `host`.

    `services` maps smtp, submission, submissions, imap, imaps, pop3 and pop3s to ports; `spam_filter` is the filter's
    address, the loopback for one on this host, or None for no filter; `auth` says how users may log in, "apop" and the
    names of SASL's mechanisms in small letters. `certificate` is one of CERTIFICATES; None is a valid one, if a service
    needs it, and with any other there is STARTTLS on port 25 too. `tls` and `manner` are those of `Relay`;
    `login_in_clear` lets POP3 and IMAP take passwords before TLS.
    """
    store = _store(host, domains, mailboxes, auth)
    keeper = host.internet.keeper
    relay = Relay(host, domains, tls=tls, manner=manner)
    queue = Queue(host, relay, None if keeper is None else keeper.spool(host.name))
    needed = certificate is not None or bool(_TLS_SERVICES & set(services))
    context = certified(host, certificate or "valid") if needed else None
    ports = {("relay" if name == "smtp" else name): port for name, port in services.items()}
    spam = None if spam_filter is None else SpamClient(host, spam_filter)
    smtp = {name: port for name, port in ports.items() if name in FACES and name != "lmtp"}
    mta = Mta(host, domains, store, queue, smtp, context, spam, mechanisms=_mechanisms(auth))
    host.add(queue)
    host.add(mta)
    agent = DeliveryAgent(host, store, domains)
    host.add(agent)
    if spam_filter == _LOOPBACK:
        host.add(SpamFilter(host))
    if context is not None:
        way = Way(context=context, mechanisms=_mechanisms(auth), apop="apop" in auth)
        _open_access(host, store, services, way, replace(way, clear=True, login_allowed=login_in_clear))
    return MailServer(host, store, queue, mta, agent)


def _mechanisms(auth: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name.upper() for name in auth if name != "apop")


def _open_access(host: Host, store: MailStore, services: Mapping[str, int], way: Way, in_clear: Way) -> None:
    """Let users read: behind TLS, or on ports where TLS is begun, and as a rule before any password."""
    context = way.secure()
    if "imaps" in services:
        host.add(imap_door(host, store, services["imaps"], context, way))
    if "pop3s" in services:
        host.add(pop3_door(host, store, services["pop3s"], context, way))
    if "imap" in services:
        host.add(imap_clear_door(host, store, services["imap"], in_clear))
    if "pop3" in services:
        host.add(pop3_clear_door(host, store, services["pop3"], in_clear))


def _add_postmaster(store: MailStore, domain: str, mailboxes: tuple[Mailbox, ...]) -> None:
    """Let postmaster's mail reach somebody (RFC 5321, 4.5.1): the first account, unless the scenario names one."""
    address = f"postmaster@{domain}"
    own = [one.address for one in mailboxes if one.address.lower().rpartition("@")[2] == domain]
    reader = next(iter((*own, *(one.address for one in mailboxes))), None)
    if reader is not None and not store.accounts.is_known(address):
        store.accounts.add_alias(address, (reader,))


def _empty_or_kept(host: Host) -> MailStore:
    keeper, seed = host.internet.keeper, str(host.env.seed)
    if keeper is None:
        return MailStore(host.hostname, seed=seed, parse=parse_structure)
    disk, index = keeper.disk(host.name), keeper.index(host.name)
    return MailStore(host.hostname, seed=seed, parse=parse_structure, disk=disk, index=index)


def _store(host: Host, domains: tuple[str, ...], mailboxes: tuple[Mailbox, ...], auth: tuple[str, ...]) -> MailStore:
    def heard(database: str, sql: str) -> None:
        if "  " in sql or not sql.isprintable():
            sql = " ".join(sql.split())
        host.trace.write_next(LOOKUP, (sql, database), host.name)

    store = _empty_or_kept(host)
    store.accounts.keeps_passwords = not {"cram-md5", "apop"}.isdisjoint(auth)
    store.accounts.keeps_scram = "scram-sha-256" in auth
    now = host.internet.epoch
    for domain in domains:
        store.accounts.add_domain(domain)
    for mailbox in mailboxes:
        store.add_account(mailbox.address, mailbox.password, now)
    for mailbox in mailboxes:
        for alias in mailbox.aliases:
            store.accounts.add_alias(alias, (mailbox.address,))
    for domain in domains:
        _add_postmaster(store, domain, mailboxes)
    if host.trace.heard:  # else SQLite need not even write out what it ran
        store.accounts.on_statement = partial(heard, "accounts")
        store.on_index_statement = partial(heard, "index")
    return store
