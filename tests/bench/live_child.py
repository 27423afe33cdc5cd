"""`python -m tests.bench.live_child ours|aiosmtpd`: an SMTP server that keeps what it accepts; prints its port.

Both run in a process of their own, so that their processor time can be told from the client's.
"""

from __future__ import annotations

import sys
import threading
from typing import Any


def ours() -> None:
    """A live world with its trace kept, whose queue takes letters and leaves them where they are.

    Its mail server has no resolver, since aiosmtpd asks for no names of its clients either.
    """
    import gc

    from simulator.live.clock import AT_ONCE
    from simulator.live.serving import Begun, Settings, serve
    from simulator.nodes.queue import Entry, Queue
    from simulator.scenario.loading import load

    def stay(self: Queue, entry: Entry) -> None:
        """The receiver's work ends here."""

    def begun(live: Begun) -> None:
        live.world.hosts["mail-beta"].resolver = None
        print(live.facts["smtp"].rpartition(":")[2], flush=True)

    Queue._first_try = stay  # type: ignore[method-assign]
    gc.set_threshold(100_000, 20, 20)  # as the command does
    serve(Settings(scenario=load("ten-lines"), base=0, pace=AT_ONCE, server="mail-beta", keep=True), begun)


class _Sink:
    """A handler that keeps the letters, as our queue does."""

    def __init__(self) -> None:
        self.letters: list[bytes] = []

    async def handle_DATA(self, server: object, session: object, envelope: Any) -> str:
        self.letters.append(envelope.content)
        return "250 Ok"


def theirs() -> None:
    """The yardstick."""
    import socket

    from aiosmtpd.controller import Controller

    with socket.create_server(("127.0.0.1", 0)) as server:
        port = int(server.getsockname()[1])
    controller = Controller(_Sink(), hostname="127.0.0.1", port=port)
    controller.start()
    print(port, flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    {"ours": ours, "aiosmtpd": theirs}[sys.argv[1]]()
