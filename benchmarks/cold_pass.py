"""The first pass over many Markdown pages, as a whole process, beside Pelican's build of the same pages.

Pelican is no dependency of HairFeed; give it an environment of its own:

    python -m venv /tmp/pelican && /tmp/pelican/bin/pip install 'pelican[markdown]'
    python benchmarks/cold_pass.py --pelican /tmp/pelican/bin/python

It fails when the work was not done, never on a time.
"""

import argparse
import shutil
import subprocess
import tempfile
from pathlib import Path
from xml.etree import ElementTree as ET

from pelican_site import PelicanSite
from publication import FEED_ITEMS, Publication
from timing import Cost, alternate, print_costs, print_ratios

_ATOM = "{http://www.w3.org/2005/Atom}"


def main() -> None:
    """Measure, and print the results."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--pages", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--pelican", type=Path, help="the Python of an environment with pelican[markdown]")
    arguments = parser.parse_args()
    why_alone = _why_alone(arguments.pelican)
    with tempfile.TemporaryDirectory(prefix="hairfeed-") as folder:
        publication = Publication(Path(folder, "hairfeed"), arguments.pages, "md")
        contestants = {"HairFeed": publication.cold_pass}
        sites = {}
        if not why_alone:
            sites = {
                "Pelican, feeds alone": PelicanSite(arguments.pelican, publication, Path(folder, "feeds"), html=False),
                "Pelican, its site": PelicanSite(arguments.pelican, publication, Path(folder, "site"), html=True),
            }
            contestants |= {name: site.build for name, site in sites.items()}
        costs = alternate(arguments.rounds, contestants)
        for name, site in sites.items():
            _compare(publication.public / "feed.atom", site.atom, name)
    _print(costs, arguments.pages)
    if why_alone:
        print(f"HairFeed alone: {why_alone}")


def _why_alone(python: Path | None) -> str:
    """What keeps Pelican from being measured; empty if nothing does."""
    if python is None:
        return "no --pelican PATH_TO_PYTHON was given"
    if shutil.which(python) is None:
        return f"{python} is no program"
    found = subprocess.run([python, "-c", "import pelican, markdown"], capture_output=True, check=False)
    return "" if found.returncode == 0 else f"{python} has no pelican[markdown]; install it there with pip"


def _compare(ours: Path, theirs: Path, name: str) -> None:
    """Both feeds must be of the same articles in the same order: else two different works were measured."""
    addresses = [_addresses(path) for path in (ours, theirs)]
    if not addresses[0] or addresses[0] != addresses[1]:
        raise AssertionError(
            f"{name}: its feed is not of the articles that HairFeed's is of: {addresses[1][:3]}, {addresses[0][:3]}"
        )


def _addresses(atom: Path) -> list[str]:
    """The addresses of a feed's articles."""
    links = (entry.find(f"{_ATOM}link") for entry in ET.parse(atom).getroot().iter(f"{_ATOM}entry"))
    found = [link.get("href", "") for link in links if link is not None]
    if len(found) > FEED_ITEMS:
        raise AssertionError(f"{atom} has {len(found)} articles, and {FEED_ITEMS} were asked for")
    return found


def _print(costs: dict[str, list[Cost]], pages: int) -> None:
    print(f"{pages:,} pages, {len(costs['HairFeed'])} rounds\n")
    print_costs(costs)
    print()
    for name, runs in costs.items():
        if name != "HairFeed":
            print_ratios(f"{name}, to HairFeed", runs, costs["HairFeed"])


if __name__ == "__main__":
    main()
