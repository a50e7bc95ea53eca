"""What all commands share: their names where we speak of them, how they name an issue, the config's place, and plain values."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.core import TyperGroup
from typer.testing import CliRunner

from hairfeed.cli import app
from hairfeed.errors import IssueError
from tests.conftest import FRIDAY, NEXT_FRIDAY, Publication

ROOT = Path(__file__).parent.parent
SPEAKING = sorted(
    path
    for folder in ("src", "docs", "templates", "config", "examples", "README.md", "CHANGELOG.md", "Makefile")
    for path in ((ROOT / folder).rglob("*") if (ROOT / folder).is_dir() else [ROOT / folder])
    if path.suffix not in {".pyc", ".png", ".mo"} and path.is_file()
)
SPOKEN = re.compile(
    r"""(?:['"`(]|\bbin/|\b(?:run|then|it|again|anew|first|after|by):?\ |^\s+)hairfeed\ ([a-z]+)
        (?:\ ([a-z]+(?:[|,][a-z]+)*)(?![\w-]*[=./@]))?""",
    re.MULTILINE | re.VERBOSE,
)


def run(publication: Publication, *words: str) -> str:
    return CliRunner().invoke(app, [*words, "--config", str(publication.config)], catch_exceptions=False).stdout


def commands() -> dict[str, Any]:
    root = typer.main.get_command(app)
    assert isinstance(root, TyperGroup)
    return dict(root.commands)


@pytest.fixture(scope="module")
def mailed(tmp_path_factory: pytest.TempPathFactory) -> Publication:
    """An issue that ann@example.com got."""
    publication = Publication(tmp_path_factory.mktemp("mailed") / "site")
    publication.page("brushing")
    publication.subscribe("ann@example.com")
    publication.run(FRIDAY)
    publication.page("swimming", date="13-8-2024")
    publication.run(NEXT_FRIDAY)
    return publication


@pytest.fixture
def two(mailed: Publication, tmp_path: Path) -> Publication:
    """The same with a second newsletter."""
    publication = mailed.copied(tmp_path / "two")
    publication.configure("[mail]\n", '[newsletters.monthly]\ntitle = "Monthly"\nschedule = "1st 8:00"\n\n[mail]\n')
    return publication


def test_every_command_that_we_speak_of_is_there() -> None:
    there, spoken = commands(), 0
    for path in SPEAKING:
        for name, inner in SPOKEN.findall(path.read_text(encoding="utf-8")):
            assert name in there, f"{path}: hairfeed {name}"
            group = there[name]
            for one in re.split(r"[|,]", inner) if isinstance(group, TyperGroup) and inner else ():
                assert one in group.commands, f"{path}: hairfeed {name} {one}"
                spoken += 1
    assert spoken > 30


def test_the_help_begins_with_what_a_publication_needs_first() -> None:
    shown = CliRunner().invoke(app, ["--help"]).stdout
    names = re.findall(r"^│ ([a-z]+) ", shown, re.MULTILINE)
    assert names[:4] == ["init", "check", "run", "up"]
    assert sorted(names) == sorted(commands())
    assert "2: nothing could start" in " ".join(shown.split())


@pytest.mark.parametrize("words", [("issues", "show"), ("deliveries", "receipt"), ("deliveries", "list")])
def test_an_issue_is_named_by_its_number_where_there_is_one_newsletter(mailed: Publication, words: tuple[str, ...]) -> None:
    assert run(mailed, *words, "1") == run(mailed, *words, "weekly", "1") != ""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("issues", "show", "1"), "which newsletter? Name one; the config has: weekly, monthly"),
        (("issues", "plan"), "which newsletter? Name one; the config has: weekly, monthly"),
        (("deliveries", "list", "1"), "which newsletter? Name one; the config has: weekly, monthly"),
        (("issues", "cancel", "monthly", "1"), "monthly 1: there is no such issue; 'hairfeed issues list' shows them"),
        (("issues", "pause", "weekly"), "'weekly' is no issue; write a number, or a newsletter and a number, like weekly 12"),
        (("issues", "show", "weekly", "1", "2"), "'weekly 1 2' is no issue"),
        (("issues", "show", "weekly", "-1"), "No such option"),
        (("issues", "approve", "weekly", "an", "abc"), "'weekly an abc' is no plan; write its hash, or a newsletter and the hash"),
        (("issues", "list", "yearly"), "yearly: no such newsletter; the config has: weekly, monthly"),
        (("newsletters", "show", "yearly"), "yearly: no such newsletter; the config has: weekly, monthly"),
        (("subscribers", "add", "ben@example.com"), "which newsletter? Name one; the config has: weekly, monthly"),
    ],
)
def test_what_names_nothing_is_refused_in_the_same_words(two: Publication, words: tuple[str, ...], said: str) -> None:
    done = CliRunner().invoke(app, [*words, "--config", str(two.config)])
    assert done.exit_code != 0
    assert said in (str(done.exception) if isinstance(done.exception, IssueError) else done.stderr)


def test_an_issue_whose_newsletter_has_left_the_config_is_shown_and_listed(two: Publication) -> None:
    two.configure("[newsletters.weekly]", "[newsletters.former]")
    assert run(two, "issues", "show", "weekly", "1").startswith("weekly 1: ")
    assert run(two, "issues", "list", "weekly").startswith("weekly      1  ")
    assert "accepted 1" in run(two, "deliveries", "receipt", "weekly", "1")


def test_the_columns_of_lists_stand_below_each_other(two: Publication) -> None:
    run(two, "subscribers", "add", "zoe@example.com", "--newsletter", "monthly", "--confirmed")
    readers = run(two, "subscribers", "list").splitlines()
    assert {line.split()[0] for line in readers} == {"weekly", "monthly"}
    assert len({line.index("confirmed") for line in readers}) == 1
    newsletters = run(two, "newsletters", "list").splitlines()
    assert newsletters == ["weekly   1  Plain Hair Weekly", "monthly  1  Monthly"]


def test_the_environment_may_name_the_config(mailed: Publication) -> None:
    done = CliRunner().invoke(app, ["issues", "list"], env={"HAIRFEED_CONFIG": str(mailed.config)})
    assert done.stdout.startswith("weekly     1  2024-08-16  done")


def test_machines_get_lists_and_issues_as_plain_values(mailed: Publication) -> None:
    listed = json.loads(run(mailed, "issues", "list", "--json"))
    assert [(one["newsletter"], one["number"], one["due_at"]) for one in listed] == [("weekly", 1, "2024-08-16T08:00:00+00:00")]
    shown = json.loads(run(mailed, "issues", "show", "1", "--json"))
    assert [one["title"] for one in shown["articles"]] == ["About swimming"]
    assert [one["articles"] for one in shown["variants"]] == [1]
    assert shown["receipt"] == json.loads(run(mailed, "deliveries", "receipt", "1", "--json"))
    assert (shown["receipt"]["accepted"], shown["receipt"]["refused_by"]) == (1, {})
    assert json.loads(run(mailed, "deliveries", "list", "1", "--json")) == []
    assert [one["title"] for one in json.loads(run(mailed, "articles", "list", "--json"))] == ["About swimming", "About brushing"]
    assert json.loads(run(mailed, "articles", "show", "2", "--json"))["mailed_by"] == "weekly"
    assert json.loads(run(mailed, "check", "--json")) == []
    assert json.loads(run(mailed, "providers", "check", "--json"))[0]["level"] == "ok"


def test_a_shell_can_complete_commands() -> None:
    environment = {"_ROOT_COMPLETE": "complete_bash", "COMP_WORDS": "root iss", "COMP_CWORD": "1"}
    assert CliRunner().invoke(app, [], env=environment, prog_name="root").stdout == "issues\n"
