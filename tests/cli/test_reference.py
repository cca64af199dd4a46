"""CLI.md has every command as it is."""

from pathlib import Path

from evidenced.cli.commands import app
from evidenced.cli.lazy import whole
from evidenced.cli.reference import reference

PAGE = Path(__file__).parents[2] / "CLI.md"


def test_the_page_is_the_one_of_the_code() -> None:
    assert PAGE.read_text("utf-8") == reference(), "run `make generate`"


def _commands(command: object, name: str) -> list[str]:
    inner = getattr(command, "commands", {})
    below = [one for key, value in inner.items() for one in _commands(value, f"{name} {key}")]
    return [name, *below]


def test_each_command_has_a_heading() -> None:
    page = reference()
    names = _commands(whole(app), "evidenced")
    assert {"evidenced doctor", "evidenced ledger lint"} <= set(names)
    for name in names:
        assert f"# `{name}`\n" in page
