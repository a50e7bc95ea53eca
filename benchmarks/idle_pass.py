"""A pass that finds nothing new, as a whole process, over few pages and over many.

`python benchmarks/idle_pass.py` with the Python that HairFeed is installed for. It fails when a pass was not idle, never on a time.
"""

import argparse
import tempfile
from pathlib import Path

from publication import Publication
from timing import Spread, alternate, print_costs, print_ratios

GOAL_SECONDS = 0.8
"""Wall time for the few pages."""
GOAL_RATIO = 1.5
"""Of the many pages to the few, by wall time."""


def main() -> None:
    """Measure, and print the results beside the goals."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--few", type=int, default=100, help="pages")
    parser.add_argument("--many", type=int, default=10_000, help="pages")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--form", choices=("md", "txt"), default="txt")
    arguments = parser.parse_args()
    few, many = f"{arguments.few:,} pages", f"{arguments.many:,} pages"
    with tempfile.TemporaryDirectory(prefix="hairfeed-") as folder:
        small = Publication(Path(folder, "few"), arguments.few, arguments.form)
        large = Publication(Path(folder, "many"), arguments.many, arguments.form)
        for publication in (small, large):
            publication.cold_pass()
            publication.idle_pass()
        costs = alternate(arguments.rounds, {few: small.idle_pass, many: large.idle_pass})
    print_costs(costs)
    print()
    print_ratios(f"{many} to {few}", costs[many], costs[few])
    wall = Spread.of(one.wall for one in costs[few]).median
    ratio = Spread.of(one.wall / two.wall for one, two in zip(costs[many], costs[few], strict=True)).median
    print(f"goal for {few}: {GOAL_SECONDS} s of wall time at most; measured {wall:.2f} s")
    print(f"goal for the ratio: {GOAL_RATIO} at most; measured {ratio:.2f}")


if __name__ == "__main__":
    main()
