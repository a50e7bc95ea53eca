"""All tables of the ledger at once, for whoever copies, compares or clears it."""

from hairfeed.store.schema import articles, deliveries, feeds, imports, issues, operations, pictures, subscribers, tracking
from hairfeed.store.schema.base import metadata

FAMILIES = (articles, feeds, issues, pictures, subscribers, imports, deliveries, tracking, operations)
"""The modules that put their tables into `metadata`."""

__all__ = ["FAMILIES", "metadata"]
