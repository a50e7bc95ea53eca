"""What becomes of what a source shows: found + known -> intents. Pure.

"New" means first seen in the ledger; a date never decides it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain, count
from urllib.parse import quote

from hairfeed.models.articles import ArticleState, ChangedArticle, FoundArticle, KnownArticle, Mailing, NewArticle
from hairfeed.models.fetches import FirstSight
from hairfeed.models.reports import Problem


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """An article of another source; `rank` is that source's. `is_absent`: that source has it no more."""

    article: KnownArticle
    rank: int
    is_absent: bool = False


@dataclass(frozen=True, slots=True)
class Policy:
    """What decides about new articles of one source. `baseline`: the archive is being taken in, so nothing of it is mailed."""

    source: str
    authority: str
    """The site's host: who may mint its tag: URIs (RFC 4151)."""
    baseline: bool
    mail_backdated_days: int
    now: datetime
    mail_archive_days: int = 0
    future_days: int = 365
    vanish_after: int = 2
    """Looks in a row without an article before it leaves the feeds: a file may be on its way from one place to another."""
    refused: Mapping[str, FirstSight] = field(default_factory=dict)
    """By upstream id: pages that could not become articles until now, and when they were first seen."""
    elsewhere: Mapping[str, Elsewhere] = field(default_factory=dict)
    """By address: articles that another source has."""
    copies: Mapping[str, Elsewhere] = field(default_factory=dict)
    """By upstream id: articles that another source has and this one showed before."""
    shown_elsewhere: Set[int] = frozenset()
    """Ids of the source's articles that another source shows, too."""
    rank: int = 0
    """Of several sources with one article, that with the lowest rank keeps it."""
    rolls: bool = False
    """The source shows only its newest pages: the absence of others means nothing."""
    moved: Mapping[str, str] = field(default_factory=dict)
    """By upstream id: under which other one the source had the page before."""

    def first_sight(self, upstream_id: str) -> FirstSight:
        """When a page that is no article yet was first seen: now, or when it was refused."""
        return self.refused.get(upstream_id, FirstSight(self.now, self.baseline))


@dataclass(slots=True)
class Decision:
    """What a source's pass changes in the ledger."""

    new: list[NewArticle] = field(default_factory=list)
    changed: list[ChangedArticle] = field(default_factory=list)
    moved: list[ChangedArticle] = field(default_factory=list)
    restamped: dict[int, str] = field(default_factory=dict)
    """By article id: pages that were touched and say what they said before."""
    missed: list[int] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)
    elsewhere: dict[str, int] = field(default_factory=dict)
    """By upstream id: the ids of articles that another source has."""
    problems: list[Problem] = field(default_factory=list)


def decide(found: Sequence[FoundArticle], present: Set[str], known: Sequence[KnownArticle], policy: Policy) -> Decision:
    """Compare a source's pages with the ledger.

    Args:
        found: the articles on pages that were read in this pass.
        present: the upstream ids of all pages that are there, read or not.
        known: all that was ever collected from the source.
        policy: what decides about new ones.
    """
    decision = Decision()
    by_name = {article.upstream_id: article for article in known}
    absent = _Absent(article for article in known if article.upstream_id not in present)
    guids = {article.guid for article in known}
    read = {article.upstream_id for article in found}
    unread = present - read
    addresses = {article.url: article.upstream_id for article in known if article.upstream_id in unread}
    for article in sorted(found, key=lambda article: article.upstream_id not in by_name):
        before = by_name.get(article.upstream_id)
        twin = addresses.setdefault(article.url, article.upstream_id)
        if twin != article.upstream_id:
            decision.problems.append(
                _problem(article, f"would have the same address as {twin} ({article.url}); rename one of them")
            )
        elif before is not None:
            _compare(article, before, decision, policy)
        elif (before := absent.take(article, policy.moved.get(article.upstream_id))) is not None:
            decision.moved.append(_change(article, before))
        elif (original := _elsewhere(article, policy)) is not None:
            _share(article, original, decision, policy)
        else:
            _enter(article, decision, guids, policy)
    if not policy.rolls:
        _miss(absent, decision, policy)
    # What is there again counts its misses anew, even if its page was refused: it is read again at the next look.
    decision.restamped |= {back.id: "" for back in known if back.misses and back.upstream_id in unread}
    return decision


def _elsewhere(article: FoundArticle, policy: Policy) -> Elsewhere | None:
    name_before = policy.moved.get(article.upstream_id, "")
    found = (policy.elsewhere.get(article.url), policy.copies.get(article.upstream_id), policy.copies.get(name_before))
    # At an address that it had before may be another article today.
    former = (policy.elsewhere.get(alias) for alias in article.aliases)
    return next(filter(None, (*found, *(one for one in former if one and _takes_over(one, policy)))), None)


def _share(article: FoundArticle, original: Elsewhere, decision: Decision, policy: Policy) -> None:
    """An article that another source has, too: it is one article, and belongs to the source nearest to its author that has it."""
    if _takes_over(original, policy):
        decision.moved.append(_change(article, original.article))
    else:
        decision.elsewhere[article.upstream_id] = original.article.id


def _takes_over(original: Elsewhere, policy: Policy) -> bool:
    """A source that rolls takes over only what is gone altogether: what it shows no more, it would keep for ever."""
    is_gone = original.article.state is ArticleState.GONE
    return policy.rank < original.rank or is_gone or (original.is_absent and not policy.rolls)


class _Absent:
    """Known articles whose page is not there: a new page may be one of them under another name.

    It is when the source says so, when it says the same, even if the article was away for longer, when it has taken the
    article's address over, or when its author names that as its own from before.
    """

    def __init__(self, articles: Iterable[KnownArticle]) -> None:
        gone_first = sorted(articles, key=lambda article: article.state is not ArticleState.GONE)
        self.articles = {article.id: article for article in gone_first}
        self._by_name = {article.upstream_id: article.id for article in gone_first}
        self._by_content = {article.content_hash: article.id for article in gone_first}
        self._by_former_address = {article.url: article.id for article in gone_first}
        self._by_address = {article.url: article.id for article in gone_first if article.state is not ArticleState.GONE}

    def take(self, found: FoundArticle, name_before: str | None = None) -> KnownArticle | None:
        """The article that was found, which is not absent any more."""
        ids = (self._by_name.get(name_before or ""), self._by_content.get(found.content_hash), self._by_address.get(found.url))
        former = (self._by_former_address.get(alias) for alias in found.aliases)
        return next((self.articles.pop(known) for known in (*ids, *former) if known in self.articles), None)


def _miss(absent: _Absent, decision: Decision, policy: Policy) -> None:
    """An article leaves when its own source has missed it often enough and no other source shows it."""
    for article in absent.articles.values():
        if article.state in (ArticleState.LIVE, ArticleState.HELD):
            leaves = article.misses + 1 >= policy.vanish_after and article.id not in policy.shown_elsewhere
            (decision.gone if leaves else decision.missed).append(article.id)


def _compare(article: FoundArticle, before: KnownArticle, decision: Decision, policy: Policy) -> None:
    """A page of a known article was read: it says the same, or something else."""
    if before.state is ArticleState.FORGOTTEN:
        decision.restamped[before.id] = article.stamp
        return
    redated = article.published_on != before.published_on
    unseen = before.live_at is None
    if redated and not unseen:
        decision.problems.append(
            _problem(article, f"is dated {article.published_on} now; readers have seen {before.published_on}, which stays")
        )
    if redated and unseen and _is_too_far_ahead(article, policy):
        decision.problems.append(_too_far_ahead(article, policy))
    elif article.form_hash == before.form_hash and before.state is not ArticleState.GONE and not (unseen and redated):
        decision.restamped[before.id] = article.stamp
    else:
        decision.changed.append(_change(article, before))


def _change(article: FoundArticle, before: KnownArticle) -> ChangedArticle:
    """The known article as it is found now; one that no reader has seen yet may still change its date."""
    unseen = before.live_at is None
    return ChangedArticle(
        before.id,
        article,
        significant=not unseen and article.content_hash != before.content_hash,
        republish=unseen,
        state=_state_after(before),
    )


def _state_after(before: KnownArticle) -> ArticleState:
    if before.state is ArticleState.FORGOTTEN:
        return ArticleState.FORGOTTEN
    return ArticleState.HELD if before.live_at is None else ArticleState.LIVE


def _enter(article: FoundArticle, decision: Decision, guids: set[str], policy: Policy) -> None:
    """A page that the ledger has never seen."""
    if _is_too_far_ahead(article, policy):
        decision.problems.append(_too_far_ahead(article, policy))
        return
    guid = _mint(article, guids, policy)
    guids.add(guid)
    state = ArticleState.HELD if article.published_at > policy.now else ArticleState.LIVE
    sight = policy.first_sight(article.upstream_id)
    decision.new.append(NewArticle(article, guid, state, _mailing(article, sight, policy), sight.at))


def _mailing(article: FoundArticle, sight: FirstSight, policy: Policy) -> Mailing:
    if article.published_at > sight.at:
        return Mailing.ELIGIBLE
    recent = sight.at - article.published_at <= timedelta(days=policy.mail_archive_days)
    if sight.baseline and not (policy.mail_archive_days and recent):
        return Mailing.BASELINE
    if article.date_is_guess:
        return Mailing.GUESSED
    backdated = article.published_at < sight.at - timedelta(days=policy.mail_backdated_days + 1)
    return Mailing.BACKDATED if backdated else Mailing.ELIGIBLE


def _mint(article: FoundArticle, taken: Collection[str], policy: Policy) -> str:
    """A tag: URI (RFC 4151) that nothing in the ledger has had; from a lost ledger the same pages get the same ones again."""
    plain = f"tag:{policy.authority},{article.published_on}:{policy.source}/{quote(article.upstream_id, safe='/-._~')}"
    numbered = (f"{plain}~{number}" for number in count(2))
    return next(guid for guid in chain([plain], numbered) if guid not in taken)


def _is_too_far_ahead(article: FoundArticle, policy: Policy) -> bool:
    return article.published_at > policy.now + timedelta(days=policy.future_days)


def _too_far_ahead(article: FoundArticle, policy: Policy) -> Problem:
    ahead = "a year" if policy.future_days == 365 else f"{policy.future_days} days"  # noqa: PLR2004 - the days of a year
    return _problem(article, f"is dated {article.published_on}, more than {ahead} ahead; is the year right?")


def _problem(article: FoundArticle, what: str) -> Problem:
    return Problem(article.upstream_id, what)
