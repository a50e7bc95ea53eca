"""What `deliver.py` sends: a ledger with so many readers and an approved issue, and the settings of its publication."""

import shutil
import sqlite3
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from hairfeed.models.issues import IssueState
from hairfeed.models.subscribers import SubscriptionState
from hairfeed.settings import Settings
from hairfeed.store import issues as issue_rows
from hairfeed.store.database import open_ledger
from hairfeed.store.schema.issues import issues, variants
from hairfeed.store.schema.subscribers import subscribers, subscriptions
from hairfeed.text.merge import Placeholder, address_token, name_token

NOW = datetime(2024, 8, 16, 9, tzinfo=UTC)
BATCH = 1000
ISSUE = 1


def page(size: int) -> str:
    """An HTML mail of about so many bytes, with a name and two links to fill in."""
    row = '<tr><td style="padding: 8px 0">Hair grows, says {}, by a third of a millimetre a day.</td></tr>'
    rows = "".join(row.format(number) for number in range(size // 100))
    return (
        f"<!DOCTYPE html>\n<html><body><p>Dear {name_token('reader')},</p><table>{rows}</table>"
        f'<a href="{address_token(Placeholder.UNSUBSCRIBE)}">Leave</a> '
        f'<a href="{address_token(Placeholder.PREFERENCES)}">Choose</a>'
        "</body></html>\n"
    )


def make_ledger(folder: Path, readers: int, html_bytes: int) -> None:
    """Write it, with an issue of so much HTML."""
    folder.mkdir()
    ledger = open_ledger(_url(folder), 10)
    joined: dict[str, Any] = {"newsletter": "weekly", "state": SubscriptionState.CONFIRMED, "changed_at": NOW}
    with ledger.write() as connection:
        issue_rows.start_newsletter(connection, "weekly", NOW)
        for first in range(1, readers + 1, 10_000):
            numbers = range(first, min(first + 10_000, readers + 1))
            people = [{"id": one, "email": f"reader{one}@example.net", "name": f"Ann {one}", "created_at": NOW} for one in numbers]
            connection.execute(insert(subscribers), people)
            connection.execute(insert(subscriptions), [{"subscriber_id": one, **joined} for one in numbers])
        values = {"newsletter": "weekly", "number": 1, "state": IssueState.APPROVED, "due_at": NOW, "composed_at": NOW}
        connection.execute(insert(issues).values(id=ISSUE, **values))
        rendering = {"subject": "How hair grows", "html": page(html_bytes), "text": "Hair grows.\n" * (html_bytes // 64)}
        connection.execute(insert(variants).values(issue_id=ISSUE, topics="", language="", articles=1, **rendering))
    ledger.close()
    with sqlite3.connect(folder / "hairfeed.db") as whole:
        whole.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    whole.close()


def copy_of(template: Path) -> Path:
    """The folder of a ledger of its own, for one run."""
    place = Path(tempfile.mkdtemp(dir=template.parent))
    shutil.copyfile(template / "hairfeed.db", place / "hairfeed.db")
    return place


def settings_for(folder: Path, api: str = "http://127.0.0.1:1", concurrency: int = 4, batch: int = BATCH) -> Settings:
    """Settings with the ledger in `folder` and Mailgun at `api`, with so many calls at once and recipients in each."""
    return Settings.model_validate(
        {
            "site": {
                "title": "Hair",
                "url": "https://hair.example.org",
                "timezone": "UTC",
                "author": "Ed",
                "postal_address": "1 Street",
            },
            "store": {"url": _url(folder)},
            "sources": {"articles": {"type": "folder", "path": "articles"}},
            "feeds": {"directory": "public", "url": "https://hair.example.org/feeds"},
            "newsletters": {"weekly": {"title": "Weekly", "schedule": "Fri 08:00"}},
            "web": {"url": "https://hair.example.org/mail"},
            "mail": {
                "from": "Weekly <weekly@hair.example.org>",
                "reply_to": "editor@hair.example.org",
                "provider": "mailgun",
                "mailgun": {
                    "key": "secret",
                    "domain": "hair.example.org",
                    "url": api,
                    "concurrency": concurrency,
                    "batch_size": batch,
                },
            },
        },
        context={"folder": folder},
    )


def _url(folder: Path) -> str:
    return f"sqlite:///{folder / 'hairfeed.db'}"
