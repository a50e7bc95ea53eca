"""What HairFeed says on the pages of feeds. In English; a page of another language marks these words as English."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FeedWords:
    """Everything that a page says by itself, in one language; whole sentences, for languages order their parts differently."""

    language: str
    direction: str
    feed: str
    kind_site: str
    kind_category: str
    kind_author: str
    follow: str
    what_it_is: str
    address: str
    copy: str
    copied: str
    formats: str
    readers: str
    mail: str
    mail_why: str
    mail_link: str
    latest: str
    no_articles: str
    other_feeds: str
    categories: str
    authors: str
    opml: str
    all_feeds: str
    to_site: str
    gone_title: str
    gone_what: str
    gone_do: str


WORDS = FeedWords(
    language="en",
    direction="ltr",
    feed="Feed",
    kind_site="Feed of all articles",
    kind_category="Feed of a category",
    kind_author="Feed of an author",
    follow="Follow in a feed reader",
    what_it_is="A feed brings every new article to your feed reader, an app that gathers what is new on the sites you choose. "
    "Copy this address and add it there.",
    address="Address of this feed",
    copy="Copy",
    copied="Copied",
    formats="Most readers take any of these:",
    readers="No reader yet? Feedly, Inoreader, NetNewsWire and Thunderbird are some. No account is needed here, and you stop by "
    "removing the feed from your reader.",
    mail="Follow by mail",
    mail_why="The same news in your inbox.",
    mail_link="Subscribe by mail",
    latest="Latest articles",
    no_articles="Nothing is published here yet. You can add the feed already: the first article will reach you.",
    other_feeds="Or follow only a part",
    categories="Categories",
    authors="Authors",
    opml="All feeds in one file, for readers that import lists (OPML)",
    all_feeds="All feeds",
    to_site="To the site",
    gone_title="This feed is gone",
    gone_what="There are no articles for it any more, so it has ended. Nothing is wrong with your feed reader.",
    gone_do="You can remove it there, and choose another one:",
)
