"""Whether the time of a sign-up's answer tells who is subscribed: known and unknown addresses, posted in random order.

`python benchmarks/sign_up_timing.py` with the Python that HairFeed is installed for. One connection to `hairfeed serve` on this
machine, so that no network hides anything: an attacker elsewhere sees less. It fails when the answers differ or a sign-up is
missing, never on a time.
"""

import argparse
import http.client
import random
import re
import statistics
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from urllib.parse import urlencode

from web import Publication

WARMING = 100
"""Posts at the beginning that are not counted."""
SHUFFLES = 200
BY_CHANCE = 0.95
"""Of the shuffles, so many show less than what is printed as chance."""


def measured(publication: Publication, port: int, posts: int, chance: random.Random) -> tuple[list[float], list[bool]]:
    """Milliseconds of each sign-up in their order, and whether its address was known."""
    known = [f"reader{number}@example.net" for number in chance.sample(range(10_001, publication.readers), posts // 2 + WARMING)]
    unknown = [address.replace("reader", "nobody") for address in chance.sample(known, len(known))]
    wanted = [(address, True) for address in known] + [(address, False) for address in unknown]
    chance.shuffle(wanted)
    times, answers = [], set()
    with closing(http.client.HTTPConnection("127.0.0.1", port)) as connection:
        connection.request("GET", "/mail/")
        found = re.search(r'name="stamp" value="([^"]+)"', connection.getresponse().read().decode())
        assert found is not None
        time.sleep(3)  # Faster forms are taken for a program's.
        for number, (address, _) in enumerate(wanted):
            body = urlencode({"email": address, "newsletter": "weekly", "stamp": found[1]})
            # Each from a network of its own: what is limited there is not looked at here.
            fields = {
                "Content-Type": "application/x-www-form-urlencoded",
                "X-Forwarded-For": f"10.{number >> 8}.{number & 255}.1",
            }
            began = time.perf_counter()
            connection.request("POST", "/mail/", body, fields)
            answer = connection.getresponse()
            content = answer.read()
            times.append((time.perf_counter() - began) * 1000)
            answers.add((answer.status, answer.getheader("location"), content))
    assert len(answers) == 1, answers
    assert publication.sign_ups() == len(wanted)
    return times[2 * WARMING :], [is_known for _, is_known in wanted[2 * WARMING :]]


def ranks(times: Sequence[float]) -> list[float]:
    """The place of each time among all; clocks are fine enough that equal times do not matter."""
    found = [0.0] * len(times)
    for place, number in enumerate(sorted(range(len(times)), key=times.__getitem__), 1):
        found[number] = place
    return found


def told(places: Sequence[float], known: Sequence[bool]) -> tuple[float, float]:
    """How often a known address takes longer than an unknown one (the U of Mann and Whitney over all pairs: 0.5 tells nothing).

    And how often the best rule of the kind "known if it takes longer (or less long) than so much" is right.
    """
    many = sum(known)
    others = len(known) - many
    of_known = sum(place for place, is_known in zip(places, known, strict=True) if is_known)
    auc = (of_known - many * (many + 1) / 2) / (many * others)
    apart = widest = 0.0
    for _, is_known in sorted(zip(places, known, strict=True)):
        apart += 1 / many if is_known else -1 / others
        widest = max(widest, abs(apart))
    return auc, 0.5 + widest / 2


def main() -> None:
    """Measure, and print what an attacker gains."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=4000, help="half to known addresses, half to unknown ones")
    parser.add_argument("--readers", type=int, default=60_000)
    options = parser.parse_args()
    chance = random.Random(7)
    with tempfile.TemporaryDirectory() as place:
        publication = Publication(Path(place), f"sqlite:///{place}/hairfeed.db", options.readers)
        with publication.served() as port:
            times, known = measured(publication, port, options.posts, chance)
    medians = [
        statistics.median(one for one, is_known in zip(times, known, strict=True) if is_known is which) for which in (True, False)
    ]
    places = ranks(times)
    auc, right = told(places, known)
    shuffled = [told(places, chance.sample(known, len(known))) for _ in range(SHUFFLES)]
    number = int(SHUFFLES * BY_CHANCE)
    by_chance = sorted(abs(one - 0.5) for one, _ in shuffled)[number], sorted(one for _, one in shuffled)[number]
    print(f"{len(times):,} sign-ups; a known address takes {medians[0]:.3f} ms, an unknown one {medians[1]:.3f} ms (medians)")
    low, _, high = statistics.quantiles(times)
    print(f"difference {(medians[0] - medians[1]) * 1000:+.0f} µs; half of all take {low:.3f} to {high:.3f} ms")
    print(f"a known address takes longer than an unknown one in {auc:.4f} of all pairs (by chance within 0.5 ± {by_chance[0]:.4f})")
    print(f"the best guess from one answer is right in {right:.4f} (by chance up to {by_chance[1]:.4f})")


if __name__ == "__main__":
    main()
