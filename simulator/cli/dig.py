"""`mailflow dig`: a question to the simulated DNS, asked and answered as by the real dig.

What a student learns here holds on every other machine, so words, order, defaults and layout are dig's. Only `--in` is
ours: it names the world. Source: BIND 9.18, dig(1).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from simulator.cli.words import _
from simulator.errors import LocalProtocolError, UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Generator

    from simulator.cli.output import Output
    from simulator.nodes.host import Host
    from simulator.nodes.stub import Step
    from simulator.protocol.dns.presentation import Exchange
    from simulator.protocol.dns.stub import LookupResult
    from simulator.scenario.model import Scenario

__all__ = ["TYPED", "arguments", "main", "read"]

TYPED = "typed"
"""dig's own words do not follow argparse's rules, so they are read here, in the order in which they were typed."""

_OPTIONS: Final = ("short", "trace", "tcp", "recurse")
_TRIES: Final = 2


def arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes; dig's own words are read by `read`."""
    parser.add_argument("--in", dest="scenario", metavar="SCENARIO", help=_("the world to ask in"))
    described = parser.add_argument_group(
        _("dig's own words, in any order"),
        "\n".join(
            (
                _("NAME         what to ask for; without it, the name servers of the root"),
                _("TYPE         A, AAAA, MX, NS, PTR, SOA, TXT, CNAME ...; without it, A"),
                _("@HOST        ask this host (its id, name or address) instead of the resolver"),
                _("-x ADDRESS   ask for the name of an address"),
                _("+short       only the data"),
                _("+trace       follow the referrals from the root down"),
                _("+tcp         ask over TCP; +norecurse asks without recursion"),
            )
        ),
    )
    described.description = described.description  # keeps its lines, since help is shown raw


@dataclass(slots=True)
class Asked:
    """What was typed after `dig`."""

    name: str = ""
    type: str = ""
    server: str = ""
    options: dict[str, bool] = field(default_factory=dict)

    def wants(self, option: str) -> bool:
        """Whether an option is on."""
        return self.options.get(option, option == "recurse")


def main(options: argparse.Namespace, out: Output) -> int:
    """Ask, and print what dig prints."""
    if options.scenario is None:
        raise UsageError(_("--in SCENARIO is missing; write, for example: mailflow dig --in lecture mx gmail.com"))
    asked = read(options.typed)
    from simulator.cli.worlds import load

    scenario = load(options, options.scenario)
    command = " ".join(options.typed)
    address = _address(scenario, asked.server) if asked.server else None
    host, clock = _fresh_world(scenario)
    if asked.wants("trace"):
        return _trace(host, asked, command, out)
    result = _answer(host, asked, address)
    return _print(result, asked, _Shown(command, clock(), host.resolver or ""), out)


# Reading what was typed


def read(words: list[str]) -> Asked:
    """Read dig's words. Raises UsageError."""
    asked = Asked()
    rest = iter(words)
    for word in rest:
        if word.startswith("@"):
            asked.server = word[1:]
        elif word.startswith("+"):
            _read_option(asked, word[1:])
        elif word[:2] in ("-x", "-t", "-q"):
            _read_dashed(asked, word[:2], word[2:] or next(rest, ""))
        elif word.startswith("-"):
            raise UsageError(_("dig here does not know {word}; mailflow dig --help").format(word=word))
        else:
            _read_word(asked, word)
    asked.type = asked.type or ("A" if asked.name else "NS")
    asked.name = asked.name or "."
    _check(asked)
    return asked


def _read_option(asked: Asked, word: str) -> None:
    from simulator.scenario.words import suggest

    name, on = (word[2:], False) if word.startswith("no") else (word, True)
    name = {"vc": "tcp", "rec": "recurse"}.get(name, name)
    if name not in _OPTIONS:
        known = [f"+{option}" for option in ("short", "trace", "tcp", "norecurse")]
        hint = suggest(f"+{word}", known)
        raise UsageError(_("dig here does not know {word}; {hint}").format(word=f"+{word}", hint=hint))
    asked.options[name] = on


def _read_dashed(asked: Asked, option: str, text: str) -> None:
    if not text:
        raise UsageError(_("after {option} its value is missing").format(option=option))
    if option == "-t":
        asked.type = text.upper()
        return
    if option == "-q":
        _set_name(asked, text)
        return
    from simulator.protocol.dns.message import reverse_name

    try:
        name = reverse_name(text)
    except (LocalProtocolError, ValueError):
        raise UsageError(_("{text} is no IP address; write -x 192.0.2.25").format(text=text)) from None
    _set_name(asked, name)
    asked.type = asked.type or "PTR"


def _read_word(asked: Asked, word: str) -> None:
    if word.upper() == "IN":
        return
    if not asked.type and _is_type(word):
        asked.type = word.upper()
    else:
        _set_name(asked, word)


def _set_name(asked: Asked, name: str) -> None:
    if asked.name:
        raise UsageError(_("one name at a time; {first} and {second} are two").format(first=asked.name, second=name))
    asked.name = name


def _is_type(word: str) -> bool:
    from simulator.protocol.dns.message import question

    try:
        question(".", word.upper())
    except LocalProtocolError:
        return False
    return True


def _check(asked: Asked) -> None:
    from simulator.protocol.dns.message import question

    if not _is_type(asked.type):
        raise UsageError(_("there is no record type {word}; write one such as MX").format(word=asked.type))
    try:
        question(asked.name, asked.type)
    except LocalProtocolError as error:
        raise UsageError(_("{name} cannot be asked for: {reason}").format(name=asked.name, reason=error)) from None


# The world that is asked


def _address(scenario: Scenario, word: str) -> str:
    """The address of a host by its id, its domain name or an address. Raises UsageError."""
    for host in scenario.hosts:
        if word in (host.id, host.name, *host.addresses) or word.rstrip(".") == host.name:
            return word if word in host.addresses else host.address
    from simulator.scenario.words import suggest

    names = [name for host in scenario.hosts for name in (host.id, host.name) if name]
    hint = suggest(word, names, otherwise=_("mailflow validate --full lists the hosts"))
    raise UsageError(_("there is no host {word} in this world; {hint}").format(word=word, hint=hint))


def _fresh_world(scenario: Scenario) -> tuple[Host, Any]:
    """The host that asks, in the world as it is at its start; and what tells the time there as date(1) does."""
    from simulator.scenario import world

    made = world.build(replace(scenario, timeline=(), faults=()))
    asking = [host for host in scenario.hosts if host.resolver is not None]
    clients = [host for host in asking if host.kind == "client"]
    if not asking:
        raise UsageError(_("no host of this world has a resolver to ask; add one to the scenario"))
    host = made.hosts[(clients or asking)[0].id]
    return host, lambda: _date(scenario, int(made.env.now))


def _date(scenario: Scenario, now: int) -> str:
    from datetime import datetime, timedelta

    moment = datetime(1970, 1, 1) + timedelta(microseconds=scenario.start_us + now, minutes=scenario.offset_minutes)
    hours, minutes = divmod(abs(scenario.offset_minutes), 60)
    sign = "-" if scenario.offset_minutes < 0 else "+"
    zone = f"{sign}{hours:02}{f'{minutes:02}' if minutes else ''}" if scenario.offset_minutes else "UTC"
    return f"{moment:%a %b %d %H:%M:%S} {zone} {moment:%Y}"


def _finished(host: Host, story: Generator[Any, Any, Any]) -> Any:
    """Run a story of this host to its end."""
    found: list[Any] = []
    host.spawn(story, found.append, name="dig")
    host.env.advance()
    return found[0]


def _answer(host: Host, asked: Asked, address: str | None) -> LookupResult:
    from simulator.nodes.stub import lookup

    def story() -> Generator[Any, Any, LookupResult]:
        result: LookupResult = yield lookup(
            host, asked.name, asked.type, server=address, tcp=asked.wants("tcp"), rd=asked.wants("recurse")
        )
        return result

    found: LookupResult = _finished(host, story())
    return found


# Printing


@dataclass(frozen=True, slots=True)
class _Shown:
    """What the output says besides the answer."""

    command: str
    when: str
    resolver: str


def _print(result: LookupResult, asked: Asked, shown: _Shown, out: Output) -> int:
    from simulator.protocol.dns import presentation

    one_server = bool(asked.server)
    server = result.server or shown.resolver
    if not result.octets:
        text = presentation.no_answer(command=shown.command, server=server, tries=_TRIES, one_server=one_server)
        out.text(text)
        return 1
    if asked.wants("short"):
        text = presentation.short(result.octets)
        if text:
            out.text(text)
        return 0
    exchange = _exchange(result, when=shown.when)
    retried = result.tcp and not asked.wants("tcp")
    out.text(presentation.full(exchange, command=shown.command, one_server=one_server, retried=retried))
    return 0


def _exchange(result: LookupResult, *, when: str = "", host: str = "") -> Exchange:
    from simulator.protocol.dns.presentation import Exchange

    return Exchange(
        octets=result.octets,
        server=result.server,
        host=host,
        elapsed_ms=result.elapsed_us // 1000,
        when=when,
        transport="tcp" if result.tcp else "udp",
    )


def _trace(host: Host, asked: Asked, command: str, out: Output) -> int:
    from simulator.nodes.stub import trace_steps
    from simulator.protocol.dns import presentation

    steps: tuple[Step, ...] = _finished(host, trace_steps(host, asked.name, asked.type))
    answered = [_exchange(step.result, host=step.server) for step in steps if step.result.octets]
    out.text(presentation.trace(answered, command=command, one_server=bool(asked.server)))
    return 0 if answered else 1
