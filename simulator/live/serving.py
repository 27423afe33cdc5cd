"""A live world from its settings to its clean end: sockets, keys, the world, and whatever happens until a signal.

The endpoints file is written when all ports listen and removed at the end, so that whoever waits for it may connect.
"""

from __future__ import annotations

import asyncio
import resource
import signal
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TextIO

from simulator.engine.jsonlines import writer
from simulator.errors import UsageError
from simulator.live import endpoints, sockets
from simulator.live.listening import Joined, join_sockets
from simulator.live.places import House, Place, houses
from simulator.live.state import State, kept
from simulator.live.world import authority, build_live, live_scenario
from simulator.scenario import model
from simulator.scenario.world import World, trace_header
from simulator.text import _

__all__ = ["Begun", "Settings", "Visit", "serve"]

_FLUSH_SECONDS: Final = 0.25
_CA_NAME: Final = "ca.pem"
_FILES: Final = 8_192


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How a world goes live; `pace` as `Clock` takes it, `base` None for one that is free, 0 for any ports."""

    scenario: model.Scenario
    pace: float = 1.0
    base: int | None = None
    expose: bool = False
    timeline: bool = False
    server: str | None = None
    endpoints: Path | None = None
    ca_file: Path | None = None
    trace: Path | None = None
    state: Path | None = None
    keep: bool = False
    """Whether the trace is kept in memory, for a screen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A world whose ports listen; `facts` is what the endpoints file says."""

    world: World
    houses: tuple[House, ...]
    facts: dict[str, Any]
    opened: dict[Place, sockets.Opened] = field(repr=False)


Visit = Callable[[Begun], Awaitable[None]]
"""A screen that follows the world until the person leaves."""


def serve(settings: Settings, begun: Callable[[Begun], None], visit: Visit | None = None) -> None:
    """Run a live world until SIGINT or SIGTERM, or until `visit` (a screen) is over.

    `begun` is called when its ports listen. Raises UsageError for what cannot be served, opened or written.
    """
    with ExitStack() as stack:
        found = houses(settings.scenario, settings.server)
        _allow_many_files()
        opened = sockets.open_all(found, settings.base, expose=settings.expose)
        for one in opened.values():
            stack.callback(one.close)
        scenario = live_scenario(settings.scenario, timeline=settings.timeline)
        state = None if settings.state is None else stack.enter_context(kept(settings.state, scenario.start_us))
        trace = None if settings.trace is None else stack.enter_context(_text_file(settings.trace))
        issuer = authority(None if state is None else state.authority)
        if state is not None:
            state.keep_authority(issuer.pem)
        ca_file = stack.enter_context(_ca_file(settings, state, issuer.ca_pem))
        sink = None if trace is None else writer(trace, trace_header(scenario))
        world = build_live(scenario, issuer, keeper=state, sink=sink, keep=settings.keep)
        facts = endpoints.facts(found, opened, str(ca_file))
        live = Begun(world=world, houses=found, facts=facts, opened=opened)
        asyncio.run(_run(settings, live, trace, begun, visit))


async def _run(
    settings: Settings, live: Begun, trace: TextIO | None, begun: Callable[[Begun], None], visit: Visit | None
) -> None:
    loop = asyncio.get_running_loop()
    done = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, done.set)
    client = live.world.scenario.hosts[-1].id
    joined = await join_sockets(live.world, client, live.opened.values(), settings.pace)
    flushing = None if trace is None else loop.create_task(_flush(trace))
    try:
        begun(live)
        with _endpoints_file(settings.endpoints, live.facts):
            await _until(done, visit, live)
    finally:
        await _end(joined, flushing)


async def _until(done: asyncio.Event, visit: Visit | None, live: Begun) -> None:
    """Wait for a signal or the end of the visit, whichever comes first."""
    waits: list[asyncio.Future[Any]] = [asyncio.ensure_future(done.wait())]
    if visit is not None:
        waits.append(asyncio.ensure_future(visit(live)))
    finished, left = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    for one in left:
        one.cancel()
    await asyncio.gather(*left, return_exceptions=True)
    for one in finished:
        one.result()


async def _end(joined: Joined, flushing: asyncio.Task[None] | None) -> None:
    await joined.close()
    if flushing is not None:
        flushing.cancel()


async def _flush(trace: TextIO) -> None:
    """Let whoever reads the trace see what happens while it happens."""
    while True:
        await asyncio.sleep(_FLUSH_SECONDS)
        trace.flush()


def _allow_many_files() -> None:
    """Take as many sockets as the system allows without asking."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _FILES if hard == resource.RLIM_INFINITY else min(_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


@contextmanager
def _text_file(path: Path) -> Iterator[TextIO]:
    try:
        file = path.open("w", encoding="utf-8", errors="surrogatepass", newline="\n")
    except OSError as error:
        raise _unwritable(path, error) from error
    with file:
        yield file


@contextmanager
def _ca_file(settings: Settings, state: State | None, pem: bytes) -> Iterator[Path]:
    """Have the certificate to trust in a file: the one asked for, else in the state, else one that goes at the end."""
    with ExitStack() as stack:
        path = settings.ca_file
        if path is None and state is not None:
            path = state.folder / _CA_NAME
        if path is None:
            path = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mailflow-live-"))) / _CA_NAME
        try:
            endpoints.write_file(path, pem)
        except OSError as error:
            raise _unwritable(path, error) from error
        yield path.absolute()


@contextmanager
def _endpoints_file(path: Path | None, facts: dict[str, Any]) -> Iterator[None]:
    if path is None:
        yield
        return
    try:
        endpoints.write_file(path, endpoints.as_json(facts))
    except OSError as error:
        raise _unwritable(path, error) from error
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def _unwritable(path: Path, error: OSError) -> UsageError:
    return UsageError(_("cannot write {file}: {reason}").format(file=path, reason=error.strerror))
