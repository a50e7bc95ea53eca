"""The mails of one issue: contents read once, and mailings made for its batches."""

from collections.abc import Sequence
from functools import cached_property

from hairfeed.deliver.mailing import Content, Mailing
from hairfeed.deliver.message import Composer
from hairfeed.settings import Settings
from hairfeed.store import deliveries
from hairfeed.store.batches import Batch
from hairfeed.store.database import Ledger
from hairfeed.store.deliveries import SendingIssue
from hairfeed.store.recipients import BatchRecipient
from hairfeed.store.secrets import secret


class IssueMails:
    """Makes an issue's mailings."""

    def __init__(self, ledger: Ledger, settings: Settings, issue: SendingIssue) -> None:
        """Nothing is read yet."""
        self.issue = issue
        self._ledger = ledger
        self._settings = settings
        self._contents: dict[int, Content] = {}

    def mailing(self, batch: Batch, people: Sequence[BatchRecipient]) -> Mailing:
        """What the batch hands over for these people.

        Raises:
            ValueError: its variant holds a broken placeholder.
        """
        return self._composer.mailing(batch.key, self._content(batch.variant_id), people)

    @cached_property
    def largest(self) -> int:
        """Characters of the longest of its mails, HTML and text together."""
        with self._ledger.read() as connection:
            return deliveries.largest_variant(connection, self.issue.id)

    @cached_property
    def _composer(self) -> Composer:
        with self._ledger.write() as connection:
            return Composer(self._settings, self.issue, secret(connection, "links"))

    def _content(self, variant_id: int) -> Content:
        if variant_id not in self._contents:
            with self._ledger.read() as connection:
                variants = deliveries.variants_of(connection, self.issue.id)
            self._contents = {number: self._composer.content(variant) for number, variant in variants.items()}
        return self._contents[variant_id]
