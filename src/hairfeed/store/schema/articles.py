"""Tables of sources and articles."""

from sqlalchemy import JSON, Boolean, Column, Date, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from hairfeed.store.schema.base import Instant, Number, metadata

sources = Table(
    "sources",
    metadata,
    Column("id", Number, primary_key=True),
    Column("name", String(32), nullable=False, unique=True),
    Column("location", Text, nullable=False),  # another one makes a new baseline
    Column("baseline_at", Instant),  # when its archive was first taken in; null until then
    Column("date_orders", String(16), nullable=False, default=""),  # orders that its dates have proven: "", "DMY", "DMY,MDY"
    Column("slogans", JSON, nullable=False, default=list),  # descriptions that several pages share: the site's, not an article's
    Column("failures", Integer, nullable=False, default=0),  # looks in a row that failed
    Column("next_try_at", Instant),  # not looked at before then
    Column("usual_new", Integer, nullable=False, default=0),  # the most new articles of a pass that was no flood
)

hosts = Table(
    "hosts",
    metadata,
    Column("name", Text, primary_key=True),
    Column("asked_at", Instant, nullable=False),  # last, or will be: turns are taken before they come
)

articles = Table(
    "articles",
    metadata,
    Column("id", Number, primary_key=True),
    Column("guid", Text, nullable=False, unique=True),
    Column("source_id", Number, ForeignKey("sources.id"), nullable=False),
    Column("upstream_id", Text, nullable=False),  # the source's own name for it: a path below the folder
    Column("stamp", Text, nullable=False),  # while it is the same, the page need not be read again
    Column("url", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("authors", JSON, nullable=False),
    Column("summary", Text, nullable=False),
    Column("html", Text, nullable=False),
    Column("html_proof", String(32), nullable=False, default=""),  # of html as it was sanitised, by which rules
    Column("image", JSON(none_as_null=True)),  # url, alt, width, height of the lead image
    Column("enclosure", JSON(none_as_null=True)),  # url, media_type, length, seconds of the recording
    Column("content_hash", String(64), nullable=False),  # of title and text: what a significant edit changes
    Column("form_hash", String(64), nullable=False),  # of all that readers see
    Column("published_at", Instant, nullable=False),
    Column("published_on", Date, nullable=False),
    Column("updated_at", Instant),
    Column("first_seen_at", Instant, nullable=False),
    Column("live_at", Instant),  # when it entered the feeds; null while held
    Column("changed_at", Instant, nullable=False),  # the last change that readers of a feed can see
    Column("state", String(16), nullable=False),
    Column("mailing", String(16), nullable=False),
    Column("misses", Integer, nullable=False, default=0),  # passes in a row in which its source did not have it
    Column("revision", Number, nullable=False),  # grows with every pass and command that changes articles
    UniqueConstraint("source_id", "upstream_id"),
    Index(None, "state", "published_at"),
    Index(None, "mailing", "live_at"),
    Index(None, "url"),
    Index(None, "revision"),
)

fetches = Table(
    "fetches",
    metadata,
    Column("source_id", Number, ForeignKey("sources.id"), primary_key=True),
    Column("url", Text, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("fetched_at", Instant, nullable=False),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("changed", Text),  # what the sitemap said of its last change
    Column("in_vain", Integer, nullable=False, default=0),  # looks in a row that brought no article
)

copies = Table(
    "copies",
    metadata,
    Column("source_id", Number, ForeignKey("sources.id"), primary_key=True),
    Column("upstream_id", Text, primary_key=True),
    Column("article_id", Number, ForeignKey("articles.id"), nullable=False, index=True),  # of another source
    Column("stamp", Text, nullable=False),
)

refused_pages = Table(
    "refused_pages",
    metadata,
    Column("source_id", Number, ForeignKey("sources.id"), primary_key=True),
    Column("upstream_id", Text, primary_key=True),
    Column("first_seen_at", Instant, nullable=False),
    Column("baseline", Boolean, nullable=False),  # mended later, it is archive, not news
)

article_topics = Table(
    "article_topics",
    metadata,
    Column("article_id", Number, ForeignKey("articles.id"), primary_key=True),
    Column("place", Integer, primary_key=True),  # 0 is the article's category
    Column("topic", Text, nullable=False),
    Index(None, "topic", "article_id"),
)
