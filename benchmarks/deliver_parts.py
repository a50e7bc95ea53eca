"""Where a recipient's microseconds go: each part of the way of a batch by itself, and the least that it could take.

`python benchmarks/deliver_parts.py` with the Python that HairFeed is installed for; no network but this machine's own. CPU of this
process alone, the least of several rounds over a hundred batches, in microseconds a recipient.
"""

import hashlib
import hmac
import sqlite3
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import requests

from deliver_ledger import BATCH, ISSUE, make_ledger, settings_for
from hairfeed.deliver.form import nothing_left_over
from hairfeed.deliver.issue import IssueMails
from hairfeed.deliver.memory import memory_at_ease
from hairfeed.deliver.providers.mailgun import MailgunApi
from hairfeed.models.issues import BatchState
from hairfeed.store import batches, deliveries, recipients
from hairfeed.store.database import open_ledger
from hairfeed.text.tokens import Purpose, sign_all
from mail_api import MailApi

READERS, ROUNDS = 100_000, 5
SECRET = b"s" * 32

_Given = TypeVar("_Given")
_Made = TypeVar("_Made")

BARE_ROWS = (
    "SELECT s.id, s.email, s.name FROM recipients r JOIN subscribers s ON s.id = r.subscriber_id "
    "WHERE r.issue_id = ? AND r.batch = ? ORDER BY r.subscriber_id"
)


def part(name: str, work: Callable[[_Given], _Made], given: Sequence[_Given]) -> list[_Made]:
    """Do the work for every batch, and say what it costs a recipient."""
    least = float("inf")
    for _ in range(ROUNDS):
        began = time.process_time()
        for one in given:
            work(one)
        least = min(least, time.process_time() - began)
    print(f"| {name} | {least / READERS * 1e6:.2f} |")
    # Outside the measurement, where nothing is kept from one batch to the next.
    return [work(one) for one in given]


def two_links(subscribers: Sequence[int]) -> list[list[str]]:
    """As each recipient gets them."""
    return [sign_all(SECRET, purpose, "weekly", subscribers) for purpose in (Purpose.UNSUBSCRIBE, Purpose.PREFERENCES)]


def two_hmacs(subscribers: Sequence[int]) -> list[bytes]:
    """What links signed one by one would take at least."""
    return [hmac.digest(SECRET, b"%d" % number, "sha256") for number in subscribers for _ in range(2)]


def main() -> None:
    """A table in Markdown."""
    with tempfile.TemporaryDirectory() as place, MailApi() as api, memory_at_ease():
        folder = Path(place, "ledger")
        make_ledger(folder, READERS, 40_000)
        settings = settings_for(folder, api.url)
        ledger = open_ledger(settings.store.url, 10)
        with ledger.write() as connection:
            began = time.process_time()
            deliveries.freeze(connection, ISSUE, BATCH)
            frozen = time.process_time() - began
            (issue,) = deliveries.sending_issues(connection)
        print(f"| part | µs |\n|---|---|\n| freeze (once) | {frozen / READERS * 1e6:.2f} |")
        mails = IssueMails(ledger, settings, issue)
        assert settings.mail.mailgun
        adapter = MailgunApi(settings.mail.mailgun, settings.mail.from_)
        bare = sqlite3.connect(folder / "hairfeed.db")
        session = requests.Session()
        with ledger.read() as connection:
            every = batches.batches_in(connection, ISSUE, BatchState.PENDING)
            numbers = [range(one.first_id, one.last_id + 1) for one in every]
            people = part("read, with who has left", lambda one: recipients.of_batch(connection, "weekly", one), every)
            part(
                "of that, at least: two columns by sqlite3",
                lambda one: bare.execute(BARE_ROWS, (ISSUE, one.number)).fetchall(),
                every,
            )
            mailings = part("compose: names, links", lambda one: mails.mailing(*one), list(zip(every, people, strict=True)))
            part("of that, two links", two_links, numbers)
            part("two HMACs instead, at least", two_hmacs, numbers)
            calls = part("build", adapter.build, mailings)
            part("look for placeholders", lambda one: nothing_left_over(one.body), calls)
            part("hash", lambda one: hashlib.sha256(one.body).hexdigest(), calls)
            part("post, bare", lambda one: session.post(f"{api.url}/messages", data=one.body).content, calls)
        bare.close()
        ledger.close()


if __name__ == "__main__":
    main()
