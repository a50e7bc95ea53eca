"""Four parsers of four makers read the same mail."""

import json
import shutil
import subprocess
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
PATIENCE = 600
"""Seconds; a busy machine decides nothing."""

has_mailparser = shutil.which("node") and (HERE / "node_modules").is_dir()
needs_mailparser = pytest.mark.skipif(not has_mailparser, reason="not installed: node, or what 'npm ci' puts into tests/mail")
needs_munpack = pytest.mark.skipif(not shutil.which("munpack"), reason="munpack (mpack) is not installed")
needs_ripmime = pytest.mark.skipif(not shutil.which("ripmime"), reason="ripmime is not installed")

Parts = tuple[str, str]
"""The text part and the HTML part, with newlines as Python has them."""


@pytest.fixture(scope="module")
def message(mail: Path) -> EmailMessage:
    """What Python makes of it."""
    return message_from_bytes(mail.read_bytes(), policy=policy.default)


@pytest.fixture(scope="module")
def parts(message: EmailMessage) -> Parts:
    """What Python finds in it."""
    text, html = message.iter_parts()
    return plain(text.get_content()), plain(html.get_content())


def plain(content: str) -> str:
    return content.replace("\r\n", "\n").strip("\n")


def test_python_finds_no_defect(message: EmailMessage) -> None:
    defects = [(part.get_content_type(), part.defects) for part in message.walk()]
    assert defects == [("multipart/alternative", []), ("text/plain", []), ("text/html", [])]
    assert [defect for value in message.values() for defect in value.defects] == []


def test_lines_are_as_long_as_mail_may_have_them_and_end_as_they_must(mail: Path) -> None:
    content = mail.read_bytes()
    assert content.isascii()
    assert content.count(b"\n") == content.count(b"\r\n") == content.count(b"\r")
    assert max(map(len, content.split(b"\r\n"))) <= 998


def with_munpack(mail: Path, folder: Path) -> Parts:
    # It reads mailboxes, whose lines end as the system's do.
    (folder / "mail").write_bytes(mail.read_bytes().replace(b"\r\n", b"\n"))
    run("munpack", "-q", "-t", "-C", str(folder), "mail")
    return read(folder / "part1"), read(folder / "part2")


def with_ripmime(mail: Path, folder: Path) -> Parts:
    run("ripmime", "-i", str(mail), "-d", str(folder), "--name-by-type")
    (text,), (html,) = folder.glob("text-plain*"), folder.glob("text-html*")
    return read(text), read(html)


def with_mailparser(mail: Path, _folder: Path) -> Parts:
    said = parsed(mail)
    return plain(said["text"]), plain(said["html"])


@pytest.mark.parametrize(
    "parse",
    [
        pytest.param(with_munpack, marks=needs_munpack),
        pytest.param(with_ripmime, marks=needs_ripmime),
        pytest.param(with_mailparser, marks=needs_mailparser),
    ],
)
def test_the_others_find_the_same_parts(mail: Path, parts: Parts, tmp_path: Path, parse: Callable[[Path, Path], Parts]) -> None:
    assert parse(mail, tmp_path) == parts


@needs_mailparser
def test_another_parser_reads_the_same_header(mail: Path, message: EmailMessage) -> None:
    said = parsed(mail)
    assert (said["subject"], said["messageId"], said["to"]) == (message["Subject"], message["Message-ID"], message["To"])
    assert message["From"].addresses[0].addr_spec in said["from"]
    assert said["attachments"] == 0
    # Of several addresses it gives the mail address as `mail`, the web address as `url`.
    unsubscribe = said["unsubscribe"]
    assert any(str(address) in message["List-Unsubscribe"] for address in unsubscribe.values())


def parsed(mail: Path) -> Any:
    return json.loads(run("node", str(HERE / "parse.js"), str(mail)))


def run(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=PATIENCE).stdout


def read(file: Path) -> str:
    return plain(file.read_text(encoding="utf-8"))
