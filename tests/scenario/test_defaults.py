"""Ten lines give a whole world, always the same one; what is written is kept and the rest is made around it."""

from __future__ import annotations

import dns.name
import dns.zone
import pytest

from simulator.scenario.model import Account, Link, Scenario, ZoneText
from tests.scenario.conftest import SMALL, Loader


def zone(scenario: Scenario, name: str) -> ZoneText:
    return next(zone for zone in scenario.zones if zone.name == name)


def records(scenario: Scenario, name: str) -> set[tuple[str, str, str]]:
    """Owner, type and data of a zone, as an outside reader sees them."""
    read = dns.zone.from_text(zone(scenario, name).text, origin=dns.name.from_text(name), relativize=False)
    return {
        (str(owner), rdataset.rdtype.name, str(rdata))
        for owner, node in read.nodes.items()
        for rdataset in node
        for rdata in rdataset
    }


def test_each_domain_gets_a_server_each_person_a_client_and_the_world_its_dns(loaded: Loader) -> None:
    scenario = loaded()
    assert [(host.id, host.kind) for host in scenario.hosts] == [
        ("mail-alpha", "mail-server"),
        ("mail-beta", "mail-server"),
        ("pc-anna", "client"),
        ("pc-boris", "client"),
        ("resolver", "resolver"),
        ("ns", "name-server"),
        ("root-a", "name-server"),
        ("tld-a", "name-server"),
        ("arpa-a", "name-server"),
    ]
    assert [host.id for host in scenario.hosts if host.implied] == ["root-a", "tld-a", "arpa-a"]
    assert scenario.host("pc-anna").sends_via == Account(
        protocol="submission", tls="starttls", host="mail.alpha.example", port=587
    )
    assert str(scenario.host("pc-boris").reads_via) == "imaps://mail.beta.example:993"
    assert scenario.host("pc-boris").resolver == "resolver"
    assert len({address for host in scenario.hosts for address in host.addresses}) == len(scenario.hosts)
    assert scenario.links == (
        Link(a="pc-anna", b="mail-alpha", latency_us=5_000),
        Link(a="pc-boris", b="mail-beta", latency_us=5_000),
    )


def test_a_made_zone_has_mx_address_and_spf(loaded: Loader) -> None:
    scenario = loaded()
    found = records(scenario, "alpha.example")
    assert ("alpha.example.", "MX", "10 mail.alpha.example.") in found
    assert ("mail.alpha.example.", "A", scenario.host("mail-alpha").address) in found
    assert ("alpha.example.", "TXT", '"v=spf1 mx -all"') in found
    assert ("alpha.example.", "NS", "ns.alpha.example.") in found


def test_every_named_host_has_a_way_back_from_its_address(loaded: Loader) -> None:
    scenario = loaded()
    pointers = {row for z in scenario.zones if z.name.endswith("in-addr.arpa") for row in records(scenario, z.name)}
    for host in scenario.hosts:
        if host.name and not host.implied:
            reverse = ".".join(reversed(host.address.split("."))) + ".in-addr.arpa."
            assert (reverse, "PTR", f"{host.name}.") in pointers


def walk(scenario: Scenario, name: str) -> list[str]:
    """The zones that a resolver comes through on the way from the root to a name, each by a real delegation."""
    path, here = [], "."
    while True:
        path.append(here)
        cuts = [
            (owner, data)
            for owner, rtype, data in records(scenario, here)
            if rtype == "NS" and owner != dns.name.from_text(here).to_text() and f".{name}.".endswith(f".{owner}")
        ]
        if not cuts:
            return path
        owner, server = cuts[0]
        below = owner.rstrip(".")
        served_by = {host.name for host in scenario.hosts if below in host.serves}
        assert server.rstrip(".") in served_by, "the server that is named serves the zone"
        here = below


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("mail.beta.example", [".", "example", "beta.example"]),
        ("25.2.0.192.in-addr.arpa", [".", "in-addr.arpa", "2.0.192.in-addr.arpa"]),
    ],
)
def test_every_zone_is_reached_from_the_root_by_delegations(loaded: Loader, name: str, path: list[str]) -> None:
    assert walk(loaded(), name) == path


def test_delegations_come_with_glue_where_the_server_lies_inside(loaded: Loader) -> None:
    scenario = loaded()
    assert ("ns.alpha.example.", "A", scenario.host("ns").address) in records(scenario, "example")
    assert ("a.gtld-servers.example.", "A", scenario.host("tld-a").address) in records(scenario, ".")


def test_root_servers_are_those_that_serve_the_root(loaded: Loader) -> None:
    assert [host.id for host in loaded().root_servers] == ["root-a"]


def test_a_written_world_gets_a_root_too_and_its_addresses_are_left_alone(loaded: Loader) -> None:
    scenario = loaded(SMALL + "hosts:\n  resolver: {kind: resolver, ip: 203.0.113.254}\n")
    assert scenario.host("resolver").address == "203.0.113.254"
    assert scenario.host("root-a").address == "203.0.113.253"


def test_a_host_under_the_name_of_a_made_one_keeps_what_is_written_and_gets_the_rest(loaded: Loader) -> None:
    scenario = loaded(
        SMALL + "hosts:\n  mail-beta: {kind: mail-server, filters: [spam]}\n  pc-anna: {kind: client, ip: 192.0.2.77}\n"
    )
    beta = scenario.host("mail-beta")
    assert (beta.domains, beta.name, beta.filters, beta.filter_host) == (
        ("beta.example",),
        "mail.beta.example",
        ("spam",),
        None,
    )
    assert (scenario.host("pc-anna").user, scenario.host("pc-anna").address) == ("anna@alpha.example", "192.0.2.77")
    assert len([host for host in scenario.hosts if host.kind == "mail-server"]) == 2


def test_a_filter_host_serves_the_servers_that_filter(loaded: Loader) -> None:
    scenario = loaded(SMALL + "hosts:\n  mail-beta: {kind: mail-server, filters: [spam]}\n  spam: {kind: filter}\n")
    assert scenario.host("mail-beta").filter_host == "spam"
    assert scenario.host("spam").filters == ("spam",)
    assert scenario.host("mail-alpha").filter_host is None


def test_hosts_are_made_as_a_written_zone_names_them(loaded: Loader) -> None:
    scenario = loaded(
        SMALL + "zones:\n  beta.example: |\n    $TTL 300\n    @    IN SOA ns hostmaster 1 3600 600 86400 300\n"
        "    @    IN NS  ns\n    ns   IN A   192.0.2.99\n    @    IN MX  20 mx2\n    @    IN MX  10 mx1\n"
        "    mx1  IN A   203.0.113.7\n    mx2  IN A   203.0.113.8\n"
    )
    servers = [(host.id, host.name, host.address) for host in scenario.hosts if "beta.example" in host.domains]
    assert servers == [("mx1-beta", "mx1.beta.example", "203.0.113.7"), ("mx2-beta", "mx2.beta.example", "203.0.113.8")]
    assert (scenario.host("ns").name, scenario.host("ns").address) == ("ns.beta.example", "192.0.2.99")
    assert ("alpha.example.", "NS", "ns.beta.example.") in records(scenario, "alpha.example")


def test_domains_with_the_same_label_get_hosts_of_their_own(loaded: Loader) -> None:
    scenario = loaded(SMALL.replace("beta.example", "alpha.test"))
    assert [host.id for host in scenario.hosts if host.kind == "mail-server"] == ["mail-alpha", "mail-alpha-test"]
    assert walk(scenario, "mail.alpha.test") == [".", "test", "alpha.test"]


def test_a_domain_inside_another_is_delegated_by_it(loaded: Loader) -> None:
    scenario = loaded(SMALL.replace("beta.example", "lists.alpha.example"))
    assert walk(scenario, "mail.lists.alpha.example") == [".", "example", "alpha.example", "lists.alpha.example"]


def test_a_top_level_domain_may_have_mailboxes(loaded: Loader) -> None:
    scenario = loaded(SMALL.replace("alpha.example", "example"))
    assert walk(scenario, "mail.example") == [".", "example"]


def test_six_octets_in_a_world_of_version_six(loaded: Loader) -> None:
    scenario = loaded(SMALL + 'hosts:\n  mail-beta: {kind: mail-server, ip: [203.0.113.25, "2001:db8::25"]}\n')
    assert scenario.host("mail-beta").addresses == ("203.0.113.25", "2001:db8::25")
    assert ("mail.beta.example.", "AAAA", "2001:db8::25") in records(scenario, "beta.example")
    assert walk(scenario, "5.2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa")[1] == "ip6.arpa"


def test_the_first_device_acts_unless_another_is_named(loaded: Loader) -> None:
    hosts = "hosts:\n  pc-boris: {kind: client, user: boris@beta.example}\n  phone: {kind: client, user: boris@beta.example}\n"
    scenario = loaded(SMALL + "  - {at: 2m, who: boris@beta.example, host: phone, do: fetch}\n" + hosts)
    assert [action.host for action in scenario.timeline] == ["pc-anna", "pc-boris", "phone"]


def test_the_timeline_is_in_the_order_of_time_and_of_the_file_at_equal_times(loaded: Loader) -> None:
    notes = "".join(f"  - {{at: {at}, do: note, text: '{n}'}}\n" for n, at in enumerate(["2m", "30s", "2m", "0s"]))
    found = [action.text for action in loaded(SMALL + notes).timeline if action.do == "note"]
    assert found == ["3", "1", "0", "2"]


def test_every_element_knows_the_line_that_made_it(loaded: Loader) -> None:
    scenario = loaded()
    origins = {host.id: host.origin for host in scenario.hosts}
    assert origins["mail-alpha"] == origins["pc-anna"] == "small.yaml:4"
    assert origins["mail-beta"] == "small.yaml:5"
    assert origins["resolver"] == origins["root-a"] == "small.yaml:3"
    assert [action.origin for action in scenario.timeline] == ["small.yaml:7", "small.yaml:8"]
    parts = (scenario.people, scenario.hosts, scenario.links, scenario.zones, scenario.timeline)
    assert all(str(element.origin).startswith("small.yaml:") for part in parts for element in part)


def test_the_same_file_gives_the_same_world(loaded: Loader) -> None:
    assert loaded() == loaded()


def test_names_and_passwords_are_made_from_the_address(loaded: Loader) -> None:
    scenario = loaded(SMALL.replace("{name: Anna}", "").replace("anna@", "anna.akhmetova@"))
    assert (scenario.people[0].name, scenario.people[0].password) == ("Anna Akhmetova", "anna.akhmetova-opens-the-box")


def test_dig_turns_an_address_into_its_reverse_name(loaded: Loader) -> None:
    scenario = loaded(SMALL + "  - {at: 2m, host: pc-anna, do: dig, name: 192.0.2.25, type: ptr}\n")
    assert (scenario.timeline[-1].name, scenario.timeline[-1].type) == ("25.2.0.192.in-addr.arpa", "PTR")


def test_attachments_are_octets_with_a_media_type(loaded: Loader) -> None:
    sent = loaded(
        SMALL.replace(
            "text: Hi",
            "text: Hi, attachments: [{name: план.txt, text: Жук}, {name: x.png, base64: iVBO Rw==}, {name: y, base64: AA==}]",
        )
    ).timeline[0]
    assert [(a.name, a.octets, a.type) for a in sent.attachments] == [
        ("план.txt", "Жук".encode(), "text/plain"),
        ("x.png", b"\x89PNG", "image/png"),
        ("y", b"\0", "application/octet-stream"),
    ]
