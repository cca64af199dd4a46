from pathlib import Path

import pytest

from evidenced.app import loading
from evidenced.config.load import ConfigError
from evidenced.ledger.model import LedgerError, Section
from evidenced.watch.sharing import WHOLE

LEDGER = """\
## CLOSED
- **Old**: fixed for good (Closed: 2026-01-02)

## STABLE
- **Cart**: /cart returns 200
- **Login**: /login returns 200
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "STATE.md").write_text(LEDGER)
    path = tmp_path / "evidenced.yaml"
    path.write_text(
        "ledger: {path: STATE.md, base_url: 'http://127.0.0.1:9', derive: true}\n"
        "tokens: {admin_file: token}\n"
    )
    (tmp_path / "token").write_text("secret\n")
    return path


def test_all_is_read_at_the_start(config: Path) -> None:
    loaded = loading.start(config)
    assert [check.name for check in loaded.plan.checks] == ["cart", "login"]
    assert loaded.config.tokens.admin is not None
    assert loaded.config.tokens.admin.reveal() == "secret"
    assert loaded.problems == ()


def test_next_comes_from_the_file_beside(config: Path) -> None:
    text = config.read_text().replace("path: STATE.md,", "path: STATE.md, next_path: NEXT.md,")
    config.write_text(text)
    with pytest.raises(LedgerError, match=r"NEXT\.md"):
        loading.start(config)
    beside = config.parent / "NEXT.md"
    beside.write_text("## NEXT\n- **Gifts**: soon\n")
    loaded = loading.start(config)
    assert beside in loaded.watched
    assert not loaded.outdated()
    assert [item.title for item in loaded.ledger.sections[Section.NEXT]] == ["Gifts"]
    beside.write_text("## NEXT\n- **Gifts**: soon\n- **Wraps**: later\n")
    assert loaded.outdated()
    loaded = loading.again(config, loaded)
    assert [item.title for item in loaded.ledger.sections[Section.NEXT]] == ["Gifts", "Wraps"]
    beside.unlink()
    loaded = loading.again(config, loaded)
    assert (loaded.reading.ledger_readable, len(loaded.problems)) == (False, 1)
    assert len(loaded.ledger.sections[Section.NEXT]) == 2


@pytest.mark.parametrize(
    ("ledger", "said"),
    [
        (None, "STATE.md"),
        ("", "empty"),
        ("# nothing\n\nof a ledger\n", "CLOSED"),
    ],
)
def test_there_is_no_start_without_a_ledger(ledger: str | None, said: str, config: Path) -> None:
    file = config.parent / "STATE.md"
    file.unlink() if ledger is None else file.write_text(ledger)
    with pytest.raises(LedgerError, match=said):
        loading.start(config)


def test_there_is_no_start_without_a_configuration(config: Path) -> None:
    config.write_text("ledger: {}\n")
    with pytest.raises(ConfigError):
        loading.start(config)


def test_a_check_that_a_reload_leaves_as_it_was_is_the_same_object(config: Path) -> None:
    good = config.read_text()
    before = loading.start(config)
    config.write_text(f"{good}checks: [{{name: tea, http: {{url: 'http://127.0.0.1:9/tea'}}}}]\n")
    more = loading.again(config, before)
    config.write_text(
        f"{good}checks:\n- name: tea\n  http: {{url: 'http://127.0.0.1:9/tea'}}\n"
        "- {name: till, http: {url: 'http://127.0.0.1:9/till'}}\n"
    )
    most = loading.again(config, more)
    assert most.config.checks[0] is more.config.checks[0]
    assert [check.name for check in most.plan.checks] == ["tea", "till", "cart", "login"]
    for check in more.plan.checks:
        assert next(one for one in most.plan.checks if one.name == check.name) is check


def test_a_bad_configuration_leaves_the_good_one_and_still_reads_the_ledger(config: Path) -> None:
    before = loading.start(config)
    config.write_text("nonsense: true\n")
    ledger = config.parent / "STATE.md"
    ledger.write_text(LEDGER + "- **Tea**: /tea returns 200\n")
    after = loading.again(config, before)
    assert after.config == before.config
    assert not after.reading.config_loaded
    assert after.reading.config_loaded_at == before.reading.config_loaded_at
    assert "tea" in {check.name for check in after.plan.checks}
    assert any("nonsense" in problem for problem in after.problems)


def test_a_lost_token_is_a_problem_like_any_other(config: Path) -> None:
    before = loading.start(config)
    (config.parent / "token").unlink()
    after = loading.again(config, before)
    assert not after.reading.config_loaded
    assert after.config.tokens == before.config.tokens
    assert any("token" in problem for problem in after.problems)


def test_a_ledger_that_lost_most_claims_is_not_believed(config: Path) -> None:
    before = loading.start(config)
    (config.parent / "STATE.md").write_text("## CLOSED\n## STABLE\n- **Cart**: /cart returns 200\n")
    after = loading.again(config, before)
    assert after.ledger == before.ledger
    assert (after.reading.ledger_readable, after.reading.ledger_believed) == (True, False)
    assert after.reading.config_loaded
    (problem,) = after.problems
    assert problem.startswith(f"{config.parent / 'STATE.md'}: ")


def test_a_ledger_that_is_trusted_is_taken_over_whatever_it_lost(config: Path) -> None:
    before = loading.start(config)
    (config.parent / "STATE.md").write_text("## STABLE\n- **Tea**: /tea returns 200\n")
    after = loading.again(config, before, trusting=True)
    assert [claim.id for claim in after.ledger.claims] == ["tea"]
    assert after.problems == ()
    assert after.earlier is before.ledger
    (config.parent / "STATE.md").write_text("# nothing\n")
    lost = loading.again(config, after, trusting=True)
    assert lost.ledger is after.ledger
    assert not lost.reading.ledger_believed


def broken(loaded: loading.Loaded) -> set[str]:
    return {violation.rule for violation in loaded.linted.violations}


def test_the_rules_are_held_against_the_file_as_it_is(config: Path) -> None:
    ledger = config.parent / "STATE.md"
    first = loading.start(config)
    assert broken(first) == {"closed-without-evidence"}
    assert "stable-without-check" in first.linted.judged
    ledger.write_text(LEDGER.replace("**Cart**", "**Basket**") + "- **Tea**: hot\n## Ideas\n")
    second = loading.again(config, first)
    more = {"claim-renamed", "stable-without-check", "unknown-section"}
    assert broken(second) == broken(first) | more
    # Read again without a change, the claim is still the one that went last.
    third = loading.again(config, second)
    assert broken(third) == broken(second)
    ledger.write_text("## 2026-02-21 — Tea\n## 2026-02-20 — Milk\n")
    turned = loading.again(config, third)
    assert {"layout-drift", "claim-renamed"} <= broken(turned)
    assert "stable-without-check" not in turned.linted.judged
    assert turned.ledger is third.ledger
    ledger.unlink()
    assert loading.again(config, turned).linted == turned.linted


def test_a_journal_is_read_where_the_configuration_says_so(config: Path) -> None:
    (config.parent / "STATE.md").write_text("## 2026-02-21 — Tea\n**Status**: done\n")
    with pytest.raises(LedgerError, match=r"it looks like ledger\.layout: journal"):
        loading.start(config)
    config.write_text("ledger: {path: STATE.md, layout: journal}\n")
    assert [claim.id for claim in loading.start(config).ledger.claims] == ["tea"]


def test_what_is_good_again_is_taken_over(config: Path) -> None:
    before = loading.start(config)
    ledger = config.parent / "STATE.md"
    ledger.write_text("")
    lost = loading.again(config, before)
    assert not lost.reading.ledger_readable
    ledger.write_text(LEDGER.replace("/cart", "/basket"))
    found = loading.again(config, lost)
    assert found.reading.ledger_readable
    assert found.plan.checks[0].target == "http://127.0.0.1:9/basket"


def test_which_shard_it_is_stays_while_the_number_of_them_may_change(config: Path) -> None:
    text = config.read_text()
    config.write_text(f"{text}shard: {{index: 1, count: 2}}\n")
    before = loading.start(config)
    assert (before.share.index, before.share.count) == (1, 2)
    config.write_text(f"{text}shard: {{index: 3, count: 4}}\n")
    after = loading.again(config, before)
    assert (after.share.index, after.share.count) == (1, 4)
    config.write_text(f"{text}shard: {{index: 1, count: 1}}\n")
    leaving = loading.again(config, after)
    assert (leaving.share.index, leaving.share.count) == (1, 2), "it keeps its part until it ends"
    config.write_text(text)
    assert loading.again(config, leaving).share.count == 2
    alone = loading.start(config)
    assert alone.share is WHOLE
    config.write_text(f"{text}shard: {{index: 1, count: 2}}\n")
    assert loading.again(config, alone).share is WHOLE
