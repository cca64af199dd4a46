from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from evidenced.config.cron import Cron, TimeZone
from evidenced.config.kinds.push import PushSettings


def at(text: str, zone: str = "Europe/Athens") -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()


@pytest.mark.parametrize(
    ("cron", "after", "following"),
    [
        pytest.param("30 3 * * *", "2026-11-25 03:29:59", "2026-11-25 03:30:00", id="soon"),
        pytest.param("30 3 * * *", "2026-11-25 03:30:00", "2026-11-26 03:30:00", id="not itself"),
        pytest.param("30 3 * * *", "2026-11-25 03:30:00.5", "2026-11-26 03:30:00", id="a part of"),
        pytest.param("0 6 * * MON-FRI", "2026-11-27 07:00", "2026-11-30 06:00", id="a weekend"),
        pytest.param("30 3 * * *", "2027-03-27 04:00", "2027-03-28 04:00", id="the hour left out"),
        pytest.param("30 3 * * *", "2026-10-24 04:00", "2026-10-25 03:30", id="the hour twice"),
        pytest.param("0 0 L * *", "2027-02-03 00:00", "2027-02-28 00:00", id="the last of a month"),
    ],
)
def test_the_time_that_follows(cron: str, after: str, following: str) -> None:
    assert Cron(cron).following(at(after), TimeZone("Europe/Athens")) == at(following)


@pytest.mark.parametrize("cron", ["", "* * * *", "60 * * * *", "0 0 30 2 *", "@daily", "a b c d e"])
def test_what_is_no_expression(cron: str) -> None:
    with pytest.raises(ValueError, match="expected a cron expression"):
        Cron(cron)


@pytest.mark.parametrize("zone", ["", "Athens", "Europe", "../../etc/passwd", "/etc/localtime"])
def test_what_is_no_time_zone(zone: str) -> None:
    with pytest.raises(ValueError, match="expected the name of a time zone"):
        TimeZone(zone)


def test_when_a_push_is_due() -> None:
    assert PushSettings.model_validate({"every": "1h", "grace": "5m"}).due(1000.0) == 4600.0
    nightly = {"cron": "30 3 * * *", "time_zone": "Europe/Athens"}
    due = PushSettings.model_validate(nightly).due(at("2026-11-25 12:00"))
    assert due == at("2026-11-26 03:30")


def test_settings_that_know_their_check_equal_those_that_do_not() -> None:
    settings = PushSettings.model_validate({"every": "1h"})
    named = settings.named("backup")
    assert (named.target, named.name) == ("/api/v1/push/backup", "backup")
    assert settings.name == ""
    assert named == settings
