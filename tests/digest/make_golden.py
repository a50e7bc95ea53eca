"""Write the golden files anew: `python -m tests.digest.make_golden`, then read the difference before committing it."""

from pathlib import Path

from hairfeed.digest.render import Templates
from tests.digest.issues import ISSUES

GOLDEN = Path(__file__).parent / "golden"


def make_golden(folder: Path) -> None:
    """Render the six issues into `folder`."""
    templates = Templates(None)
    for name, content in ISSUES.items():
        rendering = templates.render(content)
        (folder / f"{name}.html").write_text(rendering.html, encoding="utf-8", newline="")
        (folder / f"{name}.txt").write_text(rendering.text, encoding="utf-8", newline="")


if __name__ == "__main__":
    make_golden(GOLDEN)
