"""HTML that was sanitised by other rules than today's is sanitised once more, and then for good."""

from collections.abc import Iterator, Sequence

from hairfeed.store import bodies
from hairfeed.store.bodies import Body
from hairfeed.store.database import Ledger
from hairfeed.text.markup import proof_of, sanitise
from hairfeed.text.web_addresses import absolute_address


def renew_proofs(ledger: Ledger) -> None:
    """Leave no article without a fitting proof; some hundred at a time, so that nobody waits long for the ledger.

    Without it all that an older version collected would be sanitised whenever it is published.
    """
    last = 0
    while True:
        with ledger.read() as connection:
            some = bodies.bodies_after(connection, last)
        if not some:
            return
        if renewed := list(_renewed(some)):
            with ledger.write() as connection:
                bodies.replace_bodies(connection, renewed)
        last = some[-1].id


def _renewed(some: Sequence[Body]) -> Iterator[Body]:
    for body in some:
        url = absolute_address(body.url, "")
        # Without an address it is not published.
        if url is not None and body.html_proof != proof_of(body.html):
            html = sanitise(body.html, url)
            yield body._replace(html=html, html_proof=proof_of(html))
