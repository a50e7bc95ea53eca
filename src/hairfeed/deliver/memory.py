"""Memory while much is sent: Python and the C library spare themselves what only costs time."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_LARGER_THAN_BODIES = 16 << 20


@contextmanager
def memory_at_ease() -> Iterator[None]:
    """For the time of a send, which without it spends a quarter of its CPU on memory that nothing happens to.

    A batch makes thousands of small objects, so the collector looks again and again at everything the process has: what is there by
    now, modules above all, is left out until the end. And the C library asks the system for each body's memory anew, and gives it
    back, until it once freed a larger piece (mallopt(3), M_MMAP_THRESHOLD).
    """
    bytes(_LARGER_THAN_BODIES)
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
