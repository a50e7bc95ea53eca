"""Web servers as processes of their own, on a free port of this machine, over one feeds directory.

Only HairFeed and the standard library are needed: `benchmarks/serve.py` starts them too, where the tests' libraries are not.
"""

import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from hairfeed.feeds.moves import rules
from hairfeed.settings.site import Feeds

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples" / "web-server"
HUB = "https://hub.example.org/hub"
FORMER = ("https://old.example.com/feeds", "https://hairfear.com/rss")
"""Where the feeds were before they were at https://hairfear.com/feeds."""
MOVED = {"category/colour/": "category/dyes/", "category/头发/": "category/dyes/"}
"""Feeds that are at another path now."""
PATIENCE = 300

# One process that stays who it is: the files of a test are the tester's alone.
NGINX = """
{modules}
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {settings}
    include {folder}/feeds.conf;
}}
"""


BROTLI = Path("/usr/lib/nginx/modules/ngx_http_brotli_static_module.so")
"""Debian's libnginx-mod-http-brotli-static."""


def which_nginx() -> str | None:
    """Where nginx is; it is often outside the path of those who are not root."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/opt/homebrew/bin")


@contextmanager
def nginx(folder: Path, public: Path, settings: str = "", behind: int = 8000, *, brotli: bool = False) -> Iterator[int]:
    """Our example for nginx at work, with or without Brotli, and `hairfeed serve` behind it on a port; its own port."""
    port = _free_port()
    example = (EXAMPLES / "nginx.conf").read_text(encoding="utf-8")
    example = _replaced(
        example,
        {"listen 80;": f"listen 127.0.0.1:{port};", "/srv/hairfeed/public": str(public), "127.0.0.1:8000": f"127.0.0.1:{behind}"},
    )
    if brotli:
        example = _replaced(example, {"# brotli_static on;": "brotli_static on;", "disable_symlinks on": "# disable_symlinks on"})
    example = _replaced(example, {"/etc/nginx/hairfeed-moved*.map": str(_moved_lines(folder, "nginx"))})
    (folder / "feeds.conf").write_text(example, encoding="utf-8")
    modules = f"load_module {BROTLI};" if brotli else ""
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder, settings=settings, modules=modules), encoding="utf-8")
    command = [str(which_nginx()), "-p", str(folder), "-e", str(folder / "error.log"), "-c", str(folder / "nginx.conf")]
    with _running(command, folder, port):
        yield port


@contextmanager
def caddy(folder: Path, public: Path, behind: int = 8000) -> Iterator[int]:
    """Caddy with our example, with `hairfeed serve` behind it on a port; its own port."""
    port = _free_port()
    example = (EXAMPLES / "Caddyfile").read_text(encoding="utf-8")
    example = _replaced(
        example,
        {
            "\nhairfear.com {": f"\nhttp://:{port} {{\n\tbind 127.0.0.1",
            "/etc/caddy/hairfeed-moved*.map": str(_moved_lines(folder, "caddy")),
            "/srv/hairfeed/public": str(public),
            "127.0.0.1:8000": f"127.0.0.1:{behind}",
        },
    )
    (folder / "Caddyfile").write_text("{\n\tadmin off\n\tauto_https off\n}\n" + example, encoding="utf-8")
    command = [str(shutil.which("caddy")), "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]
    with _running(command, folder, port):
        yield port


@contextmanager
def hairfeed(folder: Path, public: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """`hairfeed serve`, whose further output is in the process; its port."""
    config = (ROOT / "config" / "hairfeed.toml").read_text(encoding="utf-8")
    former = f"former_urls = {json.dumps(FORMER)}"
    config = _replaced(config, {'"../var/public"': f'"{public}"', "items = 50": f'hubs = ["{HUB}"]\n{former}\nitems = 50'})
    (folder / "hairfeed.toml").write_text(config, encoding="utf-8")
    with serving(folder / "hairfeed.toml", "--port", "0", *options) as found:
        yield found


@contextmanager
def serving(config: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """`hairfeed serve` with a config, whose further output is in the process; its port."""
    command = [sys.executable, "-m", "hairfeed", "serve", "--config", str(config), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line.startswith("Serving "), line + process.stdout.read()
            yield process, int(line.partition("127.0.0.1:")[2].partition("/")[0])
        finally:
            process.terminate()
            process.wait(PATIENCE)


def _moved_lines(folder: Path, server: Literal["nginx", "caddy"]) -> Path:
    """The file with what `hairfeed feeds moved` prints for a server."""
    feeds = Feeds(directory=folder, url="https://hairfear.com/feeds", former_urls=FORMER)
    file = folder / "hairfeed-moved-1.map"
    file.write_text("".join(f"{rule.line(server)}\n" for rule in rules(MOVED, feeds)), encoding="utf-8")
    return file.with_name("hairfeed-moved*.map")


def _replaced(text: str, replacements: dict[str, str]) -> str:
    for old, new in replacements.items():
        assert old in text
        text = text.replace(old, new)
    return text


@contextmanager
def _running(command: list[str], folder: Path, port: int) -> Iterator[None]:
    with (folder / "output.log").open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, cwd=folder, env={"HOME": str(folder)})
    try:
        deadline = time.monotonic() + PATIENCE
        while not _listens(port):
            assert process.poll() is None, (folder / "output.log").read_text()
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
