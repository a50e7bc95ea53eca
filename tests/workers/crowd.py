"""Worker processes on one PostgreSQL server, and an issue that they send together through a mail API on localhost."""

import subprocess
import sys
import textwrap
import threading
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import insert, literal, select

from hairfeed.models.issues import IssueState
from hairfeed.models.subscribers import SubscriptionState
from hairfeed.store import issues
from hairfeed.store.schema.base import Instant
from hairfeed.store.schema.issues import issues as issue_table
from hairfeed.store.schema.issues import variants
from hairfeed.store.schema.subscribers import subscribers, subscriptions
from tests.conftest import Publication

HTML = '<!DOCTYPE html>\n<html lang="en"><body><p>How hair grows.</p></body></html>\n'
_WORKER = """
    import sys
    from datetime import timedelta
    from pathlib import Path
    from hairfeed.schedule.stopping import told_to_stop
    from hairfeed.settings import load_settings
    from hairfeed.workers.shift import Shift
    from hairfeed.workers.work import work

    shift = Shift(concurrency=2, every=timedelta(seconds=2), beat=0.5, lease=timedelta(seconds=8), turn=3)
    with told_to_stop() as stop:
        work(load_settings(Path(sys.argv[1]), {}), shift, stop, lambda words: print(words, flush=True), lambda report: None)
"""


class Crowd:
    """Some workers on one ledger; none of them outlives the test."""

    def __init__(self, publication: Publication, number: int) -> None:
        """They start at once."""
        self._news = threading.Condition()
        self.workers = [Worker(publication.config, self._news) for _ in range(number)]

    def __enter__(self) -> Self:
        """For `with`."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """All are killed that still live."""
        for worker in self.workers:
            worker.kill()

    def wait_for(self, words: str, times: int = 1, patience: float = 120) -> None:
        """Until they have said so."""
        with self._news:
            said = self._news.wait_for(lambda: self.said.count(words) >= times, patience)
        assert said, self.said

    @property
    def said(self) -> str:
        """All that they have said."""
        return "\n".join(worker.said for worker in self.workers)


class Worker:
    """`hairfeed work` in haste: it looks twice a second, and takes others for gone after eight seconds."""

    def __init__(self, config: Path, news: threading.Condition) -> None:
        """Starts at once; `news` is told of all that it says."""
        command = [sys.executable, "-c", textwrap.dedent(_WORKER), str(config)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.pid = self._process.pid
        self.lines: list[str] = []
        self._news = news
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()
        self.end()

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                with self._news:
                    self.lines.append(line)
                    self._news.notify_all()
        with self._news:
            self._news.notify_all()

    @property
    def said(self) -> str:
        """All that it has printed."""
        return "".join(self.lines)

    def stop(self) -> int:
        """Tell it to stop, and wait for its end; how it ended."""
        self._process.terminate()
        return self.end()

    def end(self) -> int:
        """Wait for its end; how it ended."""
        status = self._process.wait(120)
        self._reader.join()
        return status


def approve(publication: Publication, readers: int) -> list[str]:
    """An issue for so many readers, free to be sent; their addresses."""
    now = datetime.now(UTC)
    people = [f"reader{number}@example.net" for number in range(readers)]
    ledger = publication.ledger()
    with ledger.write() as connection:
        connection.execute(insert(subscribers), [{"email": reader, "created_at": now} for reader in people])
        joined = select(subscribers.c.id, literal("weekly"), literal(SubscriptionState.CONFIRMED.value), literal(now, Instant))
        columns = ["subscriber_id", "newsletter", "state", "changed_at"]
        connection.execute(insert(subscriptions).from_select(columns, joined))
        issues.start_newsletter(connection, "weekly", now)
        values = {"newsletter": "weekly", "number": 1, "state": IssueState.APPROVED, "due_at": now, "composed_at": now}
        issue = connection.execute(insert(issue_table).values(values).returning(issue_table.c.id)).scalar_one()
        rendering = {"subject": "How hair grows", "html": HTML, "text": "Words.\n", "articles": 1}
        connection.execute(insert(variants).values(issue_id=issue, topics="", language="", **rendering))
    ledger.close()
    return people
