"""The spam filter: a host's program that speaks the spamd protocol and judges by named rules."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.engine.stream import Stream
from simulator.filtering.report import answer
from simulator.filtering.rules import score
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
        core = SpamdServer()

        def pump() -> None:
            request = core.next_event()
            if request is not None and request.reply is None:
                core.reply(_judge(request))
            octets = core.data_to_send()
            if octets:
                stream.send(octets)
            if core.closing:
                stream.close()

        def receive(octets: bytes) -> None:
            core.receive_data(octets)
            pump()

        def ended(how: str) -> None:
            core.receive_end()
            pump()
            stream.close()

        stream.on_data = receive
        stream.on_close = ended


def _judge(request: Request) -> Reply:
    verdict = score(request.content)
    return Reply(
        spam=verdict.spam,
        score=verdict.score,
        threshold=verdict.threshold,
        content=answer(request.command, request.content, verdict),
    )
