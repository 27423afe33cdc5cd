"""Rules about the file itself: that it is YAML, and none that could hurt.

Found before anything is known of scenarios; see `yamlload`.
"""

from __future__ import annotations

from typing import Final

from simulator.scenario.rule import Rule

RULES: Final = (
    Rule(
        code="MF001",
        title="The file is small enough to be read",
        text="A scenario has at most 1 MiB; a world that somebody wrote by hand has a few thousand characters. "
        "The file must exist and be readable.",
        bad="summary: much too long #\n",
        good="summary: short enough\n",
        stretch=("#", 1_100_000),
    ),
    Rule(
        code="MF002",
        title="The file is text in UTF-8",
        text="Control characters and octets that are not UTF-8 are refused, since nobody can see them in an editor.",
        bad="title: A bell \x07 rings\n",
        good='title: "A bell \\x07 rings"\n',
    ),
    Rule(
        code="MF003",
        title="The file is YAML",
        text="The line shown is where the parser gave up; the cause is often a quote or bracket that is not "
        "closed, or an indentation in the line before.",
        bad='title: "A quote that nobody closes\n',
        good='title: "A quote that somebody closes"\n',
    ),
    Rule(
        code="MF004",
        title="A key is written once",
        text="YAML would quietly keep the last of two equal keys, and the author would look for the lost one for "
        "hours.",
        bad="seed: 1\nseed: 2\n",
        good="seed: 2\n",
    ),
    Rule(
        code="MF005",
        title="Not too many levels inside each other",
        text="32 levels are far more than a scenario needs; a thousand brackets are an attack or a typing error.",
        bad="summary: [\n",
        good="summary: none\n",
        stretch=("[", 20_000),
    ),
    Rule(
        code="MF006",
        title="Not too many keys and values",
        text="A file has at most 50 000 keys and values in all.",
        bad="links: [a,\n",
        good="links: []\n",
        stretch=("a,", 60_000),
    ),
    Rule(
        code="MF007",
        title="Aliases do not multiply",
        text="Ten lists of ten aliases each, seven deep, are ten million values in a file of a few lines. At "
        "most 100 aliases are read, and what they repeat counts as if it were written out.",
        bad="a: &a [x, x, x, x, x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]\n"
        "c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]\nd: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]\n"
        "e: [*d, *d, *d, *d, *d, *d, *d, *d, *d, *d]\n",
        good="people:\n  anna@alpha.example: &same {name: Anna}\n  boris@beta.example: *same\n",
    ),
    Rule(
        code="MF008",
        title="No tags",
        text="Tags such as !!python/object are how YAML files run programs. Here each key knows the type of its value.",
        bad="seed: !!int 7\n",
        good="seed: 7\n",
    ),
    Rule(
        code="MF009",
        title="No merge keys",
        text="The key << copies groups of keys into each other and can be nested until a computer hangs. To "
        "share parts of scenarios write include:.",
        bad="base: &base {name: Anna}\npeople:\n  anna@alpha.example: {<<: *base}\n",
        good="people:\n  anna@alpha.example: {name: Anna}\n  boris@beta.example: {name: Boris}\n",
    ),
    Rule(
        code="MF010",
        title="One document of keys",
        text="A file holds one scenario, and a scenario begins with keys such as id: and title:.",
        bad="- a list # as it is\n",
        good="id: example\n",
    ),
    Rule(
        code="MF011",
        title="A key is a word",
        text="YAML allows lists and groups as keys; no key of a scenario is one.",
        bad="? [a, b]\n: c\n",
        good="summary: a and b\n",
    ),
    Rule(
        code="MF012",
        title="An alias repeats what is written before it",
        text="*name stands for what was marked &name earlier in the file, and cannot stand inside of it.",
        bad="people:\n  anna@alpha.example: *nobody\n",
        good="people:\n  anna@alpha.example: &same {name: Anna}\n  boris@beta.example: *same\n",
    ),
)
