import pytest
from pydantic import ValidationError

from evidenced.config.claims import ClaimSettings
from evidenced.config.ledger import LedgerSettings
from evidenced.config.model import Config
from evidenced.config.rulefile import RuleFile


@pytest.mark.parametrize(
    "selector",
    ['job="evidenced"', 'job=~"evidenced-.*",env!="test"', 'job="a", instance!~"b|c"'],
)
def test_label_matchers_are_a_selector(selector: str) -> None:
    assert RuleFile(selector=selector).selector == selector


@pytest.mark.parametrize(
    "selector",
    [
        "",
        "evidenced",
        '{job="a"}',
        'job="a",',
        'job="a" env="b"',
        'job="`"',
        'job="a\\""',
        "job='a'",
    ],
)
def test_anything_else_is_not(selector: str) -> None:
    with pytest.raises(ValidationError, match="expected label matchers"):
        RuleFile(selector=selector)


@pytest.mark.parametrize("url", ["/runbooks", "wiki.example", "ftp://wiki.example/", "https://"])
def test_a_link_is_an_absolute_address(url: str) -> None:
    for key in ("runbook_url", "dashboard_url"):
        with pytest.raises(ValidationError, match="expected an address"):
            RuleFile.model_validate({key: url})


@pytest.mark.parametrize("url", ["https://wiki.example/{{ .Value }}/", "https://wiki.example#{{"])
def test_a_link_has_nothing_that_a_template_would_expand(url: str) -> None:
    for key in ("runbook_url", "dashboard_url"):
        with pytest.raises(ValidationError, match=r"expected an address without \{\{, which"):
            RuleFile.model_validate({key: url})
    with pytest.raises(ValidationError, match=r"expected an address without \{\{, which"):
        ClaimSettings.model_validate({"runbook_url": url})
    ledger = LedgerSettings.model_validate({"path": "STATE.md"})
    with pytest.raises(ValidationError, match=r"expected an address without \{\{, which"):
        Config.model_validate({"ledger": ledger, "external_url": "https://wiki.example/{{a}}/"})


def test_a_brace_alone_is_no_template() -> None:
    url = "https://wiki.example/{a}/}}"
    assert RuleFile.model_validate({"runbook_url": url}).runbook_url == url


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"certificate": {"warning": "1d", "critical": "2d"}}, "expected at most warning"),
        ({"bridge": "2m", "down": "2m"}, "expected bridge to be longer than down"),
        ({"quorum": 0}, "greater than or equal to 1"),
        ({"slow_share": 1.5}, "less than or equal to 1"),
    ],
)
def test_what_cannot_be_is_refused(settings: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        RuleFile.model_validate(settings)


def test_an_external_url_is_absolute() -> None:
    ledger = LedgerSettings.model_validate({"path": "STATE.md"})
    url = "https://evidence.rad.example/x"
    assert Config.model_validate({"ledger": ledger, "external_url": url}).external_url == url
    with pytest.raises(ValidationError, match="expected an absolute address"):
        Config.model_validate({"ledger": ledger, "external_url": "evidence.rad.example"})
