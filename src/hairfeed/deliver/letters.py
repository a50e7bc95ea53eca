"""Sends letters: single mails, each claimed, submitted and settled as a batch is."""

from datetime import datetime
from email.utils import parseaddr

from hairfeed.deliver import pace as paces
from hairfeed.deliver.doubt import Doubt, Way, way_out
from hairfeed.deliver.fleet import Bar
from hairfeed.deliver.mailing import Content, Mailing, MessageIds, Recipient
from hairfeed.deliver.message import one_line
from hairfeed.deliver.outcome import backoff
from hairfeed.deliver.post import Post
from hairfeed.deliver.proof import proven
from hairfeed.deliver.providers.contract import Provider
from hairfeed.deliver.providers.outcomes import (
    Blame,
    InDoubt,
    NotNow,
    Outcome,
    Refused,
    StillUnknown,
    Taken,
    TakenBefore,
    Throttled,
    WasPartlyTaken,
    WasTaken,
)
from hairfeed.log import without_addresses
from hairfeed.models.issues import BatchState
from hairfeed.models.reports import Problem
from hairfeed.settings import Settings
from hairfeed.store import letters
from hairfeed.store.batches import Claim
from hairfeed.store.database import Connection
from hairfeed.store.letters import Letter
from hairfeed.store.paces import keep_pace, pace_of
from hairfeed.store.proofs import proofs_of_letter
from hairfeed.text.merge import Mergeable

_AT_ONCE = 200
"""Letters of one pass: an issue waits behind them."""


def send_letters(post: Post, settings: Settings, only: int | None = None) -> tuple[int, list[Problem]]:
    """Submit the letters that are due, or the `only` one; how many were taken, and what could not be done."""
    now, taken, problems = post.clock.now(), 0, []
    states = (BatchState.IN_DOUBT, BatchState.PENDING)
    with post.ledger.read() as connection:
        due = letters.letters_in(connection, *states, now=now, only=only)[:_AT_ONCE]
    for letter in due:
        if post.clock.stopped:
            break
        outcome = _send(post, settings, letter)
        if isinstance(outcome, Taken | TakenBefore):
            taken += 1
        elif outcome is not None and not isinstance(outcome, Throttled):
            # A reply often repeats the reader's address, and a report is kept in logs.
            problems.append(Problem(f"letter {letter.id}", f"{without_addresses(outcome.reason)}; {_hereafter(outcome)}"))
    return taken, problems


def _hereafter(outcome: Refused | NotNow | InDoubt) -> str:
    match outcome:
        case Refused(blame=Blame.RECIPIENTS):
            return "it is not tried again"
        case InDoubt():
            return "it may have gone out"
    return "it waits for the next pass"


def _send(post: Post, settings: Settings, letter: Letter) -> Outcome | None:
    """Submit one letter; None when there was nothing to do, or it is not its time."""
    provider = post.fleet.taking()
    if letter.state is BatchState.IN_DOUBT:
        provider = post.fleet.named(letter.provider)
    if not _is_to_be_sent(post, settings, letter, provider) or provider is None or provider.name in post.fleet.bars:
        return None
    call = provider.prepare(_mailing(settings, letter))
    now = post.clock.now()
    with post.ledger.write() as connection:
        if letters.is_suppressed(connection, letter):
            letters.settle_letter(connection, letter, BatchState.REFUSED, "suppressed")
            return None
        pace = paces.take(pace_of(connection, provider.name, now), post.fleet.limits(provider), 1, now)
        if isinstance(pace, paces.Wait):
            return None
        claimed = letters.claim_letter(connection, letter, Claim(post.owner, now + post.lease, provider.name, call.body_hash), now)
        if claimed is None:
            return None
        keep_pace(connection, provider.name, pace)
    outcome = post.call(call, now)
    with post.ledger.write() as connection:
        _settle(connection, claimed, letter.state, outcome, post.clock.now())
        if isinstance(outcome, Throttled):
            slower = paces.slowed(pace_of(connection, provider.name, now), outcome.retry_after, post.clock.now())
            keep_pace(connection, provider.name, slower)
    match outcome:
        case Refused(reason, Blame.ACCOUNT):
            post.fleet.bars[provider.name] = Bar(reason, account=True)
        case NotNow(reason, everyone=True):
            post.fleet.bars[provider.name] = Bar(reason, account=False)
    return outcome


def _is_to_be_sent(post: Post, settings: Settings, letter: Letter, provider: Provider | None) -> bool:
    """Whether a letter is to be submitted (again); what can be settled otherwise is."""
    now = post.clock.now()
    # One that waits may have been in doubt, and have been sent again in vain since.
    if letter.provider and _was_told_of(post, letter):
        return False
    if letter.state is BatchState.PENDING:
        return True
    first, last = letter.claimed_at or now, letter.called_at or now
    way = way_out(Doubt(first, last), provider.capabilities if provider else None, settings.mail.in_doubt, now)
    if way is Way.ASK and provider is not None:
        resolution = provider.resolve(_mailing(settings, letter), last)
        with post.ledger.write() as connection:
            match resolution:
                case WasTaken() | WasPartlyTaken():
                    letters.settle_letter(connection, letter, BatchState.ACCEPTED, None)
                case StillUnknown(reason, ask_after):
                    later = now + (ask_after or backoff(letter.attempt))
                    letters.settle_letter(connection, letter, BatchState.IN_DOUBT, reason, next_try_at=later)
                case _:
                    letters.settle_letter(connection, letter, BatchState.PENDING, "was not taken, says the provider")
        return False
    if way is Way.SKIP:
        with post.ledger.write() as connection:
            letters.settle_letter(connection, letter, BatchState.SKIPPED, "was in doubt; left at that, as mail.in_doubt says")
    return way in {Way.REPEAT, Way.RESEND}


def _was_told_of(post: Post, letter: Letter) -> bool:
    """Whether the provider has told of a letter that is or was in doubt, which settles it."""
    with post.ledger.read() as connection:
        told = proofs_of_letter(connection, letter)
    if not told:
        return False
    refused = proven(told, letter.key, [told[0].subscriber_id])[told[0].subscriber_id]
    with post.ledger.write() as connection:
        letters.settle_letter(connection, letter, BatchState.REFUSED if refused else BatchState.ACCEPTED, refused)
    return True


def _settle(connection: Connection, letter: Letter, before: BatchState, outcome: Outcome, now: datetime) -> None:
    waits = now + backoff(letter.attempt)
    match outcome:
        case Taken((), (), provider_id) | TakenBefore(provider_id):
            letters.settle_letter(connection, letter, BatchState.ACCEPTED, None, provider_id=provider_id)
        case Taken((refusal, *_)):
            letters.settle_letter(connection, letter, BatchState.REFUSED, refusal.reason)
        case Taken():
            letters.settle_letter(connection, letter, BatchState.PENDING, "was put off", next_try_at=waits)
        case Refused(reason, Blame.RECIPIENTS):
            letters.settle_letter(connection, letter, BatchState.REFUSED, reason)
        case InDoubt(reason):
            letters.settle_letter(connection, letter, BatchState.IN_DOUBT, reason, next_try_at=waits)
        case Refused(reason) | Throttled(reason) | NotNow(reason):
            letters.settle_letter(connection, letter, before, reason)


def _mailing(settings: Settings, letter: Letter) -> Mailing:
    """The letter as a mailing to one: without the headers of a mailing list, since it is none."""
    domain = parseaddr(settings.mail.from_)[1].rpartition("@")[2]
    content = Content(
        sender=settings.mail.from_,
        reply_to=settings.mail.reply_to,
        subject=Mergeable((one_line(letter.subject),), ()),
        text=Mergeable((letter.text,), ()),
        html=Mergeable((letter.html,), ()),
        dated_at=letter.queued_at.astimezone(settings.site.timezone),
        message_ids=MessageIds(letter.key, domain, letter.key),
        headers=(("Auto-Submitted", Mergeable(("auto-generated",), ())),),
    )
    recipient = Recipient(letter.subscriber_id or 0, letter.email, name="", unsubscribe="", preferences="", leave="")
    return Mailing(letter.key, f"{letter.kind}-{letter.id:04d}", content, (recipient,))
