"""What a folder implies: whose it is, which files are articles, and how their addresses are made."""

from datetime import date
from pathlib import Path

import pytest

from hairfeed.collect.folder.address_patterns import generated_address, hyphenated, latin, stated_address, urlized
from hairfeed.collect.folder.conventions import PLAIN, Convention, Generator
from hairfeed.collect.folder.generators import recognise
from hairfeed.collect.pages import Page
from hairfeed.errors import PageError, SourceError

DAY = date(2024, 8, 5)
SITE = "https://hair.example.org"


def project(root: Path, files: dict[str, str]) -> Path:
    """A folder with these files; a name that ends with a slash is an empty folder."""
    for name, text in files.items():
        path = root / name
        if name.endswith("/"):
            path.mkdir(parents=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    return root


def page(**changes: str | tuple[str, ...]) -> Page:
    return Page(**({"title": "How to Wash", "html": "<p>x</p>", "date_text": "2024-08-05"} | changes))  # type: ignore[arg-type]


def path_of(convention: Convention, upstream_id: str, found: Page | None = None) -> str:
    """The address below the site's, of a page that its place has completed."""
    completed = convention.complete(found or page(), upstream_id)
    return generated_address(completed, upstream_id, DAY, SITE, convention).removeprefix(SITE)


JEKYLL = {"_config.yml": "title: x\n", "_posts/": ""}
HUGO = {"hugo.toml": "title = 'x'\n", "content/posts/": ""}
PELICAN = {"pelicanconf.py": "PATH = 'content'\n", "content/": ""}
ELEVENTY = {"eleventy.config.js": "export default function () {}\n", "posts/": ""}
ASTRO = {"astro.config.mjs": "export default defineConfig({})\n", "src/content/blog/": ""}


@pytest.mark.parametrize(
    ("files", "below", "generator"),
    [
        (JEKYLL, "", Generator.JEKYLL),
        (JEKYLL, "_posts", Generator.JEKYLL),
        ({"_posts/": ""}, "", Generator.JEKYLL),
        ({"_posts/": ""}, "_posts", Generator.JEKYLL),
        (JEKYLL | {"notes/": ""}, "notes", Generator.NONE),
        ({"_config.yml": "title: x\n"}, "", Generator.NONE),
        ({"_config.yml": "source_dir: source\n", "source/_posts/": ""}, "", Generator.NONE),
        (HUGO, "", Generator.HUGO),
        (HUGO, "content", Generator.HUGO),
        (HUGO, "content/posts", Generator.HUGO),
        (HUGO | {"notes/": ""}, "notes", Generator.NONE),
        ({"config/_default/hugo.yaml": "title: x\n", "content/": ""}, "content", Generator.HUGO),
        ({"config.toml": "baseURL = 'https://x.example/'\n", "content/": ""}, "content", Generator.HUGO),
        ({"config.toml": "[server]\nport = 1\n", "content/": ""}, "content", Generator.NONE),
        ({"config.json": '{"title": "x"}', "content/": ""}, "content", Generator.HUGO),
        ({"hugo.toml": "contentDir = 'texts'\n", "texts/": ""}, "texts", Generator.HUGO),
        ({"hugo.toml": "title = 'x'\n"}, "", Generator.NONE),
        (PELICAN, "", Generator.PELICAN),
        (PELICAN, "content", Generator.PELICAN),
        (PELICAN | {"notes/": ""}, "notes", Generator.NONE),
        (ELEVENTY, "", Generator.ELEVENTY),
        (ELEVENTY, "posts", Generator.ELEVENTY),
        ({".eleventy.js": "dir: { input: 'src' }\n", "src/posts/": ""}, "src/posts", Generator.ELEVENTY),
        ({".eleventy.js": "dir: { input: 'src' }\n", "notes/": ""}, "notes", Generator.NONE),
        (ASTRO, "", Generator.ASTRO),
        (ASTRO, "src/content/blog", Generator.ASTRO),
        (ASTRO | {"src/pages/": ""}, "src/pages", Generator.ASTRO),
        ({"a.txt": ""}, "", Generator.NONE),
    ],
)
def test_a_generators_folder_is_known_by_its_config(
    tmp_path: Path, files: dict[str, str], below: str, generator: Generator
) -> None:
    assert recognise(project(tmp_path, {".git/": ""} | files) / below).generator is generator


def test_a_config_above_the_repository_counts_no_more(tmp_path: Path) -> None:
    project(tmp_path, HUGO | {"content/posts/.git/": ""})
    assert recognise(tmp_path / "content" / "posts") == PLAIN


@pytest.mark.parametrize(
    ("name", "text"), [("_config.yml", "a: b: c\n"), ("_config.yml", "[" * 5000), ("hugo.toml", "a = \n"), ("hugo.json", "{")]
)
def test_a_config_that_cannot_be_read_fails_the_source(tmp_path: Path, name: str, text: str) -> None:
    project(tmp_path, {name: text, "_posts/": "", "content/": ""})
    with pytest.raises(SourceError, match=rf"{name}: cannot be read, and tells the articles' addresses"):
        recognise(tmp_path)


def test_a_pelican_config_is_never_executed(tmp_path: Path) -> None:
    project(tmp_path, PELICAN | {"pelicanconf.py": f"PATH = 'content'\nopen({str(tmp_path / 'ran')!r}, 'w')\nraise SystemExit\n"})
    assert recognise(tmp_path).generator is Generator.PELICAN
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("files", "below", "there", "articles"),
    [
        (
            JEKYLL,
            "",
            [
                *("_posts/2024-08-05-a.md", "_posts/old/2024-08-05-b.md", "care/_posts/2024-08-05-c.md", "_posts/undated.md"),
                *("_posts/2024-08-05-x.txt", "README.md", "about.md", "vendor/theme/_posts/2024-08-05-x.md"),
            ],
            ["_posts/2024-08-05-a.md", "_posts/old/2024-08-05-b.md", "care/_posts/2024-08-05-c.md"],
        ),
        (
            HUGO,
            "",
            [
                *("content/posts/a.md", "content/posts/b/index.md", "content/posts/deep/c.md", "content/posts/README.md"),
                *("content/_index.md", "content/posts/_index.md", "content/posts/b/notes.md", "content/posts/b/more/notes.md"),
                *("content/about.md", "public/posts/a/index.html", "themes/t/content/posts/x.md", "README.md"),
            ],
            ["content/posts/README.md", "content/posts/a.md", "content/posts/b/index.md", "content/posts/deep/c.md"],
        ),
        (
            HUGO | {"hugo.toml": "[params]\nmainSections = ['news']\n"},
            "",
            ["content/posts/a.md", "content/news/b.md"],
            ["content/news/b.md"],
        ),
        (HUGO, "content/posts", ["a.md", "b/index.md", "_index.md"], ["a.md", "b/index.md"]),
        (
            PELICAN,
            "",
            ["content/a.md", "content/care/b.md", "content/pages/about.md", "output/a.html", "README.md"],
            ["content/a.md", "content/care/b.md"],
        ),
        (
            {"pelicanconf.py": "PATH = 'content'\nARTICLE_PATHS = ['blog']\nPAGE_PATHS = ['p']\n", "content/": ""},
            "",
            ["content/blog/a.md", "content/p/b.md", "content/c.md"],
            ["content/blog/a.md"],
        ),
        (
            ELEVENTY,
            "",
            ["posts/a.md", "about.md", "README.md"],
            ["posts/a.md"],
        ),
        (
            ASTRO,
            "",
            ["src/content/blog/a.mdx", "src/content/docs/b.md", "src/pages/c.md", "public/d.html"],
            ["src/content/blog/a.mdx"],
        ),
        ({}, "", ["README.md", "public/a.md", "vendor/b.txt"], ["README.md", "public/a.md", "vendor/b.txt"]),
    ],
)
def test_only_what_the_generator_takes_for_an_article_is_one(
    tmp_path: Path, files: dict[str, str], below: str, there: list[str], articles: list[str]
) -> None:
    convention = recognise(project(tmp_path, {".git/": ""} | files) / below)
    assert sorted(convention.articles(there)) == articles


@pytest.mark.parametrize(
    ("config", "path"),
    [
        ("title: x", "/hair/2024/08/05/How-To_Wash.html"),
        ("permalink: pretty", "/hair/2024/08/05/How-To_Wash/"),
        ("permalink: ordinal", "/hair/2024/218/How-To_Wash.html"),
        ("permalink: none", "/hair/How-To_Wash.html"),
        ("permalink: /:year/:i_month/:i_day/:slug/", "/2024/8/5/how-to-wash/"),
        ("permalink: /blog/:short_year-:month_:day/:title", "/blog/24-08_05/How-To_Wash"),
        ("collections: {posts: {permalink: '/p/:title'}}", "/p/How-To_Wash"),
        ("defaults: [{scope: {type: posts, path: ''}, values: {permalink: '/d/:title/'}}]", "/d/How-To_Wash/"),
        ("baseurl: /site\npermalink: none", "/site/hair/How-To_Wash.html"),
    ],
)
def test_jekyll_makes_addresses_as_its_config_says(tmp_path: Path, config: str, path: str) -> None:
    convention = recognise(project(tmp_path, JEKYLL | {"_config.yml": config}))
    assert path_of(convention, "_posts/2024-08-05-How-To_Wash.md", page(categories=("Hair",))) == path


def test_jekyll_takes_the_folders_above_its_posts_for_categories(tmp_path: Path) -> None:
    convention = recognise(project(tmp_path, JEKYLL))
    found = convention.complete(page(categories=("dry", "care"), topics=("dry", "care")), "Hair/care/_posts/2024-08-05-a.md")
    assert found.categories == found.topics == ("Hair", "care", "dry")
    assert path_of(convention, "Hair/care/_posts/2024-08-05-a.md", found) == "/hair/care/dry/2024/08/05/a.html"


def test_a_jekyll_page_may_state_a_pattern(tmp_path: Path) -> None:
    convention = recognise(project(tmp_path, JEKYLL | {"_config.yml": "baseurl: /site\n"}))
    found = page(url="/:year/:title/", slug="Own")
    assert stated_address(found, "_posts/2024-08-05-a.md", DAY, SITE, convention) == "/site/2024/Own/"


@pytest.mark.parametrize(
    ("config", "upstream_id", "changes", "path"),
    [
        ("title = 'x'", "content/posts/How To_Wash.md", {}, "/posts/how-to_wash/"),
        ("title = 'x'", "content/posts/2024/wash/index.md", {}, "/posts/2024/wash/"),
        ("title = 'x'", "content/posts/wash.md", {"slug": "My Slug"}, "/posts/my-slug/"),
        ("title = 'x'", "content/about.md", {}, "/about/"),
        ("uglyURLs = true", "content/posts/wash.md", {}, "/posts/wash.html"),
        ("baseURL = 'https://hair.example.org/site/'", "content/posts/wash.md", {}, "/site/posts/wash/"),
        ("[permalinks]\nposts = '/:year/:month/:day/:slug/'", "content/posts/wash.md", {}, "/2024/08/05/how-to-wash/"),
        ("[permalinks]\nposts = '/:year/:slug'", "content/posts/wash.md", {"slug": "own"}, "/2024/own/"),
        ("[permalinks]\nposts = '/:section/:title/'", "content/posts/wash.md", {"slug": "own"}, "/posts/how-to-wash/"),
        ("[permalinks]\nposts = '/:slugorfilename/'", "content/posts/2024/wash/index.md", {}, "/wash/"),
        ("[permalinks]\nposts = '/:filename/'", "content/posts/wash.md", {"slug": "own"}, "/wash/"),
        ("[permalinks.page]\nposts = '/p/:yearday/:slug/'", "content/posts/wash.md", {}, "/p/218/how-to-wash/"),
        ("[permalinks]\nnews = '/n/:slug/'", "content/posts/wash.md", {}, "/posts/wash/"),
        ("[frontmatter]\ndate = [':filename', ':default']", "content/posts/2024-08-05-wash.md", {}, "/posts/wash/"),
        ("title = 'x'", "content/posts/2024-08-05-wash.md", {}, "/posts/2024-08-05-wash/"),
    ],
)
def test_hugo_makes_addresses_as_its_config_says(
    tmp_path: Path, config: str, upstream_id: str, changes: dict[str, str], path: str
) -> None:
    convention = recognise(project(tmp_path, HUGO | {"hugo.toml": config}))
    assert path_of(convention, upstream_id, page(**changes)) == path


def test_hugo_may_keep_its_permalinks_in_a_file_of_their_own(tmp_path: Path) -> None:
    folder = "config/_default"
    files = {f"{folder}/hugo.toml": "title = 'x'\n", f"{folder}/permalinks.toml": "posts = '/p/:slug/'\n", "content/posts/": ""}
    assert path_of(recognise(project(tmp_path, files)), "content/posts/wash.md") == "/p/how-to-wash/"


@pytest.mark.parametrize(
    ("config", "changes", "path"),
    [
        ("", {}, "/how-to-wash.html"),
        ("", {"title": "Größe: 50% of O’Hair's"}, "/grosse-50-of-ohairs.html"),  # noqa: RUF001
        ("", {"slug": "My-Slug"}, "/My-Slug.html"),
        ("", {"language": "de"}, "/how-to-wash-de.html"),
        ("ARTICLE_URL = 'posts/{date:%Y}/{date:%m}/{date:%d}/{slug}/'", {}, "/posts/2024/08/05/how-to-wash/"),
        ("ARTICLE_URL = '{date:%Y/%-m}/{slug}'", {}, "/2024/8/how-to-wash"),
        ('ARTICLE_URL = "{category}/{slug}.html"  # by topic', {}, "/hair-care/how-to-wash.html"),
        ("ARTICLE_URL = '{category}/{slug}'", {"categories": ("Dry & Oily",)}, "/dry-oily/how-to-wash"),
        ("ARTICLE_URL = '{category}/{slug}'\nUSE_FOLDER_AS_CATEGORY = False", {}, "/misc/how-to-wash"),
        ("ARTICLE_URL = '{category}/{slug}'\nUSE_FOLDER_AS_CATEGORY = False\nDEFAULT_CATEGORY = 'Hair'", {}, "/hair/how-to-wash"),
        ("SITEURL = 'https://hair.example.org/site'", {}, "/site/how-to-wash.html"),
        ("SLUGIFY_SOURCE = 'basename'", {}, "/wash.html"),
        (r"FILENAME_METADATA = r'(?P<date>\d{4}-\d{2}-\d{2})-(?P<slug>.*)'", {}, "/wash.html"),
    ],
)
def test_pelican_makes_addresses_as_its_config_says(
    tmp_path: Path, config: str, changes: dict[str, str | tuple[str, ...]], path: str
) -> None:
    convention = recognise(project(tmp_path, PELICAN | {"pelicanconf.py": f"PATH = 'content'\n{config}\n"}))
    assert path_of(convention, "content/Hair Care/2024-08-05-wash.md", page(**changes)) == path


def test_pelicans_published_address_wins(tmp_path: Path) -> None:
    confs = {"pelicanconf.py": "PATH = 'content'\nSITEURL = ''\n", "publishconf.py": "SITEURL = 'https://x.example/site'\n"}
    assert path_of(recognise(project(tmp_path, PELICAN | confs)), "content/a.md") == "/site/how-to-wash.html"


@pytest.mark.parametrize(
    ("files", "upstream_id"),
    [
        (PELICAN | {"pelicanconf.py": "PATH = 'content'\nARTICLE_URL = PREFIX + '{slug}'\n"}, "content/a.md"),
        (PELICAN | {"pelicanconf.py": "PATH = 'content'\nARTICLE_URL = '{date:%B}/{slug}'\n"}, "content/a.md"),
        (JEKYLL | {"_config.yml": "permalink: /:long_month/:title/"}, "_posts/2024-08-05-a.md"),
        (HUGO | {"hugo.toml": "[permalinks]\nposts = '/:sections/:slug/'"}, "content/posts/deep/a.md"),
    ],
)
def test_an_address_that_cannot_be_told_is_refused(tmp_path: Path, files: dict[str, str], upstream_id: str) -> None:
    with pytest.raises(PageError, match=r"has an address that cannot be told: .*set 'url' for this source"):
        path_of(recognise(project(tmp_path, files)), upstream_id)


@pytest.mark.parametrize(
    ("upstream_id", "path"),
    [
        ("posts/wash.md", "/posts/wash/"),
        ("posts/wash/index.md", "/posts/wash/"),
        ("posts/wash/wash.md", "/posts/wash/"),
        ("posts/2024-08-05-wash.md", "/posts/2024-08-05-wash/"),
    ],
)
def test_eleventy_makes_addresses_of_paths(tmp_path: Path, upstream_id: str, path: str) -> None:
    assert path_of(recognise(project(tmp_path, ELEVENTY)), upstream_id) == path


@pytest.mark.parametrize(
    ("config", "upstream_id", "changes", "path"),
    [
        ("", "src/content/blog/How To, Wash.mdx", {}, "/blog/how-to-wash/"),
        ("", "src/content/blog/2024/wash/index.md", {}, "/blog/2024/wash/"),
        ("", "src/content/blog/wash.md", {"slug": "own"}, "/blog/own/"),
        ("trailingSlash: 'never'", "src/content/blog/wash.md", {}, "/blog/wash"),
        ("base: '/site'", "src/content/blog/wash.md", {}, "/site/blog/wash/"),
        ("build: { format: 'file' }", "src/content/blog/wash.md", {}, "/blog/wash.html"),
    ],
)
def test_astro_makes_addresses_as_its_config_says(
    tmp_path: Path, config: str, upstream_id: str, changes: dict[str, str], path: str
) -> None:
    files = ASTRO | {"astro.config.mjs": f"export default defineConfig({{ {config} }})\n"}
    assert path_of(recognise(project(tmp_path, files)), upstream_id, page(**changes)) == path


def test_a_path_that_the_sites_address_has_already_is_not_added(tmp_path: Path) -> None:
    convention = recognise(project(tmp_path, JEKYLL | {"_config.yml": "baseurl: /site\npermalink: none\n"}))
    address = generated_address(page(), "_posts/2024-08-05-a.md", DAY, f"{SITE}/site", convention)
    assert address == f"{SITE}/site/a.html"


@pytest.mark.parametrize(
    ("files", "language"),
    [
        (JEKYLL | {"_config.yml": "lang: de\n"}, "de"),
        (HUGO | {"hugo.toml": "defaultContentLanguage = 'fr'\nlanguageCode = 'fr-ca'\n"}, "fr"),
        (PELICAN, "en"),
        (JEKYLL, None),
    ],
)
def test_a_page_has_its_sites_language_unless_it_names_another(tmp_path: Path, files: dict[str, str], language: str | None) -> None:
    convention = recognise(project(tmp_path, files))
    assert convention.complete(page(), "a.md").language == language
    assert convention.complete(page(language="da"), "a.md").language == "da"


@pytest.mark.parametrize(
    ("text", "by_jekyll", "by_hugo", "by_pelican"),
    [
        ("How to Wash", "how-to-wash", "how-to-wash", "how-to-wash"),
        ("What's New? 50% (Really)", "what-s-new-50-really", "whats-new-50-really", "whats-new-50-really"),
        ("Größe a_b v1.2", "größe-a-b-v1-2", "größe-a_b-v1.2", "grosse-a_b-v12"),
        ("Dry - Oily -- Both", "dry-oily-both", "dry-oily--both", "dry-oily-both"),
        ("  ¿Ñandú?  ", "ñandú", "ñandú", "nandu"),
    ],
)
def test_each_generator_has_slugs_of_its_own(text: str, by_jekyll: str, by_hugo: str, by_pelican: str) -> None:
    assert (hyphenated(text), urlized(text), latin(text)) == (by_jekyll, by_hugo, by_pelican)


@pytest.mark.parametrize("text", ["Волосы", "髪", "5 €"])
def test_a_slug_that_needs_pelicans_own_table_is_refused(text: str) -> None:
    with pytest.raises(PageError, match="give it a slug"):
        latin(text)
