from collections.abc import Callable
from pathlib import Path

import pytest

from evidenced.config.model import Config
from evidenced.config.types import Secret

Loads = Callable[..., Config]
Refuses = Callable[..., list[str]]

LEDGER = "ledger: {path: STATE.md, base_url: https://bakery.example}\n"


def one(http: str) -> str:
    return f"{LEDGER}checks:\n- {{name: a, http: {{url: /x?a=1, {http}}}}}\n"


@pytest.mark.parametrize(
    ("written", "secret"),
    [
        ("swordfish", "swordfish"),
        ("''", ""),
        ("{file: token}", "tunafish"),
        ("{file: '${FOLDER}/token'}", "tunafish"),
        ("'Bearer ${TOKEN}'", "Bearer catfish"),
    ],
)
def test_the_value_of_a_header_or_parameter_is_a_secret(
    loads: Loads, tmp_path: Path, written: str, secret: str
) -> None:
    (tmp_path / "token").write_text("tunafish\n")
    text = one(f"headers: {{X-Token: {written}}}, query: {{key: {written}}}")
    config = loads(text, {"TOKEN": "catfish", "FOLDER": str(tmp_path)})
    http = config.checks[0].http
    assert http
    assert http.headers == {"X-Token": Secret(secret)}
    assert http.query == {"key": Secret(secret)}
    assert http.target == "/x?a=…&key=…"
    assert not secret or secret not in repr(config)


@pytest.mark.parametrize(
    ("value", "encoded"),
    [("a b&c=d", "a%20b%26c%3Dd"), ("ä", "%C3%A4"), ("a+b/c", "a%2Bb%2Fc"), ("", "")],
)
def test_a_parameter_is_encoded(loads: Loads, value: str, encoded: str) -> None:
    http = loads(one(f"query: {{'k y': '{value}'}}")).checks[0].http
    assert http
    assert http.address == f"/x?a=1&k%20y={encoded}"


@pytest.mark.parametrize("key", ["headers", "query"])
@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("5", "found a number (not shown), expected a text"),
        ("[swordfish]", "found a list, expected a text"),
        (r'"a\nswordfish"', "found a text (not shown), expected a text on one line, without"),
        (
            "{}",
            "file: missing, but needed: the file; a newline at its end is no part of the secret",
        ),
        ("{fil: swordfish}", "fil: unknown key, did you mean 'file'?"),
        (
            "{file: gone}",
            (
                "file: found 'gone', expected a readable file with a secret in it: No such file or "
                "directory (looked up from FOLDER)"
            ),
        ),
        ("{file: lines}", "expected a text on one line, without control characters"),
    ],
)
def test_what_is_no_secret_is_refused_and_not_shown(
    refuses: Refuses, tmp_path: Path, key: str, written: str, said: str
) -> None:
    (tmp_path / "lines").write_text("swordfish\nswordfish\n")
    lines = refuses(one(f"{key}: {{X: {written}}}"))
    said = said.replace("FOLDER", str(tmp_path))
    assert any(
        line.startswith(
            (
                f"evidenced.yaml:3: checks[0] (a).http.{key}.X: {said}",
                f"evidenced.yaml:3: checks[0] (a).http.{key}.X.{said}",
            )
        )
        for line in lines
    )
    assert "swordfish" not in "".join(lines)


def test_a_changed_file_changes_the_check(loads: Loads, tmp_path: Path) -> None:
    text = one("headers: {X: {file: token}}")
    (tmp_path / "token").write_text("first")
    before = loads(text)
    (tmp_path / "token").write_text("second")
    assert loads(text).checks != before.checks
