"""Notices as django-anymail reads them: of the same kind, reader, moment and metadata, but for what is named here."""

from typing import Any

import pytest

from hairfeed.deliver.providers.choice import ADAPTERS
from hairfeed.models.events import EventKind
from tests.deliver.oracle import anymail_events
from tests.deliver.test_notices import AT, KINDS, NOW, OURS, POSTERS, READER

ALIKE: dict[EventKind | None, set[str]] = {
    EventKind.ACCEPTED: {"queued", "sent"},
    EventKind.DELIVERED: {"delivered"},
    EventKind.REJECTED: {"rejected"},
    EventKind.HARD_BOUNCE: {"bounced"},
    EventKind.SOFT_BOUNCE: {"bounced"},
    EventKind.COMPLAINT: {"complained"},
    EventKind.UNSUBSCRIBE: {"unsubscribed"},
    EventKind.OPENED: {"opened"},
    EventKind.CLICKED: {"clicked"},
    # What says nothing to us.
    None: {"deferred", "autoresponded", "subscribed", "unknown"},
}

DIFFERENCES: dict[tuple[str, str, EventKind | None], str] = {
    ("brevo", "failed", EventKind.REJECTED): "error: Brevo took it, and does not send it",
    ("mailjet", "rejected", None): "duplicate in campaign: the mail went out before",
    ("mailgun", "bounced", EventKind.REJECTED): "suppress-…: Mailgun did not send it, the address is on its own list",
    ("postmark", "rejected", EventKind.HARD_BOUNCE): "BadEmailAddress: there is no such address",
    ("postmark", "rejected", EventKind.SOFT_BOUNCE): "Blocked: the receiving server refuses us, not the reader's address",
    ("postmark", "bounced", None): "SubscriptionChange after a bounce, of which there is a notice of its own",
    ("sparkpost", "bounced", EventKind.REJECTED): "class 25: SparkPost's own policies refused it",
    ("sparkpost", "unknown", EventKind.OPENED): "initial_open, which anymail does not know",
    ("resend", "unknown", EventKind.REJECTED): "email.failed, which anymail does not know",
}
"""By provider, anymail's kind and ours: why they differ."""


READ = [one for one in KINDS if one[0] != "ses" and one[1] != [{"msys": {}}] and "Inbound" not in str(one[1])]
"""Without what anymail refuses to read, or leaves out; for SES it needs Amazon's library, and reads a header of its own."""


@pytest.mark.parametrize(("provider", "notice", "kind"), READ)
def test_anymail_reads_the_same(provider: str, notice: Any, kind: EventKind | None) -> None:
    (theirs,) = anymail_events(provider, ADAPTERS[provider], POSTERS[provider].sign(notice, NOW)[1])
    assert theirs.event_type in ALIKE[kind] or (provider, theirs.event_type, kind) in DIFFERENCES
    assert (theirs.recipient, theirs.timestamp) == (READER, AT)
    # Of Resend it reads metadata from a header of its own, not from tags.
    assert provider == "resend" or OURS.items() <= dict(theirs.metadata).items()


def test_every_difference_is_one() -> None:
    met = set()
    for provider, notice, kind in READ:
        (theirs,) = anymail_events(provider, ADAPTERS[provider], POSTERS[provider].sign(notice, NOW)[1])
        if theirs.event_type not in ALIKE[kind]:
            met.add((provider, theirs.event_type, kind))
    assert met == set(DIFFERENCES)
