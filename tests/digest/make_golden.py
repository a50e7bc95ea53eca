"""Write the golden files anew: `python -m tests.digest.make_golden`, then read the difference before committing it."""

from pathlib import Path

from hairfeed.digest.render import Templates
from tests.digest.sample import DIGEST

GOLDEN = Path(__file__).parent / "golden"


def make_golden(folder: Path) -> None:
    """Render the fixed digest into `folder`."""
    rendering = Templates(None).render(DIGEST)
    (folder / "digest.html").write_text(rendering.html, encoding="utf-8", newline="")
    (folder / "digest.txt").write_text(rendering.text, encoding="utf-8", newline="")


if __name__ == "__main__":
    make_golden(GOLDEN)
