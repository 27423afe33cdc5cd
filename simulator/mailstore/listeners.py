"""Who wants to hear that a mailbox has changed.

Why: an idle IMAP session and a POP3 session in the next room change the same mailbox, and a server that has to ask
cannot push. RFC 2177 (IDLE); RFC 9051 5.2.
"""

from collections.abc import Callable

OnChange = Callable[[], None]


class Listeners:
    """Callbacks by mailbox (its row id), called in the order in which they came."""

    __slots__ = ("_by_mailbox",)

    def __init__(self) -> None:
        self._by_mailbox: dict[int, list[OnChange]] = {}

    def add(self, mailbox: int, callback: OnChange) -> OnChange:
        """Call `callback` after every operation that changed the mailbox; what is returned ends that."""
        hearing = self._by_mailbox.setdefault(mailbox, [])
        hearing.append(callback)

        def stop() -> None:
            if callback in hearing:
                hearing.remove(callback)

        return stop

    def tell(self, mailbox: int) -> None:
        """Say that an operation has changed a mailbox, once for the whole of it."""
        for callback in tuple(self._by_mailbox.get(mailbox, ())):
            callback()
