"""`hairfeed issues …` as people type it: what it prints, what it leaves alone, how it ends."""

import json
import os
import re
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner, Result

from hairfeed.cli import app
from hairfeed.errors import ForgedTokenError, IssueError, SubscriberError
from hairfeed.store import issue_material
from hairfeed.store.schema.subscribers import subscribers
from hairfeed.store.secrets import secret
from hairfeed.text.tokens import Purpose, read
from tests.conftest import FRIDAY, NEXT_FRIDAY, Publication
from tests.test_cli import hairfeed

ARCHIVE = "https://hair.example.org/feeds/issues/weekly/1/"
WEDNESDAY, DUE, LATER = "2024-08-14T09:00", "2024-08-16T09:00", "2024-08-19T09:00"


@pytest.fixture
def publication(publication: Publication) -> Publication:
    """Under review, with one new article for three readers, one of whom chose a topic that has none."""
    publication.configure('schedule = "Fri 08:00"', 'schedule = "Fri 08:00"\nmode = "review"\nlanguages = ["de"]')
    publication.page("brushing")
    publication.subscribe("ann@example.com", "ben@example.com")
    publication.run(FRIDAY)
    command(publication, "subscribers", "add", "zoe@example.com", "--confirmed", "--topics", "Scalp", "--language", "de")
    publication.page("swimming", date="13-8-2024", title="Swimming and Hair")
    publication.run(FRIDAY.replace(day=14))
    return publication


def command(publication: Publication, *arguments: str) -> Result:
    """Run `hairfeed`; an error of ours comes out as it is."""
    result = CliRunner().invoke(app, [*arguments, "--config", str(publication.config)])
    if isinstance(result.exception, IssueError | SubscriberError):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result


def issue(publication: Publication, *arguments: str, now: str | None = None) -> str:
    """What `hairfeed issue` prints."""
    return command(publication, "issues", *arguments, *(["--now", now] if now else [])).stdout


def plan(publication: Publication, now: str) -> dict[str, object]:
    found: dict[str, object] = json.loads(issue(publication, "plan", "weekly", "--json", now=now))
    return found


def everything(publication: Publication) -> dict[str, bytes]:
    """Every file, the ledger's among them."""
    return {str(path): path.read_bytes() for path in sorted(publication.folder.rglob("*")) if path.is_file()}


def test_a_plan_says_what_when_to_whom_and_how(publication: Publication) -> None:
    lines = issue(publication, "plan", "weekly", now=WEDNESDAY).splitlines()
    assert lines[:8] == [
        "weekly 1: “Swimming and Hair”",
        "due        Friday 2024-08-16 08:00 (UTC): as it would be now",
        "mode       review: becomes a draft when it is due, and is sent after your approval",
        "provider   outbox, from Plain Hair Weekly <weekly@hair.example.org>",
        "readers    2",
        lines[5],
        "                1  scalp de: nothing for them",
        "featured        2  2024-08-13  Swimming and Hair",
    ]
    assert re.fullmatch(r" {11} +2  all topics: 1 article, [\d,]+ bytes of HTML, “Swimming and Hair”", lines[5])
    assert re.fullmatch(r"plan       [0-9a-f]{16}", lines[8])


def test_a_plan_for_machines_has_the_same(publication: Publication) -> None:
    publication.run(NEXT_FRIDAY)
    found = plan(publication, LATER)
    assert (found["state"], found["number"], found["readers"], found["changed"]) == ("draft", 1, 2, [])
    assert found["articles"] == [{"id": 2, "role": "featured", "revision": 2, "title": "Swimming and Hair"}]
    variants = found["variants"]
    assert isinstance(variants, list)
    assert [(one["topics"], one["language"], one["readers"], one["articles"]) for one in variants] == [
        ("", "", 2, 1),
        ("scalp", "de", 1, 0),
    ]


def test_a_plan_of_nothing_says_what_is_missing(publication: Publication) -> None:
    publication.configure('mode = "review"', 'mode = "review"\nmin_articles = 3')
    assert issue(publication, "plan", "weekly", now=WEDNESDAY).splitlines() == [
        "weekly: nothing to send; 1 new article, and it takes 3",
        "due        Friday 2024-08-16 08:00 (UTC): as it would be now",
    ]
    assert plan(publication, WEDNESDAY)["plan"] is None


def test_the_same_rows_make_the_same_plan_whatever_the_seed_of_hashes(publication: Publication) -> None:
    publication.configure('mode = "review"', 'mode = "review"\norder = "topic"')
    for topics in ("Hair Care", "Summer", "Scalp,Summer", ""):
        reader = f"reader{len(topics)}@example.com"
        command(publication, "subscribers", "add", reader, "--confirmed", "--topics", topics)
    publication.page("drying", date="13-8-2024", category="Summer")
    publication.run(FRIDAY.replace(day=15))
    call = [sys.executable, "-m", "hairfeed", "issues", "plan", "weekly", "--json", "-c", str(publication.config), "--now", DUE]
    seeds = [os.environ | {"PYTHONHASHSEED": seed} for seed in ("1", "2", "3")]
    plans = {subprocess.run(call, env=seed, capture_output=True, check=True).stdout for seed in seeds}
    assert len(plans) == 1
    assert b'"plan": "' in plans.pop()


def test_looking_and_testing_change_no_byte_of_the_ledger(publication: Publication, tmp_path: Path) -> None:
    publication.run(NEXT_FRIDAY)
    before = everything(publication)
    issue(publication, "plan", "weekly", now=LATER)
    issue(publication, "list")
    issue(publication, "show", "weekly", "1")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", str(tmp_path))
        said = issue(publication, "preview", "weekly", "--to", str(tmp_path / "preview"), now=LATER)
    assert "no pictures: no browser is installed; install Chromium or Chrome" in said
    assert everything(publication) == before
    issue(publication, "test", "weekly", "--to", "editor@example.com", now=LATER)
    (test_mail,) = everything(publication).keys() - before.keys()
    assert "test-weekly-0001" in test_mail
    assert everything(publication) == before | {test_mail: Path(test_mail).read_bytes()}


def test_a_preview_is_what_is_sent_when_it_is_approved(
    publication: Publication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    publication.run(NEXT_FRIDAY)
    issue(publication, "preview", "weekly", "--to", str(tmp_path / "preview"), now=LATER)
    names = {path.suffix: path for path in (tmp_path / "preview").iterdir()}
    assert {suffix: path.name for suffix, path in names.items()} == {
        suffix: f"weekly-0001{suffix}" for suffix in (".html", ".txt", ".eml")
    }
    said = issue(publication, "approve", "weekly", str(plan(publication, LATER)["plan"]), now=LATER)
    assert said == "weekly 1: approved; the next pass sends it to 2\n"
    publication.run(NEXT_FRIDAY.replace(day=19))
    mails = publication.mails()
    assert sorted(str(mail["To"]) for mail in mails.values()) == ["ann@example.com", "ben@example.com"]
    previewed = message_from_bytes(names[".eml"].read_bytes(), policy=policy.default)
    for mail in mails.values():
        assert mail["Subject"] == previewed["Subject"] == "Swimming and Hair"
        for kind, path in (("html", names[".html"]), ("plain", names[".txt"])):
            parts = [message.get_body((kind,)) for message in (mail, previewed)]
            contents = {part.get_content().replace("\r\n", "\n") for part in parts if part}
            # To be viewed in a browser it leads to itself; the mail, to the page that was not there yet.
            there = f'href="{ARCHIVE}"' if kind == "html" else ""
            assert contents == {path.read_text(encoding="utf-8").replace('href="weekly-0001.html"', there)}
            assert all(there in content for content in contents)


def test_an_approval_of_another_plan_ends_with_1_and_says_what_to_do(publication: Publication) -> None:
    publication.run(NEXT_FRIDAY)
    publication.page("swimming", date="13-8-2024", title="Swimming Less")
    approved = plan(publication, LATER)["plan"]
    publication.run(NEXT_FRIDAY.replace(day=17))
    done = hairfeed("issues", "approve", "weekly", str(approved), "-c", publication.config, "--now", LATER)
    assert (done.returncode, done.stdout) == (1, "")
    assert "article 2 “Swimming Less” has changed" in done.stderr
    assert done.stderr.endswith("look at it again: hairfeed issues plan weekly\n")
    assert "changed    article 2 “Swimming Less” has changed" in issue(publication, "plan", "weekly", now=LATER)


def test_a_test_mail_is_marked_and_goes_to_one_address(publication: Publication) -> None:
    publication.configure("[mail]", '[web]\nurl = "https://hair.example.org/mail"\n\n[mail]')
    said = issue(publication, "test", "weekly", "--to", "Editor@Example.com", now=WEDNESDAY)
    assert said == f"weekly 1: test mail to editor@example.com by outbox ({publication.outbox})\n"
    (mail,) = publication.mails().values()
    assert (mail["To"], mail["Subject"]) == ("editor@example.com", "[Test] Swimming and Hair")
    body = mail.get_body(("html",))
    assert body is not None
    (token,) = set(re.findall(r"https://hair\.example\.org/mail/u/([\w-]+)", body.get_content()))
    with closing(publication.ledger()) as ledger, ledger.write() as connection:
        signed_by = secret(connection, "links")
    with pytest.raises(ForgedTokenError):
        read(signed_by, Purpose.UNSUBSCRIBE, token, ["weekly"], datetime.now(UTC))


def test_a_second_test_is_a_second_mail(publication: Publication) -> None:
    for now in (WEDNESDAY, "2024-08-14T09:01"):
        issue(publication, "test", "weekly", "--to", "editor@example.com", now=now)
    assert len(publication.mails()) == 2


def test_a_pass_says_what_waits_for_approval_until_it_is_given(publication: Publication) -> None:
    said = "weekly: waits for your approval; look at it: hairfeed issues plan weekly"
    for now in (DUE, LATER):
        assert said in hairfeed("run", "-c", publication.config, "--now", now).stdout
    assert publication.mails() == {}
    issue(publication, "approve", "weekly", str(plan(publication, LATER)["plan"]), now=LATER)
    assert said not in hairfeed("run", "-c", publication.config, "--now", LATER).stdout
    assert len(publication.mails()) == 2


def test_issues_are_listed_and_shown(publication: Publication) -> None:
    publication.run(NEXT_FRIDAY)
    assert issue(publication, "list") == "weekly     1  2024-08-16  draft        1  Swimming and Hair\n"
    shown = issue(publication, "show", "weekly", "1").splitlines()
    assert shown[:3] == [
        "weekly 1: “Swimming and Hair”",
        "state      draft",
        "due        Friday 2024-08-16 08:00 (UTC)",
    ]
    assert shown[-1] == "featured        2  Swimming and Hair"
    issue(publication, "approve", "weekly", str(plan(publication, LATER)["plan"]), now=LATER)
    publication.run(NEXT_FRIDAY)
    assert issue(publication, "show", "weekly", "1").splitlines()[-1] == "receipt    owed 2  accepted 2  refused 0  unknown 0"


def test_a_cancelled_drafts_articles_are_in_the_next_issue(publication: Publication) -> None:
    publication.run(NEXT_FRIDAY)
    said = issue(publication, "cancel", "weekly", "1")
    assert said == "weekly 1: cancelled; nobody got it, and its articles wait for the next issue\n"
    assert "eligible" in command(publication, "articles", "list").stdout
    publication.run(NEXT_FRIDAY.replace(day=23))
    assert issue(publication, "list").split()[:4] == ["weekly", "2", "2024-08-23", "draft"]


def test_an_article_in_a_draft_is_not_mailed_yet(publication: Publication) -> None:
    publication.run(NEXT_FRIDAY)
    assert "mailed" not in command(publication, "articles", "list").stdout
    assert "mailed by      none" in command(publication, "articles", "show", "2").stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["plan", "monthly"], "monthly: no such newsletter; the config has: weekly"),
        (["approve", "weekly", "0" * 16], "weekly: no issue waits for approval"),
        (["cancel", "weekly", "9"], "weekly 9: there is no such issue; 'hairfeed issues list' shows them"),
        (["show", "weekly", "9"], "weekly 9: there is no such issue"),
        (["pause", "weekly", "9"], "weekly 9: there is no such issue"),
    ],
)
def test_what_there_is_not_is_refused(publication: Publication, arguments: list[str], said: str) -> None:
    with pytest.raises(IssueError, match=re.escape(said)):
        issue(publication, *arguments)


def test_an_issue_in_the_wrong_state_is_left_alone(publication: Publication) -> None:
    publication.run(NEXT_FRIDAY)
    for arguments, said in (("pause", "is draft; only an issue that is being sent"), ("resume", "is draft; only a paused issue")):
        with pytest.raises(IssueError, match=said):
            issue(publication, arguments, "weekly", "1")
    issue(publication, "cancel", "weekly", "1")
    with pytest.raises(IssueError, match="is cancelled; there is nothing left to cancel"):
        issue(publication, "cancel", "weekly", "1")


def test_before_the_first_pass_there_is_nothing_to_look_at(tmp_path: Path) -> None:
    publication = Publication(tmp_path / "new")
    done = hairfeed("issues", "plan", "weekly", "-c", publication.config)
    assert done.returncode == 2
    assert "there is no ledger yet; make a pass first" in done.stderr
    assert not (publication.folder / "hairfeed.db").exists()


def test_what_a_reader_chose_and_is_called_can_be_changed_by_adding_them_again(publication: Publication) -> None:
    chosen = ("--topics", "Hair Care,Scalp", "--language", "", "--name", " Zoë\nO'Hair ")
    assert (
        command(publication, "subscribers", "add", "zoe@example.com", *chosen).stdout == "zoe@example.com: confirmed for weekly\n"
    )
    command(publication, "subscribers", "add", "zoe@example.com")
    ledger = publication.ledger()
    with ledger.read() as connection:
        (choice,) = (one for one in issue_material.readers_choices(connection, "weekly") if one.topics)
        name = connection.execute(select(subscribers.c.name).where(subscribers.c.email == "zoe@example.com")).scalar_one()
    ledger.close()
    assert (choice.topics, choice.language, name) == ("hair-care,scalp", "", "Zoë O'Hair")


@pytest.mark.parametrize(
    ("options", "said"),
    [(["--language", "fr"], "readers cannot choose the language 'fr'; languages has de"), (["--name", "x" * 101], "at most 100")],
)
def test_a_reader_cannot_choose_what_is_not_there(publication: Publication, options: list[str], said: str) -> None:
    with pytest.raises(SubscriberError, match=said):
        command(publication, "subscribers", "add", "new@example.com", "--confirmed", *options)
    assert "new@example.com" not in command(publication, "subscribers", "list").stdout
