"""The world and a letter of one's own as levels of plain mode."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..errors import MailflowError, UsageError
from ..text import N_, _
from .letter import Letter, attachments_of, first_event, senders_of, sent
from .plain import PlainWorld
from .plain_desk import Level, PlainDesk
from .walk import Walk

__all__ = ["ComposeLevel", "WorldLevel"]


class WorldLevel(Level):
    """One walk; every line is a command of plain mode's world."""

    def __init__(
        self, desk: PlainDesk, run: Any, name: str, n: int | None = None, *, barrier: int | None = None
    ) -> None:
        super().__init__(desk)
        walk = Walk(run, name=name)
        walk.barrier = barrier
        if n is not None or barrier is not None:
            walk.go(n or barrier or 1)
        self.world = PlainWorld(walk)
        self.commands = {"help": lambda rest: self.world.answer("help"), "?": lambda rest: self.world.answer("help")}

    def opening(self) -> Iterator[str]:
        """Say where the walk stands."""
        return self.world.opening()

    def back(self) -> Iterator[str]:
        """Say where the walk stands, in short."""
        return self.world.here()

    def empty(self) -> Iterator[str]:
        """Go on by one event."""
        return self.world.answer("")

    def other(self, line: str) -> Iterator[str]:
        """Do a command of the world."""
        yield from self.world.answer(line)
        wanted, self.world.wanted = self.world.wanted, ""
        if wanted == "compose":
            yield from self.desk.push(ComposeLevel(self.desk, self.world.walk))
        elif self.world.leaving:
            yield from self.desk.pop()


class ComposeLevel(Level):
    """A letter: one field a line, `send` at the end."""

    def __init__(self, desk: PlainDesk, walk: Walk) -> None:
        super().__init__(desk)
        self.walk = walk
        self.senders = senders_of(walk.scenario)
        self.letter = Letter(self.senders[0] if self.senders else "")
        self.commands = {
            "from": self._from, "to": self._field("to"), "cc": self._field("cc"), "bcc": self._field("bcc"),
            "subject": self._field("subject"), "text": self._text, "attach": self._attach, "send": self._send,
            "show": self._show,
        }  # fmt: skip
        self.help = [
            ("from ADDRESS", N_("who sends")), ("to, cc, bcc ADDRESS", N_("who gets it; several by commas")),
            ("subject TEXT", N_("the subject")), ("text LINE", N_("one more line of the text")),
            ("attach NAME", N_("a file of this world, or none")), ("show", N_("the letter as it is now")),
            ("send", N_("Send the letter and run the world again")),
        ]  # fmt: skip

    def opening(self) -> Iterator[str]:
        """Say how a letter is written."""
        yield _("A letter of your own, in {world}").format(world=self.walk.scenario.id)
        yield _("Commands: from, to, cc, bcc, subject, text, attach, show, send, q")
        yield from self._show("")

    def _show(self, rest: str) -> Iterator[str]:
        letter = self.letter
        names = ("From", letter.sender), ("To", letter.to), ("Cc", letter.cc), ("Bcc", letter.bcc)
        yield from (f"  {name}: {value}" for name, value in (*names, ("Subject", letter.subject)))
        if letter.attachment is not None:
            yield "  " + _("Attachment") + f": {letter.attachment.name}"
        yield from (f"  | {text}" for text in letter.text.splitlines())

    def _from(self, rest: str) -> Iterator[str]:
        if rest not in self.senders:
            raise UsageError(_("here these can send: {names}").format(names=", ".join(self.senders)))
        self.letter.sender = rest
        return self._show("")

    def _field(self, name: str) -> Any:
        def does(rest: str) -> Iterator[str]:
            setattr(self.letter, name, rest)
            return self._show("")

        return does

    def _text(self, rest: str) -> Iterator[str]:
        self.letter.text += f"{rest}\n"
        return iter(())

    def _attach(self, rest: str) -> Iterator[str]:
        files = {one.name: one for one in attachments_of(self.walk.scenario)}
        if rest and rest not in files:
            raise UsageError(_("the files of this world: {names}").format(names=", ".join(files) or _("none")))
        self.letter.attachment = files.get(rest)
        return self._show("")

    def _send(self, rest: str) -> Iterator[str]:
        try:
            done = sent(self.walk.scenario, self.letter)
        except MailflowError as error:
            yield f"! {error}"
            return
        self.desk.levels.pop()
        yield from self.desk.push(WorldLevel(self.desk, done, self.walk.name, first_event(done)))
