"""Every command: what it is for, how it is written, and examples of its use.

One table, because help, the overview and the suggestion for a mistyped command all come from it.
"""

from __future__ import annotations

from simulator.cli.words import N_

__all__ = ["COMMANDS", "Command"]


class Command:
    """One command; its arguments and its work lie in the module `simulator.cli.NAME`, or in one that it names."""

    __slots__ = ("examples", "module", "name", "summary", "usage")

    def __init__(
        self, name: str, summary: str, usage: str, examples: tuple[tuple[str, str], ...], *, module: str = ""
    ) -> None:
        self.name = name
        self.module = f"simulator.cli.{module or name}"
        self.summary = summary
        self.usage = usage
        self.examples = examples


_ALL = (
    Command(
        "lesson",
        N_("learn: pages, questions and a lab, with the world a key away"),
        "[N|ID|PATH] [--plain] [--list]",
        (
            ("1", N_("the path of one letter")),
            ("--list", N_("the lessons that there are")),
            ("2 --plain", N_("line by line, for a pipe or a screen reader")),
        ),
    ),
    Command(
        "play",
        N_("step through a world, forward and back"),
        "SCENARIO|LINK [--plain]",
        (
            ("first-letter", N_("the path of one letter, event by event")),
            ("'first-letter?seed=7#smtp.reply/2'", N_("open at the second reply of another variant")),
            ("first-letter --plain", N_("line by line, for a pipe or a screen reader")),
        ),
    ),
    Command(
        "run",
        N_("run a world and say what became of each letter"),
        "SCENARIO [--check] [--trace FILE] [--json]",
        (
            ("first-letter --check", N_("also check every promise of the simulator")),
            ("first-letter --trace letter.jsonl", N_("keep the whole trace")),
        ),
    ),
    Command(
        "trace",
        N_("print what happened, event by event"),
        "SCENARIO|FILE.jsonl [--where QUERY] [--as text|jsonl|transcript]",
        (
            ("first-letter --where 'smtp.reply code=250'", N_("only the events that a query finds")),
            ("first-letter --as transcript", N_("the dialogues of client and server")),
            ("letter.jsonl --as text", N_("a trace that was kept")),
        ),
    ),
    Command(
        "ask",
        N_("ask a question about what happened"),
        "SCENARIO|FILE.jsonl QUERY [--seeds N] [--json]",
        (
            ("first-letter 'dns.query qtype=MX | count'", N_("one answer")),
            ("first-letter 'smtp.reply code>=400 | list text' --seeds 20", N_("the answers of 20 variants")),
        ),
    ),
    Command(
        "export",
        N_("write a run in the forms of other programs: captures, diagrams, mailboxes, a database"),
        "THING --as FORM [--where QUERY] [--mailbox ADDRESS] [--at N] [-o PATH] [--force]",
        (
            ("first-letter --as pcapng -o letter.pcapng", N_("a capture that Wireshark opens and decrypts")),
            ("first-letter --as svg -o letter.svg", N_("a picture of who said what to whom")),
            ("first-letter --as mbox -o boris.mbox", N_("a mailbox for a mail program")),
            ("letter.jsonl --as sqlite -o letter.db", N_("a kept trace, for questions in SQL")),
            ("smtp --as states", N_("what may be said when in a protocol")),
        ),
    ),
    Command(
        "dig",
        N_("ask the simulated DNS, with dig's options and dig's output"),
        "--in SCENARIO [@HOST] [-x ADDRESS] [+short] [+trace] [+tcp] NAME [TYPE]",
        (
            ("--in lecture mx gmail.com", N_("which servers take letters for a domain")),
            ("--in first-letter +short -x 192.0.2.25", N_("the name of an address")),
            ("--in first-letter +trace beta.example MX", N_("from the root down")),
        ),
    ),
    Command(
        "live",
        N_("open a world's ports on this machine, for real mail programs"),
        "SCENARIO [--speed 10x|max] [--port-base N] [--endpoints FILE.json] [--state DIR] [--tui]",
        (
            ("open-house", N_("ports, accounts, and commands to paste")),
            ("open-house --tui", N_("watch what your mail program does")),
            ("open-house --state visits", N_("keep mailboxes and queues for the next time")),
        ),
    ),
    Command(
        "why",
        N_("tell why an event happened"),
        "LINK [--all] [--json]",
        (
            ("'first-letter#deliver/1'", N_("the story of a delivery, back to the line of the scenario")),
            ("'first-letter#stage/8' --all", N_("every link of the chain")),
        ),
    ),
    Command(
        "progress",
        N_("show how far you are; take it along; begin a lesson anew"),
        "[--json] [export|import FILE] [reset LESSON]",
        (
            ("", N_("lessons, skills, and what you have believed")),
            ("export mine.jsonl", N_("for another computer, where import takes it in")),
            ("reset 1", N_("begin lesson 1 anew; what there was is kept beside it")),
        ),
    ),
    Command(
        "validate",
        N_("find every mistake in scenarios, lessons and quizzes"),
        "PATH... [--full]",
        (
            ("my.yaml", N_("all mistakes at once, each with its line")),
            ("lessons/01-path-of-one-letter", N_("a lesson: pages, quiz, labs, both languages")),
            ("ten-lines --full", N_("the whole world that ten lines make")),
        ),
    ),
    Command(
        "test",
        N_("prove lessons and scenarios: every key, every lab, over many seeds"),
        "PATH... [--seeds N]",
        (
            ("lessons --seeds 20", N_("every lesson in a folder, on 20 variants")),
            ("my-lesson", N_("one lesson, as its author left it")),
        ),
        module="testing",
    ),
    Command(
        "schema",
        N_("print the JSON Schema of a file format, for editors"),
        "scenario|quiz|lesson",
        (
            ("scenario > scenario.schema.json", N_("beside your own scenarios")),
            ("quiz > quiz.schema.json", N_("beside your own lessons")),
        ),
    ),
    Command(
        "explain",
        N_("explain a kind of event, or a rule of scenarios and lessons"),
        "[KIND|RULE]",
        (
            ("smtp.reply", N_("its fields")),
            ("MF105", N_("the rule, with a bad and a good example")),
        ),
    ),
)

COMMANDS = {command.name: command for command in _ALL}
"""Every command by its name, in the order of the help."""
