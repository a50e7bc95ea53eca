"""A publication whose issue went out to two readers, and the mailbox that their answers come into."""

from datetime import datetime, timedelta
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from sqlalchemy import select

from hairfeed.models.subscribers import SubscriptionState
from hairfeed.store.database import Ledger
from hairfeed.store.schema.subscribers import suppressions
from hairfeed.store.subscribers import all_subscriptions
from tests.conftest import FRIDAY, NEXT_FRIDAY, Publication
from tests.subscribers.imap_server import PASSWORD, ImapServer

ANN, BEN = "ann@example.net", "ben@example.net"
LATER = NEXT_FRIDAY + timedelta(hours=2)


def first_issue(publication: Publication, server: ImapServer) -> None:
    """Two read the publication, and an issue goes out to them; the mailbox's user is `anybody`."""
    section = f'[mail.replies]\nhost = "127.0.0.1"\nport = {server.port}\nsecurity = "none"\nusername = "anybody"\n'
    publication.configure("[mail.outbox]", f'{section}password = "{PASSWORD}"\n\n[mail.outbox]')
    publication.page("archive")
    publication.run(FRIDAY)
    publication.subscribe(ANN, BEN)
    publication.page("swimming", date="13-8-2024")
    publication.run(NEXT_FRIDAY)


class Box:
    """A publication whose issue went out to two readers, and its mailbox."""

    def __init__(self, sent: Publication, server: ImapServer, user: str, extra: str = "") -> None:
        """There are no replies yet."""
        self.publication, self.server, self.user = sent, server, user
        sent.configure('username = "anybody"', f'username = "{user}"\n{extra}')
        self.mails = {mail["To"]: mail for mail in sent.mails().values()}

    def way_to_leave(self, reader: str) -> tuple[str, str]:
        """Address and subject of the mail that a mail program would send (RFC 6068)."""
        mailto = urlsplit(self.mails[reader]["List-Unsubscribe"].strip("<>"))
        assert (mailto.scheme, mailto.query.partition("=")[0]) == ("mailto", "subject")
        return unquote(mailto.path), unquote(mailto.query.partition("=")[2])

    def write(self, to: str, subject: str, sender: str = ANN, at: datetime = LATER, text: str = "") -> None:
        """A mail comes in."""
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = sender, to, subject
        mail.set_content(text)
        self.server.deliver(self.user, mail.as_bytes(), at)

    def returned(self, reader: str) -> str:
        """The reader's mail as it comes back."""
        return self.mails[reader].as_string()

    def run(self, now: datetime = LATER) -> int:
        """Make a pass; how many mails it found something in."""
        report = self.publication.run(now)
        assert report.subscribers.failures == ()
        return report.subscribers.replies

    def ledger(self) -> Ledger:
        return self.publication.ledger()

    @property
    def states(self) -> dict[str, SubscriptionState]:
        """Every reader's."""
        ledger = self.ledger()
        with ledger.read() as connection:
            found = {one.email: one.state for one in all_subscriptions(connection)}
        ledger.close()
        return found

    @property
    def suppressed(self) -> dict[str, str]:
        """Whom nobody mails, and why."""
        ledger = self.ledger()
        with ledger.read() as connection:
            found = {row.email: str(row.reason) for row in connection.execute(select(suppressions))}
        ledger.close()
        return found

    @property
    def left(self) -> set[str]:
        """Who has left."""
        return {email for email, state in self.states.items() if state is SubscriptionState.UNSUBSCRIBED}
