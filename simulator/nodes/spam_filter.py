"""The spam filter: a host's program that speaks the spamd protocol and judges by named rules."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.engine.environment import Token
from simulator.engine.stream import Stream
from simulator.filtering.report import answer
from simulator.filtering.rules import score
from simulator.limits import REPLY_TIMEOUT_US
from simulator.nodes.host import Host, Service
from simulator.nodes.spam_client import SPAMD_PORT
from simulator.protocol.spamd import Reply, Request, SpamdServer

__all__ = ["SpamFilter"]


@dataclass(slots=True)
class SpamFilter(Service):
    """spamd on port 783 of one host."""

    host: Host

    def start(self) -> None:
        """Listen."""
        self.host.network.listen(self.host.name, SPAMD_PORT, self._accept)

    def crash(self) -> None:
        """Nothing here is in memory between two letters."""

    def _accept(self, stream: Stream) -> None:
        _Conversation(self.host, stream)


class _Conversation:
    """One connection: a request, its reply, the end. A client that says nothing is cut off after REPLY_TIMEOUT_US."""

    __slots__ = ("_core", "_host", "_stream", "_timer")

    def __init__(self, host: Host, stream: Stream) -> None:
        self._host = host
        self._stream = stream
        self._core = SpamdServer()
        self._timer: Token | None = host.env.call_later(REPLY_TIMEOUT_US, self._late)
        stream.on_data = self._receive
        stream.on_close = self._ended

    def _receive(self, octets: bytes) -> None:
        self._core.receive_data(octets)
        self._pump()

    def _pump(self) -> None:
        core = self._core
        try:
            request = core.next_event()
            if request is not None and request.reply is None:
                core.reply(_judge(request))
        except Exception as error:  # noqa: BLE001 - a letter that breaks the rules breaks its own session only
            self._host.alert(f"{type(error).__name__}: {error}", session=self._stream.session)
            self._end()
            return
        if core.closing:
            self._stream.send(core.data_to_send())
            self._end()

    def _ended(self, how: str) -> None:
        if self._timer is not None:  # else the conversation is over
            self._core.receive_end()
            self._pump()
            self._end()

    def _late(self, _: object) -> None:
        self._timer = None
        self._stream.reset()

    def _end(self) -> None:
        if self._timer is not None:
            self._host.env.cancel(self._timer)
            self._timer = None
        self._stream.close()


def _judge(request: Request) -> Reply:
    verdict = score(request.content)
    return Reply(
        spam=verdict.spam,
        score=verdict.score,
        threshold=verdict.threshold,
        content=answer(request.command, request.content, verdict),
    )
