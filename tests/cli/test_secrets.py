"""No secret that a configuration can hold is ever printed, logged or exported."""

import asyncio
import json
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import structlog
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evidenced.app.life import running
from evidenced.config.load import ConfigError, load
from evidenced.publish.exposition import render

PLANTED = "swordfish-1f0c"
NOBODY = "127.0.0.1:9"
AGAIN = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40
)


def planted(folder: Path) -> dict[str, Any]:
    """A configuration with a secret in each place that may hold one, in each way to write one."""
    (folder / "secret").write_text(f"{PLANTED}\n")
    (folder / "list.json").write_text(
        json.dumps([{"targets": [f"http://u:{PLANTED}@{NOBODY}/listed?key={PLANTED}"]}])
    )
    file = {"file": str(folder / "secret")}
    auth = {"username": "u", "password": PLANTED}
    bearer = {"token_file": str(folder / "secret")}
    address = f"http://u:{PLANTED}@{NOBODY}"
    return {
        "listen": "127.0.0.1:0",
        "ledger": {"path": str(folder / "STATE.md"), "base_url": address},
        "defaults": {"interval": "1s", "timeout": "500ms", "retry": {"attempts": 1}},
        "tokens": {"admin": "${PLANTED}"},
        "checks": [
            {"name": "in-url", "http": {"url": f"{address}/a?key={PLANTED}&{PLANTED}=x#{PLANTED}"}},
            {"name": "based", "http": {"url": f"/b?key={PLANTED}"}},
            {"name": "headers", "http": {"url": "/c", "headers": {"X-A": PLANTED, "X-B": file}}},
            {"name": "query", "http": {"url": "/d", "query": {"a": PLANTED, "b": file}}},
            {"name": "by-env", "http": {"url": "/e?k=${PLANTED}", "headers": {"X": "${PLANTED}"}}},
            {"name": "basic", "http": {"url": "/f", "auth": auth}},
            {"name": "bearer", "http": {"url": "/g", "auth": bearer}},
            {"name": "body", "http": {"url": "/h", "method": "POST", "body": PLANTED}},
            {"name": "target", "targets": [f"{address}/i?key={PLANTED}"], "http": {}},
            {
                "name": "found",
                "discovery": {
                    "file": str(folder / "*.json"),
                    "http": [
                        {
                            "url": f"{address}/targets?key={PLANTED}",
                            "headers": {"X": file},
                            "auth": auth,
                        }
                    ],
                },
                "http": {},
            },
        ],
    }


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PLANTED", PLANTED)
    ours = files("evidenced.demo")
    (tmp_path / "STATE.md").write_text((ours / "STATE.md").read_text("utf-8"), "utf-8")
    data = planted(tmp_path)
    # The name of a parameter may be shown, and so is no place for a secret.
    data["checks"][0]["http"]["url"] = f"http://u:{PLANTED}@{NOBODY}/a?key={PLANTED}&b={PLANTED}"
    path = tmp_path / "evidenced.yaml"
    path.write_text(yaml.safe_dump(data), "utf-8")
    return path


@pytest.mark.parametrize(
    "command",
    [["plan"], ["plan", "--json"], ["check"], ["check", "--json"], ["validate"], ["rules"]],
    ids=" ".join,
)
def test_no_command_prints_a_secret(
    evidenced: Callable[..., Any], config: Path, command: list[str]
) -> None:
    ran = evidenced(*command, "-c", config)
    assert ran.status in (0, 1)
    assert PLANTED not in ran.out + ran.err
    if command[0] in ("plan", "check"):
        assert "found:http://127.0.0.1:9/listed?key=…" in ran.out
        assert "in-url" in ran.out


async def test_no_metric_and_no_log_line_has_a_secret(config: Path) -> None:
    with structlog.testing.capture_logs() as logs:
        async with running(config) as daemon:
            async with asyncio.timeout(30):
                while not all(status.last for status in daemon.board.checks.values()):
                    await asyncio.sleep(0.05)
                while not any(not each.good for each in daemon.board.lists):
                    await asyncio.sleep(0.05)
            text = render(daemon.metrics.registry, "", "")[0].decode()
            board = repr([status.last for status in daemon.board.checks.values()])
    assert len(daemon.board.checks) >= 10
    assert 'probe_success{check="query"' in text
    assert PLANTED not in text
    assert PLANTED not in repr(logs)
    assert PLANTED not in board


def _places(value: object, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value if isinstance(value, list) else [])
    )
    return [path] * bool(path) + [
        place for key, below in inner for place in _places(below, (*path, key))
    ]


@AGAIN
@given(data=st.data())
def test_no_error_shows_a_secret_however_a_configuration_is_spoilt(
    tmp_path: Path, data: st.DataObject
) -> None:
    config = planted(tmp_path)
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(_places(config)))
        parent: Any = config
        for step in path[:-1]:
            parent = parent[step]
        value = parent[path[-1]]
        text = json.dumps(value) if isinstance(value, dict | list) else str(value)
        spoilt: list[object] = [None, 5, [value], {"x": value}, f"{text}\n", f"ftp:/ {text}", ""]
        parent[path[-1]] = data.draw(st.sampled_from(spoilt))
    path = tmp_path / "spoilt.yaml"
    path.write_text(json.dumps(config))
    try:
        shown = repr(load(path, {"PLANTED": PLANTED}))
    except ConfigError as error:
        shown = str(error)
    assert PLANTED not in shown
