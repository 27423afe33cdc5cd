"""DNS without sockets: messages, zones, an authoritative server, a recursive resolver, a stub, and dig's layout.

Sans-IO, so that simulated hosts, a live world and tests run the same code. Source: RFC 1034, 1035, 2308, 6891.

    message       values: Question, RRset, Message; words for them
    wire          octets <-> Message, ready answers patched in place, messages over TCP
    zone          zone text -> Zone (zone_text, zone_fields, zone_check: where mistakes are found)
    authority     query octets -> answer octets, from zones
    cache         what a resolver knows, as data
    resolver      recursive resolution as a generator of questions (referral: what may be believed)
    front         a resolver's face to its clients
    stub          a client's question and its typed result
    presentation  dig's output
"""
