"""HairFeed publishes a site's articles to feed readers and to inboxes."""

__version__ = "0.1.0"
