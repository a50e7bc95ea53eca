"""Rehearse the job on the sample publication, with the commands that an operator types.

A first pass takes the archive in: feeds, no mail. Then two pages are added, and a pass a week later mails them.
"""

import shutil
import subprocess
import sys
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parent
DEMO = Path("var/demo")
CONFIG = DEMO / "config" / "hairfeed.toml"
READERS = ("ann@example.com", "ben@example.com", "zoe@example.com")
FIRST_PASS, A_WEEK_LATER = "2024-08-09T09:00", "2024-08-16T09:00"


def main() -> None:
    """Run the rehearsal; a second time it finds everything known."""
    print("A publication to rehearse with: a config, templates, pages.\n")
    hairfeed("init", str(DEMO))
    bring("articles")
    for reader in READERS:
        hairfeed("subscribers", "add", reader, "--confirmed", "--config", str(CONFIG), "--now", FIRST_PASS)
    print("\nThe first pass takes the archive in: feeds, no mail.\n")
    hairfeed("run", "--config", str(CONFIG), "--now", FIRST_PASS)
    print("\nTwo pages are added. A week later, on Friday, the newsletter is due.\n")
    bring("later")
    hairfeed("run", "--config", str(CONFIG), "--now", A_WEEK_LATER)
    mails = sorted((DEMO / "outbox").glob("*.eml"))
    feeds = sorted((DEMO / "public").rglob("feed.*"))
    print(f"\n{len(feeds)} feed files under {DEMO / 'public'}: open feed.rss, feed.atom or feed.json in a feed reader.")
    print(f"{len(mails)} mails under {DEMO / 'outbox'}: open one in a mail program.")


def hairfeed(*arguments: str) -> None:
    """Show the command and run it; a failure ends the rehearsal."""
    print("$ hairfeed", *arguments, flush=True)
    subprocess.run([sys.executable, "-m", "hairfeed", *arguments], check=True)


def bring(pages: str) -> None:
    """Add pages that are not there yet."""
    for page in sorted((EXAMPLES / pages).iterdir()):
        target = DEMO / "articles" / page.name
        if not target.exists():
            shutil.copy2(page, target)


if __name__ == "__main__":
    main()
