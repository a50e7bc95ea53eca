"""Where an error that nobody foresaw ends: at the page or the source that it was met at."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from hairfeed.errors import HairFeedError, PageFault, SourceFault

_LOG = logging.getLogger(__name__)
_LONGEST_REASON = 300
# How a library in Rust (nh3) says that it has a bug; its type is no Exception, and can be imported from nowhere.
_PANIC = "PanicException"


@contextmanager
def contained(fault: type[PageFault | SourceFault], where: str) -> Iterator[None]:
    """Make a `fault` of whatever is not raised on purpose, and log its traceback; `where` is key=value, for the log.

    Raises:
        PageFault, SourceFault: as `fault` says.
        HairFeedError: whatever else is raised on purpose passes.
    """
    try:
        yield
    except HairFeedError:
        raise
    except BaseException as error:
        if not isinstance(error, Exception) and type(error).__name__ != _PANIC:
            raise
        _LOG.exception("%s %s", "page_fault" if fault is PageFault else "source_fault", where)
        raise fault(
            f"made HairFeed stumble ({_reason(error)}): please report it with what the log shows; it is tried again"
        ) from error


def _reason(error: BaseException) -> str:
    """Its class and text, in one line: a library may quote all of a page, and what no report could hold."""
    text = " ".join(str(error).encode("utf-8", "replace").decode().split())
    cut = f"{text[:_LONGEST_REASON]}…" if len(text) > _LONGEST_REASON else text
    return f"{type(error).__name__}: {cut}" if cut else type(error).__name__
