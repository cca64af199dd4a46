from pathlib import Path
from typing import Any

import pytest

from evidenced.config.model import Config
from evidenced.config.report import ReportSettings


def report(**keys: object) -> ReportSettings:
    return ReportSettings.model_validate({"path": "/bakery/FACTS.md", **keys})


def test_a_path_is_enough() -> None:
    one = report()
    assert (one.schedule.source, one.zone.source, one.on_change) == ("0 7 * * *", "UTC", True)
    assert one.commit is None
    assert one.paths == {"markdown": Path("/bakery/FACTS.md")}


def test_the_formats_stand_beside_each_other() -> None:
    assert report(formats=["json", "markdown", "html"]).paths == {
        "json": Path("/bakery/FACTS.json"),
        "markdown": Path("/bakery/FACTS.md"),
        "html": Path("/bakery/FACTS.html"),
    }
    assert report(formats="html").paths == {"html": Path("/bakery/FACTS.html")}


def test_true_commits_as_by_default_and_false_not_at_all() -> None:
    committed = report(commit=True).commit
    assert committed is not None
    assert (committed.push, committed.message) == (False, "Production facts")
    assert report(commit=False).commit is None
    pushed = report(commit={"push": True, "branch": "main"}).commit
    assert pushed is not None
    assert (pushed.push, pushed.remote, pushed.branch) == (True, "origin", "main")


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"schedule": "at seven"}, "expected a cron expression"),
        ({"zone": "Bakery/Oven"}, "expected the name of a time zone"),
        ({"formats": []}, "expected at least one"),
        ({"formats": ["html", "html"]}, "found html twice"),
        ({"formats": "pdf"}, "'markdown', 'html' or 'json'"),
        ({"path": "/bakery/FACTS.html", "formats": ["markdown", "html"]}, "found FACTS.html for"),
        ({"commit": None}, "expected true, false or a mapping"),
        ({"commit": {"branch": "--force"}}, "expected a name such as main"),
        ({"commit": {"remote": "-u"}}, "expected a name such as main"),
        ({"commit": {"author": "a baker"}}, "expected NAME <ADDRESS>"),
        ({"commit": {"author": "a\nb <c@bakery.example>"}}, "expected NAME <ADDRESS>"),
        ({"commit": {"message": " \n"}}, "expected a message"),
        ({"commit": {"message": "a\0b"}}, "expected a message"),
        ({"commit": {"timeout": "0s"}}, "expected a duration longer than 0s"),
        ({"commit": {"amend": True}}, "commit.amend"),
    ],
    ids=str,
)
def test_what_is_wrong_is_said(keys: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match="validation error") as caught:
        report(**keys)
    assert said in str(caught.value)


@pytest.mark.parametrize("key", ["path", "next_path"])
def test_a_report_never_takes_the_place_of_the_ledger(key: str) -> None:
    ledger = {"path": "STATE.md", key: "/bakery/FACTS.md"}
    report = {"path": "/bakery/FACTS.md"}
    with pytest.raises(ValueError, match="as the ledger and as the report"):
        Config.model_validate({"ledger": ledger, "report": report})
