"""The section `[archive]` of the config: what mails lead to and show, beside the feeds."""

from hairfeed.settings.values import Section


class Archive(Section):
    """Public pages of issues, and pictures for them and their mails; both are in the feeds directory."""

    pages: bool = True
    """Whether each issue has a public page, which its mails lead to."""
    pictures: bool = True
    """Whether lead pictures of articles are copied, at most 200 KB each, and shown in mails."""
