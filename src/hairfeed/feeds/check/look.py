"""A look at what is published that no pass at work can confuse."""

from hairfeed.errors import PassUnderWay
from hairfeed.feeds.check.finding import Finding
from hairfeed.feeds.check.walk import check
from hairfeed.settings.site import Feeds
from hairfeed.store.database import Ledger
from hairfeed.store.feed_files import published

_MOST_LOOKS = 3


def look(ledger: Ledger, feeds: Feeds) -> tuple[int, list[Finding]]:
    """How many files are published, and what is wrong with them.

    A pass puts files into place before it writes down that it did, and what is half done looks like faults. So faults count when
    no pass is at work and none has written down anything since the look began. The lock is held for no longer than it takes to
    see that: a pass that begins meanwhile would give way.

    Raises:
        PassUnderWay: something looks wrong, and a pass is at work.
        StoreError: the ledger cannot be read, or its lock not be asked for.
    """
    for _ in range(_MOST_LOOKS):
        with ledger.read() as connection:
            known = published(connection)
        findings = list(check(feeds, known))
        if not findings:
            return len(known), findings
        with ledger.pass_lock() as free:
            if not free:
                break
            with ledger.read() as connection:
                if published(connection) == known:
                    return len(known), findings
    raise PassUnderWay("a pass is at work, and what it has half done looks like faults; check again when it has ended")
