"""A small feed of articles that feed writers get wrong; the golden files are made from it."""

from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from hairfeed.feeds.feed import Feed, FeedAddresses, Related
from hairfeed.models.articles import Article, Enclosure, LeadImage
from hairfeed.settings.podcast import Podcast

EDITED = Article(
    id=3,
    guid="tag:example.com,2024:article/3",
    url="https://example.com/scalp/%E9%A0%AD%E7%9A%AE?a=1&b=2#top",
    title="頭皮ケア 👩🏽‍🦱: \"Q&A\" & it's 100 % 'quoted'",
    authors=("Ayşe Öztürk", "李 小龍"),
    topics=("Skin & Hair", "头发护理", "हिन्दी"),
    summary="Is 3 < 5 & 5 > 3? 髪は「長い友達」です。 ❤️",
    html=(
        '<p title="a &quot;quoted&quot; title">&lt;b&gt; is no tag, &amp;amp; is no ampersand &amp; ]]&gt; ends nothing.</p>'
        "\n<pre>  two  spaces\n\ttab</pre>\n"
        '<p><img src="https://example.com/a.png?x=1&amp;y=2" alt="👩🏽‍🦱"> 𠮷野家</p>'
    ),
    published_at=datetime(2024, 8, 7, 22, 30, tzinfo=UTC),
    published_on=date(2024, 8, 8),
    updated_at=datetime(2024, 11, 3, 9, 15, 20, 987654, tzinfo=UTC),
)
"""Emoji joined from parts, CJK in and beyond the basic plane, quotes, markup as text, two authors, an edit, a local day that
begins before midnight UTC."""

RIGHT_TO_LEFT = Article(
    id=2,
    guid="tag:example.com,2024:article/2",
    url="https://example.com/ar/%D8%B4%D8%B9%D8%B1",
    title="العناية بالشعر (RTL) \u2067שיער\u2069",  # noqa: RUF001 - Hebrew
    authors=(),
    topics=(),
    summary="ما هو تساقط الشعر؟ ]]> نهاية.",
    html='<p dir="rtl">ما هو <strong>تساقط الشعر</strong>؟ 50&nbsp;% — \u200fنعم.</p>',
    published_at=datetime(2024, 1, 31, 12, 0, tzinfo=UTC),
    published_on=date(2024, 1, 31),
    updated_at=None,
)
"""Right to left with marks for direction, an entity that XML does not know, no author and no topic."""

TITLE_ONLY = Article(
    id=1,
    guid="tag:example.com,2024:article/1",
    url="https://example.com/title-only",
    title="Nothing but a <title> ]]> & more",
    authors=("Ann O'Neil",),
    topics=("FAQ",),
    summary="",
    html="",
    published_at=datetime(1999, 12, 31, 23, 59, 59, tzinfo=UTC),
    published_on=date(2000, 1, 1),
    updated_at=None,
)
"""No summary, no body, markup in the title, a date before 2000."""

RECORDING = Article(
    id=4,
    guid="tag:example.com,2024:article/4",
    url="https://example.com/recording",
    title="Listen & learn",
    authors=("Ann O'Neil", "Ayşe Öztürk"),
    topics=("FAQ",),
    summary="Twelve minutes about hair.",
    html="<p>Twelve minutes about <em>hair</em>.</p>",
    published_at=datetime(2024, 9, 1, 8, 0, tzinfo=UTC),
    published_on=date(2024, 9, 1),
    updated_at=None,
    image=LeadImage("https://example.com/cover.jpg", "A comb", 1200, 630),
    enclosure=Enclosure("https://example.com/recording.mp3", "audio/mpeg", 5_781_234, 754),
)
"""A picture and a recording."""

FEED = Feed(
    guid="tag:example.com,2024:feed",
    title="Hair & Heart ❤️",
    description="Articles about <hair>, 髪 and شعر.",
    home_url="https://example.com/",
    page_url="https://example.com/feeds/",
    addresses=FeedAddresses(
        rss="https://example.com/feeds/feed.rss",
        atom="https://example.com/feeds/feed.atom",
        json="https://example.com/feeds/feed.json",
    ),
    language="en",
    author="Hair & Heart",
    zone=ZoneInfo("Europe/Berlin"),
    updated_at=datetime(2024, 11, 3, 9, 15, 20, tzinfo=UTC),
    category_scheme="https://example.com/topics/",
    articles=(EDITED, RIGHT_TO_LEFT, TITLE_ONLY),
)

SHOW = replace(
    FEED,
    guid="tag:example.com,2024:show",
    articles=(RECORDING, *FEED.articles),
    related={
        RECORDING.id: (
            Related("What is a <title>?", "https://example.com/title-only"),
            Related("頭皮", "https://example.com/scalp"),
        ),
    },
    previous=FeedAddresses(*(f"https://example.com/feeds/archive/0001-0123456789ab.{kind}" for kind in ("rss", "atom", "json"))),
    hubs=("https://hub.example.com/",),
    stylesheet="https://example.com/feeds/feed.css?a=1&b=2",
    podcast=Podcast(
        image="https://example.com/cover.jpg",
        category="Health & Fitness",
        subcategory="Medicine",
        explicit=False,
        owner_email="editor@example.com",
    ),
    podcast_guid="2b0d5b27-5b0b-5a5a-9d3c-0f6a5b0f3a11",
)
"""A feed that has everything."""


def feed_of(*articles: Article) -> Feed:
    """The difficult feed with other articles."""
    return replace(FEED, articles=articles)
