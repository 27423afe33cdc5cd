"""Rules about the world as a whole: names that are meant exist, zones are right, every action can be done.

Found by `checks`, `zones`, `params`, `include`, `overlay` and `queries`.
"""

from __future__ import annotations

from typing import Final

from simulator.scenario.rule import Rule

_ZONE: Final = """zones:
  beta.example: |
    $TTL 300
    @     IN SOA  ns hostmaster 1 3600 600 86400 300
    @     IN NS   ns
    ns    IN A    192.0.2.53
    @     IN MX   %s mx
    mx    IN A    203.0.113.25
"""
_CHILD: Final = """zones:
  beta.example: |
    $TTL 300
    @         IN SOA  ns hostmaster 1 3600 600 86400 300
    @         IN NS   ns
    ns        IN A    192.0.2.53
%s  lists.beta.example: |
    $TTL 300
    @         IN SOA  ns hostmaster 1 3600 600 86400 300
    @         IN NS   ns.beta.example.
"""
_TWO: Final = """id: example
title: Two domains
people:
  anna@alpha.example: {name: Anna}
  boris@beta.example: {name: Boris}
"""

RULES: Final = (
    Rule(
        code="MF037",
        title="What has to be different is different",
        text="Two hosts cannot have one address or name, two entries of a list not one id, and an alias leads to "
        "one box.",
        bad="hosts:\n  pc-anna: {kind: client, ip: 192.0.2.7, user: anna@alpha.example}\n"
        "  pc-boris: {kind: client, ip: 192.0.2.7, user: boris@beta.example}\n",
        good="hosts:\n  pc-anna: {kind: client, ip: 192.0.2.7, user: anna@alpha.example}\n"
        "  pc-boris: {kind: client, ip: 192.0.2.8, user: boris@beta.example}\n",
    ),
    Rule(
        code="MF038",
        title="What is named exists",
        text="A person, host, domain or zone that another line names has to be in the world; the message has the "
        "nearest.",
        bad="timeline:\n  - {at: 0s, who: ana@alpha.example, do: fetch}\n",
        good="timeline:\n  - {at: 0s, who: anna@alpha.example, do: fetch}\n",
    ),
    Rule(
        code="MF040",
        title="A zone is text, or a .zone file that can be read",
        text="Write | after the colon and the zone in the lines below, or the path of a file that ends in .zone.",
        bad="zones:\n  beta.example: beta.txt\n",
        good="zones:\n  beta.example: |\n    @ 300 IN SOA ns hostmaster 1 3600 600 86400 300\n    @ 300 IN NS ns\n"
        "    ns 300 IN A 192.0.2.53\n",
    ),
    Rule(
        code="MF041",
        title="A zone can be read by a name server",
        text="Zones are real zone files (RFC 1035, 5); the message gives the line in the zone, and the place is "
        "the line in your file.",
        bad=_ZONE % "ten",
        good=_ZONE % "10",
    ),
    Rule(
        code="MF042",
        title="A zone below another is delegated by it",
        text="Without NS records for it in the zone above, nobody who starts at the root ever finds it (RFC "
        "1034, 4.2.1).",
        bad=_CHILD % "",
        good=_CHILD % "    lists     IN NS   ns\n",
    ),
    Rule(
        code="MF044",
        title="Somebody serves each zone",
        text="A name server without serves: takes all zones that no other names.",
        bad="hosts:\n  ns: {kind: name-server, serves: []}\n" + _ZONE % "10",
        good="hosts:\n  ns: {kind: name-server}\n" + _ZONE % "10",
    ),
    Rule(
        code="MF046",
        title="A parameter is declared",
        text="${name} stands for what the seed chose below params:. To write the text itself, double the dollar: "
        "$${name}.",
        bad="params:\n  lunch: {choose: [early, late]}\nsummary: Who eats ${lnch}?\n",
        good="params:\n  lunch: {choose: [early, late]}\nsummary: Who eats ${lunch}?\n",
    ),
    Rule(
        code="MF047",
        title="What is included can be read",
        text="Paths start at the folder of the file that names them, end in .yaml, and do not lead back to it.",
        bad="include: [two-domain.yaml]\n",
        good="include: [two-domains.yaml]\n",
        beside={"two-domains.yaml": _TWO},
    ),
    Rule(
        code="MF048",
        title="An overlay holds texts only",
        text="A run is the same in every language, to the last octet; so an overlay translates title, summary, "
        "why and notes, and changes nothing else.",
        bad="seed: 2\n",
        good="title: Пример\n",
        overlay=True,
    ),
    Rule(
        code="MF049",
        title="An overlay translates what is there",
        text="Entries of lists are found by their id, and what the scenario does not have cannot be translated.",
        bad="expect:\n  delivred:\n    why: Потому что.\n",
        good="title: Пример\n",
        overlay=True,
    ),
    Rule(
        code="MF050",
        title="A query can be read",
        text="KIND field=value ... | aggregate field. mailflow explain lists kinds and their fields.",
        bad="expect:\n  - {id: arrived, that: deliver |, equals: 1}\n",
        good="expect:\n  - {id: arrived, that: deliver, equals: 1}\n",
    ),
    Rule(
        code="MF051",
        title="A promise has one answer",
        text="Write exactly one of equals, at-least, at-most, contains and before.",
        bad="expect:\n  - {id: arrived, that: deliver}\n",
        good="expect:\n  - {id: arrived, that: deliver, at-least: 1}\n",
    ),
    Rule(
        code="MF053",
        title="An attachment has one content",
        text="Either text:, or base64: with what the program base64 prints.",
        bad="timeline:\n  - at: 0s\n    who: anna@alpha.example\n    do: send\n    to: [boris@beta.example]\n"
        "    attachments: [{name: plan.txt}]\n",
        good="timeline:\n  - at: 0s\n    who: anna@alpha.example\n    do: send\n    to: [boris@beta.example]\n"
        "    attachments: [{name: plan.txt, text: First lunch}]\n",
    ),
    Rule(
        code="MF054",
        title="An action can be done",
        text="The device belongs to the person, and the server that its settings name offers that protocol on "
        "that port.",
        bad="hosts:\n  pc-anna: {kind: client, user: anna@alpha.example, reads-via: pop3s://mail.alpha.example}\n",
        good="hosts:\n  pc-anna: {kind: client, user: anna@alpha.example, reads-via: imaps://mail.alpha.example}\n",
    ),
    Rule(
        code="MF057",
        title="A link joins two hosts, once",
        text="Each pair of hosts has one link; what is not listed has 20 ms.",
        bad="links:\n  - {between: [pc-anna, pc-anna]}\n",
        good="links:\n  - {between: [pc-anna, mail-alpha]}\n",
    ),
    Rule(
        code="MF058",
        title="A fault ends after it begins",
        text="at: and until: are both times after the start of the world.",
        bad="faults:\n  - {what: host-down, host: mail-beta, at: 10m, until: 5m}\n",
        good="faults:\n  - {what: host-down, host: mail-beta, at: 5m, until: 10m}\n",
    ),
    Rule(
        code="MF059",
        title="A world with real names carries no mail",
        text="names: lecture is for one world, which answers the lecture's dig questions with the names printed "
        "there. Nobody has a mailbox in it, so nothing can be sent to a real person.",
        bad="names: lecture\n",
        good="names: lecture\npeople: {}\ntimeline: []\n",
    ),
)
