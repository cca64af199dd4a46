import json
import random
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evidenced.config.load import ConfigError, load

Refuses = Callable[..., list[str]]

LEDGER = "ledger: {path: STATE.md, base_url: https://bakery.example}\n"

KEYS = st.sampled_from(
    [
        "ledger",
        "path",
        "base_url",
        "derive",
        "defaults",
        "interval",
        "timeout",
        "retry",
        "on",
        "attempts",
        "confirm",
        "max_age",
        "checks",
        "name",
        "claims",
        "labels",
        "http",
        "url",
        "headers",
        "body",
        "auth",
        "token",
        "password_file",
        "tls",
        "ca_file",
        "expect",
        "status",
        "location",
        "json",
        "header",
        "contains",
        "matches",
        "eq",
        "length",
        "exists",
        "$.a",
        "<<",
    ]
)
SCALARS = st.sampled_from(
    ["x", "", "5s", "/", "https://a.example", "${A}", "${", "2xx", "(", "\0", "[key]", "on", 0, 1,
     -1, 1.5, True, None, 10**30, "=", "~", "5", "http://[", "\ud7ff"]
)  # fmt: skip
TREES = st.recursive(
    SCALARS | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=25,
)
CONFIGS = st.one_of(
    TREES,
    st.fixed_dictionaries(
        {"ledger": st.just({"path": "x", "base_url": "https://a.example"}) | TREES},
        optional={
            "defaults": TREES,
            "tokens": TREES,
            "checks": st.lists(
                TREES
                | st.fixed_dictionaries(
                    {"name": st.text("ab", min_size=1), "http": TREES},
                    optional={
                        "interval": SCALARS,
                        "claims": TREES,
                        "labels": TREES,
                        "retry": TREES,
                    },
                )
            ),
        },
    ),
)
AGAIN = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50
)


def _loads_or_is_refused(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    lines = []
    try:
        load(path, {"A": "value"})
    except ConfigError as error:
        lines = str(error).splitlines()
    assert all(line.startswith(f"{path}") for line in lines)


@AGAIN
@given(data=CONFIGS)
def test_any_data_loads_or_is_refused(tmp_path: Path, data: object) -> None:
    _loads_or_is_refused(tmp_path / "any.yaml", json.dumps(data).encode())


@AGAIN
@given(content=st.binary() | st.text().map(str.encode))
def test_any_content_loads_or_is_refused(tmp_path: Path, content: bytes) -> None:
    _loads_or_is_refused(tmp_path / "any.yaml", content)


PLANTED = "swordfish-1f0c"


def _planted() -> dict[str, Any]:
    """A configuration with a secret wherever one may stand."""
    return {
        "ledger": {"path": "STATE.md", "base_url": f"https://u:{PLANTED}@bakery.example"},
        "tokens": {"admin": PLANTED},
        "listen": "${PLANTED:-:0}",
        "checks": [
            {
                "name": "rye",
                "interval": "60s",
                "http": {
                    "url": f"https://u:{PLANTED}@bakery.example/x?key={PLANTED}",
                    "headers": {"Authorization": f"Bearer {PLANTED}"},
                    "auth": {"username": "u", "password": PLANTED},
                },
            },
            {"name": "spelt", "http": {"url": "/", "auth": {"token": "${PLANTED}"}}},
        ],
    }


def _places(value: object, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value if isinstance(value, list) else [])
    )
    return [path] * bool(path) + [
        place for key, below in inner for place in _places(below, (*path, key))
    ]


def _spoilt(data: dict[str, Any], draw: random.Random) -> None:
    """Spoil one place: another type, another key, or in the place of what it stands in."""
    path = draw.choice(_places(data))
    parent: Any = data
    for step in path[:-1]:
        parent = parent[step]
    value = parent[path[-1]]
    text = json.dumps(value) if isinstance(value, dict | list) else str(value)
    how = draw.randrange(6)
    if how == 0 and isinstance(parent, dict):
        parent[f"{path[-1]}x"] = parent.pop(path[-1])
    else:
        parent[path[-1]] = [None, [value], {"x": value}, text, f"{text}\n", f"ftp:/ {text}"][how]


@AGAIN
@given(draw=st.randoms(use_true_random=False), times=st.integers(1, 4))
def test_a_planted_secret_never_shows(tmp_path: Path, draw: random.Random, times: int) -> None:
    data = _planted()
    for _ in range(times):
        _spoilt(data, draw)
    path = tmp_path / "planted.yaml"
    path.write_text(json.dumps(data))
    try:
        shown = repr(load(path, {"PLANTED": PLANTED}))
    except ConfigError as error:
        shown = "".join([str(error), repr(error), *traceback.format_exception(error)])
    assert PLANTED not in shown


@pytest.mark.parametrize("mark", ["*", "!", "@", "&", "%", "`", "'", '"', "[", "{", "!!x ", "? "])
def test_a_secret_that_yaml_stumbles_over_never_shows(refuses: Refuses, mark: str) -> None:
    lines = refuses(f"{LEDGER}tokens: {{admin: {mark}{PLANTED}: x\nlocation: 5")
    assert PLANTED not in "".join(lines)
