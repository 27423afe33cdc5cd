"""The learner's shell: `dig` to the name servers of the simulated world, and nothing else.

A question is asked in a fresh copy of the world, so that asking changes nothing; what was said is there as records too,
which is how a dig item judges the asking and not only the answer.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import Any

from simulator.engine.kinds import Record
from simulator.errors import LocalProtocolError, UsageError
from simulator.nodes.stub import lookup
from simulator.protocol.dns.message import question
from simulator.protocol.dns.message import reverse_name as reverse
from simulator.protocol.dns.stub import LookupResult
from simulator.scenario.model import Host, Scenario
from simulator.scenario.words import suggest
from simulator.scenario.world import build
from simulator.text import _

__all__ = ["Asked", "dig"]


@dataclass(frozen=True, slots=True)
class Asked:
    """What dig printed, line by line, and the records of the asking."""

    lines: tuple[str, ...]
    records: tuple[Record, ...]


@dataclass(slots=True)
class _Words:
    name: str = ""
    type: str = ""
    server: str = ""
    short: bool = False


def dig(scenario: Scenario, command: str, *, host: str = "") -> Asked:
    """Run `dig NAME [TYPE] [@HOST] [-x ADDRESS] [+short]` on a host (the first client unless named).

    Raises UsageError for what dig would not understand.
    """
    words = _read(command)
    world = build(replace(scenario, timeline=(), faults=()))
    asking = world.hosts[_asking(scenario, host).id]
    before = len(world.env.trace.records)
    address = _server(scenario, words.server) if words.server else None
    found: list[Any] = []

    def story() -> Generator[Any, Any, Any]:
        return (yield lookup(asking, words.name, words.type, server=address))

    asking.spawn(story(), found.append, name="dig")
    world.env.advance()
    text = _printed(found[0], words, command)
    return Asked(tuple(text.splitlines()), tuple(world.env.trace.records[before:]))


def _printed(result: LookupResult, words: _Words, command: str) -> str:
    from simulator.protocol.dns import presentation

    one_server = bool(words.server)
    if not result.octets:
        return presentation.no_answer(command=command, server=result.server or "", tries=2, one_server=one_server)
    if words.short:
        return presentation.short(result.octets)
    exchange = presentation.Exchange(
        octets=result.octets,
        server=result.server,
        host="",
        elapsed_ms=result.elapsed_us // 1000,
        when="",
        transport="tcp" if result.tcp else "udp",
    )
    return presentation.full(exchange, command=command, one_server=one_server)


def _read(command: str) -> _Words:
    words, rest = _Words(), iter(command.split())
    for word in rest:
        if word == "dig" and not words.name:
            continue
        if word.startswith("@"):
            words.server = word[1:]
        elif word.startswith("+"):
            words.short = words.short or word == "+short"
        elif word.startswith("-"):
            _dashed(words, word[:2], word[2:] or next(rest, ""))
        elif not words.type and _is_type(word):
            words.type = word.upper()
        else:
            words.name = word
    words.type = words.type or "A"
    if not words.name:
        raise UsageError(_("dig wants a name; type for example: dig beta.example MX"))
    try:
        question(words.name, words.type)
    except LocalProtocolError as error:
        raise UsageError(_("{name} cannot be asked for: {reason}").format(name=words.name, reason=error)) from None
    return words


def _dashed(words: _Words, option: str, text: str) -> None:
    if option == "-t":
        words.type = text.upper()
        return
    if option != "-x":
        raise UsageError(_("dig here does not know {word}; type -x and an address").format(word=option))
    try:
        words.name, words.type = str(reverse(text)), words.type or "PTR"
    except (LocalProtocolError, ValueError):
        raise UsageError(_("{text} is no IP address; write -x 192.0.2.25").format(text=text or '""')) from None


def _is_type(word: str) -> bool:
    try:
        question(".", word.upper())
    except LocalProtocolError:
        return False
    return True


def _asking(scenario: Scenario, host: str) -> Host:
    able = [one for one in scenario.hosts if one.resolver is not None]
    named = [one for one in able if one.id == host]
    clients = [one for one in able if one.kind == "client"]
    found = named or clients or able
    if (host and not named) or not found:
        known = [one.id for one in able]
        raise UsageError(f"{host or scenario.id}: {suggest(host, known, otherwise='no host here can ask')}")
    return found[0]


def _server(scenario: Scenario, word: str) -> str:
    for host in scenario.hosts:
        if word in (host.id, host.name, *host.addresses) or word.rstrip(".") == host.name:
            return word if word in host.addresses else host.address
    hint = suggest(word, [name for host in scenario.hosts for name in (host.id, host.name) if name])
    raise UsageError(_("there is no host {word} in this world; {hint}").format(word=word, hint=hint))
