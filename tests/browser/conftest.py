"""One browser for all tests of pages."""

from collections.abc import Iterator

import pytest

from tests.browser.browser import Browser, browser


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Started when it is first asked for."""
    with browser() as found:
        yield found
