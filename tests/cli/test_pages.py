"""The pages that words are explained by: found in a wheel, and taken apart as they are written."""

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

from evidenced.cli.pages import ALERTS, LINT, STANDINGS, Part, page, parts, rows

ROOT = Path(__file__).parents[2]

TEXT = """\
before
# One
first

```sh
# no heading
```
#none
## Two

| key | meaning |
| --- | --- |
| `a` | x \\| y |

| other |
| --- |
| b |
"""


def test_a_wheel_has_each_page_as_it_is_written(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory"]
    subprocess.run([*build, tmp_path], cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with ZipFile(wheel) as packed:
        for name in (ALERTS, LINT, STANDINGS):
            written = (ROOT / "docs" / name).read_bytes()
            assert packed.read(f"evidenced/docs/{name}") == written
            assert page(name).encode() == written


def test_sections_end_at_the_next_heading() -> None:
    found = list(parts(TEXT))
    assert found[0] == Part(1, "One", "first\n\n```sh\n# no heading\n```\n#none")
    assert (found[1].level, found[1].heading) == (2, "Two")


def test_tables_are_read_by_their_columns() -> None:
    assert list(rows(TEXT)) == [{"key": "`a`", "meaning": "x | y"}, {"other": "b"}]
