"""`hairfeed serve` beside nginx on the same files: answers a second of CPU, asked for by wrk."""

import argparse
import contextlib
import gzip
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from timing import Spread

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.web.servers import hairfeed, nginx, which_nginx  # noqa: E402 - the servers are started as the tests start them

GOAL = 0.2
CONNECTIONS = 32
FEED = ("feed.rss", 200_000)
SMALL = ("small.rss", 5_000)


@dataclass(frozen=True)
class Load:
    """What is asked for again and again."""

    name: str
    path: str
    status: int
    fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class Speed:
    """Answers a second: of CPU of the server, and by the clock."""

    by_cpu: float
    by_clock: float


def loads(public: Path) -> list[Load]:
    """The kinds of requests that feed readers make."""
    since = "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT"
    for name, size in (FEED, SMALL):
        line = "".join(f"Words number {number} of a feed. " for number in range(size // 20))
        (public / name).write_text(line[:size], encoding="utf-8")
        (public / f"{name}.gz").write_bytes(gzip.compress((public / name).read_bytes(), 9, mtime=0))
        os.utime(public / name, (784_111_777, 784_111_777))
    return [
        Load("304, by If-Modified-Since", FEED[0], 304, (since,)),
        Load("304, by If-None-Match", FEED[0], 304, ("If-None-Match: *", "Accept-Encoding: gzip")),
        Load("200, 5 kB", SMALL[0], 200),
        Load("200, gzip", FEED[0], 200, ("Accept-Encoding: gzip",)),
        Load("200, 200 kB", FEED[0], 200),
        Load("404", "nothing.rss", 404),
    ]


@contextlib.contextmanager
def servers(folder: Path, public: Path) -> Iterator[dict[str, tuple[int, int]]]:
    """Process id and port of each server; each has one process that answers."""
    for name in ("hairfeed", "nginx"):
        (folder / name).mkdir()
    settings = "keepalive_requests 1000000000; sendfile on; tcp_nopush on;"
    with hairfeed(folder / "hairfeed", public) as (process, port), nginx(folder / "nginx", public, settings) as nginx_port:
        nginx_id = int((folder / "nginx/nginx.pid").read_text())
        yield {"hairfeed": (process.pid, port), "nginx": (nginx_id, nginx_port)}


def cpu_of(process_id: int) -> float:
    """Seconds of CPU that a process has used, of user and system (proc(5))."""
    fields = Path(f"/proc/{process_id}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(load: Load, process_id: int, port: int, seconds: int) -> Speed:
    """Have wrk ask for a while, and look at what it took the server.

    Raises:
        RuntimeError: the answers were not those that were meant.
    """
    url = f"http://127.0.0.1:{port}/feeds/{load.path}"
    fields = [word for field in load.fields for word in ("-H", field)]
    asked = subprocess.run(
        ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", *fields, url], capture_output=True, text=True, check=True
    )
    if asked.stdout != str(load.status):
        raise RuntimeError(f"{url} is answered by {asked.stdout}, not by {load.status}")
    before = cpu_of(process_id)
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}", *fields, url]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    used = cpu_of(process_id) - before
    count = re.search(r"(\d+) requests in", output)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", output)
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", output)
    if count is None or rate is None or "Socket errors" in output or (refused is not None) != (load.status == 404):
        raise RuntimeError(output)
    return Speed(int(count[1]) / used, float(rate[1]))


def _shown(values: list[float], number: Callable[[float], str]) -> str:
    spread = Spread.of(values)
    return f"{number(spread.median)} ({number(spread.least)} to {number(spread.most)})"


def main() -> None:
    """Measure, in turns, and print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3, help="of each load in each round")
    options = parser.parse_args()
    missing = [tool for tool in ("wrk", "curl") if shutil.which(tool) is None] + ([] if which_nginx() else ["nginx"])
    if missing:
        print(f"Serving is not measured: {', '.join(missing)} is not installed.")
        return
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        public = folder / "public"
        public.mkdir()
        results: dict[tuple[str, str], list[Speed]] = {}
        kinds = loads(public)
        with servers(folder, public) as both:
            for number in range(1, options.rounds + 1):
                for load in kinds:
                    for name, (process_id, port) in both.items():
                        speed = measure(load, process_id, port, options.seconds)
                        results.setdefault((load.name, name), []).append(speed)
                        print(f"round {number}: {load.name}, {name}: {speed.by_cpu:.0f}", file=sys.stderr)
    print("| answers a second of CPU | hairfeed serve | nginx | ratio | by the clock |")
    print("|---|---|---|---|---|")
    for load in kinds:
        ours, theirs = results[load.name, "hairfeed"], results[load.name, "nginx"]
        pairs = list(zip(ours, theirs, strict=True))
        print(
            f"| {load.name} | {_shown([one.by_cpu for one in ours], '{:,.0f}'.format)} "
            f"| {_shown([one.by_cpu for one in theirs], '{:,.0f}'.format)} "
            f"| {_shown([one.by_cpu / two.by_cpu for one, two in pairs], '{:.2f}'.format)} "
            f"| {_shown([one.by_clock / two.by_clock for one, two in pairs], '{:.2f}'.format)} |"
        )
    print(f"\nThe goal: a ratio of at least {GOAL}.")


if __name__ == "__main__":
    main()
