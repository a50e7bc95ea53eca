"""Whether the providers of the config would take mails from us; nothing is sent."""

from collections.abc import Iterator

from hairfeed.deliver.fleet import Fleet
from hairfeed.operations.checks import Check, fail, ok
from hairfeed.settings.mail import Mail


def check_providers(mail: Mail) -> Iterator[Check]:
    """Ask each what it knows of our account and sender; one check for each fault."""
    with Fleet(mail) as fleet:
        for provider in fleet.both():
            name, faults = f"provider {provider.name}", provider.check()
            if not faults:
                yield ok(name, f"{provider.destination}: takes mails")
            for line in faults:
                yield fail(name, line, f"mend [mail.{provider.name}], or what the provider says is missing")
