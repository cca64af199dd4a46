"""A key that was renamed is taken under its old name for a release, and said to be."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import structlog

from evidenced.app.loading import again, start
from evidenced.app.telling import tell_loaded, tell_warnings
from evidenced.config.load import ConfigError, read
from evidenced.config.renamed import ANY, RENAMED, Renamed
from evidenced.config.schema import json_schema
from evidenced.evidence.repeats import Repeats

TABLE = (
    Renamed(("state",), "store", "0.9"),
    Renamed(("store", "address"), "url", "0.9"),
    Renamed(("checks", ANY, "http", "uri"), "url", "1.0"),
)
OLD = """\
ledger: {path: STATE.md}
state:
  address: sqlite:///kept.db
checks:
  - name: oven
    http: &http
      uri: https://shop.example/oven
  - name: till
    http: {<<: *http, method: HEAD}
  - name: new
    http: {url: https://shop.example/new}
"""


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        path = tmp_path / "evidenced.yaml"
        path.write_text(text)
        (tmp_path / "STATE.md").write_text("# State\n\n## STABLE\n\n- **Oven**: bakes\n")
        return path

    return write


def test_an_old_name_is_taken_with_a_warning_at_its_line(
    written: Callable[[str], Path],
) -> None:
    path = written(OLD)
    found = read(path, {}, renamed=TABLE)
    assert found.config.store.address == "sqlite:///kept.db"
    urls = [check.model_dump()["http"]["url"] for check in found.config.checks]
    assert urls == [f"https://shop.example/{name}" for name in ("oven", "oven", "new")]
    until = "and the old name is taken for one more release"
    assert found.warnings == (
        f"{path}:2: state: is called store since 0.9, {until}",
        f"{path}:3: store.address: is called url since 0.9, {until}",
        f"{path}:7: checks[0] (oven).http.uri: is called url since 1.0, {until}",
        f"{path}:7: checks[1] (till).http.uri: is called url since 1.0, {until}",
    )


def test_both_names_are_an_error(written: Callable[[str], Path]) -> None:
    path = written(OLD.replace("  address:", "  url: sqlite:///b.db\n  address:"))
    with pytest.raises(ConfigError) as caught:
        read(path, {}, renamed=TABLE)
    assert str(caught.value) == (
        f"{path}:4: store.address: found beside url, which is its name since 0.9: keep url only"
    )


def test_what_is_wrong_with_it_is_said_at_the_line_of_the_old_name(
    written: Callable[[str], Path],
) -> None:
    path = written(OLD.replace("uri: https://shop.example/oven", "uri: 5"))
    with pytest.raises(ConfigError, match=rf"{path}:7: checks\[0\] \(oven\)\.http\.url: found 5"):
        read(path, {}, renamed=TABLE)


def test_an_included_file_has_its_own_lines(written: Callable[[str], Path], tmp_path: Path) -> None:
    path = written("ledger: {path: STATE.md}\ninclude: more.yaml\n")
    more = tmp_path / "more.yaml"
    more.write_text("checks:\n  - name: a\n    http: {uri: https://shop.example/}\n")
    (warning,) = read(path, {}, renamed=TABLE).warnings
    assert warning.startswith(f"{more}:3: checks[0] (a).http.uri: is called url")


@pytest.mark.parametrize(
    "text",
    [
        "- a list",
        "a text",
        "ledger: {path: STATE.md}\nchecks: {http: {uri: x}}",
        "state: [address]",
    ],
)
def test_a_shape_that_is_none_of_ours_is_only_a_config_error(
    written: Callable[[str], Path], text: str
) -> None:
    with pytest.raises(ConfigError):
        read(written(text), {}, renamed=TABLE)


def test_the_table_of_this_release_leads_to_keys_that_there_are(
    written: Callable[[str], Path],
) -> None:
    schema = json_schema()
    for entry in RENAMED:
        assert entry.new in str(schema)
    with pytest.raises(ConfigError, match="unknown key"):
        read(written(OLD), {})


def test_validate_and_the_log_say_it(
    written: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("evidenced.config.load.RENAMED", TABLE)
    path = written(OLD)
    loaded = start(path)
    assert len(loaded.warnings) == 4
    with structlog.testing.capture_logs() as logs:
        tell_warnings(loaded)
        path.write_text("ledger: {path: STATE.md}\nstate: {url: sqlite:///kept.db}\n")
        tell_loaded(loaded, after := again(path, loaded), Repeats())
        path.write_text("nothing: 1")
        assert again(path, after).warnings == after.warnings
    said = [log["problem"] for log in logs if log["log_level"] == "warning" and "problem" in log]
    assert said[:4] == list(loaded.warnings)
    assert len(said) == 5
    assert said[4].startswith(f"{path}:2: state: is called store")


def test_the_command_says_it(
    written: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    from typer.testing import CliRunner

    from evidenced.cli.commands import app

    monkeypatch.setattr("evidenced.config.load.RENAMED", TABLE)
    path = written(OLD)
    ran: Any = CliRunner().invoke(app, ["validate", "-c", str(path)])
    assert ran.exit_code == 0
    assert f"warning: {path}:2: state: is called store since 0.9" in ran.stdout
