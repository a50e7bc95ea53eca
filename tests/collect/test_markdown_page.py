"""Markdown pages: front matter of several generators, and what is refused with its line."""

import pytest

from hairfeed.collect.folder import markdown_page
from hairfeed.collect.folder.conventions import Convention, Generator
from hairfeed.collect.pages import Page
from hairfeed.errors import PageError
from hairfeed.models.articles import LeadImage


def parse(front: str, body: str = "Wash *gently*.", fence: str = "---", name: str = "page.md") -> Page:
    return markdown_page.parse(f"{fence}\n{front}\n{fence}\n\n{body}\n", name)


def test_yaml_front_matter_tells_what_it_knows() -> None:
    page = parse(
        "title: How to Wash\ndate: 2024-08-08\nauthor: Jane Doe\ncategory: Hair Care\nsummary: In short.\npermalink: /care/wash/"
    )
    assert page == Page(
        title="How to Wash",
        html="<p>Wash <em>gently</em>.</p>\n",
        date_text="2024-08-08",
        authors=("Jane Doe",),
        topics=("Hair Care",),
        summary="In short.",
        url="/care/wash/",
        categories=("Hair Care",),
    )


def test_toml_front_matter_tells_the_same() -> None:
    toml = 'title = "How to Wash"\ndate = 2024-08-08\nauthors = ["Jane Doe"]\ncategories = ["Hair Care"]\nurl = "/care/wash/"'
    yaml = "title: How to Wash\ndate: 2024-08-08\nauthors: [Jane Doe]\ncategories: [Hair Care]\nurl: /care/wash/"
    assert parse(toml, fence="+++") == parse(yaml)


@pytest.mark.parametrize("line_end", ["\r\n", "\r"])
def test_the_line_ends_of_other_systems_change_nothing(line_end: str) -> None:
    text = "---\ntitle: How to Wash\n---\n\nOne.\n\nTwo.\n"
    assert markdown_page.parse(text.replace("\n", line_end), "page.md") == markdown_page.parse(text, "page.md")


@pytest.mark.parametrize("key", ["date", "published", "publishDate", "pubDate"])
def test_a_date_may_have_the_key_of_any_generator(key: str) -> None:
    assert parse(f"title: How to Wash\n{key}: 8 August 2024").date_text == "8 August 2024"


def test_a_toml_instant_keeps_its_hour_and_offset() -> None:
    assert parse('title = "How to Wash"\ndate = 2024-08-08T21:30:00-05:00', fence="+++").date_text == "2024-08-08 21:30:00-05:00"


@pytest.mark.parametrize(
    ("front", "name", "date"),
    [
        ("title: A", "2024-08-08-how-to-wash.md", "2024-08-08"),
        ("title: A\ndate: 2024-09-09", "2024-08-08-how-to-wash.md", "2024-09-09"),
        ("title: A", "how-to-wash-2024-08-08.md", None),
        ("title: A", "how-to-wash.md", None),
    ],
)
def test_a_file_name_may_begin_with_the_date(front: str, name: str, date: str | None) -> None:
    assert parse(front, name=name).date_text == date


@pytest.mark.parametrize(
    ("front", "body", "title", "html"),
    [
        ("date: 2024-08-08", "# From the Heading\n\nText.", "From the Heading", "<p>Text.</p>\n"),
        ("date: 2024-08-08", "# From the Heading ##\n\nText.", "From the Heading", "<p>Text.</p>\n"),
        ("title: Same", "# Same\n\nText.", "Same", "<p>Text.</p>\n"),
        ("title: One", "# Another\n\nText.", "One", "<h1>Another</h1>\n<p>Text.</p>\n"),
    ],
)
def test_a_title_stands_in_the_front_matter_or_in_the_first_heading(front: str, body: str, title: str, html: str) -> None:
    page = parse(front, body)
    assert (page.title, page.html) == (title, html)


def test_a_page_may_have_no_front_matter() -> None:
    page = markdown_page.parse("# How to Wash\n\nGently.\n", "2024-08-08-wash.md")
    assert (page.title, page.html, page.date_text) == ("How to Wash", "<p>Gently.</p>\n", "2024-08-08")


@pytest.mark.parametrize(
    ("front", "topics"),
    [
        ("category: Hair Care", ("Hair Care",)),
        ("categories: [Hair Care, Scalp]", ("Hair Care", "Scalp")),
        ("categories:\n  - Hair Care\n  - Scalp", ("Hair Care", "Scalp")),
        ("categories: []\ntags: [scalp]", ("scalp",)),
        ("category: Hair Care\ntags: [scalp]", ("Hair Care",)),
        ("tags:", ()),
    ],
)
def test_topics_are_the_categories_or_else_the_tags(front: str, topics: tuple[str, ...]) -> None:
    assert parse(f"title: A\n{front}").topics == topics


@pytest.mark.parametrize(
    ("front", "authors"),
    [
        ("author: Jane Doe", ("Jane Doe",)),
        ("authors: [Jane Doe, John Roe]", ("Jane Doe", "John Roe")),
        ("author: {name: Jane Doe, url: 'https://jane.example.org'}", ("Jane Doe",)),
        ("authors: [{name: Jane Doe}]", ("Jane Doe",)),
    ],
)
def test_authors_are_names_or_people_with_names(front: str, authors: tuple[str, ...]) -> None:
    assert parse(f"title: A\n{front}").authors == authors


@pytest.mark.parametrize("value", ["1.10", "no", "2024", "0x10", "1e3", "~x", "12:30"])
def test_a_yaml_value_stays_the_text_that_was_written(value: str) -> None:
    assert parse(f"title: {value}").title == value


def test_a_toml_number_stays_the_text_that_was_written() -> None:
    assert parse("title = 1.10", fence="+++").title == "1.10"


@pytest.mark.parametrize(
    ("front", "draft"),
    [
        ("draft: true", True),
        ("draft: True", True),
        ("draft: false", False),
        ("published: false", True),
        ("published: true", False),
        ("published: 2024-08-08", False),
        ("status: draft", True),
        ("status: hidden", True),
        ("status: published", False),
        ("layout: post", False),
    ],
)
def test_what_each_generator_calls_a_draft_is_one(front: str, draft: bool) -> None:
    assert parse(f"title: A\n{front}").draft is draft


def test_a_toml_draft_is_one() -> None:
    assert parse('title = "A"\ndraft = true', fence="+++").draft is True


@pytest.mark.parametrize(
    "front",
    [
        "private: true",
        "hidden: yes",
        "noindex: true",
        "unlisted: true",
        "robots: noindex, nofollow",
        "robots: [noindex]",
        "status: private",
        "status: Hidden",
        "permalink: false",
        "headless: true",
        "eleventyExcludeFromCollections: true",
    ],
)
def test_what_is_not_for_all_readers_is_a_draft(front: str) -> None:
    assert parse(f"title: A\n{front}").draft is True


@pytest.mark.parametrize(
    ("front", "due", "in_address"),
    [
        ("date: 2024-08-08\npublishDate: 2024-09-09", "2024-09-09", "2024-08-08"),
        ("publishDate: 2024-09-09", "2024-09-09", None),
        ("date: 2024-08-08", "2024-08-08", None),
        ("date: 2024-08-08\npublishDate:", "2024-08-08", None),
    ],
)
def test_an_article_is_due_at_its_publish_date(front: str, due: str, in_address: str | None) -> None:
    page = parse(f"title: A\n{front}")
    assert (page.date_text, page.address_date_text) == (due, in_address)


@pytest.mark.parametrize("key", ["lastmod", "updated", "modified", "last_modified_at", "updatedDate"])
def test_the_date_of_the_last_edit_may_have_the_key_of_any_generator(key: str) -> None:
    assert parse(f"title: A\n{key}: 2024-09-09").updated_text == "2024-09-09"


@pytest.mark.parametrize(
    ("front", "image"),
    [
        ("image: /a.jpg", "/a.jpg"),
        ("cover: {image: a.jpg, alt: A}", "a.jpg"),
        ("featured_image: a.jpg", "a.jpg"),
        ("og_image: {url: a.jpg}", "a.jpg"),
        ("heroImage: ../a.jpg", "../a.jpg"),
        ("title2: none", None),
    ],
)
def test_a_picture_may_have_the_key_of_any_generator(front: str, image: str | None) -> None:
    assert parse(f"title: A\n{front}").image == (LeadImage(image) if image else None)


@pytest.mark.parametrize("key", ["language", "lang", "locale"])
def test_a_page_may_name_its_language(key: str) -> None:
    assert parse(f"title: A\n{key}: no").language == "no"


@pytest.mark.parametrize(
    ("generator", "front", "topics"),
    [
        (Generator.JEKYLL, "categories: hair scalp", ("hair", "scalp")),
        (Generator.JEKYLL, "category: Hair Care", ("Hair Care",)),
        (Generator.JEKYLL, "tags: hair, scalp", ("hair", "scalp")),
        (Generator.JEKYLL, "categories: [Hair Care]", ("Hair Care",)),
        (Generator.PELICAN, "tags: hair care, scalp", ("hair care", "scalp")),
        (Generator.HUGO, "categories: Hair Care", ("Hair Care",)),
        (Generator.NONE, "category: Hair, Skin and Nails", ("Hair, Skin and Nails",)),
        (Generator.NONE, "tag: hair", ("hair",)),
    ],
)
def test_topics_in_one_text_are_parted_as_their_generator_does(generator: Generator, front: str, topics: tuple[str, ...]) -> None:
    assert markdown_page.parse(f"---\ntitle: A\n{front}\n---\nText.\n", "a.md", Convention(generator)).topics == topics


@pytest.mark.parametrize(
    ("front", "authors"),
    [
        ("authors: Jane Doe, John Roe", ("Jane Doe", "John Roe")),
        ("authors: Doe, Jane; Roe, John", ("Doe, Jane", "Roe, John")),
        ("author: Doe, Jane", ("Doe, Jane",)),
        ("authors: ['Doe, Jane']", ("Doe, Jane",)),
    ],
)
def test_several_authors_may_stand_in_one_text(front: str, authors: tuple[str, ...]) -> None:
    assert parse(f"title: A\n{front}").authors == authors


def test_pelicans_headers_need_no_fence() -> None:
    text = "Title: Wash: gently\nDate: 2024-08-08 10:20\nTags: hair, scalp\nSummary: In\n    short.\n\nText.\n"
    page = markdown_page.parse(text, "a.md", Convention(Generator.PELICAN))
    assert (page.title, page.date_text, page.topics) == ("Wash: gently", "2024-08-08 10:20", ("hair", "scalp"))
    assert (page.summary, page.html) == ("In short.", "<p>Text.</p>\n")


@pytest.mark.parametrize(
    ("front", "summary"),
    [("title: A", "<p>In <em>short</em>.</p>\n"), ("title: A\nsummary: The author's own.", "The author's own.")],
)
def test_what_stands_above_the_mark_is_the_summary_when_there_is_none(front: str, summary: str) -> None:
    page = parse(front, "In *short*.\n\n<!--more-->\n\nAt length.")
    assert page.summary == summary
    assert "In <em>short</em>." in page.html


def test_the_excerpts_mark_of_page_or_site_counts() -> None:
    text = "---\ntitle: A\n{}---\nIn short.\n\n(cut)\n\nAt length.\n"
    lead = "<p>In short.</p>\n"
    assert markdown_page.parse(text.format("excerpt_separator: (cut)\n"), "a.md").summary == lead
    assert markdown_page.parse(text.format(""), "a.md", Convention(excerpt_separator="(cut)")).summary == lead
    assert markdown_page.parse(text.format(""), "a.md").summary is None


def test_a_footnote_stands_below_without_a_way_back() -> None:
    html = parse("title: A", "Wash[^1].\n\n[^1]: Gently.").html
    assert "<p>Gently.</p>" in html.replace(" </p>", "</p>")
    assert "backref" not in html


def test_components_go_in_mdx_only() -> None:
    body = "import A from 'a'\n\n<Box>\n\nText.\n\n</Box>"
    assert parse("title: A", body, name="a.mdx").html == "<p>Text.</p>\n"
    assert "import A" in parse("title: A", body).html


def test_html_below_front_matter_stays_html() -> None:
    page = parse("title: A\ndate: 2024-08-08", "<p>Wash *gently* {{ x }}.</p>", name="a.html")
    assert page.html.strip() == "<p>Wash *gently* .</p>"


def test_a_page_that_must_go_says_when() -> None:
    assert parse("title: A\nexpiryDate: 2024-09-09").expiry_text == "2024-09-09"


def test_published_as_yes_or_no_is_no_date() -> None:
    assert parse("title: A\npublished: true", name="2024-08-08-a.md").date_text == "2024-08-08"


@pytest.mark.parametrize(
    ("front", "fence", "reason"),
    [
        ("title: A\nsummary: one: two", "---", "mapping values are not allowed here .line 3."),
        ("title: A\n\ttabbed: x", "---", "line 3"),
        ('title = "A"\nsummary = two words', "+++", "line 3"),
        ('title = "A"\ntitle = "B"', "+++", "line 3"),
    ],
)
def test_broken_front_matter_is_refused_with_the_files_line(front: str, fence: str, reason: str) -> None:
    with pytest.raises(PageError, match=f"front matter that cannot be read: .*{reason}"):
        parse(front, fence=fence)


@pytest.mark.parametrize("front", ["- a\n- list", "only words", "3"])
def test_front_matter_without_keys_is_refused(front: str) -> None:
    with pytest.raises(PageError, match="no list of 'key: value' lines"):
        parse(front)


@pytest.mark.parametrize("front", ["title: [a, b]", "title: {a: b}", "title: A\ndate: [2024]", "title: A\nauthors: [[Jane]]"])
def test_a_list_where_a_text_belongs_is_refused(front: str) -> None:
    with pytest.raises(PageError, match="is no text"):
        parse(front)


@pytest.mark.parametrize(
    ("front", "fence"),
    [
        ("title: " + "[" * 5000, "---"),
        ("title = " + "[" * 5000, "+++"),
        ('title: "\\UFFFFFFFF"', "---"),
        ("title = " + "1" * 5000, "+++"),
        ("title = 0x" + "f" * 5000, "+++"),
        ("title: a\x01b", "---"),
    ],
)
def test_front_matter_made_to_break_a_parser_is_refused(front: str, fence: str) -> None:
    with pytest.raises(PageError, match="front matter"):
        parse(front, fence=fence)


def test_front_matter_as_long_as_a_book_is_refused_unread() -> None:
    with pytest.raises(PageError, match=r"has front matter of 400,0.. characters; 50,000 are the most"):
        parse(f"title: A\nx: [{'a,' * 200_000}]")


def test_references_to_references_are_not_written_out() -> None:
    levels = "\n".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, 12))
    assert parse(f"l0: &l0 [x]\n{levels}\ntitle: A").title == "A"
    with pytest.raises(PageError, match="'title' is no text"):
        parse(f"l0: &l0 [x]\n{levels}\ntitle: *l11")


def test_half_a_character_does_not_get_in() -> None:
    assert parse('title: "A \\ud83d B"').title == "A ? B"


@pytest.mark.parametrize(
    ("front", "body", "reason"), [("date: 2024-08-08", "Text.", "has no title"), ("title: A", "", "has no text")]
)
def test_a_page_without_title_or_text_is_refused(front: str, body: str, reason: str) -> None:
    with pytest.raises(PageError, match=reason):
        parse(front, body)


def test_a_heading_of_nothing_but_marks_takes_no_time() -> None:
    assert parse("date: 2024-08-08", f"# {'#' * 200_000}x\n\nText.").title.endswith("x")


def test_a_line_of_dashes_in_the_text_ends_no_front_matter() -> None:
    page = parse("title: A", "One.\n\n---\n\nTwo.")
    assert page.html == "<p>One.</p>\n<hr />\n<p>Two.</p>\n"


def test_tables_and_strikethrough_are_understood() -> None:
    html = parse("title: A", "| a | b |\n|---|---|\n| 1 | ~~2~~ |").html
    assert "<td>1</td>" in html
    assert "<s>2</s>" in html
