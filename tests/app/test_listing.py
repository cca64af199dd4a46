import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from evidenced.app import loading
from evidenced.app.listing import discovered, listings, problems
from evidenced.app.loading import Loaded

Start = Callable[..., Loaded]

LEDGER = "## CLOSED\n\n## STABLE\n- **Cart**: the cart works\n"
BASE = "ledger: {path: STATE.md, base_url: 'http://127.0.0.1:9'}\n"
FOUND = "- {name: a, claims: [cart], discovery: {file: 'lists/*.json'}, http: {}}\n"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "STATE.md").write_text(LEDGER)
    (tmp_path / "lists").mkdir()
    path = tmp_path / "evidenced.yaml"
    path.write_text(f"{BASE}checks:\n{FOUND}- {{name: fixed, http: {{url: /}}}}\n")
    return path


def write(config: Path, name: str, *targets: str, **labels: str) -> Path:
    path = config.parent / "lists" / name
    path.write_text(json.dumps([{"targets": targets, "labels": labels}]))
    return path


def names(loaded: Loaded) -> list[str]:
    return [check.name for check in loaded.plan.checks]


def read_again(loaded: Loaded) -> Loaded:
    return loaded.with_listings(listings(loaded.templates, loaded.listings))


def test_targets_of_all_files_are_checks_from_the_start(config: Path) -> None:
    write(config, "one.json", "/x", "/y", team="front", __meta="gone")
    write(config, "two.json", "/z")
    loaded = loading.start(config)
    assert names(loaded) == ["fixed", "a:/x", "a:/y", "a:/z"]
    check = loaded.plan.checks[1]
    assert (check.target, check.labels) == ("http://127.0.0.1:9/x", {"team": "front"})
    assert check.claims == ("cart",)
    assert loaded.plan.silent == ()


def test_no_file_is_no_mistake_and_one_that_comes_is_read(config: Path) -> None:
    loaded = loading.start(config)
    assert names(loaded) == ["fixed"]
    assert list(problems(loaded.listings)) == []
    write(config, "one.json", "/x")
    again = read_again(loaded)
    assert names(again) == ["fixed", "a:/x"]
    (config.parent / "lists" / "one.json").unlink()
    assert names(read_again(again)) == ["fixed"]


def test_a_list_that_did_not_change_makes_no_new_plan(config: Path) -> None:
    write(config, "one.json", "/x")
    loaded = loading.start(config)
    assert read_again(loaded).plan is loaded.plan
    write(config, "one.json", "/x", team="front")
    assert read_again(loaded).plan is not loaded.plan


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[", "line 1: not readable as JSON: Expecting value"),
        ('[{"targets": ["http://u:swordfish@x:99999/"]}]', "found '…@x:99999/', expected an"),
        ('{"targets": ["/x"]}', "expected a list of groups with targets and labels"),
        (None, "cannot be read: Is a directory"),
    ],
)
def test_a_bad_list_is_one_line_and_the_old_one_stays(
    config: Path, content: str | None, said: str
) -> None:
    path = write(config, "one.json", "/x", "/y")
    write(config, "two.json", "/z")
    loaded = loading.start(config)
    if content is None:
        path.unlink()
        path.mkdir()
    else:
        path.write_text(content)
    write(config, "two.json", "/q")
    again = read_again(loaded)
    assert names(again) == ["fixed", "a:/x", "a:/y", "a:/q"]
    (line,) = problems(again.listings)
    assert line.startswith(f"{path}: no targets for a: {said}")
    assert "swordfish" not in line
    assert list(problems(read_again(again).listings)) == [line]


def test_a_list_is_good_again(config: Path) -> None:
    path = write(config, "one.json", "/x")
    loaded = loading.start(config)
    path.write_text("[")
    bad = read_again(loaded)
    write(config, "one.json", "/x")
    good = read_again(bad)
    assert list(problems(good.listings)) == []
    assert discovered(good.listings)[0] is discovered(loaded.listings)[0]


def test_the_old_list_outlives_a_reload_of_the_configuration(config: Path) -> None:
    path = write(config, "one.json", "/x")
    loaded = loading.start(config)
    path.write_text("[")
    config.write_text(config.read_text().replace("claims: [cart]", "interval: 5s"))
    again = loading.again(config, loaded)
    assert names(again) == ["fixed", "a:/x"]
    assert again.plan.checks[1].timing.interval == 5
    assert len(list(problems(again.listings))) == 1
    config.write_text(config.read_text().replace("http: {}", "tcp: {}"))
    assert names(loading.again(config, again)) == ["fixed"]


def test_what_did_not_change_is_the_same_check(config: Path) -> None:
    write(config, "one.json", "/x", "/y")
    loaded = loading.start(config)
    write(config, "one.json", "/y", "/z")
    before = {check.name: check for check in loaded.plan.checks}
    after = {check.name: check for check in read_again(loaded).plan.checks}
    assert sorted(after) == ["a:/y", "a:/z", "fixed"]
    assert after["a:/y"] is before["a:/y"]


def test_a_target_in_two_files_is_one_check(config: Path) -> None:
    write(config, "one.json", "/x", team="front")
    write(config, "two.json", "/x", team="front")
    assert names(loading.start(config)) == ["fixed", "a:/x"]
    write(config, "two.json", "/x", team="back")
    loaded = loading.start(config)
    assert names(loaded) == ["fixed", "a:/x"]
    assert loaded.plan.doubled == ("a:/x",)


def test_a_claim_that_is_not_there_is_told_once(config: Path) -> None:
    write(config, "one.json", "/x", "/y")
    config.write_text(config.read_text().replace("[cart]", "[crat]"))
    assert loading.start(config).plan.strays == (("a", "crat", "cart"),)


def test_ten_thousand_targets_are_planned_in_seconds(config: Path) -> None:
    targets = [f"https://10.{n >> 8}.{n & 255}.7/health" for n in range(10_000)]
    write(config, "one.json", *targets)
    began = time.process_time()
    loaded = loading.start(config)
    assert time.process_time() - began < 8
    assert len(loaded.plan.checks) == 10_001
    write(config, "one.json", *targets[1:])
    lists = listings(loaded.templates, loaded.listings)
    began = time.process_time()
    again = loaded.with_listings(lists)
    assert time.process_time() - began < 2
    assert len(again.plan.checks) == 10_000
