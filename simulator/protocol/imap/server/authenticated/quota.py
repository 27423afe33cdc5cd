"""GETQUOTA and GETQUOTAROOT: how full an account is. RFC 9208, 4.1.2 and 4.1.3."""

from __future__ import annotations

from simulator.protocol.imap.scanner import Scanner
from simulator.protocol.imap.server.context import Context, Outcome, mailbox_name, no, no_such_mailbox, ok, shown_name
from simulator.protocol.imap.view import QuotaRoot
from simulator.protocol.imap.writing import string


def get_quota(context: Context, scanner: Scanner) -> Outcome:
    """Show one quota root."""
    scanner.space()
    name = scanner.astring("quota root")
    scanner.end()
    for root in context.need_store().quota_roots("INBOX"):
        if root.name.encode("utf-8") == name:
            _show(context, root)
            return ok("Getquota completed.")
    return no("[NONEXISTENT] Quota root doesn't exist.")


def get_quota_root(context: Context, scanner: Scanner) -> Outcome:
    """Name the quota roots of a mailbox and show each."""
    scanner.space()
    octets = scanner.astring("mailbox name")
    scanner.end()
    name, store = mailbox_name(octets), context.need_store()
    if store.open(name, read_only=True) is None:
        return no_such_mailbox(octets, "NONEXISTENT")
    roots = store.quota_roots(name)
    context.untagged(b" ".join((b"QUOTAROOT", shown_name(context, name), *(_name(root) for root in roots))))
    for root in roots:
        _show(context, root)
    return ok("Getquotaroot completed.")


def _name(root: QuotaRoot) -> bytes:
    return string(root.name.encode("utf-8"))


def _show(context: Context, root: QuotaRoot) -> None:
    resources = " ".join(f"{name} {usage} {limit}" for name, usage, limit in root.resources)
    context.untagged(b"QUOTA %b (%b)" % (_name(root), resources.encode("ascii")))
