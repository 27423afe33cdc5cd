"""The timeline: what each kind of action does in the world."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from simulator.engine.base_kinds import ACTION, NOTE
from simulator.engine.task import Story
from simulator.message.address import Address
from simulator.message.compose import Attachment
from simulator.nodes.mail_program import Letter, MailProgram
from simulator.nodes.stub import lookup
from simulator.nodes.typist import Typist
from simulator.protocol.octets import CRLF
from simulator.scenario import model
from simulator.scenario.installing import address

if TYPE_CHECKING:
    from simulator.scenario.world import World

__all__ = ["act"]


def act(world: World, action: model.Action) -> None:
    """Let one action take place: record it, then let the program of its host do it."""
    trace = world.env.trace
    if action.do == "note":
        trace.write(NOTE, (action.text,), cause=None, origin=action.origin)
        return
    host_id = action.host or ""
    values = (action.do, action.who or "", _detail(action))
    trace.write(ACTION, values, at=host_id, cause=None, origin=action.origin)
    host = world.hosts[host_id]
    if not host.up:
        return
    story = _STORIES[action.do](world, action)
    host.spawn(story, name=f"{action.do} by {action.who or host_id}")


def _detail(action: model.Action) -> str:
    if action.do == "send":
        return f"to {', '.join((*action.to, *action.cc, *action.bcc))}: {action.subject}"
    if action.do == "dig":
        return f"{action.name} {action.type}"
    if action.do == "type":
        return f"to {action.server} port {action.port}"
    if action.do == "move":
        return f"letter {action.letter or 'newest'} to {action.mailbox}"
    if action.do == "fetch" and action.mailbox != "INBOX":
        return action.mailbox
    return "" if action.letter is None else f"letter {action.letter}"


def _program(world: World, action: model.Action) -> MailProgram:
    return world.programs[action.host or ""]


def _send(world: World, action: model.Action) -> Story:
    names = {person.address: person.name for person in world.scenario.people}

    def addresses(specs: tuple[str, ...]) -> tuple[Address, ...]:
        return tuple(address(spec, names.get(spec, "")) for spec in specs)

    letter = Letter(
        to=addresses(action.to),
        cc=addresses(action.cc),
        bcc=addresses(action.bcc),
        subject=action.subject,
        text=action.text,
        attachments=tuple(Attachment(one.name, one.type, one.octets) for one in action.attachments),
        shows_from=next(iter(addresses((action.shows_from,) if action.shows_from else ())), None),
        content_type=action.content_type,
    )
    return _program(world, action).send(letter)


def _fetch(world: World, action: model.Action) -> Story:
    return _program(world, action).fetch(action.mailbox, idle_us=action.idle_us)


def _read(world: World, action: model.Action) -> Story:
    return _program(world, action).read(action.letter)


def _move(world: World, action: model.Action) -> Story:
    return _program(world, action).move(action.letter, action.mailbox)


def _delete(world: World, action: model.Action) -> Story:
    return _program(world, action).delete(action.letter)


def _dig(world: World, action: model.Action) -> Story:
    host = world.hosts[action.host or ""]
    server = None if action.server is None else world.scenario.host(action.server).address
    result = yield lookup(host, action.name, action.type, server=server)
    return result


def _type(world: World, action: model.Action) -> Story:
    host, server = world.hosts[action.host or ""], world.scenario.host(action.server or "")
    typist = Typist(host, newline=b"\n" if action.newline == "lf" else CRLF)
    return typist.type_all(server.address, action.port, action.text)


_STORIES: dict[str, Callable[[World, model.Action], Story]] = {
    "send": _send,
    "fetch": _fetch,
    "read": _read,
    "move": _move,
    "delete": _delete,
    "dig": _dig,
    "type": _type,
}
