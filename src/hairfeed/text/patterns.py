"""Patterns that are compiled when they are first used: compiling all that know many languages takes longer than many a pass."""

import re
from typing import Any, cast


def lazily(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """What `re.compile` makes of it, which is called as late as possible."""
    return cast("re.Pattern[str]", _Lazy(pattern, flags))


class _Lazy:
    def __init__(self, pattern: str, flags: int) -> None:
        self.pattern = pattern
        self.flags = flags

    def __getattr__(self, name: str) -> Any:
        # Kept, so that it is asked for once: `re` itself remembers what it compiled.
        found = getattr(re.compile(self.pattern, self.flags), name)
        setattr(self, name, found)
        return found
