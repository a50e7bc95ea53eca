"""A planned issue as one mail: to look at, or sent to one address as a test."""

from datetime import datetime

from hairfeed.deliver.mail import Mail, OutgoingMessage
from hairfeed.deliver.message import compose_mail, rfc5322
from hairfeed.deliver.providers.choice import open_provider
from hairfeed.digest.plan import Plan, PlannedVariant
from hairfeed.errors import IssueError
from hairfeed.settings import Settings
from hairfeed.store.deliveries import BatchRecipient, SendingIssue, Variant
from hairfeed.text.merge import Mergeable, Placeholder

TEST_MARK = "[Test] "


def filled(settings: Settings, variant: PlannedVariant) -> Variant:
    """The variant as a reader without a name sees it; the two links that are a reader's own lead to nobody's page."""
    base = settings.web.url if settings.web else ""
    values = {Placeholder.NAME: "", Placeholder.UNSUBSCRIBE: f"{base}/u/preview", Placeholder.PREFERENCES: f"{base}/p/preview"}
    return Variant(
        subject=Mergeable.of(variant.subject).fill(values),
        html=Mergeable.of(variant.html).fill_html(values),
        text=Mergeable.of(variant.text).fill(values),
    )


def message(settings: Settings, plan: Plan, variant: PlannedVariant, address: str, now: datetime) -> bytes:
    """The whole mail (RFC 5322) as a relay would get it."""
    return rfc5322(_mail(settings, plan, filled(settings, variant), address, now))


def send_test(settings: Settings, plan: Plan, address: str, now: datetime) -> str:
    """Send the mail of readers who chose nothing to one address, with a mark in its subject; where it went.

    Raises:
        IssueError: the provider refused it.
        SubmissionError: the provider could not be reached, or nobody knows whether it took it.
    """
    provider = open_provider(settings.mail)
    try:
        whole = filled(settings, plan.variants[0])
        marked = Variant(TEST_MARK + whole.subject, whole.html, whole.text)
        mail = _mail(settings, plan, marked, address, now)
        # Another key and name at each moment: a second test is a second mail.
        name = f"test-{plan.newsletter}-{plan.number:04d}-{now:%Y%m%d%H%M%S%f}"
        message = OutgoingMessage(0, address, f"{name}-{address}", provider.form(mail))
        refusals = provider.submit(f"hairfeed-{name}", [message]).refusals
        if refusals:
            raise IssueError(f"{provider.destination}: refused the test mail: {refusals[0].reason}")
        return provider.destination
    finally:
        provider.close()


def _mail(settings: Settings, plan: Plan, variant: Variant, address: str, now: datetime) -> Mail:
    issue = SendingIssue(0, plan.newsletter, plan.number, now)
    return compose_mail(settings, issue, variant, BatchRecipient(0, address, 0, None))
