"""A planned issue as one mail: to look at, or sent to one address as a test."""

from dataclasses import replace
from datetime import datetime
from email.utils import parseaddr

from hairfeed.deliver.mailing import Mailing
from hairfeed.deliver.message import Composer
from hairfeed.deliver.mime import message_form
from hairfeed.deliver.providers.choice import open_provider
from hairfeed.deliver.providers.outcomes import InDoubt, Outcome, Taken, TakenBefore
from hairfeed.digest.plan import Plan, PlannedVariant
from hairfeed.digest.tracking import uncounted
from hairfeed.errors import IssueError, SubmissionError
from hairfeed.settings import Settings
from hairfeed.store.deliveries import SendingIssue, Variant
from hairfeed.store.recipients import BatchRecipient
from hairfeed.text.merge import Mergeable, Placeholder

TEST_MARK = "[Test] "

_NOBODYS = b"preview"
"""Signs links of a reader who does not exist: they lead to nobody's page."""


def straight(plan: Plan, variant: PlannedVariant) -> PlannedVariant:
    """The variant with links that lead straight to articles: nobody's clicks are counted."""
    html, text = uncounted(variant.html, variant.text, plan.links)
    return replace(variant, html=html, text=text)


def filled(settings: Settings, variant: PlannedVariant) -> Variant:
    """The variant as a reader without a name sees it; the two links that are a reader's own lead to nobody's page."""
    base = settings.web.url if settings.web else f"mailto:{parseaddr(settings.mail.reply_to)[1]}?subject="
    values = {Placeholder.NAME: "", Placeholder.UNSUBSCRIBE: f"{base}/u/preview", Placeholder.PREFERENCES: f"{base}/p/preview"}
    return Variant(
        subject=Mergeable.of(variant.subject).fill(values),
        html=Mergeable.of(variant.html).fill_html(values),
        text=Mergeable.of(variant.text).fill(values),
    )


def message(settings: Settings, plan: Plan, variant: PlannedVariant, address: str, now: datetime) -> bytes:
    """The whole mail (RFC 5322) as a relay would get it."""
    mailing = _mailing(settings, plan, variant, address, now)
    return message_form(mailing.content).fill(mailing.recipients[0])


def send_test(settings: Settings, plan: Plan, address: str, now: datetime) -> str:
    """Send the mail of readers who chose nothing to one address, with a mark in its subject; where it went.

    Raises:
        IssueError: the provider refused it.
        SubmissionError: the provider takes nothing now, or nobody knows whether it took it.
    """
    provider = open_provider(settings.mail, settings.mail.provider)
    try:
        mailing = _mailing(settings, plan, straight(plan, plan.variants[0]), address, now, TEST_MARK)
        _expect_taken(provider.prepare(mailing).make(), provider.destination)
        return provider.destination
    finally:
        provider.close()


def _mailing(settings: Settings, plan: Plan, variant: PlannedVariant, address: str, now: datetime, mark: str = "") -> Mailing:
    composer = Composer(settings, SendingIssue(0, plan.newsletter, plan.number, now), _NOBODYS)
    content = composer.content(Variant(mark + variant.subject, variant.html, variant.text, plan.content.archive_url))
    # Another key and name at each moment: a second test is a second mail.
    name = f"test-{plan.newsletter}-{plan.number:04d}-{now:%Y%m%d%H%M%S%f}"
    mailing = composer.mailing(f"hairfeed-{name}", content, [BatchRecipient(0, address)])
    return replace(mailing, name=name)


def _expect_taken(outcome: Outcome, destination: str) -> None:
    match outcome:
        case TakenBefore() | Taken(refused=(), postponed=()):
            return
        case Taken(refused=(refusal, *_)):
            raise IssueError(f"{destination}: refused the test mail: {refusal.reason}")
        case Taken():
            raise SubmissionError(f"{destination}: did not take the test mail now; try again later")
        case InDoubt(reason=reason):
            raise SubmissionError(f"{reason}; nobody knows whether the test mail was taken: look for it in the inbox")
        case _:
            raise IssueError(f"the test mail was not taken: {outcome.reason}")
