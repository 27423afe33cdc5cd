"""Asks whether the parts of a world fit together: names that are meant exist, and every action can be done.

The shape of the file has been checked before; here a name is looked up among those that the file gives, and a wrong
one is answered with the nearest. What is unknown only because its own line is wrong is not reported again.
"""

from __future__ import annotations

from simulator.errors import MailflowError
from simulator.scenario.draft import PORTS, Draft, HostDraft, domain_of
from simulator.scenario.model import Account, Action, Fault, Link
from simulator.scenario.reading import Reading
from simulator.scenario.report import Report
from simulator.scenario.tree import Mapping, Node, Path, Place, Scalar, Sequence, find, key_place
from simulator.scenario.words import quoted, suggest
from simulator.scenario.zones import Zones

_FOR_KIND = {
    "user": ("client",), "sends-via": ("client",), "reads-via": ("client",), "leave-on-server": ("client",),
    "downloads": ("client",), "keeps-sent": ("client",),
    "domains": ("mail-server",), "services": ("mail-server",), "filters": ("mail-server", "filter"),
    "policy": ("mail-server",), "tls": ("mail-server",), "certificate": ("mail-server",),
    "serves": ("name-server",), "resolver": ("client", "mail-server", "filter"), "listens-to": ("tap",),
}  # fmt: skip


class Checker:
    """The checks of one world; each reports and goes on."""

    def __init__(self, reading: Reading, whole: Mapping, draft: Draft, zones: Zones, report: Report) -> None:
        self._tree = reading.tree
        self._dropped = reading.dropped
        self._links: dict[frozenset[str], Link] = {}
        self._whole = whole
        self._draft = draft
        self._zones = zones
        self._report = report
        self._hosts = list(dict.fromkeys([host.id for host in draft.hosts] + _keys(whole, "hosts")))
        self._people = list(dict.fromkeys([person.address for person in draft.people] + _keys(whole, "people")))

    # --- looking up ---

    def _at(self, rule: str, path: Path, message: str, hint: str = "") -> None:
        node = find(self._tree, path)
        if node is None:
            self._report.add(rule, key_place(self._tree, path), message, hint)
        else:
            self._report.at(rule, node, message, hint)

    def _key(self, rule: str, path: Path, message: str, hint: str = "") -> None:
        place = key_place(self._tree, path)
        self._report.add(rule, place, message, hint, len(str(path[-1])) if isinstance(path[-1], str) else 1)

    def known_host(self, name: str, path: Path) -> bool:
        """Report a host that does not exist; true when it does and was read well."""
        if name not in self._hosts:
            self._at("MF038", path, f"there is no host {quoted(name)}", suggest(name, self._hosts))
        return self._draft.host(name) is not None

    def known_person(self, address: str, path: Path) -> bool:
        """Report a person who does not exist; true when there is one."""
        if address not in self._people:
            hint = suggest(address, self._people, otherwise="write the person below people:")
            self._at("MF038", path, f"there is no person {quoted(address)}", hint)
        return any(person.address == address for person in self._draft.people)

    # --- the nouns ---

    def check_all(self, actions: list[Action], faults: list[Fault]) -> None:
        """Everything, in the order of the file."""
        self._people_and_names()
        self._unique_addresses()
        for host in self._draft.hosts:
            if find(self._tree, ("hosts", host.id)) is not None:
                self._host(host)
        for index, link in enumerate(self._draft.links if self._draft.links_written else ()):
            self._link(index, link)
        self._served()
        self._ids()
        for index, action in enumerate(actions):
            self._action(action, ("timeline", index))
        for index, fault in enumerate(faults):
            self._fault(fault, ("faults", index))

    def _people_and_names(self) -> None:
        if self._draft.real:
            self._no_mail()
        elif not self._draft.people and not _keys(self._whole, "people"):
            self._at("MF021", ("people",), "people: is empty", "a world needs somebody; {} is for names: lecture")
        elif not _items(self._whole, "timeline"):
            self._at(
                "MF021", ("timeline",), "timeline: is empty", "write what happens: - {at: 0s, who: ..., do: send, ...}"
            )
        taken: dict[str, str] = {person.address.lower(): person.address for person in self._draft.people}
        for person in self._draft.people:
            for index, alias in enumerate(person.aliases):
                path: Path = ("people", person.address, "aliases", index)
                if alias.lower() in taken:
                    self._at(
                        "MF037", path, f"{alias} leads to {taken[alias.lower()]} already", "an address leads to one box"
                    )
                taken.setdefault(alias.lower(), person.address)
                if domain_of(alias) not in self._mail_domains():
                    hint = suggest(domain_of(alias), self._mail_domains())
                    self._at("MF038", path, f"no mail server here takes letters for {domain_of(alias)}", hint)

    def _mail_domains(self) -> list[str]:
        return [domain for host in self._draft.of_kind("mail-server") for domain in host.domains or ()]

    def _no_mail(self) -> None:
        """A world with names of the real world carries no letters."""
        hint = "such a world only answers dig; use .example names for letters"
        for person in self._draft.people:
            self._key("MF059", ("people", person.address), "a world with names: lecture has no mailboxes", hint)
        for host in self._draft.hosts:
            if host.kind in ("mail-server", "filter") and find(self._tree, ("hosts", host.id)) is not None:
                self._key("MF059", ("hosts", host.id), f"a world with names: lecture has no {host.kind}", hint)

    def _unique_addresses(self) -> None:
        owner: dict[str, str] = {}
        names: dict[str, str] = {}
        for host in self._draft.hosts:
            for address in host.addresses:
                if owner.setdefault(address, host.id) != host.id:
                    hint = "each host has an address of its own"
                    self._at("MF037", ("hosts", host.id, "ip"), f"{address} belongs to {owner[address]} already", hint)
            if host.name and names.setdefault(host.name, host.id) != host.id:
                hint = "each host has a name of its own"
                self._at(
                    "MF037", ("hosts", host.id, "name"), f"{host.name} belongs to {names[host.name]} already", hint
                )

    def _host(self, host: HostDraft) -> None:
        written = find(self._tree, ("hosts", host.id))
        for key in written.keys if isinstance(written, Mapping) else ():
            kinds = _FOR_KIND.get(key)
            if kinds is not None and host.kind not in kinds:
                hint = f"{key}: belongs to {' and '.join(kinds)}"
                self._key("MF039", ("hosts", host.id, key), f"{key}: does not belong to a {host.kind}", hint)
        if host.user and not self.known_person(host.user, ("hosts", host.id, "user")):
            return
        if host.kind == "mail-server" and host.name is None:
            self._key(
                "MF021",
                ("hosts", host.id),
                f"{host.id} has neither domains nor a name",
                "write domains: [alpha.example]",
            )
        if host.kind == "tap" and not host.taps:
            self._key("MF021", ("hosts", host.id), f"{host.id} listens nowhere", "write listens-to: [pc-anna]")
        for index, name in enumerate(host.taps):
            self.known_host(name, ("hosts", host.id, "listens-to", index))
        self._accounts(host)
        self._asks(host)

    def _accounts(self, host: HostDraft) -> None:
        for key, account in (("sends-via", host.sends_via), ("reads-via", host.reads_via)):
            path: Path = ("hosts", host.id, key)
            if account is not None and find(self._tree, path) is not None:
                self._account(account, path)
        if host.leave_on_server is False and (host.reads_via is None or host.reads_via.protocol != "pop3s"):
            hint = "only POP3 takes letters away; IMAP leaves them where they are: write yes, or remove this line"
            self._key(
                "MF039", ("hosts", host.id, "leave-on-server"), "leave-on-server: is for reads-via: pop3s://", hint
            )

        for key, value in (("downloads", host.downloads), ("keeps-sent", host.keeps_sent)):
            if value is not None and (host.reads_via is None or host.reads_via.protocol != "imaps"):
                hint = "POP3 takes whole letters, and puts none onto the server"
                self._key("MF039", ("hosts", host.id, key), f"{key}: is for reads-via: imaps://", hint)

    def _account(self, account: Account, path: Path) -> None:
        servers = {host.name: host for host in self._draft.of_kind("mail-server") if host.name}
        server = servers.get(account.host)
        if server is None:
            if not self._zones.owns(account.host):
                hint = suggest(account.host, servers)
                self._at("MF038", path, f"no mail server is called {account.host}", hint)
            return
        ports = {PORTS[word].port: word for word in server.services or ()}
        if ports.get(account.port) != account.protocol:
            hint = f"add {account.protocol} to its services: (port {PORTS[account.protocol].port})"
            message = f"{server.id} offers no {account.protocol} on port {account.port}"
            self._at("MF054", path, message, hint)

    def _asks(self, host: HostDraft) -> None:
        path: Path = ("hosts", host.id, "resolver")
        if host.resolver and find(self._tree, path) is not None and self.known_host(host.resolver, path):
            target = self._draft.host(host.resolver)
            if target is not None and target.kind != "resolver":
                known = [resolver.id for resolver in self._draft.of_kind("resolver")]
                self._at("MF038", path, f"{target.id} is a {target.kind}, no resolver", suggest(host.resolver, known))
        for index, zone in enumerate(host.serves or ()):
            written = [draft.name for draft in self._draft.zones]
            if zone not in written and zone not in _keys(self._whole, "zones"):
                hint = suggest(zone, [name for name in written if not name.endswith("arpa")])
                self._at("MF038", ("hosts", host.id, "serves", index), f"there is no zone {quoted(zone)}", hint)

    def _link(self, index: int, link: Link) -> None:
        path: Path = ("links", index, "between")
        for end, name in enumerate((link.a, link.b)):
            self.known_host(name, (*path, end))
        if link.a == link.b:
            self._at("MF057", path, f"the link joins {link.a} with itself", "name two hosts")
        first = self._links.setdefault(frozenset((link.a, link.b)), link)
        if first is not link:
            self._at("MF057", path, f"{link.a} and {link.b} have a link already", f"it is at {first.origin}")

    def _served(self) -> None:
        served = {zone for host in self._draft.of_kind("name-server") for zone in host.serves or ()}
        hint = "add it to serves: of a name server, or leave serves: away from one"
        for zone in self._draft.zones:
            path: Path = ("zones", zone.name)
            if zone.name not in served and find(self._tree, path) is not None:
                self._key("MF044", path, f"no name server serves {zone.name}", hint)
            self._cut(zone.name, path)

    def _cut(self, zone: str, path: Path) -> None:
        """Report a zone that the author's zone above it does not delegate."""
        above = self._zones.enclosing(zone) if zone in self._zones.read and zone != "." else None
        if above is not None and not self._delegated(above, zone):
            hint = f"write NS records for it into {above}, such as: {_example(zone, above)}"
            self._key("MF042", path, f"{above} does not delegate {zone}", hint)

    def _delegated(self, above: str, name: str) -> bool:
        from simulator.protocol.dns.message import to_name

        return to_name(f"{name}.") in self._zones.read[above].cuts

    def _ids(self) -> None:
        for noun in ("timeline", "faults", "expect"):
            seen: dict[str, Place] = {}
            for item in _items(self._tree, noun):
                name = item.values.get("id") if isinstance(item, Mapping) else None
                if not isinstance(name, Scalar):
                    continue
                if name.text in seen:
                    hint = f"it stands in line {seen[name.text].line} already"
                    self._report.at("MF037", name, f"{noun}: has two entries with id {name.text}", hint)
                seen.setdefault(name.text, name.place)

    # --- what happens ---

    def _action(self, action: Action, path: Path) -> None:
        if action.who and not self.known_person(action.who, (*path, "who")):
            return
        if action.host and find(self._tree, (*path, "host")) is not None:
            if not self.known_host(action.host, (*path, "host")):
                return
            self._device(action, path)
        if action.do == "dig":
            self._dig(action, path)
        elif action.do == "type":
            self._type(action, path)
        elif action.do == "send":
            self._send(action, path)
        elif action.who and self._setting(action, "reads_via") is None and action.host:
            hint = "write reads-via: imaps://... for it"
            self._at("MF054", (*path, "who"), f"{action.host} reads from no server", hint)

    def _setting(self, action: Action, key: str) -> object:
        host = self._draft.host(action.host or "")
        return getattr(host, key) if host is not None else None

    def _device(self, action: Action, path: Path) -> None:
        host = self._draft.host(action.host or "")
        if host is not None and action.who and host.user != action.who:
            own = [client.id for client in self._draft.of_kind("client") if client.user == action.who]
            hint = f"devices of {action.who}: {', '.join(own)}"
            self._at("MF054", (*path, "host"), f"{host.id} is no device of {action.who}", hint)

    def _dig(self, action: Action, path: Path) -> None:
        from simulator.protocol.dns.message import to_name

        if not action.host:
            self._at(
                "MF021", path, "dig: says neither who nor host asks", "write who: and a person, or host: and a host"
            )
        if action.server:
            self.known_host(action.server, (*path, "server"))
        try:
            to_name(action.name)
        except MailflowError as error:
            self._at("MF032", (*path, "name"), f"{quoted(action.name)} is not a domain name", str(error))

    def _type(self, action: Action, path: Path) -> None:
        if not action.host:
            self._at("MF021", path, "type: says neither who nor host speaks", "write who: and a person, or host:")
        if action.server and self.known_host(action.server, (*path, "server")):
            server = self._draft.host(action.server)
            if server is not None and server.kind != "mail-server":
                hint = suggest("", [host.id for host in self._draft.of_kind("mail-server")])
                self._at("MF054", (*path, "server"), f"{server.id} is a {server.kind}, no mail server", hint)

    def _send(self, action: Action, path: Path) -> None:
        node = find(self._tree, path)
        wrong = node is not None and any((node.place, key) in self._dropped for key in ("to", "cc", "bcc"))
        if not (action.to or action.cc or action.bcc or wrong):
            self._at("MF021", path, "the letter goes to nobody", "write to: [boris@beta.example]")
        if action.host and self._setting(action, "sends_via") is None:
            hint = "write sends-via: submission+starttls://... for it"
            self._at("MF054", (*path, "who"), f"{action.host} sends through no server", hint)

    def _fault(self, fault: Fault, path: Path) -> None:
        self._fault_place(fault, path)
        if fault.until_us is not None and fault.until_us <= fault.at_us:
            self._at(
                "MF058",
                (*path, "until"),
                "the fault ends before it begins",
                "until: is a time after the start, not a length",
            )

    def _fault_place(self, fault: Fault, path: Path) -> None:
        """A fault of a host names it; one on the way names a link, or a host for all that it has."""
        if fault.peer is not None:
            for end, name in enumerate((fault.host, fault.peer)):
                self.known_host(name, (*path, "link", end))
        elif fault.host:
            self.known_host(fault.host, (*path, "host"))
        else:
            self._at("MF021", path, "the fault does not say where", "write host: and the key of a host, or link:")
        if fault.what == "host-down" and fault.peer is not None:
            self._key("MF039", (*path, "link"), "link: does not belong to host-down", "write host:")
        if fault.what == "connection-cut" and fault.until_us is not None:
            hint = "connections of a later moment are cut by another fault"
            self._key("MF039", (*path, "until"), "until: does not belong to connection-cut, which is a moment", hint)


def _keys(tree: Mapping, noun: str) -> list[str]:
    node = tree.values.get(noun)
    return list(node.keys) if isinstance(node, Mapping) else []


def _items(tree: Mapping, noun: str) -> tuple[Node, ...]:
    node = tree.values.get(noun)
    return node.items if isinstance(node, Sequence) else ()


def _example(name: str, above: str) -> str:
    owner = name if above == "." else name.removesuffix(f".{above}")
    return f"{owner} IN NS ns.{name}."
