"""The section `[look]` of the config: the logo of mails and of the pages that go with them."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic import ValidationInfo as Info

from hairfeed.settings.values import Section, from_config_folder, web_address


def _logo(place: str, info: Info) -> str:
    return web_address(place) if "://" in place else str(from_config_folder(Path(place), info))


Logo = Annotated[str, AfterValidator(_logo)]


class Look(Section):
    """What is the publication's own in a mail."""

    logo: Logo | None = None
    """A picture file, or its https address."""
    logo_dark: Logo | None = None
    """The same for dark backgrounds."""
    logo_width: Annotated[int, Field(ge=16, le=504)] = 160
    """As it is shown, in CSS pixels."""
