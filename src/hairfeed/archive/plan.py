"""Which pages of issues are to be written. Pure."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import pairwise

from hairfeed.shelf import PAGE, issue_folder

_PATH = re.compile(r"issues/([^/]+)/(?:(\d+)/)?index\.html")


@dataclass(frozen=True, slots=True, order=True)
class Issue:
    """`newsletter` is the name of its section in the config."""

    newsletter: str
    number: int

    @property
    def path(self) -> str:
        """That of its page, below the feeds directory."""
        return f"{issue_folder(self.newsletter, self.number)}{PAGE}"


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The issues before and after one, of the same newsletter."""

    previous: Issue | None = None
    next: Issue | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What makes the pages in place those of the public issues."""

    issues: tuple[Issue, ...]
    """Whose pages are to be written."""
    indexes: tuple[str, ...]
    """Newsletters whose lists of issues are to be written."""
    gone: tuple[str, ...]
    """Paths of pages that are not to be there."""

    @property
    def touched(self) -> set[str]:
        """The paths of all pages that are written or taken away."""
        return {issue.path for issue in self.issues} | {index_path(name) for name in self.indexes} | set(self.gone)

    def __bool__(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.touched)


def make_plan(public: Collection[Issue], in_place: Collection[str], *, everything: bool) -> Plan:
    """The plan for these issues, given the paths of pages that are in place; `everything` is to be written anew.

    A page says which issues are before and after its own: it is written when those change.
    """
    pages = {path: _PATH.fullmatch(path) for path in in_place}
    old = neighbours([Issue(match[1], int(match[2])) for match in pages.values() if match and match[2]])
    new = neighbours(public)
    newsletters = {issue.newsletter for issue in public}
    changed = {issue.newsletter for issue in old.keys() ^ new.keys()}
    wanted = {issue.path for issue in public} | {index_path(name) for name in newsletters}
    return Plan(
        issues=tuple(sorted(issue for issue in new if everything or old.get(issue) != new[issue])),
        indexes=tuple(sorted(name for name in newsletters if everything or name in changed or index_path(name) not in pages)),
        gone=tuple(sorted(set(in_place) - wanted)),
    )


def neighbours(issues: Collection[Issue]) -> Mapping[Issue, Neighbours]:
    """Each issue's neighbours among all of them."""
    following = {one: other for one, other in pairwise(sorted(issues)) if one.newsletter == other.newsletter}
    before = {other: one for one, other in following.items()}
    return {issue: Neighbours(before.get(issue), following.get(issue)) for issue in issues}


def index_path(newsletter: str) -> str:
    """The path of the list of a newsletter's issues."""
    return f"{issue_folder(newsletter)}{PAGE}"
