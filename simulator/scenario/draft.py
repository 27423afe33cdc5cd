"""A world while it is being completed: what the author wrote, with holes.

Hosts are mutable here because a default often needs what another default found (an address, a name); `finished`
makes the frozen model of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

from simulator.scenario.model import Account, Host, Link, Person, Service, ZoneText

PORTS = {
    "smtp": Service(name="smtp", port=25, tls="starttls"),
    "lmtp": Service(name="lmtp", port=24, tls="none"),
    "submission": Service(name="submission", port=587, tls="starttls"),
    "submissions": Service(name="submissions", port=465, tls="implicit"),
    "imap": Service(name="imap", port=143, tls="starttls"),
    "imaps": Service(name="imaps", port=993, tls="implicit"),
    "pop3": Service(name="pop3", port=110, tls="starttls"),
    "pop3s": Service(name="pop3s", port=995, tls="implicit"),
}
"""What the words of `services` mean (RFC 8314, 7; RFC 6409; RFC 2033)."""


@dataclass(slots=True, kw_only=True)
class HostDraft:
    """A host with holes: None is what nobody has said yet."""

    id: str
    kind: str
    origin: str
    addresses: tuple[str, ...] = ()
    name: str | None = None
    user: str | None = None
    sends_via: Account | None = None
    reads_via: Account | None = None
    leave_on_server: bool | None = None
    downloads: str | None = None
    keeps_sent: str | None = None
    domains: tuple[str, ...] | None = None
    services: tuple[str, ...] | None = None
    filters: tuple[str, ...] | None = None
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
    serves: tuple[str, ...] | None = None
    taps: tuple[str, ...] = ()
    resolver: str | None = None
    implied: bool = False

    def finished(self) -> Host:
        """The host as the rest of the program sees it."""
        given: dict[str, Any] = {one.name: getattr(self, one.name) for one in fields(self)}
        given["leave_on_server"] = bool(self.leave_on_server)
        given["downloads"] = self.downloads or "all"
        given["keeps_sent"] = self.keeps_sent or "here"
        given["services"] = tuple(PORTS[word] for word in self.services or ())
        for name in ("domains", "filters", "serves"):
            given[name] = given[name] or ()
        return Host(**given)


@dataclass(slots=True)
class ZoneDraft:
    """A zone text and where its first line lies."""

    name: str
    text: str
    origin: str
    base: str = ""
    first_line: int = 1
    implied: bool = False
    made: bool = False

    def finished(self, servers: tuple[str, ...]) -> ZoneText:
        """The zone as the rest of the program sees it."""
        return ZoneText(
            name=self.name,
            text=self.text,
            servers=servers,
            implied=self.implied,
            base=self.base,
            first_line=self.first_line,
            origin=self.origin,
        )


@dataclass(slots=True)
class Draft:
    """All that is being completed; `top` is the origin of what no single line made."""

    top: str
    real: bool
    people: list[Person] = field(default_factory=list)
    hosts: list[HostDraft] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    zones: list[ZoneDraft] = field(default_factory=list)
    links_written: bool = False

    def of_kind(self, kind: str) -> list[HostDraft]:
        """The hosts of a kind, in order."""
        return [host for host in self.hosts if host.kind == kind]

    def host(self, host_id: str) -> HostDraft | None:
        """The host of that id, or None."""
        return next((host for host in self.hosts if host.id == host_id), None)

    def domains(self) -> list[str]:
        """The domains of the people, in the order of the file."""
        return list(dict.fromkeys(domain_of(person.address) for person in self.people))


def domain_of(address: str) -> str:
    """The part of a mail address after the @."""
    return address.rpartition("@")[2]
