"""What an operator may write of the issue tracker."""

import pytest
from pydantic import ValidationError

from evidenced.config.tracker import TrackerSettings

WRITTEN = {"repository": "bakery/operations", "token": "swordfish"}


def test_little_is_enough() -> None:
    settings = TrackerSettings.model_validate(WRITTEN)
    assert (settings.forge, settings.home) == ("github", "https://github.com")
    assert settings.labels == ("evidenced",)
    assert "swordfish" not in repr(settings)
    one = TrackerSettings.model_validate({**WRITTEN, "labels": "a b", "sections": "closed"})
    assert (one.labels, one.sections) == (("a b",), ("closed",))


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ({"token": None}, "expected token or token_file"),
        ({"forge": "gitea"}, "expected base_url: gitea has no home of its own"),
        ({"repository": "a/b/c"}, "found a/b/c as repository, expected OWNER/NAME"),
        ({"repository": "bakery"}, "expected OWNER/NAME"),
        ({"labels": []}, "expected at least one"),
        ({"labels": ["a,b"]}, "expected a label, without commas"),
        ({"labels": ["x" * 51]}, "expected a label"),
        ({"assignees": ["@baker"]}, "expected the name of a user"),
        ({"sections": []}, "expected at least one"),
        ({"timeout": "2m"}, "found a timeout longer than 60s"),
        ({"template": {"title": "{{facts}}"}}, "found {{facts}}, expected one of claim, title"),
        ({"template": {"body": "{{token}}"}}, "found {{token}}, expected one of claim, title"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_is_wrong_is_said(written: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError) as caught:
        TrackerSettings.model_validate({**WRITTEN, **written})
    assert said in str(caught.value)
    assert "swordfish" not in str(caught.value)


def test_groups_are_for_gitlab() -> None:
    written = {**WRITTEN, "forge": "gitlab", "repository": "bakery/ovens/operations"}
    assert TrackerSettings.model_validate(written).home == "https://gitlab.com"
