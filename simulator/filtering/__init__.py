"""What a filter thinks of a letter: pure functions from its octets to a verdict.

The wire to a filter is `protocol.spamd`; what is done about a verdict is the mail server's policy.
"""
