"""Tables of feeds and of published files."""

from sqlalchemy import Boolean, Column, ForeignKey, Integer, String, Table, Text, UniqueConstraint

from hairfeed.store.schema.base import Instant, Number, metadata

feeds = Table(
    "feeds",
    metadata,
    Column("path", Text, primary_key=True),  # its folder below the feeds directory: "", "category/hair-loss/", "author/jane-doe/"
    Column("label", Text, nullable=False),  # the category or author as first spelt; empty for the site's own
    Column("guid", Text, nullable=False),  # its own for ever, wherever the site moves
    Column("podcast_guid", Text, nullable=False),  # likewise, among podcasts
    Column("ordinals", Integer, nullable=False),  # how many articles were ever in it: the next one's ordinal
    Column("present", Integer, nullable=False),  # how many are in it now
    Column("changed_at", Instant, nullable=False),  # the newest change that its readers can see, removals included
    Column("moved_to", Text),  # the path of the feed that all its articles went to
)

feed_articles = Table(
    "feed_articles",
    metadata,
    Column("feed", Text, ForeignKey("feeds.path"), primary_key=True),
    Column("ordinal", Integer, primary_key=True),  # in the order of entering; never changed, never given twice
    Column("article_id", Number, ForeignKey("articles.id"), nullable=False),
    Column("present", Boolean, nullable=False),
    Column("moved_to", Text),  # the path of the feed that the article left this one for
    UniqueConstraint("article_id", "feed"),
)

feed_files = Table(
    "feed_files",
    metadata,
    Column("path", Text, primary_key=True),  # below the feeds directory
    Column("feed", Text, nullable=False),  # the feed's path; "/" for what is about all feeds; "issues/" and "pictures/" for mail's
    Column("hash", String(64), nullable=False),
    Column("size", Number, nullable=False),
    Column("changed_at", Instant, nullable=False),
)

hub_pings = Table(
    "hub_pings",
    metadata,
    Column("hub", Text, primary_key=True),
    Column("topic_url", Text, primary_key=True),  # the feed file that the hub is still to be told of
    Column("since_at", Instant, nullable=False),  # when the file changed: after some days the hub is given up
    Column("attempts", Integer, nullable=False, default=0),
    Column("next_try_at", Instant, nullable=False),
)

pushed_files = Table(
    "pushed_files",
    metadata,
    Column("target", Text, primary_key=True),  # where it was copied to: a bucket and prefix, or a folder of another machine
    Column("path", Text, primary_key=True),  # below the feeds directory
    Column("hash", String(64), nullable=False),
)

publications = Table(
    "publications",
    metadata,
    Column("name", String(32), primary_key=True),  # "feeds", "issues/"
    Column("made_from", String(64), nullable=False),  # of the settings that the files in place were made with
    Column("revision", Number, nullable=False),  # the newest change of an article that is in them
    Column("url", Text, nullable=False),  # feeds.url, when they were made
)
