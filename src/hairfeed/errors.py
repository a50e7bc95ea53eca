"""Every exception of HairFeed, named after what the caller must do.

A message says what is wrong, where (file, line or key) and what to do about it; it may be shown to the operator as it stands.
"""

from datetime import timedelta


class HairFeedError(Exception):
    """The root: whatever HairFeed raises on purpose is one of these."""


class SettingsError(HairFeedError):
    """The config cannot be used: mend every fault listed and start again."""

    def __init__(self, faults: list[str]) -> None:
        """`faults` holds one sentence a fault, each naming its file and key."""
        super().__init__("\n".join(faults))
        self.faults = faults


class StoreError(HairFeedError):
    """The ledger cannot be used: nothing was read from it and nothing was written."""


class StoreDown(StoreError):
    """The database's server does not answer: nothing was changed; try again, for it heals with the server."""


class StoreRefused(StoreDown):
    """The database's server is up, and lets nobody in by this address: mend one of them. Whoever was in before may wait a while.

    A server that has too many connections refuses in the same way, and that heals.
    """


class BackupError(HairFeedError):
    """A backup cannot be made or put back: the ledger, and the file that was there, stay as they were."""


class CopyError(HairFeedError):
    """A ledger cannot be copied to another database: that one has not got anything, and the ledger stays as it was."""


class SourceError(HairFeedError):
    """A source cannot be read as a whole: nothing is known about its articles in this pass, so nothing changes."""


class SourceFault(SourceError):
    """HairFeed or a library of its stumbled over a source: report it with what was raised, and go on with the others."""


class DateError(HairFeedError):
    """A date cannot be told with certainty: leave the article out and say why."""


class PageError(HairFeedError):
    """One page cannot become an article: report it and go on with the others."""


class PageFault(PageError):
    """HairFeed or a library of its stumbled over a page: report it, and read the page again although it has not changed."""


class PictureError(HairFeedError):
    """A picture cannot be shown in mails: leave it out and say why."""


class FetchError(HairFeedError):
    """A web address could not be fetched; the subclass says what becomes of it."""


class Gone(FetchError):
    """Nothing is there any more, and the server says so: count it as missing."""


class NotAllowed(FetchError):
    """It may not be fetched, and will be refused again: leave it out and report it."""


class TryLater(FetchError):
    """Nothing is known about it in this pass: change nothing, and ask again in another one."""

    def __init__(self, message: str, retry_after: timedelta | None = None) -> None:
        """`retry_after` is how long the server asks to be left alone; None when it did not say."""
        super().__init__(message)
        self.retry_after = retry_after


class Unreadable(FetchError):
    """What the server sends cannot be taken, and will hardly be better next time: report it."""


class PassUnderWay(HairFeedError):
    """A pass is at work, so what is there cannot be judged: look again when it has ended."""


class PassHangs(HairFeedError):
    """Another process makes a pass and does not go on, so no other can begin: end it, and the next one goes on."""


class PublishError(HairFeedError):
    """Feeds could not be built or written: the files that are in place stay as they are."""


class PushError(HairFeedError):
    """Published files could not be copied to another place: what is there stays, and the next pass goes on."""


class ServeError(HairFeedError):
    """The web server cannot start: give it another place to listen."""


class TemplateError(HairFeedError):
    """A template cannot be filled in: mend it; nothing was sent, and pages that are in place stay."""


class ArticleError(HairFeedError):
    """An article cannot be changed as asked."""


class IssueError(HairFeedError):
    """An issue cannot be composed, approved or changed as asked; nothing was changed."""


class SubscriberError(HairFeedError):
    """A subscriber cannot be added or changed as asked."""


class ImportFileError(SubscriberError):
    """A list of readers cannot be imported: mend the file, or say how it is to be read; nothing of it counts."""


class TokenError(HairFeedError):
    """A reader's link cannot be followed: say so, and show the way to another one."""


class ForgedTokenError(TokenError):
    """We did not make it, or for something else: tell nothing about whom it may stand for."""


class ExpiredTokenError(TokenError):
    """It was good once: offer a new one."""


class DeliveryError(HairFeedError):
    """An issue or a batch on its way cannot be found or changed as asked."""


class SubmissionError(HairFeedError):
    """A call to a provider had no answer; the subclass says what that means for what was to be sent."""


class NotConnected(SubmissionError):
    """Nothing was sent, or not all of it: it may be sent another time."""


class NoAnswer(SubmissionError):
    """Something was sent, and no whole answer came: it may have been taken."""
