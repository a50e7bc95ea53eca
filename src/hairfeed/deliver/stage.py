"""The deliver stage: freezes issues, submits their batches, settles what a crash left in doubt.

Every batch commits its intent before the call and its outcome after it. A pass holds the pass lock, so a batch that is found
`submitting` at its beginning belongs to nobody that is alive.
"""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from hairfeed.deliver.mailing import Content
from hairfeed.deliver.message import Composer
from hairfeed.deliver.providers.choice import open_provider
from hairfeed.deliver.providers.contract import Provider, Settling
from hairfeed.deliver.providers.outcomes import Blame, InDoubt, NotNow, Outcome, Refused, Taken, TakenBefore, Throttled
from hairfeed.models import BatchState, DeliverReport, Problem, Watch
from hairfeed.settings import Settings
from hairfeed.store import deliveries
from hairfeed.store.database import Ledger
from hairfeed.store.deliveries import Batch, BatchRecipient, SendingIssue
from hairfeed.store.secrets import secret


def deliver(ledger: Ledger, settings: Settings, now: datetime, run: int, watch: Watch) -> DeliverReport:
    """Freeze what is approved, and bring every issue that is on its way as far as the provider lets it."""
    provider = open_provider(settings.mail, settings.mail.provider)
    try:
        with ledger.write() as connection:
            for issue_id in deliveries.approved_issues(connection):
                deliveries.freeze(connection, issue_id, provider.capabilities.batch_size)
            issues = deliveries.sending_issues(connection)
        receipts, failures = [], []
        for issue in issues:
            sending = _Sending(ledger, settings, provider, issue, now, run, watch)
            failures += sending.go_on()
            with ledger.write() as connection:
                deliveries.finish(connection, issue)
                receipts.append(deliveries.receipt(connection, issue))
        return DeliverReport(destination=provider.destination, receipts=tuple(receipts), failures=tuple(failures))
    finally:
        provider.close()


@dataclass
class _Sending:
    """One issue's way out in one pass."""

    ledger: Ledger
    settings: Settings
    provider: Provider
    issue: SendingIssue
    now: datetime
    run: int
    watch: Watch
    failures: list[Problem] = field(default_factory=list)

    @property
    def _label(self) -> str:
        return f"{self.issue.newsletter} {self.issue.number}"

    @cached_property
    def _composer(self) -> Composer:
        with self.ledger.write() as connection:
            return Composer(self.settings, self.issue, secret(connection, "links"))

    @cached_property
    def _contents(self) -> dict[int, Content]:
        with self.ledger.read() as connection:
            variants = deliveries.variants_of(connection, self.issue.id)
        return {number: self._composer.content(variant) for number, variant in variants.items()}

    def go_on(self) -> list[Problem]:
        """Settle what is in doubt, then submit what is pending; what could not be done."""
        self._resolve()
        with self.ledger.read() as connection:
            open_batches = deliveries.batches_in(connection, self.issue.id, BatchState.PENDING, BatchState.IN_DOUBT)
        ready = [batch for batch in open_batches if batch.state is BatchState.PENDING or self._repeatable(batch)]
        for done, batch in enumerate(ready):
            self.watch.step(f"Sending {self._label}", done, len(ready))
            outcome = self._submit(batch)
            match outcome:
                case NotNow(everyone=True) | Refused(blame=Blame.ACCOUNT):
                    self._fail(f"{outcome.reason}; {len(ready) - done} batches wait for the next pass")
                    break
                case InDoubt():
                    self._fail(f"{outcome.reason}; batch {batch.number} is in doubt")
                case NotNow() | Throttled():
                    self._fail(f"{outcome.reason}; batch {batch.number} waits for the next pass")
                case Refused() if self.provider.capabilities.batch_size > 1:
                    self._fail(f"{outcome.reason}; batch {batch.number} waits for the next pass")
        self._say_what_is_held()
        return self.failures

    def _resolve(self) -> None:
        """Batches whose call was cut off: keep them in doubt to be repeated where that is safe, else do as the operator decided."""
        with self.ledger.write() as connection:
            for batch in deliveries.batches_in(connection, self.issue.id, BatchState.SUBMITTING, BatchState.IN_DOUBT):
                state, note = self._settlement(batch)
                deliveries.settle(connection, batch, state, note)

    def _settlement(self, batch: Batch) -> tuple[BatchState, str]:
        if self._repeatable(batch):
            return BatchState.IN_DOUBT, "is repeated under its key"
        if self.settings.mail.in_doubt == "resend":
            return BatchState.PENDING, "was in doubt; sent again, as mail.in_doubt says"
        if self.settings.mail.in_doubt == "skip":
            return BatchState.SKIPPED, "was in doubt; left at that, as mail.in_doubt says"
        return BatchState.IN_DOUBT, "waits for a decision: mail.in_doubt"

    def _repeatable(self, batch: Batch) -> bool:
        """Whether the call can be made again without a second mail to anyone."""
        if self.provider.capabilities.settling is not Settling.REPEAT or batch.claimed_at is None:
            return False
        # Of a clock that was set back nobody knows how long ago the call was; by as much as it shows, at least.
        return abs(self.now - batch.claimed_at) <= self.provider.capabilities.window

    def _submit(self, batch: Batch) -> Outcome | None:
        with self.ledger.read() as connection:
            people = deliveries.recipients_of(connection, self.issue, batch)
        staying = [one for one in people if one.reason is None]
        gone = [one for one in people if one.reason]
        if not staying:
            call = None
        else:
            call = self.provider.prepare(self._composer.mailing(batch.key, self._contents[staying[0].variant_id], staying))
        with self.ledger.write() as connection:
            if not deliveries.claim(connection, batch, f"run {self.run}", call.body_hash if call else "", self.now):
                return None
            deliveries.leave_out(connection, self.issue, batch, gone)
        outcome = call.make() if call else Taken()
        self._commit(batch, outcome, gone)
        return outcome

    def _commit(self, batch: Batch, outcome: Outcome, gone: list[BatchRecipient]) -> None:
        """Write the outcome down, whatever it is."""
        with self.ledger.write() as connection:
            match outcome:
                case Taken(refused, _, provider_id):
                    deliveries.accept(connection, self.issue, batch, refused, provider_id)
                case TakenBefore(provider_id):
                    deliveries.take_back(connection, self.issue, gone)
                    deliveries.accept(connection, self.issue, batch, (), provider_id)
                case Refused(reason, Blame.RECIPIENTS) if self.provider.capabilities.batch_size == 1:
                    deliveries.settle(connection, batch, BatchState.REFUSED, reason)
                case InDoubt(reason):
                    deliveries.settle(connection, batch, BatchState.IN_DOUBT, reason)
                case Refused() | Throttled() | NotNow():
                    # It took nothing at this attempt; what is in doubt is an earlier one, and stays so.
                    deliveries.settle(connection, batch, batch.state, outcome.reason)

    def _fail(self, what: str) -> None:
        self.failures.append(Problem(f"issue {self._label}", what))

    def _say_what_is_held(self) -> None:
        if self.settings.mail.in_doubt != "hold":
            return
        with self.ledger.read() as connection:
            in_doubt = deliveries.batches_in(connection, self.issue.id, BatchState.IN_DOUBT)
        numbers = ", ".join(str(batch.number) for batch in in_doubt if not self._repeatable(batch))
        if numbers:
            self._fail(
                f"nobody knows whether batches {numbers} were taken; look at the provider, then let one pass run "
                'with mail.in_doubt = "resend" or "skip"'
            )
