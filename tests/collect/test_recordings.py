"""Recordings: told in feeds, front matter and HTML pages, measured in folders, and in the feeds of the publication."""

from pathlib import Path

import pytest
from lxml import etree

from hairfeed.collect.feed.source import _joined
from hairfeed.collect.folder import files as folder
from hairfeed.collect.folder import markdown_page
from hairfeed.collect.html import page as html_page
from hairfeed.collect.judge import judge
from hairfeed.collect.pages import Page
from hairfeed.collect.recordings import best, recording
from hairfeed.models.articles import Enclosure
from hairfeed.settings.sources import FolderSource
from tests.collect.feed_reader import atom_entry, item, json_item
from tests.collect.looks import look_at
from tests.conftest import FRIDAY, NEXT_FRIDAY, Publication

MP3 = "https://combs.example.org/a.mp3"
AUDIO = Enclosure(MP3, "audio/mpeg", 1234, 3723)


def in_front_matter(lines: str) -> Enclosure | None:
    return markdown_page.parse(f"---\ntitle: A comb\n{lines}\n---\n\nListen.\n", "comb.md").enclosure


def in_html(body: str, head: str = "", url: str | None = "https://combs.example.org/care/comb") -> Enclosure | None:
    text = f"<h1>A comb</h1>{body}<p>{'Listen to what a comb can do. ' * 9}</p>"
    text = f"<html><head><title>A comb</title>{head}</head><body><article>{text}</article></body></html>"
    return html_page.parse(text, url).enclosure


def judged(enclosure: Enclosure | None) -> tuple[Enclosure | None, str]:
    """The recording as published, and the hash of the article's form."""
    page = Page(title="A comb", html="<p>Listen.</p>", date_text="2024-08-08", enclosure=enclosure)
    look = look_at(FolderSource(type="folder", path=Path("articles"), url=None))
    article = judge(page, "care/comb.md", "stamp", look, None)
    return article.enclosure, article.form_hash


# What is stated of a recording.


@pytest.mark.parametrize(
    ("url", "stated", "media_type"),
    [
        ("a.bin", "Audio/MPEG; charset=binary", "audio/mpeg"),
        ("a.MP3?x=1#t=2", "", "audio/mpeg"),
        ("a.m4a", "application/octet-stream", "audio/mp4"),
        ("a.webm", None, "video/webm"),
        ("a.ogg", "audio", "audio/ogg"),
    ],
)
def test_the_type_is_as_stated_or_that_of_the_ending(url: str, stated: str | None, media_type: str) -> None:
    assert recording(url, stated) == Enclosure(url, media_type)


@pytest.mark.parametrize(
    ("url", "stated"), [("a.jpg", "image/jpeg"), ("a", ""), ("", "audio/mpeg"), (None, ""), ("http://[a.mp3", "")]
)
def test_what_is_neither_audio_nor_video_is_no_recording(url: str | None, stated: str) -> None:
    assert recording(url, stated) is None


@pytest.mark.parametrize(
    ("printed", "seconds"),
    [
        ("1:02:03", 3723),
        (" 02:03 ", 123),
        ("90:00", 5400),
        ("3723", 3723),
        ("12.75", 12),
        ("0", None),
        ("00:00:00", None),
        ("-5", None),
        ("1h", None),
        ("١٢", None),
        ("1:2:3:4", None),
    ],
)
def test_a_duration_is_a_clock_or_seconds(printed: str, seconds: int | None) -> None:
    assert recording("a.mp3", duration=printed) == Enclosure("a.mp3", "audio/mpeg", None, seconds)


@pytest.mark.parametrize(
    ("stated", "length"), [("1234", 1234), ("0", None), ("-1", None), ("12 MB", None), ("", None), ("9" * 99, None)]
)
def test_a_length_of_nothing_or_nonsense_is_unknown(stated: str, length: int | None) -> None:
    assert recording("a.mp3", length=stated) == Enclosure("a.mp3", "audio/mpeg", length)


def test_the_first_audio_wins_over_video() -> None:
    film, first, second = Enclosure("a.mp4", "video/mp4"), Enclosure("b.mp3", "audio/mpeg"), Enclosure("c.mp3", "audio/mpeg")
    assert best([None, film, first, second]) == first
    assert best([film, None]) == film
    assert best([None]) is None


# Feeds.


def test_an_rss_enclosure_is_read_with_its_duration() -> None:
    picture = '<enclosure url="/a.jpg" length="9" type="image/jpeg"/>'
    sound = '<enclosure url="/a.mp3" length="1234" type="audio/mpeg"/><itunes:duration>1:02:03</itunes:duration>'
    assert item(picture + sound).page.enclosure == AUDIO
    assert item(picture).page.enclosure is None
    assert item('<enclosure type="audio/mpeg"/>').page.enclosure is None


def test_an_atom_link_to_a_recording_is_read() -> None:
    film = '<link rel="enclosure" href="/a.mp4" type="video/mp4" length="5"/>'
    sound = '<link rel="enclosure" href="/a.mp3" type="audio/mpeg" length="0"/>'
    entry = atom_entry(f'<title>A comb</title>{film}{sound}<link href="/comb"/>')
    assert (entry.page.enclosure, entry.page.url) == (Enclosure(MP3, "audio/mpeg"), "https://combs.example.org/comb")


def test_a_json_attachment_is_read() -> None:
    sound = {"url": "/a.mp3", "mime_type": "audio/mpeg", "size_in_bytes": 1234, "duration_in_seconds": 3723}
    entry = json_item(id="1", title="A comb", attachments=["nonsense", {"mime_type": "audio/mpeg"}, sound])
    assert entry.page.enclosure == AUDIO


def test_the_recording_of_an_entry_comes_before_that_of_its_page() -> None:
    entry, full = (
        Page(title="A comb", html="<p>Listen.</p>", date_text=None, enclosure=one) for one in (AUDIO, Enclosure("b", "c"))
    )
    assert _joined(entry, full).enclosure == AUDIO


# Pages.


@pytest.mark.parametrize(
    ("lines", "enclosure"),
    [
        ("audio: a.mp3", Enclosure("a.mp3", "audio/mpeg")),
        (f"enclosure: {MP3}\nlength: 1234\nduration: '1:02:03'", AUDIO),
        (f"podcast: {{url: '{MP3}', length: 1234, type: audio/mpeg, duration: 3723}}", AUDIO),
        (f"podcast:\n  url: {MP3}\n  length: 1234\nduration: 3723", AUDIO),
        (f"podcast_file: {MP3}\npodcast_bytes: 1234\npodcast_duration: 1:02:03", AUDIO),
        (f"enclosure:\n  - url: {MP3}\n    length: 1234\n    duration: 1:02:03", AUDIO),
        ("type: post\naudio: a.m4a", Enclosure("a.m4a", "audio/mp4")),
        ("video: a.mp4\naudio: a.mp3", Enclosure("a.mp3", "audio/mpeg")),
        ("video: a.mp4", Enclosure("a.mp4", "video/mp4")),
        ("audio: true", None),
        ("audio: a.mp3\nduration: [1, 2]", None),
        ("duration: 12", None),
    ],
)
def test_front_matter_names_a_recording(lines: str, enclosure: Enclosure | None) -> None:
    assert in_front_matter(lines) == enclosure


@pytest.mark.parametrize(
    ("head", "body", "enclosure"),
    [
        ('<meta property="og:audio" content="/a.mp3">', '<audio src="/b.mp3"></audio>', Enclosure(MP3, "audio/mpeg")),
        (
            '<meta property="og:audio" content="/play"><meta property="og:audio:type" content="audio/ogg">',
            "",
            Enclosure("https://combs.example.org/play", "audio/ogg"),
        ),
        ("", '<audio controls src="../a.mp3"></audio>', Enclosure(MP3, "audio/mpeg")),
        ("", '<audio><source src="/a.mp3" type="audio/mpeg"><source src="/a.ogg"></audio>', Enclosure(MP3, "audio/mpeg")),
        ("", '<div class="sidebar"><audio src="/other.mp3"></audio></div>', None),
        ("", "<audio></audio>", None),
    ],
)
def test_an_html_page_shows_a_recording(head: str, body: str, enclosure: Enclosure | None) -> None:
    assert in_html(body, head) == enclosure


def test_the_address_of_a_folders_recording_stays_as_written() -> None:
    canonical = '<link rel="canonical" href="https://combs.example.org/care/comb">'
    assert in_html('<audio src="a.mp3"></audio>', canonical, url=None) == Enclosure("a.mp3", "audio/mpeg")


# The article.


def test_a_recording_is_published_at_an_absolute_address() -> None:
    assert judged(Enclosure("a b.mp3", "audio/mpeg", 5, 6))[0] == Enclosure(
        "https://hair.example.org/care/a%20b.mp3", "audio/mpeg", 5, 6
    )


@pytest.mark.parametrize("one", [Enclosure("data:audio/mpeg;base64,AA", "audio/mpeg"), Enclosure("a.pdf", "application/pdf")])
def test_what_nobody_could_fetch_or_play_is_dropped(one: Enclosure) -> None:
    assert judged(one) == judged(None)


def test_another_recording_is_an_edit_of_the_form() -> None:
    forms = {judged(one)[1] for one in (None, AUDIO, Enclosure(MP3, "audio/mpeg", 1235, 3723))}
    assert len(forms) == 3


# Folders.


@pytest.mark.parametrize(
    ("stated", "length"),
    [
        ("talk.mp3", 77),
        ("my%20talk.mp3?x=1", 78),
        ("../other/talk.mp3", 79),
        ("missing.mp3", 1),
        ("../../outside.mp3", 1),
        ("link.mp3", 1),
        ("https://hair.example.org/talk.mp3", 1),
        ("/talk.mp3", 1),
        ("empty.mp3", 1),
        ("a%00.mp3", 1),
    ],
)
def test_a_file_beside_the_page_is_measured(tmp_path: Path, stated: str, length: int) -> None:
    root = tmp_path / "articles"
    files = {
        "care/talk.mp3": 77,
        "care/my talk.mp3": 78,
        "other/talk.mp3": 79,
        "talk.mp3": 80,
        "../outside.mp3": 81,
        "care/empty.mp3": 0,
    }
    for name, size in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"x" * size)
    (root / "care" / "link.mp3").symlink_to(tmp_path / "outside.mp3")
    (root / "care" / "comb.md").write_text(f"---\ntitle: A comb\naudio: {stated}\nlength: 1\n---\n\nListen.\n", encoding="utf-8")
    (page,) = folder.scan(root)
    assert folder.read(page)[0].enclosure == Enclosure(stated, "audio/mpeg", length)


def rss_enclosures(publication: Publication) -> list[dict[str, str]]:
    feed = etree.fromstring((publication.public / "feed.rss").read_bytes())
    return [{str(name): str(value) for name, value in one.attrib.items()} for one in feed.iter("enclosure")]


def test_a_recording_beside_its_page_comes_out_with_its_true_length(publication: Publication) -> None:
    page, sound = publication.articles / "comb.md", publication.articles / "comb.mp3"
    page.write_text(
        "---\ntitle: A comb\ndate: 2024-08-08\naudio: comb.mp3\nlength: 7\n---\n\nListen to a comb.\n", encoding="utf-8"
    )
    sound.write_bytes(b"x" * 4321)
    publication.run(FRIDAY)
    address = "https://hair.example.org/comb.mp3"
    assert rss_enclosures(publication) == [{"url": address, "length": "4321", "type": "audio/mpeg"}]


def test_a_recording_that_comes_late_or_changes_is_measured_again(publication: Publication) -> None:
    text = "---\ntitle: A comb\ndate: 2024-08-08\naudio: comb.mp3\n---\n\nListen to a comb.\n"
    (publication.articles / "comb.md").write_text(text, encoding="utf-8")
    publication.run(FRIDAY)
    assert rss_enclosures(publication) == []
    for size in (4321, 99):
        (publication.articles / "comb.mp3").write_bytes(b"x" * size)
        publication.run(NEXT_FRIDAY)
        assert [one["length"] for one in rss_enclosures(publication)] == [str(size)]
