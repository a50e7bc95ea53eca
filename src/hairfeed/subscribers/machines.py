"""Which opens and clicks are people's, and which are those of programs that look at mails first. Pure.

Nobody can tell for sure: Apple Mail loads all pictures whether a mail is read or not, Gmail loads them for its readers, and
companies follow every link of a mail before its reader does. So a doubtful hit counts as a machine's.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import groupby

from hairfeed.models.hits import OPEN, Hit, LinkCount

SOONEST = timedelta(seconds=20)
"""From handing a mail to its provider: nobody has it and has read it before."""
BURST, BURST_WITHIN = 3, timedelta(seconds=10)
"""So many different links in such a time: whoever looks at all of them reads none."""

_APPLE = "Mozilla/5.0"
"""All that Apple Mail's privacy protection says of itself."""
_MACHINES = re.compile(
    r"bot\b|crawl|spider|slurp|scan|preview|prefetch|proxy|monitor|validator|headless|phantom|"
    r"googleimageproxy|yahoomailproxy|barracuda|mimecast|proofpoint|safelinks|symantec|trendmicro|fireeye|forcepoint|"
    r"facebookexternalhit|whatsapp|skypeuripreview|slack|telegram|"
    r"curl|wget|python|java/|okhttp|go-http|libwww|httpclient|axios|node-fetch|ruby|perl|php/",
    re.IGNORECASE,
)


def is_machine(user_agent: str, at: datetime, called_at: datetime | None) -> bool:
    """Whether a hit is a machine's by what it says of itself, or because its mail was handed over at `called_at`, just before."""
    says_so = user_agent.strip() in {"", _APPLE} or _MACHINES.search(user_agent) is not None
    return says_so or (called_at is not None and at - called_at < SOONEST)


def counted(hits: Iterable[Hit]) -> list[LinkCount]:
    """The hits of one issue, by link; those of one reader stand together."""
    readers: dict[int, int] = defaultdict(int)
    machines: dict[int, int] = defaultdict(int)
    for _, group in groupby(hits, lambda hit: hit.subscriber_id):
        of_one = list(group)
        in_bursts = _in_bursts(of_one)
        by_machines = [hit.by_machine or hit in in_bursts for hit in of_one]
        for hit, by_machine in zip(of_one, by_machines, strict=True):
            machines[hit.link] += by_machine
        for link in {hit.link for hit, by_machine in zip(of_one, by_machines, strict=True) if not by_machine}:
            readers[link] += 1
    return [LinkCount(link, readers[link], machines[link]) for link in sorted({*readers, *machines})]


def together(first: Iterable[LinkCount], second: Iterable[LinkCount]) -> list[LinkCount]:
    """Counts of two times as one; a reader who comes in both is two."""
    sums: dict[int, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for one in (*first, *second):
        readers, machines = sums[one.link]
        sums[one.link] = (readers + one.readers, machines + one.machines)
    return [LinkCount(link, *sums[link]) for link in sorted(sums)]


def _in_bursts(hits: Sequence[Hit]) -> set[Hit]:
    """One reader's hits that belong to a burst of different links, and the open that came with it."""
    clicks = sorted((hit for hit in hits if hit.link != OPEN), key=lambda hit: hit.at)
    found: set[Hit] = set()
    for number, first in enumerate(clicks):
        near = [hit for hit in clicks[number:] if hit.at - first.at <= BURST_WITHIN]
        if len({hit.link for hit in near}) >= BURST:
            found.update(near)
    opens = (hit for hit in hits if hit.link == OPEN)
    return found | {one for one in opens if any(abs(one.at - hit.at) <= BURST_WITHIN for hit in found)}
