"""The commands as people type them: what they print, and how they end."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hairfeed.settings import load_settings
from tests.conftest import Publication
from tests.store import place


def hairfeed(*arguments: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command."""
    command = [sys.executable, "-m", "hairfeed", *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=600)


def test_a_pass_prints_what_each_stage_did_and_ends_with_0(publication: Publication) -> None:
    publication.page("brushing")
    done = hairfeed("run", "--config", publication.config, "--now", "2024-08-09T09:00", cwd=publication.folder)
    assert done.returncode == 0
    assert done.stderr == ""
    assert [line.rstrip() for line in done.stdout.splitlines()] == [
        "Collect  1 page: 1 new (1 as archive: feeds only)",
        "Publish  3 feeds, 15 files written in public",
        "Compose  nothing due",
        "Deliver  nothing to send",
    ]


def test_a_quiet_pass_prints_what_went_wrong_once_and_else_nothing(publication: Publication) -> None:
    def told() -> tuple[int, str, str]:
        done = hairfeed("run", "--quiet", "-c", publication.config, "--now", "2024-08-09T09:00")
        return done.returncode, done.stdout, done.stderr

    publication.page("brushing")
    assert told() == (0, "", "")
    (publication.articles / "empty.txt").write_text("")
    assert told() == (0, f"warning: {publication.articles}/empty.txt: is empty\n", "")
    assert told() == (0, "", "")


def test_an_issue_ends_with_its_receipt(publication: Publication) -> None:
    publication.page("brushing")
    for reader in ("ann@example.com", "ben@example.com", "zoe@example.com"):
        assert hairfeed("subscribers", "add", reader, "--confirmed", "-c", publication.config).returncode == 0
    hairfeed("run", "-c", publication.config, "--now", "2024-08-09T09:00")
    publication.page("swimming", date="13-8-2024")
    done = hairfeed("run", "-c", publication.config, "--now", "2024-08-16T09:00", cwd=publication.folder)
    assert "weekly 1: “About swimming”, 1 article" in done.stdout
    assert "weekly 1: owed 3  accepted 3  refused 0  unknown 0" in done.stdout
    assert len(publication.mails()) == 3


def test_machines_get_json_and_nothing_else(publication: Publication) -> None:
    publication.page("brushing")
    publication.page("undated", date="")
    done = hairfeed("run", "-c", publication.config, "--now", "2024-08-09T09:00", "--json")
    report = json.loads(done.stdout)
    assert (report["state"], report["now"]) == ("done", "2024-08-09T09:00:00+00:00")
    assert report["collect"]["new"] == 1
    assert report["collect"]["warnings"][0]["where"].endswith("undated.txt")


def test_something_that_failed_ends_with_1_and_is_named(publication: Publication) -> None:
    publication.page("brushing")
    publication.configure("[feeds]", '[sources.lost]\ntype = "folder"\npath = "../lost"\n\n[feeds]')
    done = hairfeed("run", "-c", publication.config)
    assert done.returncode == 1
    assert "failed: source lost" in done.stdout
    assert (publication.public / "feed.rss").exists()


@pytest.mark.parametrize(
    ("old", "new", "complaints"),
    [
        (
            'title = "Plain Hair"',
            'titel = "Plain Hair"',
            ["site.title: is missing", "site.titel: unknown key; did you mean title?"],
        ),
        ('"Fri 08:00"', '"Fryday"', ["newsletters.weekly.schedule: 'Fryday' is no schedule"]),
        ("[site]", "[site", ["hairfeed.toml: "]),
    ],
)
def test_a_config_with_faults_ends_with_2_and_lists_them(
    publication: Publication, old: str, new: str, complaints: list[str]
) -> None:
    ledger = publication.settings.store.url
    place.without_ledger(ledger)
    publication.configure(old, new)
    done = hairfeed("run", "-c", publication.config)
    assert (done.returncode, done.stdout) == (2, "")
    for complaint in complaints:
        assert complaint in done.stderr
    assert all(line.startswith(f"hairfeed: {publication.config}: ") for line in done.stderr.splitlines())
    assert not place.has_ledger(ledger)


def test_a_missing_config_says_how_to_get_one(tmp_path: Path) -> None:
    done = hairfeed("run", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr == "hairfeed: config/hairfeed.toml: there is no such file; 'hairfeed init' writes one\n"


def test_a_store_that_is_no_database_ends_with_2(publication: Publication) -> None:
    said = place.spoil(publication.settings.store.url)
    done = hairfeed("run", "-c", publication.config)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("instant", ["next week", "2024-08-16T25:00", "16.8.2024"])
def test_a_clock_that_is_no_instant_is_refused(publication: Publication, instant: str) -> None:
    done = hairfeed("run", "-c", publication.config, "--now", instant)
    assert done.returncode == 2
    assert "is no instant; write it like" in " ".join(done.stderr.replace("│", " ").split())


def test_an_instant_without_a_zone_is_in_the_sites(publication: Publication) -> None:
    publication.configure('timezone = "UTC"', 'timezone = "America/New_York"')
    publication.page("brushing")
    report = json.loads(hairfeed("run", "-c", publication.config, "--now", "2024-08-09T09:00", "--json").stdout)
    assert report["now"] == "2024-08-09T13:00:00+00:00"


def test_what_init_writes_runs_as_it_is_and_init_changes_nothing_twice(tmp_path: Path) -> None:
    first = hairfeed("init", "mine", cwd=tmp_path)
    assert first.returncode == 0
    config = tmp_path / "mine" / "config" / "hairfeed.toml"
    settings = load_settings(config, {})
    assert settings.sources["articles"].location == str(tmp_path / "mine" / "articles")
    assert settings.site.templates == tmp_path / "mine" / "templates"
    # HairFeed's templates stay with HairFeed: copies would grow old.
    assert list((tmp_path / "mine" / "templates").iterdir()) == []
    config.write_text(config.read_text() + "# mine\n")
    assert "wrote" not in hairfeed("init", "mine", cwd=tmp_path).stdout
    assert config.read_text().endswith("# mine\n")
    empty = hairfeed("run", "--config", config)
    assert empty.returncode == 0
    assert "holds no pages yet" in " ".join(empty.stdout.split())
    assert empty.stderr.startswith(f"warning: {config}: still the sample's: site.title, site.url, ")


def test_who_left_cannot_be_added_again(publication: Publication) -> None:
    assert "confirmed" in hairfeed("subscribers", "add", "Ann@Example.com", "--confirmed", "-c", publication.config).stdout
    assert "unsubscribed" in hairfeed("subscribers", "unsubscribe", "ann@example.com", "-c", publication.config).stdout
    again = hairfeed("subscribers", "add", "ann@example.com", "--confirmed", "-c", publication.config)
    assert again.returncode == 1
    assert again.stderr == "hairfeed: ann@example.com: has left weekly; only the reader can join again\n"
    assert "unsubscribed" in hairfeed("subscribers", "list", "-c", publication.config).stdout


def test_up_makes_passes_until_it_is_told_to_stop(publication: Publication) -> None:
    publication.page("brushing")
    command = [sys.executable, "-m", "hairfeed", "up", "-c", str(publication.config), "--every", "1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        lines: list[str] = []
        deadline = time.monotonic() + 300
        while sum("nothing new" in line for line in lines) < 2 and time.monotonic() < deadline:
            lines.append(process.stdout.readline())
        process.send_signal(signal.SIGTERM)
        lines += process.stdout.readlines()
        assert process.wait(timeout=300) == 0
    assert "Collect  1 page: 1 new" in "".join(lines)
    assert "Traceback" not in "".join(lines)
    assert (publication.public / "feed.rss").exists()


def test_the_version_is_told() -> None:
    assert hairfeed("--version").stdout == "hairfeed 0.1.0\n"


def test_the_lines_for_a_sites_pages_are_printed_the_main_feed_first(publication: Publication) -> None:
    publication.configure('title = "Plain Hair"', "title = 'Hair & \"Heart\"'")
    publication.page("brushing", category="Hair Care")
    assert hairfeed("run", "-c", publication.config, "--now", "2024-08-09T09:00").returncode == 0
    base = "https://hair.example.org/feeds"
    title = "Hair &amp; &quot;Heart&quot;"
    main = [
        f'<link rel="alternate" type="application/rss+xml" title="{title}" href="{base}/feed.rss">',
        f'<link rel="alternate" type="application/atom+xml" title="{title} (Atom)" href="{base}/feed.atom">',
        f'<link rel="alternate" type="application/feed+json" title="{title} (JSON Feed)" href="{base}/feed.json">',
    ]
    assert hairfeed("feeds", "links", "-c", publication.config).stdout.splitlines() == main
    assert hairfeed("feeds", "links", "--all", "-c", publication.config).stdout.splitlines() == [
        *main,
        f'<link rel="alternate" type="application/rss+xml" title="{title}: Hair Care" href="{base}/category/hair-care/feed.rss">',
        f'<link rel="alternate" type="application/rss+xml" title="{title}: Plain Hair" href="{base}/author/plain-hair/feed.rss">',
    ]
