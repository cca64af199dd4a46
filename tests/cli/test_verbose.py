"""`evidenced check NAME --verbose`: one look in all its steps."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

Run = Callable[..., Any]


@pytest.fixture
def secretive(tmp_path: Path, shop: tuple[Any, str]) -> Path:
    (tmp_path / "STATE.md").write_text("# State\n\n## STABLE\n\n- Health\n\n## CLOSED\n")
    checks = [
        {
            "name": "health",
            "http": {
                "url": f"{shop[1].replace('://', '://ann:hunter2@')}/api/healthz?key=s3cret",
                "headers": {"X-Token": "sw0rdfish"},
                "expect": {"status": 200, "json": {"$.gone": {"exists": True}}},
            },
        },
        {
            "name": "nobody",
            "retry": {"attempts": 2, "wait": "0s", "on": "connect"},
            "http": {"url": "http://127.0.0.1:1/"},
        },
    ]
    path = tmp_path / "evidenced.yaml"
    path.write_text(yaml.safe_dump({"ledger": {"path": "STATE.md"}, "checks": checks}))
    return path


def test_a_look_is_shown_in_all_its_steps(evidenced: Run, secretive: Path) -> None:
    ran = evidenced("check", "health", "--verbose", "-c", secretive)
    assert ran.status == 1
    lines = [line.partition(" ms ")[2] for line in ran.out.splitlines() if " ms " in line]
    order = ["* connecting to 127.0.0.1", "> GET /api/healthz?… HTTP/1.1", "> Host: ", "< HTTP/1.1"]
    at = [next(i for i, line in enumerate(lines) if line.startswith(each)) for each in order]
    assert at == sorted(at)
    assert "> X-Token: … (9 characters)" in lines
    assert "processing" in ran.out
    assert "status: expected status 200, found" in ran.out
    assert "✘ json:$.gone: expected $.gone to exist, found " in ran.out
    assert not any(secret in ran.out + ran.err for secret in ("hunter2", "s3cret", "sw0rdfish"))


def test_every_attempt_is_shown(evidenced: Run, secretive: Path) -> None:
    ran = evidenced("check", "nobody", "-v", "-c", secretive)
    assert "attempt 1 of 2" in ran.out
    assert "attempt 2 of 2" in ran.out
    assert ran.out.count("* connecting to 127.0.0.1 port 1") == 2
    assert "✘ failure, connect: connection to 127.0.0.1:1 refused" in ran.out.replace("\n", "")


def test_beside_json_it_goes_to_stderr(evidenced: Run, secretive: Path) -> None:
    ran = evidenced("check", "health", "--verbose", "--json", "-c", secretive)
    assert json.loads(ran.out)["checks"][0]["check"] == "health"
    assert "> GET /api/healthz?… HTTP/1.1" in ran.err
