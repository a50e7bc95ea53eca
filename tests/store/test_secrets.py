"""Secrets of an installation."""

from hairfeed.store import secrets
from tests.conftest import Publication


def test_a_secret_is_made_once_and_differs_by_name_and_installation(publication: Publication) -> None:
    ledger = publication.ledger()
    with ledger.write() as connection:
        first, other = secrets.secret(connection, "links"), secrets.secret(connection, "erased")
    with ledger.write() as connection:
        again = secrets.secret(connection, "links")
    ledger.close()
    assert len(first) == 32
    assert first == again != other
