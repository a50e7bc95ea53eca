"""The compose stage: reads newsletters' clocks and waiting articles; writes issues with their rendering."""

from datetime import datetime
from email.utils import parseaddr
from urllib.parse import quote

from hairfeed.digest.choose import choose_articles
from hairfeed.digest.content import DigestArticle, DigestContent
from hairfeed.digest.hour import settle_due
from hairfeed.errors import TemplateError
from hairfeed.models import Article, ComposedIssue, ComposeReport, Problem, Watch
from hairfeed.settings import Settings
from hairfeed.settings.newsletters import Newsletter
from hairfeed.store import issues
from hairfeed.store.database import Ledger
from hairfeed.store.issues import DraftIssue


def compose(ledger: Ledger, settings: Settings, now: datetime, watch: Watch) -> ComposeReport:
    """Compose an issue of every newsletter that is due and has something to say."""
    composed, nothing_new, warnings, failures = [], [], [], []
    for done, (name, newsletter) in enumerate(settings.newsletters.items()):
        watch.step("Composing", done, len(settings.newsletters))
        due, passed_over = settle_due(ledger, newsletter, name, newsletter.timezone or settings.site.timezone, now)
        warnings += passed_over
        if due is None:
            continue
        try:
            issue = _compose(ledger, settings, name, due.since, due.due_at, now)
        except TemplateError as error:
            failures.append(Problem(f"newsletter {name}", f"{error}; the issue waits until this is mended"))
            continue
        if issue is None:
            nothing_new.append(name)
        else:
            composed.append(issue)
    reported = {"warnings": tuple(warnings), "failures": tuple(failures)}
    return ComposeReport(composed=tuple(composed), nothing_new=tuple(nothing_new), **reported)


def _compose(
    ledger: Ledger, settings: Settings, name: str, since: datetime, due_at: datetime, now: datetime
) -> ComposedIssue | None:
    newsletter = settings.newsletters[name]
    with ledger.read() as connection:
        waiting = issues.waiting_articles(connection, name, since)
        number = issues.next_number(connection, name)
    choice = choose_articles(waiting, newsletter.min_articles, newsletter.max_articles)
    if choice is None:
        with ledger.write() as connection:
            issues.pass_over(connection, name, due_at)
        return None
    # Only a pass with an issue to compose pays for the template and CSS libraries.
    from hairfeed.digest.render import Templates

    content = DigestContent(
        site=settings.site,
        newsletter=newsletter,
        number=number,
        issued_on=due_at.astimezone(newsletter.timezone or settings.site.timezone).date(),
        language=settings.site.language,
        featured=[_shown(article) for article in choice.featured],
        also=[_shown(article) for article in choice.also],
        unsubscribe_url=_unsubscribe_url(settings, newsletter),
        feed_url=f"{settings.feeds.url}/feed.rss",
    )
    rendering = Templates(settings.site.templates).render(content)
    draft = DraftIssue(
        newsletter=name,
        number=number,
        due_at=due_at,
        featured=choice.featured,
        also=choice.also,
        subject=rendering.subject,
        html=rendering.html,
        text=rendering.text,
    )
    with ledger.write() as connection:
        issues.approve(connection, draft, now)
    return ComposedIssue(name, number, rendering.subject, len(choice.featured), len(choice.also))


def _shown(article: Article) -> DigestArticle:
    return DigestArticle(
        id=article.id,
        title=article.title,
        url=article.url,
        summary=article.summary,
        topics=article.topics,
        authors=article.authors,
        published_on=article.published_on,
    )


def _unsubscribe_url(settings: Settings, newsletter: Newsletter) -> str:
    """A mail to a person (RFC 6068), with nothing personal in it: the sender's address says who leaves."""
    address = parseaddr(settings.mail.reply_to)[1]
    return f"mailto:{quote(address, safe='@+')}?subject={quote(f'Unsubscribe: {newsletter.title}')}"
