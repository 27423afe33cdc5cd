"""Rules about single keys and values: which there are, and how durations, names and addresses are written.

Found by `reading`, `fields` and `values`.
"""

from __future__ import annotations

from typing import Final

from simulator.scenario.rule import Rule

_SEND: Final = "timeline:\n  - {at: %s, who: anna@alpha.example, do: send, to: [boris@beta.example]}\n"
_FETCH: Final = "timeline:\n  - {at: 0s, who: boris@beta.example, do: fetch}\n"

RULES: Final = (
    Rule(
        code="MF020",
        title="Every key is known",
        text="A key that the format does not know is a typing error nearly always, and is never passed over in "
        "silence.",
        bad="sumary: two people\n",
        good="summary: two people\n",
    ),
    Rule(
        code="MF021",
        title="What is needed is there",
        text="A scenario needs id, title, people and timeline; a host needs its kind; a letter needs somebody to "
        "go to.",
        bad="hosts:\n  pc-anna: {user: anna@alpha.example}\n",
        good="hosts:\n  pc-anna: {kind: client, user: anna@alpha.example}\n",
    ),
    Rule(
        code="MF022",
        title="A text, a list or a group of keys, each where it belongs",
        text="A list is written [one, two] or with hyphens, a group of keys {a: b} or with one key a line.",
        bad="links: {between: [pc-anna, mail-alpha]}\n",
        good="links:\n  - {between: [pc-anna, mail-alpha]}\n",
    ),
    Rule(
        code="MF023",
        title="What is not built yet is refused",
        text="The format names more than this version can do. Such a key or word is refused by name: a world "
        "that acts as if it were not there would teach something wrong.",
        bad="hosts:\n  mail-beta: {kind: mail-server, filters: [greylist]}\n",
        good="hosts:\n  mail-beta: {kind: mail-server, filters: [spam]}\n",
    ),
    Rule(
        code="MF024",
        title="A word is one of those that belong here",
        text="Some keys take one of a few words; the message names the nearest.",
        bad="hosts:\n  pc-anna: {kind: cleint, user: anna@alpha.example}\n",
        good="hosts:\n  pc-anna: {kind: client, user: anna@alpha.example}\n",
    ),
    Rule(
        code="MF025",
        title="A number has digits only",
        text="Seeds and ordinals are whole numbers.",
        bad="seed: lucky\n",
        good="seed: 13\n",
    ),
    Rule(
        code="MF026",
        title="A duration has a unit",
        text="Write ms, s, m, h or d after each number: 40ms, 5m, 1h30m. Clock times stand in start: only.",
        bad=_SEND % "10",
        good=_SEND % "10s",
    ),
    Rule(
        code="MF027",
        title="A bandwidth is bits a second",
        text="Write bit, kbit, Mbit or Gbit after the number, as network people do: 64kbit, 10Mbit.",
        bad="links:\n  - {between: [pc-anna, mail-alpha], bandwidth: 10MB}\n",
        good="links:\n  - {between: [pc-anna, mail-alpha], bandwidth: 10Mbit}\n",
    ),
    Rule(
        code="MF028",
        title="A moment has date, time and zone",
        text="The clocks of the world begin at start:, and a letter's Date field shows their zone.",
        bad="start: yesterday evening\n",
        good="start: 2024-03-23 18:30:00 +05:00\n",
    ),
    Rule(
        code="MF029",
        title="The version of the format is known",
        text="mailflow: 1 is the version that this program reads; a file of a later program is not guessed at.",
        bad="mailflow: 2\n",
        good="mailflow: 1\n",
    ),
    Rule(
        code="MF030",
        title="Names in the file are small words with hyphens",
        text="Ids of scenarios, hosts, expectations and parameters are typed in queries, so they have neither "
        "spaces nor capitals.",
        bad="hosts:\n  PC Anna: {kind: client, user: anna@alpha.example}\n",
        good="hosts:\n  pc-anna: {kind: client, user: anna@alpha.example}\n",
    ),
    Rule(
        code="MF031",
        title="A mail address is name@domain",
        text="As in RFC 5321, 4.1.2. Before the @ may be letters of any script (RFC 6531, 3.3); such letters go only "
        "where every server offers SMTPUTF8.",
        bad="people:\n  anna at alpha: {name: Anna}\n  boris@beta.example: {name: Boris}\n" + _FETCH,
        good="people:\n  anna@alpha.example: {name: Anna}\n  boris@beta.example: {name: Boris}\n",
    ),
    Rule(
        code="MF032",
        title="A domain name is labels between dots",
        text="As in RFC 1035, 2.3.1: letters, digits and hyphens, 63 at most in a label, 253 in all.",
        bad="hosts:\n  mail-beta: {kind: mail-server, name: mail..beta.example, domains: [beta.example]}\n",
        good="hosts:\n  mail-beta: {kind: mail-server, name: mail.beta.example, domains: [beta.example]}\n",
    ),
    Rule(
        code="MF033",
        title="An IP address can be read",
        text="Four numbers from 0 to 255 between dots, or IPv6.",
        bad="hosts:\n  pc-anna: {kind: client, ip: 192.0.2.300, user: anna@alpha.example}\n",
        good="hosts:\n  pc-anna: {kind: client, ip: 192.0.2.30, user: anna@alpha.example}\n",
    ),
    Rule(
        code="MF034",
        title="Addresses are those for documentation",
        text="192.0.2.x, 198.51.100.x, 203.0.113.x (RFC 5737) and 2001:db8::/32 (RFC 3849) belong to nobody, so "
        "no mistake in a lesson can reach a machine of somebody. The same holds for addresses in zones.",
        bad="hosts:\n  pc-anna: {kind: client, ip: 8.8.8.8, user: anna@alpha.example}\n",
        good="hosts:\n  pc-anna: {kind: client, ip: 198.51.100.8, user: anna@alpha.example}\n",
    ),
    Rule(
        code="MF035",
        title="Names end in .example, .test or .invalid",
        text="These belong to nobody (RFC 2606), so no lesson can mail a stranger by accident. The one exception "
        "is a world with names: lecture, which carries no mail.",
        bad="people:\n  anna@gmail.com: {name: Anna}\n  boris@beta.example: {name: Boris}\n" + _FETCH,
        good="people:\n  anna@gmail.example: {name: Anna}\n  boris@beta.example: {name: Boris}\n" + _FETCH,
    ),
    Rule(
        code="MF036",
        title="An account setting is PROTOCOL://HOST",
        text="As in the settings of a mail program: submission+starttls:// or submissions:// to send "
        "(smtp:// is the door of servers: no TLS, no login), imaps:// or pop3s:// to read; the port may follow.",
        bad="hosts:\n  pc-anna: {kind: client, user: anna@alpha.example, reads-via: mail.alpha.example}\n",
        good="hosts:\n  pc-anna: {kind: client, user: anna@alpha.example, reads-via: imaps://mail.alpha.example}\n",
    ),
    Rule(
        code="MF062",
        title="A letter's text is text/plain",
        text="content-type: is what the letter says of its text, right or wrong: text/plain, and after a semicolon "
        "charset=utf-8, for example. The octets are UTF-8 in any case (RFC 2045, 5.2).",
        bad=(_SEND % "0s").replace("example]}", 'example], content-type: "utf-8"}'),
        good=(_SEND % "0s").replace("example]}", 'example], content-type: "text/plain; charset=utf-8"}'),
    ),
    Rule(
        code="MF063",
        title="A size has a unit",
        text="A quota is a number with B, kB, MB or GB: 50kB, 2MB. k is a thousand.",
        bad="people:\n  anna@alpha.example: {quota: 50}\n",
        good="people:\n  anna@alpha.example: {quota: 50kB}\n",
    ),
    Rule(
        code="MF039",
        title="A key stands with what it belongs to",
        text="user: belongs to a client, domains: to a mail server, subject: to a letter, and so on.",
        bad="hosts:\n  resolver: {kind: resolver, domains: [alpha.example]}\n",
        good="hosts:\n  resolver: {kind: resolver}\n",
    ),
    Rule(
        code="MF055",
        title="One language a file",
        text="Texts in another language stand in an overlay such as first-letter.ru.yaml, with the same keys. "
        "(Written between braces, a text ends at its first comma, and nobody notices.) So write prose as text alone.",
        bad="summary: {en: two people, ru: два человека}\n",
        good="summary: two people\n",
    ),
)
