"""Whatever a file holds, reading and judging it gives an article or a reason, and nothing else comes out."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hairfeed.collect.folder import files as folder
from hairfeed.collect.judge import judge, title_notes
from hairfeed.errors import DateError, PageError
from hairfeed.models.articles import FoundArticle
from hairfeed.settings.sources import FolderSource
from tests.collect.looks import look_at

LOOK = look_at(FolderSource(type="folder", path=Path("articles")), "Asia/Kathmandu")

TEXT_PIECES = [
    "\n",
    "\n\n",
    "\r",
    "Hair",
    "Care - ",
    " ",
    "8-8-2024",
    "31-2-2024",
    "- ",
    "• ",
    "1. ",
    "Related Articles",
    "©",
    "<b>",
]
MARKDOWN_PIECES = [
    *(
        "---\n",
        "+++\n",
        "title: ",
        "title = ",
        "date: 2024-08-08\n",
        "'",
        '"',
        "[",
        "]",
        "{",
        "}",
        "&a ",
        "*a ",
        "!!python/name:os",
        "\t",
    ),
    *(
        "# ",
        "`",
        "\n",
        "<<: ",
        "? ",
        "|\n",
        "\\ud83d",
        "\\U",
        "F",
        "url: ",
        "http://[",
        "draft: ",
        "author:\n  - ",
        "name: ",
        "0x",
        "1",
    ),
    *(
        "---json\n",
        "Title: ",
        "publishDate: ",
        "slug: ",
        "categories: ",
        "image: ",
        "{{< ",
        " >}}",
        "{% ",
        "<!--more-->",
        "{: ",
        "[^1]",
        "[^1]: ",
        "```",
        "import a\n",
        "<A ",
        ":year/",
    ),
]
HTML_PIECES = [
    *(
        "<title>",
        "</title>",
        "<p>",
        "</p>",
        "<div>",
        "</div>",
        "<article>",
        "</article>",
        "<body>",
        "<h1>",
        "</h1>",
        "<table>",
        "<time>",
    ),
    *(
        '<link rel="canonical" href="',
        '<meta name="date" content="',
        '">',
        "2024-08-08",
        "Hair - 8-8-2024",
        "<?xml encoding='x'",
        "?>",
    ),
    *(
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
        "&#0;",
        "&#xD800;",
        "&amp",
        "<script>",
        "<svg>",
        "<template>",
        "<frameset>",
        "http://[",
        "\x00",
    ),
    *("Related Articles", "<li>", "<select>", "<form>", "</html>", "<html>", "<head>", "<header>"),
]


def made_of(pieces: list[str]) -> st.SearchStrategy[bytes]:
    return st.lists(st.sampled_from(pieces) | st.text(max_size=8), max_size=40).map(lambda parts: "".join(parts).encode())


def front_matter(pieces: list[str]) -> st.SearchStrategy[bytes]:
    return made_of(pieces).map(lambda front: b"---\ntitle: A\ndate: 2024-08-08\n" + front + b"\n---\n\nText.\n")


def article_or_reason(content: bytes, name: str) -> FoundArticle | str:
    """What becomes of a file; any other error than a reason comes out as it is."""
    with TemporaryDirectory() as root:
        (Path(root) / name).write_bytes(content)
        (file,) = folder.scan(Path(root))
        try:
            page, _ = folder.read(file)
            title_notes(page)
            return judge(page, file.upstream_id, file.stamp, LOOK, None)
        except (PageError, DateError) as error:
            return str(error)


def assert_fit_for_readers(outcome: FoundArticle | str) -> None:
    if isinstance(outcome, str):
        outcome.encode("utf-8")
        return
    assert outcome.title
    assert outcome.html
    assert outcome.url.startswith(("http://", "https://"))
    assert outcome.url.isascii()
    assert set(outcome.url).isdisjoint(' \n<>"\\^`{|}')
    assert "<script" not in outcome.html.lower()
    for text in (outcome.title, outcome.summary, outcome.html, *outcome.authors, *outcome.topics):
        text.encode("utf-8")
        assert not any(character < " " and character not in "\t\n" for character in text)


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.html"])
@given(content=st.binary(max_size=400))
def test_random_bytes_are_an_article_or_a_reason(name: str, content: bytes) -> None:
    assert_fit_for_readers(article_or_reason(content, name))


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.html"])
@given(content=st.text(max_size=400).map(lambda text: text.encode()))
def test_random_text_is_an_article_or_a_reason(name: str, content: bytes) -> None:
    assert_fit_for_readers(article_or_reason(content, name))


@given(content=made_of(TEXT_PIECES))
def test_shuffled_text_pages_are_an_article_or_a_reason(content: bytes) -> None:
    assert_fit_for_readers(article_or_reason(content, "a.txt"))


@given(content=made_of(MARKDOWN_PIECES) | front_matter(MARKDOWN_PIECES))
def test_shuffled_markdown_pages_are_an_article_or_a_reason(content: bytes) -> None:
    assert_fit_for_readers(article_or_reason(content, "2024-08-08-a.md"))
    assert_fit_for_readers(article_or_reason(content, "2024-08-08-a.mdx"))


@given(content=made_of(HTML_PIECES))
def test_shuffled_html_pages_are_an_article_or_a_reason(content: bytes) -> None:
    assert_fit_for_readers(article_or_reason(content, "a.html"))


@given(address=st.text(st.characters(codec="utf-8", exclude_characters='"\\\n\r'), min_size=1, max_size=40))
def test_whatever_address_a_page_states_is_one_or_is_refused(address: str) -> None:
    front = f'---\ntitle: A\ndate: 2024-08-08\nurl: "https:{address}"\n---\nText.\n'
    assert_fit_for_readers(article_or_reason(front.encode(), "a.md"))
