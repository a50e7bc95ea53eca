"""A ledger with articles and readers, and the compose stage alone: how articles came and where mails go is not of interest here."""

from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from html import escape
from pathlib import Path
from typing import Any

from sqlalchemy import Table, insert, select, update

from hairfeed.deliver.stage import deliver
from hairfeed.digest import stage
from hairfeed.digest.content import DigestContent
from hairfeed.digest.material import Material
from hairfeed.digest.plan import Plan
from hairfeed.digest.render import Rendering
from hairfeed.feeds.filing import file_changes
from hairfeed.models.articles import ArticleState, FoundArticle, LeadImage, Mailing, NewArticle
from hairfeed.models.reports import ComposeReport, Nobody
from hairfeed.settings import Settings
from hairfeed.store import articles, issues
from hairfeed.store import subscribers as subscriber_rows
from hairfeed.store.database import Ledger, open_ledger
from hairfeed.store.issues import NewVariant
from hairfeed.store.schema.articles import articles as article_table
from hairfeed.store.schema.articles import sources
from hairfeed.store.schema.whole import metadata
from hairfeed.subscribers import subscriptions
from tests.deliver.sending import the_settings
from tests.store import place

BEGIN = datetime(2024, 8, 9, 9, 0, tzinfo=UTC)
"""When the newsletter began: a Friday, an hour after its hour."""
FRIDAY = BEGIN + timedelta(days=7)
NEXT_FRIDAY = BEGIN + timedelta(days=14)


class PlainRenderer:
    """The least that a template could do, and a count of how often."""

    def __init__(self, article_bytes: int = 0) -> None:
        """Every article with a summary weighs `article_bytes` more than its words."""
        self.article_bytes = article_bytes
        self.contents: list[DigestContent] = []

    def render(self, content: DigestContent) -> Rendering:
        """Titles, summaries and links."""
        self.contents.append(content)
        featured = "".join(
            f"<h2>{escape(one.title)}</h2><p>{escape(one.summary)}</p><i>{'.' * self.article_bytes}</i>" for one in content.featured
        )
        also = "".join(f"<li>{escape(one.title)}</li>" for one in content.also)
        html = f'<html lang="{content.language}">{featured}{also}<a href="{content.unsubscribe_url}">x</a></html>'
        titles = [one.title for one in (*content.featured, *content.also)]
        return Rendering(titles[0], "", html, "\n".join(titles))


class Newsroom:
    """A publication as far as the compose stage knows it; the newsletter is `weekly`."""

    def __init__(self, folder: Path, **newsletter: Any) -> None:
        """A new ledger; `newsletter` is the section of the config."""
        self.folder = folder
        self.outbox = folder / "outbox"
        folder.mkdir(exist_ok=True)
        self.settings: Settings = the_settings(folder, place.migrated(folder / "hairfeed.db"), outbox={"directory": "outbox"})
        self.configure(**newsletter)
        self.revision = 0
        ledger = self.ledger()
        with ledger.write() as connection:
            connection.execute(insert(sources).values(id=1, name="articles", location="articles"))
        ledger.close()

    def configure(self, **newsletter: Any) -> None:
        """Another `[newsletters.weekly]`, and no other newsletter."""
        table = {"title": "Plain Hair Weekly", "schedule": "Fri 08:00", **newsletter}
        weekly = type(self.settings.newsletters["weekly"]).model_validate(table)
        self.settings = self.settings.model_copy(update={"newsletters": {"weekly": weekly}})

    def ledger(self) -> Ledger:
        """The ledger; the caller closes it."""
        return open_ledger(self.settings.store.url, self.settings.store.lock_timeout)

    def _an_article(
        self,
        title: str,
        *topics: str,
        summary: str = "Every hair takes its turn. Then it rests.",
        html: str = "<p>Every hair takes its turn.</p>",
        now: datetime = FRIDAY - timedelta(days=1),
        url: str = "",
        image: LeadImage | None = None,
    ) -> NewArticle:
        """An article that goes live at `now`; each is a minute newer than the one before it."""
        self.revision += 1
        published_at = now + timedelta(minutes=self.revision)
        found = FoundArticle(
            upstream_id=f"{self.revision}",
            stamp="1",
            url=url or f"https://hair.example.org/{self.revision}",
            title=title,
            authors=("The Editor",),
            topics=topics or ("Hair Care",),
            summary=summary,
            html=html,
            published_at=published_at,
            published_on=published_at.date(),
            content_hash="1",
            form_hash="1",
            image=image,
        )
        guid = f"tag:hair.example.org,2024:{self.revision}"
        return NewArticle(found, guid, ArticleState.LIVE, Mailing.ELIGIBLE, now)

    def _add(self, *new: NewArticle) -> list[int]:
        ledger = self.ledger()
        with ledger.write() as connection:
            ids = articles.add(connection, 1, new, new[0].first_seen_at, self.revision)
            file_changes(connection, self.settings, self.revision - 1)
        ledger.close()
        return [ids[one.guid] for one in new]

    def article(self, title: str, *topics: str, **values: Any) -> int:
        """Put an article into ledger and feeds; its id. `values` are as for `_an_article`."""
        (only,) = self._add(self._an_article(title, *topics, **values))
        return only

    def articles(self, count: int, *topics: str, **values: Any) -> list[int]:
        """Several articles."""
        return self._add(*[self._an_article(f"About {number}", *topics, **values) for number in range(count)])

    def change(self, article: int, **values: Any) -> None:
        """Change an article's row, as a pass does that finds another page."""
        self.revision += 1
        ledger = self.ledger()
        with ledger.write() as connection:
            changed = update(article_table).where(article_table.c.id == article)
            connection.execute(changed.values(revision=self.revision, **values))
        ledger.close()

    def readers(self, *choices: tuple[str, str]) -> None:
        """Confirmed readers, each with topics (slugs with commas) and a language."""
        ledger = self.ledger()
        with ledger.write() as connection:
            for topics, language in choices:
                self.revision += 1
                email = f"reader{self.revision}@example.net"
                subscriptions.add(connection, email, "weekly", BEGIN, confirmed=True)
                subscriber = subscriber_rows.subscriber_id(connection, email, BEGIN)
                subscriber_rows.choose(connection, subscriber, "weekly", topics, language)
        ledger.close()

    def compose(self, now: datetime = FRIDAY, renderer: Any = None) -> ComposeReport:
        """One pass of the compose stage; at `BEGIN` it makes the newsletter known."""
        ledger = self.ledger()
        try:
            return stage.compose(ledger, self.settings, now, Nobody(), renderer or PlainRenderer())
        finally:
            ledger.close()

    def next_issue(self, now: datetime = FRIDAY) -> tuple[Material, Plan | None]:
        """What the next issue would be."""
        ledger = self.ledger()
        try:
            return stage.next_issue(ledger, self.settings, "weekly", now)
        finally:
            ledger.close()

    def plan(self, now: datetime = FRIDAY) -> Plan:
        """The plan of the next issue, which has something to say."""
        _, plan = self.next_issue(now)
        assert plan is not None
        return plan

    def approve(self, plan_hash: str, now: datetime = FRIDAY) -> Plan:
        """Approve the draft."""
        ledger = self.ledger()
        try:
            return stage.approve(ledger, self.settings, "weekly", plan_hash, now)
        finally:
            ledger.close()

    def deliver(self, now: datetime = FRIDAY) -> dict[str, EmailMessage]:
        """One pass of the deliver stage; all mails in the outbox, by address."""
        ledger = self.ledger()
        try:
            deliver(ledger, self.settings, now, 1, Nobody())
        finally:
            ledger.close()
        mails = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in self.outbox.glob("*.eml")]
        return {str(mail["To"]): mail for mail in mails}

    def issues(self) -> list[tuple[int, str, int]]:
        """Number, state and count of articles of every issue, newest first."""
        ledger = self.ledger()
        with ledger.read() as connection:
            found = [(one.number, one.state.value, one.articles) for one in issues.listed(connection, 100)]
        ledger.close()
        return found

    def variants(self) -> dict[tuple[str, str], NewVariant]:
        """Those of the newest issue, by topics and language."""
        ledger = self.ledger()
        with ledger.read() as connection:
            newest = issues.listed(connection, 1)[0]
            found = {(one.topics, one.language): one for one in issues.variants_of(connection, newest.id)}
        ledger.close()
        return found

    def rows(self) -> dict[str, list[tuple[Any, ...]]]:
        """Everything in the ledger, by table."""
        ledger = self.ledger()
        with ledger.read() as connection:
            found = {table.name: _rows(connection, table) for table in metadata.sorted_tables}
        ledger.close()
        return found


def _rows(connection: Any, table: Table) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key.columns))]
