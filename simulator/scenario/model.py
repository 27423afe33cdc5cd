"""The world of a scenario as frozen data: what the loader hands to those who build nodes.

Everything here is complete and checked: defaults are filled in, references exist, names and addresses are safe. Times
are integer microseconds. `origin` is the `FILE:LINE` that made an element; it does not count when models are compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from simulator.scenario.labmodel import Lab

LINK_LATENCY_US = 20_000
"""The latency of everything that `links` does not list."""

IMPLIED_TTL = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody with a mailbox of at most `quota` octets; `aliases` are further addresses that lead to it."""

    address: str
    name: str
    password: str
    aliases: tuple[str, ...] = ()
    quota: int | None = None
    origin: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A word of `services` with its port; `tls` is "none", "starttls" or "implicit"."""

    name: str
    port: int
    tls: str


_TLS_WORDS = {"starttls": "+starttls", "opportunistic": "+starttls-if-offered"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Where a mail program sends (`submission`, `submissions`; `smtp`: no TLS, no login) or reads (`imaps`, `pop3s`).

    `tls` is "starttls" (or nothing is sent), "opportunistic" (if it is offered), "implicit" or "none".

    `host` is a domain name.
    """

    protocol: str
    tls: str
    host: str
    port: int

    def __str__(self) -> str:
        scheme = self.protocol + _TLS_WORDS.get(self.tls, "")
        return f"{scheme}://{self.host}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """A machine. `id` is its key in the file, `name` its domain name (banner, EHLO, certificate) or None.

    kind            "client", "mail-server", "resolver", "name-server", "filter" or "tap"
    addresses       IP addresses, the first is the one it speaks from
    user            client: whose device it is (address of a person), or None
    sends_via, reads_via, leave_on_server    client: its account settings
    downloads, keeps_sent    client with IMAP: "all" or "headers"; letters that were sent: "here" or on the "server"
    domains, services, filters               mail-server
    filter_host     mail-server with filters: id of the host of kind filter, or None for spamd on its own loopback
    relay           mail-server: "own" (its domains, and for users who logged in) or "open" (for anybody)
    quota_check     mail-server: quotas are asked at "rcpt", or only at "delivery" (LMTP)
    when_full       mail-server: "wait" (452), "refuse" (552), None (452 at RCPT, 552 at delivery)
    auth            mail-server: how users may log in: "plain", "login", "cram-md5", "scram-sha-256", "apop"
    login_in_clear  mail-server: whether passwords may come without TLS
    tls             mail-server: to other servers it sends "off" (in clear), "opportunistic" or "required"
    certificate     mail-server: "valid", "expired", "not-yet-valid", "wrong-name", "self-signed"; None: valid
    offers          mail-server: the service extensions that it offers in EHLO; None: the usual ones
    converts        mail-server: whether 8-bit letters are converted for a hop without 8BITMIME, or bounce (5.6.3)
    chunking        mail-server: whether it sends letters by BDAT where that is offered
    serves          name-server: zone names without final dot, "." is the root
    taps            tap: ids of the hosts on whose links it listens
    resolver        id of the resolver it asks; None for resolvers and name servers
    implied         made by the loader and folded on the map
    """

    id: str
    kind: str
    addresses: tuple[str, ...]
    name: str | None = None
    user: str | None = None
    sends_via: Account | None = None
    reads_via: Account | None = None
    leave_on_server: bool = False
    downloads: str = "all"
    keeps_sent: str = "here"
    domains: tuple[str, ...] = ()
    services: tuple[Service, ...] = ()
    filters: tuple[str, ...] = ()
    filter_host: str | None = None
    relay: str = "own"
    quota_check: str = "rcpt"
    when_full: str | None = None
    auth: tuple[str, ...] = ("plain",)
    login_in_clear: bool = False
    tls: str = "off"
    certificate: str | None = None
    offers: tuple[str, ...] | None = None
    converts: bool = True
    chunking: bool = False
    serves: tuple[str, ...] = ()
    taps: tuple[str, ...] = ()
    resolver: str | None = None
    implied: bool = False
    origin: str = field(default="", compare=False)

    @property
    def address(self) -> str:
        """The address that it speaks from."""
        return self.addresses[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A line between two hosts (ids); `bandwidth_bps` bits a second, None without limit."""

    a: str
    b: str
    latency_us: int = LINK_LATENCY_US
    bandwidth_bps: int | None = None
    origin: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneText:
    """A zone file. `name` has no final dot ("." is the root); `servers` are the ids of the hosts that serve it.

    `base` and `first_line` say where its first line lies, so that line n of the text is `base:first_line+n-1`.
    """

    name: str
    text: str
    servers: tuple[str, ...]
    implied: bool = False
    base: str = field(default="", compare=False)
    first_line: int = field(default=1, compare=False)
    origin: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file that goes with a letter; `type` is a media type."""

    name: str
    octets: bytes
    type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One line of the timeline, `at_us` after the start.

    do      "send", "fetch", "read", "move", "delete", "dig", "type" or "note"
    host    id of the host it happens on (the person's first device unless written); None for a note
    mailbox, idle_us    fetch: which mailbox, and how long to stay and listen; move: where to
    letter  read, move, delete: which letter of the mail program, from 1 in order of arrival; None is the newest
    shows_from, content_type   send: what the letter says, where that is not the truth: From, and the type of its text
    name, type, server   dig: the question, and the id of the host to ask (None: the host's own resolver)
    server, port, text, newline   type: whom to speak to, the lines to say, and what ends a line of the letter
    """

    at_us: int
    do: str
    id: str | None = None
    who: str | None = None
    host: str | None = None
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()
    subject: str = ""
    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    shows_from: str | None = None
    content_type: str | None = None
    letter: int | None = None
    mailbox: str = "INBOX"
    idle_us: int = 0
    name: str = ""
    type: str = ""
    server: str | None = None
    port: int = 25
    newline: str = "crlf"
    origin: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something that goes wrong from `at_us` to `until_us` (None: to the end).

    what    "host-down", "starttls-strip" or "connection-cut"
    host    the host; of a fault on a link one of its ends, and `peer` the other (None: whomever the host speaks with)
    """

    what: str
    host: str
    peer: str | None = None
    at_us: int
    until_us: int | None = None
    id: str | None = None
    origin: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expect:
    """What the author promises: `op` is "equals", "at-least", "at-most", "contains" or "before".

    `value` is text, or a tuple of texts for a list; for "before" it is another query.
    """

    id: str
    that: str
    op: str
    value: str | tuple[str, ...]
    why: str = field(default="", compare=False)
    origin: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A whole world. `title`, `summary` and every `why` are in the language asked for, where there is an overlay.

    `texts` maps a language to the texts that may be translated, each by its path (`expect.delivered.why`); the world
    itself (letters, notes in the trace) is the same in every language.
    """

    id: str
    title: str = field(compare=False)
    summary: str = field(compare=False)
    language: str
    start_us: int
    offset_minutes: int
    seed: int
    params: Mapping[str, str]
    people: tuple[Person, ...]
    hosts: tuple[Host, ...]
    links: tuple[Link, ...]
    zones: tuple[ZoneText, ...]
    timeline: tuple[Action, ...]
    faults: tuple[Fault, ...]
    expect: tuple[Expect, ...]
    names: str = "documentation"
    lab: Lab | None = field(default=None, compare=False, repr=False)
    shown_language: str = field(default="en", compare=False)
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict, compare=False, repr=False)
    path: Path | None = field(default=None, compare=False)

    def text_of(self, where: str, language: str | None = None) -> str:
        """The text at a path such as `title` or `expect.delivered.why`; "" where there is none.

        `language` is the one shown unless given; what an overlay lacks falls back to the author's language.
        """
        wanted = self.texts.get(language or self.shown_language, {})
        return wanted.get(where) or self.texts.get(self.language, {}).get(where, "")

    def host(self, host_id: str) -> Host:
        """The host of that id; raises KeyError."""
        for host in self.hosts:
            if host.id == host_id:
                return host
        raise KeyError(host_id)

    @property
    def root_servers(self) -> tuple[Host, ...]:
        """The hosts that serve the root zone: where a resolver with an empty cache begins."""
        return tuple(host for host in self.hosts if "." in host.serves)
