"""A plan: an issue as every one of its readers would get it, with a hash that names exactly that.

The same rows, settings and templates give the same plan, byte for byte.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property

from hairfeed.digest.choose import Choice
from hairfeed.digest.content import DigestContent
from hairfeed.digest.fit import Fitted, Renderer, Trim, fit
from hairfeed.digest.links import Tracker
from hairfeed.digest.material import Material
from hairfeed.digest.public_page import public_page
from hairfeed.digest.showing import Showing
from hairfeed.digest.tracking import Tracked
from hairfeed.digest.variants import Wish
from hairfeed.models.articles import Article
from hairfeed.models.reports import Problem
from hairfeed.settings import Settings
from hairfeed.store.issue_pages import IssuePage
from hairfeed.store.issues import Draft, NewIssue, NewVariant, TakenArticle, ToldCorrection
from hairfeed.text.merge import Placeholder
from hairfeed.text.slugs import slug
from hairfeed.text.tokens import TOKEN_LENGTH

LONGEST_NAME = 600
"""Bytes of HTML that a reader's name can take: 100 characters, each written like `&quot;`."""

LONGEST_MAILTO = 400
"""Bytes of an address to leave by mail, where there are no pages for it."""

_HASH = 16
"""Hexadecimal digits of a plan's hash: short enough to be typed, long enough that two plans never share one."""


@dataclass(frozen=True, slots=True)
class PlannedArticle:
    """An article that the issue takes."""

    id: int
    role: str
    """featured, also, or beyond what is listed."""
    revision: int
    published_on: date
    title: str


@dataclass(frozen=True, slots=True)
class PlannedVariant:
    """What readers with one choice would get; nothing where it has no articles."""

    topics: str
    language: str
    """As in their subscriptions; empty: none chosen."""
    readers: int
    articles: int
    subject: str
    html: str
    text: str
    size: int
    """Bytes of HTML with the longest names and addresses."""
    trim: Trim


@dataclass(frozen=True)
class Plan:
    """An issue before it is sent, complete."""

    newsletter: str
    number: int
    due_at: datetime
    articles: Sequence[PlannedArticle]
    corrections: Sequence[ToldCorrection]
    corrected: Sequence[str]
    """Titles, in the order of `corrections`."""
    variants: Sequence[PlannedVariant]
    """That of readers who chose nothing comes first."""
    content: DigestContent
    """What readers who chose nothing are told, before anything was given up or marked for a campaign."""
    page: IssuePage | None = None
    """What its public page says; None where the config wants none."""
    links: Mapping[str, int] = field(default_factory=dict)
    """By where they lead, the numbers of links that are counted."""
    warnings: Sequence[Problem] = field(default=())

    @cached_property
    def hash(self) -> str:
        """Names all that its readers get, and how their choices share it out; not how many they are."""
        content = {
            "newsletter": self.newsletter,
            "number": self.number,
            "due": self.due_at.isoformat(),
            "articles": [(one.id, one.role, one.revision) for one in self.articles],
            "corrections": [(one.article_id, one.updated_at.isoformat()) for one in self.corrections],
            # An issue that counts nothing is named as if there were no counting.
            **({"links": self.links} if self.links else {}),
            "variants": [(one.topics, one.language, one.articles, one.subject, one.html, one.text) for one in self.variants],
        }
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:_HASH]

    @property
    def readers(self) -> int:
        """How many would get it now."""
        return sum(one.readers for one in self.variants if one.articles)

    @property
    def trimmed(self) -> tuple[str, ...]:
        """What was given up to make mails fit, for each variant where something was."""
        return tuple(f"{label_of(one)}: {one.trim}" for one in self.variants if str(one.trim))

    def as_issue(self) -> NewIssue:
        """As the ledger takes it."""
        return NewIssue(
            newsletter=self.newsletter,
            number=self.number,
            due_at=self.due_at,
            plan_hash=self.hash,
            articles=[TakenArticle(one.id, one.role, one.revision) for one in self.articles],
            corrections=self.corrections,
            variants=[self._as_new(one) for one in self.variants],
            page=self.page,
            links=self.links,
        )

    def _as_new(self, one: PlannedVariant) -> NewVariant:
        return NewVariant(one.topics, one.language, one.articles, one.subject, one.html, one.text, self.content.archive_url)


def make_plan(material: Material, settings: Settings, renderer: Renderer) -> Plan | None:
    """The issue that the material makes; None when there is too little to say.

    Raises:
        TemplateError: a template is faulty, or the issue cannot be made to fit.
    """
    if not material.choice.featured or material.due_at is None:
        return None
    newsletter = material.newsletter
    showing = Showing(
        settings=settings,
        newsletter=newsletter,
        tracker=Tracker.of(newsletter.utm, material.name, material.number),
        number=material.number,
        issued_on=material.due_at.astimezone(settings.zone_of(material.name)).date(),
        related=material.related,
        extras=material.extras,
    )
    links: dict[str, int] = {}
    if newsletter.tracking:
        renderer = Tracked(renderer, links)
    rendered = _Rendered(showing, renderer, material.corrected, _longest(settings))
    variants = [rendered.variant(wish, choice) for wish, choice in material.chosen]
    content = replace(showing, tracker=Tracker()).content(material.choice, material.chosen[0][0].language, material.corrected)
    return Plan(
        newsletter=material.name,
        number=material.number,
        due_at=material.due_at,
        articles=_planned(material),
        corrections=[ToldCorrection(one.id, one.updated_at) for one in material.corrected if one.updated_at],
        corrected=[one.title for one in material.corrected],
        variants=variants,
        content=content,
        page=public_page(content, variants[0].subject, settings) if settings.archive.pages else None,
        links=links,
        warnings=_warnings(material),
    )


def differences(draft: Draft, plan: Plan) -> list[str]:
    """What the plan has otherwise than the draft that was composed before, in words."""
    now = {one.id: one for one in plan.articles}
    found = [f"article {id_} is not in it any more" for id_ in draft.articles if id_ not in now]
    found += [f"article {one.id} “{one.title}” is new in it" for one in plan.articles if one.id not in draft.articles]
    edited = [one for one in plan.articles if draft.articles.get(one.id, one.revision) != one.revision]
    found += [f"article {one.id} “{one.title}” has changed" for one in edited]
    if draft.corrections != {one.article_id for one in plan.corrections}:
        found.append("it tells of other corrections")
    before = {(one.topics, one.language): one for one in draft.variants}
    after = {(one.topics, one.language): one for one in plan.variants}
    found += [f"readers chose {label_of(after[key])} since" for key in after if key not in before]
    found += [f"nobody chooses {label_of(before[key])} any more" for key in before if key not in after]
    subject = plan.variants[0].subject
    if draft.variants[0].subject != subject:
        found.append(f"its subject is “{subject}” now")
    if not found and draft.plan_hash != plan.hash:
        found.append("its words or its form have changed: the templates, the config, related articles, or HairFeed itself")
    return found


def label_of(variant: PlannedVariant | NewVariant) -> str:
    """A variant's name for people."""
    return " ".join(part for part in (variant.topics.replace(",", ", ") or "all topics", variant.language) if part)


@dataclass
class _Rendered:
    """The renderings of one issue: each made once, however many choices come to it."""

    showing: Showing
    renderer: Renderer
    corrected: Sequence[Article]
    longest: dict[Placeholder, int]
    made: dict[tuple[object, ...], Fitted] = field(default_factory=dict)

    def variant(self, wish: Wish, choice: Choice) -> PlannedVariant:
        topics, language, readers = wish.choice.topics, wish.choice.language, wish.choice.readers
        if not choice.featured:
            return PlannedVariant(topics, language, readers, 0, "", "", "", 0, Trim())
        fitted = self._fitted(choice, wish)
        rendering, count = fitted.rendering, len(choice.featured) + len(choice.also) - fitted.trim.dropped
        return PlannedVariant(
            topics, language, readers, count, rendering.subject, rendering.html, rendering.text, fitted.size, fitted.trim
        )

    def _fitted(self, choice: Choice, wish: Wish) -> Fitted:
        corrected = [one for one in self.corrected if not wish.topics or wish.topics & set(map(slug, one.topics))]
        key = (wish.language, *(tuple(one.id for one in some) for some in (choice.featured, choice.articles, corrected)))
        if key not in self.made:
            content = self.showing.content(choice, wish.language, corrected)
            self.made[key] = fit(content, self.renderer, self.longest)
        return self.made[key]


def _planned(material: Material) -> list[PlannedArticle]:
    roles = (("featured", material.choice.featured), ("also", material.choice.also), ("counted", material.choice.others))
    return [
        PlannedArticle(one.id, role, material.standings[one.id].revision, one.published_on, one.title)
        for role, some in roles
        for one in some
    ]


def _longest(settings: Settings) -> dict[Placeholder, int]:
    """Bytes of HTML that the recipients' values can take."""
    link = len(settings.web.url.encode()) + len("/u/") + TOKEN_LENGTH if settings.web else LONGEST_MAILTO
    track = link + len("/00000000/")
    return {
        Placeholder.NAME: LONGEST_NAME,
        Placeholder.UNSUBSCRIBE: link,
        Placeholder.PREFERENCES: link,
        Placeholder.TRACK: track,
    }


def _warnings(material: Material) -> list[Problem]:
    where, extras = f"newsletter {material.name}", material.extras
    topics = [
        Problem(where, f"no article ever had the topic {topic!r}; look at its spelling in the config")
        for topic in material.unknown_topics
    ]
    if extras.pictures is None:
        return [*topics, *extras.missing]
    without = [one for one in material.choice.featured if one.image and one.id not in extras.pictures]
    pictures = [Problem(f"article {one.id}", "its picture is not in place; the mail goes without it") for one in without]
    return [*topics, *extras.missing, *pictures]
