"""How long a pass takes over many feeds, each on a host of its own that takes its time: see README.md beside this file.

    python benchmarks/sources.py --sources 500 --latency 0.1 --pause 1

The hosts are addresses of this machine (127.0.0.0/8), served by another process.
"""

import argparse
import http.server
import multiprocessing
import socketserver
import tempfile
import time
from datetime import UTC, datetime
from http import HTTPStatus
from multiprocessing.connection import Connection
from pathlib import Path
from typing import ClassVar

from hairfeed.pipeline import run_pass
from hairfeed.settings import Settings, load_settings

ITEMS = 10
"""In a feed, each with its text."""


class Feeds(http.server.BaseHTTPRequestHandler):
    """A feed at every path but that of the robots' rules, of which there are none."""

    protocol_version = "HTTP/1.1"
    latency: ClassVar[float] = 0

    def log_message(self, *_: object) -> None:
        """Nothing."""

    def do_GET(self) -> None:
        """After a while, and not again what is known already."""
        time.sleep(self.latency)
        tag = f'"{self.path}"'
        if self.path == "/robots.txt":
            self._answer(HTTPStatus.NOT_FOUND, b"")
        elif self.headers.get("If-None-Match") == tag:
            self._answer(HTTPStatus.NOT_MODIFIED, None)
        else:
            self._answer(HTTPStatus.OK, self._feed(), ETag=tag, Content_Type="application/rss+xml")

    def _feed(self) -> bytes:
        text = "Hair grows by a third of a millimetre a day. " * 20
        items = "".join(
            f"<item><title>Hair {self.path} {number}</title><link>http://{self.headers['Host']}{self.path}/{number}</link>"
            f"<pubDate>Fri, 09 Aug 2024 09:00:00 GMT</pubDate><description>{text} {number}</description></item>"
            for number in range(ITEMS)
        )
        return f'<?xml version="1.0"?><rss version="2.0"><channel><title>Hair</title>{items}</channel></rss>'.encode()

    def _answer(self, status: HTTPStatus, body: bytes | None, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if body is not None:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body or b"")


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    """A thread for each connection."""

    daemon_threads = True
    request_queue_size = 500


def serve(latency: float, told: Connection) -> None:
    """Until the process is ended."""
    Feeds.latency = latency
    with Server(("0.0.0.0", 0), Feeds) as server:
        told.send(server.server_address[1])
        server.serve_forever()


def settings(folder: Path, port: int, number: int, pause: float) -> Settings:
    """A publication of so many sources."""
    sections = "".join(
        f'[sources.s{one}]\ntype = "feed"\nurl = "http://127.1.{one // 250}.{one % 250 + 1}:{port}/{one}"\n'
        f"allow_private = true\npause = {pause}\n"
        for one in range(number)
    )
    path = folder / "hairfeed.toml"
    path.write_text(
        f"""
[site]
title = "Plain Hair"
url = "https://hair.example.org"
timezone = "UTC"
author = "The Editor"
postal_address = "1 Example Street"
[store]
url = "sqlite:///hairfeed.db"
{sections}
[feeds]
directory = "public"
url = "https://hair.example.org/feeds"
[mail]
provider = "outbox"
from = "Plain Hair Weekly <weekly@hair.example.org>"
reply_to = "editor@hair.example.org"
[mail.outbox]
directory = "outbox"
""",
        encoding="utf-8",
    )
    return load_settings(path, {})


def main() -> None:
    """The first pass, which takes everything in, and others that find nothing new."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sources", type=int, default=500)
    parser.add_argument("--latency", type=float, default=0.1, help="seconds that each answer takes")
    parser.add_argument("--pause", type=float, default=1, help="seconds between two requests to one host")
    parser.add_argument("--passes", type=int, default=3)
    chosen = parser.parse_args()
    here, there = multiprocessing.Pipe()
    server = multiprocessing.Process(target=serve, args=(chosen.latency, there), daemon=True)
    server.start()
    with tempfile.TemporaryDirectory() as folder:
        publication = settings(Path(folder), here.recv(), chosen.sources, chosen.pause)
        for number in range(1, chosen.passes + 1):
            began, used = time.perf_counter(), time.process_time()
            report = run_pass(publication, datetime.now(UTC))
            assert not report.failures, report.failures[0]
            seconds, cpu = time.perf_counter() - began, time.process_time() - used
            print(
                f"pass {number}: {chosen.sources} sources, {report.collect.new} new articles: {seconds:.1f} s, {cpu:.1f} s of CPU"
            )
    server.terminate()


if __name__ == "__main__":
    main()
