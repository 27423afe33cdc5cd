"""`mailflow live`: the same world on this machine's loopback, for mail programs that nobody here wrote.

Until a signal, or until its screen is left; then everything is closed and the endpoints file is gone.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulator.cli.words import _
from simulator.errors import UsageError

if TYPE_CHECKING:
    import argparse

    from simulator.cli.output import Output
    from simulator.live.serving import Begun, Settings, Visit

__all__ = ["arguments", "main"]

_STANDARD = {"smtp": 25, "submission": 587, "submissions": 465, "imap": 143, "imaps": 993, "pop3": 110, "pop3s": 995}
_STANDARD |= {"dns": 53, "resolver": 53}
_MAXIMUM = 1_000_000


def arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.add_argument("scenario", metavar="SCENARIO", help=_("an id, or a path to a .yaml"))
    parser.add_argument("--speed", default="1x", metavar="10x|max", help=_("how fast simulated time goes by"))
    parser.add_argument("--port-base", type=int, metavar="N", help=_("ports from N on: N+25, N+587, ...; 0: any free"))
    parser.add_argument("--expose", action="store_true", help=_("let other machines in as well"))
    parser.add_argument("--timeline", action="store_true", help=_("let the scenario's timeline happen too"))
    parser.add_argument("--server", metavar="HOST", help=_("the mail server to put first"))
    parser.add_argument("--endpoints", metavar="FILE.json", help=_("write ports and accounts there, for programs"))
    parser.add_argument("--ca-file", metavar="FILE", help=_("write the certificate to trust there"))
    parser.add_argument("--trace", metavar="FILE", help=_("write every event there while it happens"))
    parser.add_argument("--state", metavar="DIR", help=_("keep mailboxes and queues there"))
    parser.add_argument("--tui", action="store_true", help=_("follow the world on the screen"))


def main(options: argparse.Namespace, out: Output) -> int:
    """Serve, and say how to come in."""
    from simulator.cli.worlds import load
    from simulator.live.serving import Settings, serve

    settings = Settings(
        scenario=load(options, options.scenario),
        pace=_pace(options.speed),
        base=_base(options.port_base),
        expose=options.expose,
        timeline=options.timeline,
        server=options.server,
        endpoints=_path(options.endpoints),
        ca_file=_path(options.ca_file),
        trace=_path(options.trace),
        state=_path(options.state),
        keep=options.tui,
    )
    serve(settings, lambda begun: _say(settings, begun, out), _screen(options, out) if options.tui else None)
    return 0


def _screen(options: argparse.Namespace, out: Output) -> Visit:
    if not out.terminal or not sys.stdin.isatty():
        raise UsageError(_("--tui needs a terminal; without one, --trace FILE shows what happens"))

    async def visit(begun: Begun) -> None:
        from simulator.cli.worlds import speaking
        from simulator.scenario.world import Run
        from simulator.tui.following import watch

        run = Run(begun.world.scenario, begun.world, ())
        await watch(
            run, lang=speaking(), ascii_only=out.ascii_only, no_color=out.no_color, name=begun.world.scenario.id
        )

    return visit


def _path(text: str | None) -> Path | None:
    return None if text is None else Path(text)


def _pace(text: str) -> float:
    from simulator.live.clock import AT_ONCE

    if text == "max":
        return AT_ONCE
    try:
        pace = float(text.removesuffix("x"))
    except ValueError:
        pace = 0.0
    if not 0 < pace <= _MAXIMUM:
        raise UsageError(_("--speed is {word}; write one such as 1x, 10x or max").format(word=repr(text)))
    return pace


def _base(base: int | None) -> int | None:
    if base is not None and (base < 0 or 0 < base < 1_000):
        raise UsageError(
            _("--port-base is {base}; choose one from 1000, or 0 for ports that are free").format(base=base)
        )
    return base


# What is said at the start


def _say(settings: Settings, begun: Begun, out: Output) -> None:
    out.line(f"{settings.scenario.id}: {settings.scenario.title}")
    if settings.expose:
        out.line(
            _(
                "WARNING: everybody on the network can now reach these ports and log in with the passwords below."
                " Do this only in a network that you trust."
            )
        )
    for facts in (begun.facts, *begun.facts["others"]):
        _say_house(facts, out)
    _say_hints(begun.facts, out)
    out.line(_("The world is open. Press Ctrl+C to close it."))
    out.stream.flush()


def _say_house(facts: dict[str, Any], out: Output) -> None:
    out.line()
    out.line(f"{facts['server_name']} ({facts['domain']})")
    rows = [(name, facts[name], str(port), _doors()[name]) for name, port in _STANDARD.items() if name in facts]
    out.table([_("service"), _("here"), _("usual port"), _("how")], rows, right=(2,))
    out.line()
    out.table([_("account"), _("password")], list(facts["users"].items()))


def _doors() -> dict[str, str]:
    optional, first, at_once = _("STARTTLS if you like"), _("STARTTLS before the password"), _("TLS at once")
    both = _("UDP and TCP")
    return {
        "smtp": optional,
        "submission": first,
        "submissions": at_once,
        "imap": first,
        "imaps": at_once,
        "pop3": first,
        "pop3s": at_once,
        "dns": both,
        "resolver": both,
    }


def _say_hints(facts: dict[str, Any], out: Output) -> None:
    from simulator.live.paste import dialog, hints

    out.line()
    out.line(_("Certificate to trust: {file}").format(file=facts["ca_file"]))
    for what, command in hints(facts):
        out.line()
        out.line(f"# {what}")
        out.line(command)
    out.line()
    out.line(_("In the account dialog of a desktop mail program:"))
    for what, value in dialog(facts):
        out.line(f"  {what}: {value}")
    out.line()
