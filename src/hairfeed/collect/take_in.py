"""What a source showed, judged, decided and written down: as a whole or not at all."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from hairfeed.collect.decide import Decision, Elsewhere, Policy, decide
from hairfeed.collect.look import AnyLook, SeenPage, Sighting
from hairfeed.collect.pages import Page
from hairfeed.errors import DateError, PageError, PageFault
from hairfeed.models.articles import ArticleState, FoundArticle, KnownArticle, Mailing
from hairfeed.models.fetches import FetchMemory, PageKind
from hairfeed.models.reports import CollectReport, Problem
from hairfeed.store import articles, copies, sources
from hairfeed.store.copies import Copy
from hairfeed.store.database import Connection, Ledger
from hairfeed.store.sources import KnownSource
from hairfeed.text.date_order import DateOrder, order_for_language

RANKS = ("folder", "website", "feed")
"""Of several sources with one article, the first keeps it: it is nearest to the author."""

FLOOD_FACTOR = 5
"""More new articles than this many times the usual are a flood."""


def take_in(ledger: Ledger, look: AnyLook, known: KnownSource, sighting: Sighting, revision: int) -> CollectReport:
    """Bring the ledger up to date with what the source showed."""
    is_quiet = not sighting.pages and (sighting.rolls or sighting.present == look.stamps.keys())
    if is_quiet and sighting.memory is None and not known.baseline:
        return CollectReport(pages=sighting.count, warnings=tuple(sighting.problems))
    learnt = _learn(known, sighting.pages, look)
    sighting = _without_expired(sighting, learnt, look)
    found, refused, faulty = _judge(sighting, learnt, look)
    sighting = _to_read_again(sighting, faulty, look)
    with ledger.write() as connection:
        decision, numbers = _enter(connection, found, learnt, look, sighting, revision)
    problems = [*decision.problems, *_not_mailed(decision, numbers)]
    decided = [look.problem(problem.where, problem.what) for problem in problems]
    return _report(sighting.count, decision, [*sighting.problems, *learnt.notes, *refused, *decided])


@dataclass(frozen=True, slots=True)
class _Learnt:
    """What the pages of a source tell about each other, now and in earlier passes."""

    orders: frozenset[str]
    """The orders of day and month that dates have proven."""
    order: DateOrder | None
    """The one order that the config declares, or else that is proven."""
    by_language: bool
    """Nothing is proven, and the config lets each page's language decide."""
    slogans: frozenset[str]
    """Descriptions that several pages share: the site's, and no summary of an article."""
    notes: tuple[Problem, ...] = ()

    def order_of(self, page: Page, look: AnyLook) -> DateOrder | None:
        """The order of the numeric dates on a page; None while nothing tells."""
        return _usual_order(page.language or look.settings.site.language) if self.by_language else self.order


def _learn(known: KnownSource, pages: Sequence[SeenPage], look: AnyLook) -> _Learnt:
    # A pass that finds nothing new does not pay for the words of twenty languages.
    from hairfeed.text.dates import order_evidence

    evidence = set()
    for seen in pages:
        # Whatever is wrong with its date is reported when it is judged.
        with suppress(PageFault), look.contained(seen.upstream_id):
            evidence.add(order_evidence(seen.page.date_text) if seen.page.date_text else None)
    orders = known.date_orders | {order.value for order in evidence if order}
    declared = look.source.date_order
    proven = DateOrder(next(iter(orders))) if len(orders) == 1 else None
    by_language = declared == "language" and not orders
    usual = _usual_order(look.settings.site.language)
    notes = []
    if declared == "language" and usual and orders - known.date_orders - {usual.value}:
        what = f"has dates that prove another order than {usual}, its language's; check those of earlier passes, and set date_order"
        notes = [Problem(look.source.location, what)]
    elif declared == "auto" and len(orders) > 1 and orders != known.date_orders:
        what = "has dates with the day first and others with the month first, so none tells the order of the rest; set date_order"
        notes = [Problem(look.source.location, what)]
    summaries = Counter(seen.page.summary for seen in pages if seen.page.summary)
    repeated = {summary for summary, times in summaries.items() if times > 1}
    order = proven if declared in ("auto", "language") else DateOrder(declared)
    return _Learnt(orders, order, by_language, known.slogans | repeated, tuple(notes))


def _usual_order(language: str) -> DateOrder | None:
    """The order in which readers of a language print dates; one with the year first says nothing of dates with the year last."""
    order = order_for_language(language)
    return None if order is DateOrder.YMD else order


def _without_expired(sighting: Sighting, learnt: _Learnt, look: AnyLook) -> Sighting:
    """The sighting without the pages that have expired; one that will is read at every pass, though it stays the same."""
    if not any(seen.page.expiry_text for seen in sighting.pages):
        return sighting
    from hairfeed.collect.judge import is_expired

    pages, problems, expired, faulty = [], list(sighting.problems), set(), set()
    for seen in sighting.pages:
        try:
            with look.contained(seen.upstream_id):
                has_expired = is_expired(seen.page, look.now, look.settings.site, learnt.order_of(seen.page, look))
        except PageFault as fault:
            faulty.add(seen.upstream_id)
            problems.append(look.problem(seen.upstream_id, str(fault)))
        except DateError as error:
            problems.append(look.problem(seen.upstream_id, f"has an expiry date that cannot be told: {error}"))
        else:
            if has_expired:
                expired.add(seen.upstream_id)
            else:
                pages.append(replace(seen, stamp=f"{seen.stamp}-expires") if seen.page.expiry_text else seen)
    rest = replace(sighting, present=sighting.present - expired, pages=pages, problems=problems)
    return _to_read_again(rest, faulty, look)


def _to_read_again(sighting: Sighting, faulty: Set[str], look: AnyLook) -> Sighting:
    """The sighting, with what was fetched of faulty pages forgotten, so that it is sent again although it has not changed."""
    if sighting.memory is None or not faulty:
        return sighting
    # A feed is one document with all of its pages.
    urls = sighting.memory.keys() if sighting.rolls else faulty
    return replace(sighting, memory={**sighting.memory, **{url: FetchMemory(PageKind.FAILED, look.now) for url in urls}})


def _judge(sighting: Sighting, learnt: _Learnt, look: AnyLook) -> tuple[list[FoundArticle], list[Problem], set[str]]:
    """The articles on the pages that were read, what speaks against some, and the pages that are to be read again."""
    # A pass that finds nothing new does not pay for the HTML and language libraries.
    from hairfeed.collect.judge import judge, title_notes

    found, problems, faulty = [], [], set()
    for done, seen in enumerate(sighting.pages):
        look.watch.step(f"Cleaning {look.name}", done, len(sighting.pages))
        try:
            with look.contained(seen.upstream_id):
                page = replace(seen.page, summary=None) if seen.page.summary in learnt.slogans else seen.page
                notes = title_notes(page)
                found.append(judge(page, seen.upstream_id, seen.stamp, look, learnt.order_of(page, look)))
        except (PageError, DateError) as error:
            problems.append(look.problem(seen.upstream_id, str(error)))
            # An edit that is refused may be understood later, by what other pages prove, and its site will not send it unasked.
            is_edit = seen.upstream_id in look.stamps and not sighting.rolls
            if isinstance(error, PageFault) or is_edit:
                faulty.add(seen.upstream_id)
        else:
            problems += [look.problem(seen.upstream_id, note) for note in notes]
    return found, problems, faulty


def _enter(
    connection: Connection, found: Sequence[FoundArticle], learnt: _Learnt, look: AnyLook, sighting: Sighting, revision: int
) -> tuple[Decision, dict[str, int]]:
    """Decide, and write it all down, in the caller's transaction; also the numbers of the new articles by guid."""
    source_id, baseline = sources.enter(connection, look.name, look.source.location)
    originals = copies.originals(connection, source_id)
    policy = Policy(
        source=look.name,
        authority=urlsplit(look.settings.site.url).hostname or "",
        baseline=baseline,
        mail_backdated_days=look.source.mail_backdated_days,
        mail_archive_days=look.source.mail_archive_days,
        future_days=look.source.future_days,
        vanish_after=look.source.vanish_after,
        now=look.now,
        refused=sources.refused_now(connection, source_id),
        elsewhere=_elsewhere(connection, source_id, found, look),
        copies={copy: _as_elsewhere(look, name, article) for copy, (name, article) in originals.items()},
        shown_elsewhere=copies.shown_elsewhere(connection, source_id, look.settings.sources),
        rank=_rank(look, look.name),
        rolls=sighting.rolls,
        moved=sighting.moved,
    )
    known = articles.known_articles(connection, source_id)
    decision = _guarded(decide(found, sighting.present, known, policy), look, sources.usual_new(connection, source_id))
    numbers = articles.add(connection, source_id, decision.new, look.now, revision)
    copies.leave_behind(connection, source_id, [article.id for article in decision.moved])
    articles.change(connection, source_id, [*decision.changed, *decision.moved], look.now, revision)
    articles.restamp(connection, decision.restamped)
    articles.miss(connection, decision.missed)
    articles.let_go(connection, decision.gone, look.now, revision)
    own = {article.upstream_id for article in known} | {article.found.upstream_id for article in decision.new}
    own |= {article.found.upstream_id for article in decision.moved}
    read = {one.upstream_id: one.stamp for one in found}
    also = {name: Copy(article, read[name]) for name, article in decision.elsewhere.items()}
    copies.remember(connection, source_id, sighting.present, also, own)
    refused = (sighting.present | sighting.others) - own - also.keys() - originals.keys()
    sources.remember_refused(connection, source_id, {page: policy.first_sight(page) for page in refused})
    news = sum(article.mailing is Mailing.ELIGIBLE for article in decision.new)
    sources.remember(connection, source_id, learnt.orders, learnt.slogans, look.now, whole=sighting.whole, news=news)
    if sighting.memory is not None:
        sources.forget_fetches(connection, source_id, sighting.forgotten)
        sources.remember_fetches(connection, source_id, sighting.memory)
    return decision, numbers


def _elsewhere(connection: Connection, source_id: int, found: Sequence[FoundArticle], look: AnyLook) -> dict[str, Elsewhere]:
    """By address: the articles among `found` that other sources have."""
    addresses = list({address for article in found for address in (article.url, *article.aliases)})
    return {
        article.url: _as_elsewhere(look, name, article)
        for name, article in articles.known_elsewhere(connection, source_id, addresses)
    }


def _as_elsewhere(look: AnyLook, name: str, article: KnownArticle) -> Elsewhere:
    source = look.settings.sources.get(name)
    return Elsewhere(article, _rank(look, name), source is None or article.misses >= source.vanish_after)


def _rank(look: AnyLook, name: str) -> int:
    """A folder before a web site, that before a feed, and any of them before a source that the config has no more."""
    source = look.settings.sources.get(name)
    return RANKS.index(source.type) if source else len(RANKS)


def _guarded(decision: Decision, look: AnyLook, usual: int) -> Decision:
    """The flood guard: far more news than usual is a migration or a mistake, and is not mailed until the operator says so."""
    news = sum(article.mailing is Mailing.ELIGIBLE for article in decision.new)
    limit = max(look.source.flood, FLOOD_FACTOR * usual)
    if news <= limit:
        return decision
    waits = look.source.flood_feeds == "hold"
    what = (
        f"shows {news} new articles at once, where at most {limit} are usual: they are {'kept back' if waits else 'in the feeds'} "
        f"and not mailed; look at 'hairfeed articles list --not-mailed', then 'hairfeed articles mail --source {look.name}', or "
        "leave it at that"
    )
    state = ArticleState.HELD if waits else ArticleState.LIVE
    held = [
        replace(article, mailing=Mailing.FLOOD, state=state) if article.mailing is Mailing.ELIGIBLE else article
        for article in decision.new
    ]
    return replace(decision, new=held, problems=[*decision.problems, Problem("", what)])


def _report(pages: int, decision: Decision, problems: Iterable[Problem]) -> CollectReport:
    mailings = [article.mailing for article in decision.new]
    return CollectReport(
        pages=pages,
        new=len(mailings),
        baseline=mailings.count(Mailing.BASELINE),
        backdated=mailings.count(Mailing.BACKDATED),
        flooded=mailings.count(Mailing.FLOOD),
        guessed=mailings.count(Mailing.GUESSED),
        changed=len(decision.changed),
        moved=len(decision.moved),
        gone=len(decision.gone),
        warnings=tuple(problems),
    )


_NOT_MAILED = {
    Mailing.BACKDATED: "is dated {date}, too far back to be mailed as new: feeds only",
    Mailing.GUESSED: "is dated {date} by a guess from its text: feeds only",
}


def _not_mailed(decision: Decision, numbers: Mapping[str, int]) -> list[Problem]:
    """New articles that will not be mailed because of their date: the operator should see them."""
    return [
        Problem(
            article.found.upstream_id,
            f"{_NOT_MAILED[article.mailing].format(date=article.found.published_on)} (to mail it all the same: "
            f"hairfeed articles mail {numbers[article.guid]})",
        )
        for article in decision.new
        if article.mailing in _NOT_MAILED and article.state is ArticleState.LIVE
    ]
