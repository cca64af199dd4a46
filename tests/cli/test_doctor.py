"""`evidenced doctor` as it is run: what is printed, the exit status, and what is not shown."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from evidenced.app.doctor.examinations import EXAMINATIONS

SECRET = "swordfish-1f0c"
PAGE = Path(__file__).parents[2] / "docs" / "doctor.md"


@pytest.fixture
def changed(config: Path) -> Callable[..., Path]:
    """The demo's configuration with something else in it."""

    def change(**more: object) -> Path:
        config.write_text(yaml.safe_dump(yaml.safe_load(config.read_text("utf-8")) | more), "utf-8")
        return config

    return change


def test_a_host_without_a_problem(evidenced: Callable[..., Any], config: Path) -> None:
    ran = evidenced("doctor", "-c", config)
    assert ran.status == 0, ran.out
    for name, _ in EXAMINATIONS:
        assert re.search(rf"^{name} +[✔!–] ", ran.out, re.MULTILINE), name
    assert ran.out.endswith("not looked at.\n")
    assert "evidenced.db" not in ran.err


def test_what_a_program_reads(evidenced: Callable[..., Any], config: Path) -> None:
    ran = evidenced("doctor", "-c", config, "--json", "--prometheus", "http://127.0.0.1:1")
    found = json.loads(ran.out)
    assert (ran.status, found["fine"]) == (1, False)
    problems = [one for one in found["findings"] if one["verdict"] == "problem"]
    assert [one["examination"] for one in problems] == ["prometheus"]
    assert problems[0]["what"] == "connection to 127.0.0.1:1 refused"
    assert all(one["mend"] for one in found["findings"] if one["verdict"] in ("problem", "warning"))


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"chekcs": []}, "chekcs: unknown key"),
        ({"listen": "nowhere"}, "listen: found 'nowhere'"),
    ],
    ids=["key", "value"],
)
def test_a_configuration_that_cannot_be_used(
    more: dict[str, object],
    said: str,
    evidenced: Callable[..., Any],
    changed: Callable[..., Path],
) -> None:
    ran = evidenced("doctor", "-c", changed(**more))
    assert (ran.status, ran.out) == (2, "")
    assert said in ran.err


@pytest.mark.parametrize(
    "options",
    [
        ("--prometheus", "127.0.0.1:9090"),
        ("--grafana", f"ftp://u:{SECRET}@grafana.example"),
        ("--grafana", f"http://grafana.example/?token={SECRET}"),
        ("--grafana-token-file", "/nowhere/at/all"),
    ],
    ids=["no scheme", "scheme", "query", "no file"],
)
def test_places_that_are_none(
    options: tuple[str, str], evidenced: Callable[..., Any], config: Path
) -> None:
    ran = evidenced("doctor", "-c", config, *options)
    assert ran.status == 2
    assert ran.err.startswith(options[0])
    assert SECRET not in ran.err


def test_no_secret_is_shown(
    evidenced: Callable[..., Any], changed: Callable[..., Path], tmp_path: Path
) -> None:
    token = tmp_path / "token"
    token.write_text(SECRET)
    path = changed(
        store={"url": f"postgresql://u:{SECRET}@127.0.0.1:1/x"},
        alertmanager=f"http://u:{SECRET}@127.0.0.1:1",
        tokens={"admin_file": str(token)},
        checks=[
            {
                "name": "site",
                "http": {
                    "url": f"http://u:{SECRET}@127.0.0.1:1/?key={SECRET}",
                    "headers": {"X-Key": SECRET},
                },
            },
            {
                "name": "up",
                "prometheus": {
                    "server": f"http://u:{SECRET}@127.0.0.1:1",
                    "query": "up",
                    "headers": {"X-Key": SECRET},
                },
            },
        ],
    )
    places = ("--grafana", f"http://u:{SECRET}@127.0.0.1:1", "--grafana-token-file", token)
    for form in ((), ("--json",)):
        ran = evidenced("doctor", "-c", path, *places, *form)
        assert ran.status == 1
        assert ran.out.count("127.0.0.1:1 refused") >= 3
        assert SECRET not in ran.out + ran.err


def test_the_page_names_each_examination_and_option(evidenced: Callable[..., Any]) -> None:
    page = PAGE.read_text("utf-8")
    assert re.findall(r"^\| `([a-z]+)` \|", page, re.MULTILINE) == [
        name for name, _ in EXAMINATIONS
    ]
    options = evidenced("doctor", "--help").out
    for option in re.findall(r"--[a-z][a-z-]+", page):
        assert option in options
