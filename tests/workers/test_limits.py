"""What a provider takes holds for all workers together: crews side by side on one PostgreSQL server."""

import threading
from datetime import timedelta
from pathlib import Path

from hairfeed.deliver.stage import deliver_share, hand_over
from hairfeed.models.reports import Nobody
from hairfeed.store.database import open_ledger
from tests.deliver.dialects import MailgunDialect
from tests.deliver.faulty_api import a_faulty_api
from tests.deliver.sending import NOW, PatientClock, Sending, the_settings
from tests.store.postgresql_server import make_database


def test_four_workers_keep_to_one_quota(postgresql: str, tmp_path: Path) -> None:
    with a_faulty_api(MailgunDialect()) as api:
        known = {"key": "k", "domain": "hair.example.org", "url": f"http://127.0.0.1:{api.port}"}
        section = known | {"batch_size": 10, "calls_per_second": 1000, "per_day": 45}
        sending = Sending(tmp_path / "one", provider="mailgun", mailgun=section)
        url = make_database(postgresql)
        sending.settings = the_settings(tmp_path, url, provider="mailgun", mailgun=section)
        open_ledger(url, 5).close()
        sending.subscribe(*(f"reader{number}@example.net" for number in range(100)))
        issue = sending.approve()
        ledger = open_ledger(url, 5)
        hand_over(ledger, sending.settings, NOW, Nobody())

        def work(day: int, worker: int) -> None:
            deliver_share(ledger, sending.settings, PatientClock(NOW + timedelta(days=day)), issue, job=f"worker {worker}")

        taken = []
        for day in range(3):
            workers = [threading.Thread(target=work, args=(day, worker)) for worker in range(4)]
            for thread in workers:
                thread.start()
            for thread in workers:
                thread.join()
            taken.append(sum(api.truth.mailed.values()))
        ledger.close()
        assert taken == [40, 80, 100]
        assert set(api.truth.mailed.values()) == {1}
