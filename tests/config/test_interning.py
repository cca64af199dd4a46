import json
from pathlib import Path

from evidenced.config.check import CheckSettings
from evidenced.config.interning import Interner
from evidenced.config.load import load


def check(**said: object) -> CheckSettings:
    return CheckSettings.model_validate({"name": "cart", "http": {"url": "/cart", **said}})


def test_equal_sections_are_one_and_still_equal() -> None:
    intern = Interner().of
    first, second = intern(check()), intern(check(expect={"latency": "3s"}))
    assert first == check()
    assert second == check(expect={"latency": "3s"})
    assert first.http is not None
    assert second.http is not None
    assert first.http.tls is second.http.tls


def test_what_differs_stays_apart() -> None:
    intern = Interner().of
    said: list[dict[str, object]] = [
        {},
        {"follow_redirects": True},
        {"follow_redirects": 1},
        {"headers": {"X-Till": "1"}},
        {"headers": {"X-Till": "2"}},
        {"expect": {"json": {"$.tills": {"eq": [1]}}}},
        {"expect": {"json": {"$.tills": {"eq": [True]}}}},
        {"expect": {"json": {"$.tills": 1}}},
        {"expect": {"json": {"$.tills": 1.0}}},
    ]
    made = [intern(check(**one)) for one in said]
    for one, settings in zip(said, made, strict=True):
        assert settings == check(**one)
        assert [other == settings for other in made].count(True) == 1


def test_the_checks_of_all_files_of_a_load_share_their_sections(tmp_path: Path) -> None:
    cart = {"name": "cart", "http": {"url": "http://shop.example/cart", "tls": {"verify": False}}}
    other = {"name": "till", "http": {"url": "http://shop.example/till", "tls": {"verify": False}}}
    main = {"ledger": {"path": "STATE.md"}, "include": "more.yaml", "checks": [cart]}
    (tmp_path / "evidenced.yaml").write_text(json.dumps(main), "utf-8")
    (tmp_path / "more.yaml").write_text(json.dumps({"checks": [other]}), "utf-8")
    first, second = load(tmp_path / "evidenced.yaml").checks
    assert first.http is not None
    assert second.http is not None
    assert first.http.tls is second.http.tls
