"""Which pages of issues are written."""

from hairfeed.archive.plan import Issue, Plan, index_path, make_plan


def issues(*numbers: int, newsletter: str = "weekly") -> list[Issue]:
    return [Issue(newsletter, number) for number in numbers]


def in_place(*public: Issue) -> list[str]:
    """The paths of what a finished pass leaves."""
    return [issue.path for issue in public] + [index_path(name) for name in {issue.newsletter for issue in public}]


def test_where_all_is_in_place_there_is_nothing_to_do() -> None:
    public = issues(1, 2, 3)
    assert not make_plan(public, in_place(*public), everything=False)


def test_the_first_issue_has_a_page_and_a_list() -> None:
    assert make_plan(issues(1), [], everything=False) == Plan(tuple(issues(1)), ("weekly",), ())


def test_a_new_issue_changes_the_page_before_it_and_the_list() -> None:
    assert make_plan(issues(1, 2, 3), in_place(*issues(1, 2)), everything=False) == Plan(tuple(issues(2, 3)), ("weekly",), ())


def test_newsletters_do_not_touch_each_other() -> None:
    monthly = issues(4, newsletter="monthly")
    plan = make_plan([*issues(1, 2), *monthly], in_place(*issues(1), *monthly), everything=False)
    assert plan == Plan(tuple(issues(1, 2)), ("weekly",), ())


def test_an_issue_that_is_public_no_longer_leaves_and_its_neighbours_meet() -> None:
    plan = make_plan(issues(1, 3), in_place(*issues(1, 2, 3)), everything=False)
    assert plan == Plan(tuple(issues(1, 3)), ("weekly",), ("issues/weekly/2/index.html",))


def test_the_last_issue_takes_the_list_along() -> None:
    gone = ("issues/weekly/1/index.html", "issues/weekly/index.html")
    assert make_plan([], in_place(*issues(1)), everything=False) == Plan((), (), gone)


def test_a_page_that_is_lost_is_written_again() -> None:
    paths = in_place(*issues(1, 2, 3, 4))
    paths.remove("issues/weekly/4/index.html")
    assert Issue("weekly", 4) in make_plan(issues(1, 2, 3, 4), paths, everything=False).issues
    assert Issue("weekly", 1) not in make_plan(issues(1, 2, 3, 4), paths, everything=False).issues


def test_a_list_that_is_lost_is_written_again() -> None:
    assert make_plan(issues(1), [issues(1)[0].path], everything=False) == Plan((), ("weekly",), ())


def test_everything_is_everything() -> None:
    assert make_plan(issues(1, 2), in_place(*issues(1, 2)), everything=True) == Plan(tuple(issues(1, 2)), ("weekly",), ())
