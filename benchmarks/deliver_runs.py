"""The runs of `deliver.py`, each a process of its own that prints what it did and what it cost."""

import json
import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from timing import Cost, run, timed

BIG_BYTES = 60_000
"""Of HTML, for mails made one by one."""
MADE = 20_000
"""Mails made in one run."""


def process(*arguments: object) -> tuple[Cost, str]:
    """A run as a process of its own; what its work cost, and what it says of it."""
    _, output = run([sys.executable, __file__, *map(str, arguments)])
    told = json.loads(output)
    return Cost(*told["cost"]), told["did"]


def send(folder: str, api: str, concurrency: str, batch: str) -> tuple[str, Cost]:
    """Freeze the issue and bring it to the API, as the deliver stage does."""
    from deliver_ledger import settings_for
    from hairfeed.deliver.providers.choice import open_provider
    from hairfeed.deliver.stage import deliver
    from hairfeed.models.reports import Nobody
    from hairfeed.store.database import open_ledger

    settings = settings_for(Path(folder), api, int(concurrency), int(batch))
    # What is loaded only when it is needed is loaded before, as is requests in the bare loop.
    open_provider(settings.mail, settings.mail.provider).close()
    ledger = open_ledger(settings.store.url, 10)
    report, cost = timed(lambda: deliver(ledger, settings, datetime.now(UTC), 1, Nobody()))
    return "; ".join(map(str, (*report.receipts, *report.failures))), cost


def bare(bodies: str, api: str) -> tuple[str, Cost]:
    """Post the same bytes in a bare loop."""
    import requests

    contents = [file.read_bytes() for file in sorted(Path(bodies).iterdir())]
    boundary = re.match(rb"--(\S+)", contents[0])
    assert boundary
    session = requests.Session()
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary[1].decode()}", "Authorization": "Basic c2VjcmV0"}

    def work() -> int:
        answers = [session.post(f"{api}/v3/hair.example.org/messages", data=body, headers=headers, timeout=60) for body in contents]
        return sum(answer.status_code == 200 for answer in answers)

    taken, cost = timed(work)
    return f"{taken} calls taken", cost


def make() -> tuple[str, Cost]:
    """Make mails for relays, one by one."""
    from deliver_ledger import NOW, page, settings_for
    from hairfeed.deliver.form import nothing_left_over
    from hairfeed.deliver.message import Composer
    from hairfeed.deliver.mime import message_form
    from hairfeed.store.deliveries import SendingIssue, Variant
    from hairfeed.store.recipients import BatchRecipient

    composer = Composer(settings_for(Path("/")), SendingIssue(1, "weekly", 1, NOW), b"secret")
    content = composer.content(Variant("How hair grows", page(BIG_BYTES), "Hair grows.\n"))
    people = [BatchRecipient(number, f"reader{number}@example.net", f"Ann {number}") for number in range(1, MADE + 1)]

    def work() -> int:
        form = message_form(content)
        size = 0
        for first in range(0, MADE, 1000):
            recipients = composer.mailing("key", content, people[first : first + 1000]).recipients
            nothing_left_over(form.fill(recipients[0]))
            size += sum(len(form.fill(one)) for one in recipients)
        return size

    size, cost = timed(work)
    return f"{size // MADE} bytes a mail", cost


RUNS: dict[str, Callable[..., tuple[str, Cost]]] = {
    "send": send,
    "bare": bare,
    "make": make,
}


def main() -> None:
    """One run."""
    name, *arguments = sys.argv[1:]
    did, cost = RUNS[name](*arguments)
    print(json.dumps({"did": did, "cost": [cost.wall, cost.cpu, cost.peak]}))


if __name__ == "__main__":
    main()
