from pathlib import Path

import pytest

from evidenced.app import loading
from evidenced.config.load import ConfigError
from evidenced.ledger.model import LedgerError

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
