"""What `evidenced drill` says before it asks any daemon; the rest is shown end to end."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from evidenced.cli.commands import app

TOLD = {"EVIDENCED_URL": "http://127.0.0.1:9", "EVIDENCED_ADMIN_TOKEN": "open sesame"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(["cart"], "expected --for DURATION", id="neither"),
        pytest.param(["cart", "--for", "5m", "--stop"], "expected --for DURATION", id="both"),
        pytest.param(["--for", "5m"], "expected a CLAIM", id="for how long, not which"),
        pytest.param(["--stop"], "expected a CLAIM", id="stop, not which"),
        pytest.param(["cart", "--for", "soon"], "--for: found 'soon', expected", id="no duration"),
        pytest.param(["cart", "--for", "0"], "expected more than 0", id="no time at all"),
        pytest.param(
            ["cart", "--for", "61m"], "--for: found '61m', expected at most 1h", id="too long"
        ),
        pytest.param(
            ["cart", "--for", "5m", "--token-file", "gone"], "gone: No such file", id="no token"
        ),
        pytest.param(["cart", "--stop", "--url", "shop"], "--url: expected an address", id="url"),
    ],
)
def test_bad_input_is_one_line_and_exit_2(
    arguments: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = CliRunner().invoke(app, ["drill", *arguments], env=TOLD)
    assert ran.exit_code == 2
    assert ran.stderr.count("\n") == 1
    assert said in ran.stderr
    assert ran.stdout == ""


@pytest.mark.parametrize("arguments", [["cart", "--for", "5m"], ["cart", "--stop"], []])
def test_no_daemon_is_exit_1(arguments: list[str]) -> None:
    ran = CliRunner().invoke(app, ["drill", *arguments], env=TOLD)
    assert (ran.exit_code, ran.stdout) == (1, "")
    assert ran.stderr.startswith("no answer from 127.0.0.1:9: ")
