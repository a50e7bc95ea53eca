"""Lead pictures: fetched once, put where mails can show them, and never in a mail's way."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from hairfeed.collect.pictures.keep import MOST_TRIES, look_faults
from hairfeed.collect.pictures.places import PicturePlaces, file_in
from hairfeed.digest.content import Picture
from hairfeed.digest.pictures import Logos, logos_of, pictures_of
from hairfeed.errors import NotAllowed
from hairfeed.settings.sources import FolderSource
from tests.collect.passes import live, page
from tests.collect.photos import illustrate, photo
from tests.collect.site import Site, served, source
from tests.conftest import FRIDAY, NEXT_FRIDAY, Publication

SOON = FRIDAY + timedelta(hours=1)
"""An hour after the archive was taken in: what is new then may be mailed."""


class Pictures:
    """A web site with articles that have lead pictures, and what became of these."""

    def __init__(self, publication: Publication, site: Site) -> None:
        self.publication = publication
        self.site = site
        self.articles = 0

    def article(self, image: str, day: str = "2024-08-09") -> None:
        """A new article with a picture at this address."""
        self.articles += 1
        path = f"/article-{self.articles}"
        self.site.pages[path] = page(f"article {self.articles}", day)
        html = self.site.pages[path].html(self.site.url + path)
        head = f'<head><meta property="og:image" content="{image}"><meta property="og:image:alt" content="Hair">'
        self.site.raw[path] = ("text/html; charset=utf-8", html.replace("<head>", head).encode())

    def picture(self, path: str, content: bytes, media_type: str = "image/jpeg") -> str:
        """The address of a picture that the site has."""
        self.site.raw[path] = media_type, content
        return self.site.url + path

    def run(self, now: datetime = SOON) -> list[str]:
        """Make a pass that mails nothing; what it warns of."""
        report = self.publication.run(now)
        assert report.failures == []
        return [warning.what for warning in report.warnings]

    def shown(self) -> list[Picture]:
        """What mails can show, in the order of the articles."""
        ledger = self.publication.ledger()
        with ledger.read() as connection:
            ids = sorted(article.id for article in live(self.publication).values())
            found = pictures_of(connection, ids, self.publication.settings)
        ledger.close()
        return [found[id_] for id_ in ids if id_ in found]

    def asked(self, path: str) -> int:
        """How often the site was asked for it."""
        return self.site.asked.count(path)


@pytest.fixture
def site(publication: Publication) -> Iterator[Pictures]:
    """Its archive is taken in."""
    with served(Site({"/old": page("old")})) as site:
        publication.sources(source("website", site.url))
        publication.run(FRIDAY)
        yield Pictures(publication, site)


def test_a_picture_is_fetched_once_and_in_place_with_its_size(site: Pictures) -> None:
    site.article(site.picture("/hair.jpg", photo(1600, 900)))
    assert site.run() == []
    assert site.run(SOON + timedelta(minutes=5)) == []
    (shown,) = site.shown()
    assert (shown.width, shown.height, shown.alt) == (504, 284, "Hair")
    path = shown.url.removeprefix("https://hair.example.org/feeds/")
    assert (site.publication.public / path).stat().st_size < 200_000
    assert site.asked("/hair.jpg") == 1


def test_articles_that_no_newsletter_mails_have_no_pictures_fetched(site: Pictures) -> None:
    address = site.picture("/hair.jpg", photo())
    site.article(address, day="2023-01-01")
    site.run()
    assert site.asked("/hair.jpg") == 0


def test_no_picture_is_fetched_where_none_is_wanted(site: Pictures) -> None:
    site.publication.configure("[newsletters", "[archive]\npictures = false\n\n[newsletters")
    site.article(site.picture("/hair.jpg", photo()))
    site.run()
    assert site.asked("/hair.jpg") == 0
    assert site.shown() == []


def test_two_articles_with_one_picture_share_its_file(site: Pictures) -> None:
    for _ in range(2):
        site.article(site.picture("/hair.jpg", photo()))
    site.run()
    one, other = site.shown()
    assert one == other
    assert len(list((site.publication.public / "pictures").iterdir())) == 1


def test_a_picture_that_is_down_is_named_and_tried_again_later(site: Pictures) -> None:
    site.article(site.picture("/hair.jpg", photo()))
    site.site.broken["/hair.jpg"] = 503
    (warning,) = site.run()
    assert f"{site.site.url}/hair.jpg: the server answers 503" in warning
    assert site.run(SOON + timedelta(minutes=4)) == []
    assert site.asked("/hair.jpg") == 1
    site.site.broken.clear()
    assert site.run(SOON + timedelta(minutes=6)) == []
    assert len(site.shown()) == 1


def test_a_picture_that_stays_down_is_given_up(site: Pictures) -> None:
    site.article(site.picture("/hair.jpg", photo()))
    site.site.broken["/hair.jpg"] = 404
    named = [len(site.run(SOON + timedelta(hours=8 * number))) for number in range(MOST_TRIES + 3)]
    assert named == [1] * MOST_TRIES + [0, 0, 0]
    assert site.asked("/hair.jpg") == MOST_TRIES


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"<html>no picture</html>", "none of the forms"),
        (b"<svg/>", "SVG"),
        (photo(60, 60), "60 by 60"),
        (photo()[:9000], "cannot be read"),
    ],
)
def test_a_picture_that_cannot_be_read_is_named_once(site: Pictures, content: bytes, why: str) -> None:
    site.article(site.picture("/hair.jpg", content))
    (warning,) = site.run()
    assert why in warning
    assert "mails go without it" in warning
    assert site.run(SOON + timedelta(days=2)) == []
    assert site.asked("/hair.jpg") == 1


def test_the_mail_goes_out_whatever_becomes_of_the_picture(site: Pictures) -> None:
    site.publication.subscribe("ann@example.com")
    site.article(site.picture("/hair.jpg", b"nothing"))
    report = site.publication.run(NEXT_FRIDAY)
    assert [receipt.accepted for receipt in report.deliver.receipts] == [1]
    assert report.failures == []


def test_what_robots_may_not_have_is_left_alone(site: Pictures) -> None:
    site.article(site.picture("/private/hair.jpg", photo()))
    (warning,) = site.run()
    assert "robots.txt forbids it" in warning
    assert site.asked("/private/hair.jpg") == 0


def test_a_private_address_is_never_asked_for_a_picture(publication: Publication) -> None:
    with served(Site({"/old": page("old")})) as site:
        publication.page("old")
        publication.run(FRIDAY)
        text = f"---\ntitle: New\ndate: 2024-08-09\nimage: {site.url}/hair.jpg\n---\nTwo sentences of text. This is the second.\n"
        (publication.articles / "new.md").write_text(text)
        (warning,) = publication.run(SOON).warnings
        assert "127.0.0.1" in warning.what
        assert site.asked == []


def test_another_picture_takes_the_place_of_the_first(site: Pictures) -> None:
    first, second = site.picture("/one.jpg", photo(800, 400)), site.picture("/two.jpg", photo(400, 800))
    site.article(first)
    site.run()
    before = site.shown()
    path, (kind, content) = "/article-1", site.site.raw["/article-1"]
    site.site.raw[path] = kind, content.replace(first.encode(), second.encode())
    site.site.pages[path] = page("article 1, changed", "2024-08-09")
    site.run(SOON + timedelta(days=1))
    after = site.shown()
    assert [picture.height for picture in before + after] == [252, 756]


def test_a_file_that_was_lost_is_made_anew(site: Pictures) -> None:
    site.article(site.picture("/hair.jpg", photo()))
    site.run()
    (file,) = (site.publication.public / "pictures").iterdir()
    content = file.read_bytes()
    file.unlink()
    site.run(SOON + timedelta(minutes=5))
    assert file.read_bytes() == content


def test_a_picture_in_the_folder_of_the_articles_is_read_there(publication: Publication) -> None:
    publication.page("old")
    publication.run(FRIDAY)
    illustrate(publication, "img/my hair.jpg")
    assert publication.run(SOON + timedelta(days=5)).collect.pictures == 1
    assert len(Pictures(publication, Site()).shown()) == 1


@pytest.mark.parametrize(
    ("pattern", "address", "found"),
    [
        ("https://hair.example.org/{path}", "https://hair.example.org/img/a.jpg", True),
        ("https://hair.example.org/blog/{year}/{slug}/", "https://hair.example.org/blog/img/a.jpg", True),
        ("https://hair.example.org/blog/{year}/{slug}/", "https://hair.example.org/img/a.jpg", False),
        (None, "https://hair.example.org/img/a.jpg?v=2", True),
        (None, "https://other.example/img/a.jpg", False),
        (None, "https://hair.example.org/img/", False),
        (None, "https://hair.example.org/img/%2e%2e/%2e%2e/secret.jpg", False),
        (None, "https://hair.example.org/../secret.jpg", False),
        (None, "https://hair.example.org/img/link.jpg", False),
        (None, "https://hair.example.org/img/a.jpg%00", False),
        (None, "https://hair.example.org//etc/passwd", False),
        (None, "https://hair.example.org/" + "long" * 100 + ".jpg", False),
        (None, "https://[hair.example.org/img/a.jpg", False),
    ],
)
def test_only_files_of_the_folder_itself_are_read(publication: Publication, pattern: str | None, address: str, found: bool) -> None:
    folder = publication.articles
    (folder / "img").mkdir()
    (folder / "img/a.jpg").write_bytes(photo())
    (folder.parent / "secret.jpg").write_bytes(photo())
    (folder / "img/link.jpg").symlink_to(folder.parent / "secret.jpg")
    source = FolderSource.model_validate({"type": "folder", "path": folder, "url": pattern})
    assert (file_in(source, "https://hair.example.org", address) is not None) == found


@pytest.mark.parametrize("source", ["articles", "gone"])
def test_no_source_can_name_a_path_of_this_machine(publication: Publication, source: str) -> None:
    file = publication.folder / "secret.jpg"
    file.write_bytes(photo())
    with PicturePlaces(publication.settings) as places:
        assert places.read(str(file))
        with pytest.raises(NotAllowed):
            places.read(str(file), source)


def test_a_pass_gives_up_on_pictures_when_its_time_is_over(publication: Publication) -> None:
    moments = iter([0.0, 119.0, 121.0, 122.0])
    with PicturePlaces(publication.settings, clock=lambda: next(moments)) as places:
        assert places.is_open("https://one.example/a.jpg")
        assert not places.is_open("https://two.example/b.jpg")
        assert places.is_open("/config/logo.png")


def looked(publication: Publication) -> Logos:
    ledger = publication.ledger()
    with ledger.read() as connection:
        logos = logos_of(connection, publication.settings)
    ledger.close()
    return logos


def test_a_logo_of_the_config_folder_is_shown_at_its_width_and_follows_its_file(publication: Publication) -> None:
    publication.configure("[newsletters", '[look]\nlogo = "logo.png"\nlogo_width = 120\n\n[newsletters')
    file = publication.config.parent / "logo.png"
    file.write_bytes(photo(600, 200, "PNG"))
    publication.run(FRIDAY)
    before = looked(publication).light
    assert before is not None
    assert (before.width, before.height, before.alt) == (120, 40, "Plain Hair")
    assert publication.run(FRIDAY).collect.pictures == 0
    file.write_bytes(photo(600, 400, "PNG"))
    publication.run(FRIDAY)
    after = looked(publication).light
    assert after is not None
    assert (after.width, after.height) == (120, 80)
    publication.configure("logo_width = 120", "logo_width = 60")
    assert looked(publication).light is None
    publication.run(FRIDAY)
    narrow = looked(publication).light
    assert narrow is not None
    assert (narrow.width, narrow.height) == (60, 40)


@pytest.mark.parametrize(("content", "why"), [(None, "No such file"), (b"rubbish", "none of the forms"), (b"<svg/>", "SVG")])
def test_a_logo_that_cannot_be_shown_is_named_and_the_mail_is_right_without_it(
    publication: Publication, content: bytes | None, why: str
) -> None:
    publication.configure("[newsletters", '[look]\nlogo_dark = "dark.png"\n\n[newsletters')
    if content is not None:
        (publication.config.parent / "dark.png").write_bytes(content)
    publication.page("old")
    publication.run(FRIDAY)
    publication.page("new", date="13-8-2024")
    publication.subscribe("ann@example.com")
    report = publication.run(NEXT_FRIDAY)
    assert [receipt.accepted for receipt in report.deliver.receipts] == [1]
    assert any(problem.where == "look.logo_dark" and why in problem.what for problem in report.warnings)
    (missing,) = looked(publication).missing
    assert why in missing.what
    (fault,) = look_faults(publication.settings)
    assert why in fault.what


def test_a_disk_that_cannot_be_written_to_is_a_failure_that_holds_up_nothing(site: Pictures) -> None:
    site.publication.subscribe("ann@example.com")
    (site.publication.public / "pictures").write_text("in the way")
    site.article(site.picture("/hair.jpg", photo()))
    report = site.publication.run(NEXT_FRIDAY)
    assert [problem.where for problem in report.failures] == ["pictures"]
    assert [receipt.accepted for receipt in report.deliver.receipts] == [1]
    (site.publication.public / "pictures").unlink()
    assert site.publication.run(NEXT_FRIDAY).failures == []
