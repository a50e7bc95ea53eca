"""A web site on 127.0.0.1 that changes as a test wants: pages, a sitemap, a feed, redirects, errors."""

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from xml.sax.saxutils import escape as xml_escape


@dataclass
class SitePage:
    """A page of the site; `date` is None on an undated one."""

    title: str
    date: str | None
    text: str
    category: str = "Hair Care"

    def html(self, address: str) -> str:
        """The page as a theme would make it: navigation, the article with its data, related links."""
        facts: dict[str, object] = {
            "@context": "https://schema.org",
            "@type": "Article",
            "headline": self.title,
            "articleSection": self.category,
        }
        facts |= {"author": {"@type": "Person", "name": "The Editor"}, "url": address}
        if self.date:
            facts["datePublished"] = self.date
        paragraphs = "".join(f"<p>{escape(one)}</p>" for one in self.text.split("\n"))
        return (
            f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{escape(self.title)} | Plain Hair</title>'
            f'<script type="application/ld+json">{json.dumps(facts)}</script></head><body>'
            f'<nav><a href="/">Home</a> <a href="/about">About</a></nav><main><article><h1>{escape(self.title)}</h1>'
            f"{paragraphs}</article></main><footer>All rights reserved.</footer></body></html>"
        )


@dataclass
class Site:
    """The site's state; change it between passes."""

    pages: dict[str, SitePage] = field(default_factory=dict)
    """By path, like `/brushing`."""
    redirects: dict[str, str] = field(default_factory=dict)
    redirect_status: int = 301
    broken: dict[str, int] = field(default_factory=dict)
    """By path: the status to answer with."""
    raw: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    """By path: a media type and what to send instead of anything else."""
    asked: list[str] = field(default_factory=list)
    """Every request's path, in order."""
    unchanged: list[str] = field(default_factory=list)
    """The paths that were answered with 304."""
    retry_after: int | None = None
    """Seconds, told with every error."""
    port: int = 0

    @property
    def url(self) -> str:
        """The site's address."""
        return f"http://127.0.0.1:{self.port}"

    def pages_asked(self) -> list[str]:
        """What was asked for since this was last asked, but robots.txt, sitemap and feed."""
        asked = [path for path in self.asked if path not in {"/robots.txt", "/sitemap.xml", "/feed.xml"}]
        self.asked.clear()
        return asked

    def answer(self, path: str) -> tuple[int, str, bytes]:
        """Status, media type and body."""
        if path in self.broken:
            return self.broken[path], "text/plain", b"broken"
        if path in self.raw:
            return 200, *self.raw[path]
        if path in self.redirects:
            return self.redirect_status, "text/plain", self.redirects[path].encode()
        made = {"/robots.txt": self.robots, "/sitemap.xml": self.sitemap, "/feed.xml": self.feed}
        if path in made:
            return 200, "text/plain" if path == "/robots.txt" else "application/xml", made[path]().encode()
        if path in self.pages:
            return 200, "text/html; charset=utf-8", self.pages[path].html(self.url + path).encode()
        return 404, "text/plain", b"there is no such page"

    def robots(self) -> str:
        """Where the sitemap is, and what robots leave alone."""
        return f"User-agent: *\nDisallow: /private\nSitemap: {self.url}/sitemap.xml\n"

    def sitemap(self) -> str:
        """All pages, with a stamp that changes when they do."""
        rows = (
            f"<url><loc>{self.url}{path}</loc><lastmod>{hashlib.sha256(repr(page).encode()).hexdigest()[:8]}</lastmod></url>"
            for path, page in self.pages.items()
        )
        return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{"".join(rows)}</urlset>'

    def feed(self) -> str:
        """All pages as RSS, in full."""
        items = "".join(self._item(path, page) for path, page in self.pages.items())
        spaces = 'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"'
        return f'<rss version="2.0" {spaces}><channel><title>Plain Hair</title>{items}</channel></rss>'

    def _item(self, path: str, page: SitePage) -> str:
        html = "".join(f"<p>{escape(one)}</p>" for one in page.text.split("\n"))
        date = f"<pubDate>{format_datetime(datetime.fromisoformat(page.date + 'T00:00:00+00:00'))}</pubDate>" if page.date else ""
        return (
            f"<item><title>{xml_escape(page.title)}</title><link>{self.url}{path}</link><guid>{self.url}{path}</guid>{date}"
            f"<category>{xml_escape(page.category)}</category><dc:creator>The Editor</dc:creator>"
            f"<content:encoded>{xml_escape(html)}</content:encoded></item>"
        )


def source(kind: str, url: str, *more: str, name: str = "articles") -> str:
    """The config of a source that is fetched from this machine without pauses; `more` are lines of it."""
    return "\n".join([f"[sources.{name}]", f'type = "{kind}"', f'url = "{url}"', "allow_private = true", "pause = 0", *more, ""])


@contextmanager
def served(site: Site) -> Iterator[Site]:
    """Serve the site on a port of its own until the end of the block."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.asked.append(self.path)
            status, media_type, body = site.answer(self.path)
            etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
            if status == 200 and self.headers.get("If-None-Match") == etag:
                status, body = 304, b""
                site.unchanged.append(self.path)
            self.send_response(status)
            if 301 <= status <= 308 and status != 304:
                self.send_header("Location", body.decode())
            if status >= 400 and site.retry_after is not None:
                self.send_header("Retry-After", str(site.retry_after))
            self.send_header("Content-Type", media_type)
            self.send_header("ETag", etag)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if status != 304:
                self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
