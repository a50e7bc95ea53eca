"""Spam filters find nothing in a digest."""

import re
import shutil
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.utils import formatdate
from pathlib import Path

import pytest

from tests.mail.filters import RSPAMD_CONFIG, Rspamd, spamassassin

needs_spamassassin = pytest.mark.skipif(not shutil.which("spamassassin"), reason="spamassassin is not installed")
needs_rspamd = pytest.mark.skipif(not (shutil.which("rspamd") and RSPAMD_CONFIG.is_dir()), reason="rspamd is not installed")


@pytest.fixture(scope="module")
def rspamd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rspamd]:
    """One that listens."""
    with Rspamd(tmp_path_factory.mktemp("rspamd")) as one:
        yield one


@pytest.fixture(scope="module")
def digest(mail: Path) -> bytes:
    """The mail as it is received: a moment after its date."""
    return re.sub(rb"^Date: .*$", f"Date: {formatdate()}\r".encode(), mail.read_bytes(), count=1, flags=re.MULTILINE)


@pytest.fixture(scope="module")
def spam(digest: bytes) -> bytes:
    """The same mail in the hands of somebody else."""
    message = message_from_bytes(digest, policy=policy.SMTP)
    message.replace_header("Subject", "YOUR HAIR BACK IN 7 DAYS!!! 100% GUARANTEED, $$$ FREE $$$")
    message.replace_header("From", "Dr Miracle <miracle837465@hair.example.org>")
    del message["Message-ID"], message["Date"]
    message.clear_content()
    message.set_content("Click here", subtype="html", cte="base64")
    return message.as_bytes()


@needs_spamassassin
def test_spamassassin_finds_nothing_in_a_digest(digest: bytes, tmp_path: Path) -> None:
    verdict = spamassassin(digest, tmp_path)
    assert verdict.score <= 0, verdict.why


@needs_spamassassin
def test_spamassassin_would_find_something(spam: bytes, tmp_path: Path) -> None:
    assert spamassassin(spam, tmp_path).score > 1


@needs_rspamd
def test_rspamd_finds_nothing_in_a_digest(digest: bytes, rspamd: Rspamd) -> None:
    verdict = rspamd.verdict(digest)
    assert verdict.score <= 0, verdict.why


@needs_rspamd
def test_rspamd_would_find_something(spam: bytes, rspamd: Rspamd) -> None:
    assert rspamd.verdict(spam).score > 1
