import pytest

from evidenced.publish.alerts_body import asking_for, ends_of, posted, written
from evidenced.publish.alerts_model import Firing

START = 1_800_000_000.0
LABELS = frozenset({("alertname", "EvidencedBrakes"), ("claim", "brakes")})
ALERT = Firing(LABELS, {"summary": "Brakes squeal."}, START)


def test_an_alert_in_the_form_of_the_api() -> None:
    assert posted(ALERT, START + 300, "https://rad.example/claims/brakes") == {
        "labels": {"alertname": "EvidencedBrakes", "claim": "brakes"},
        "annotations": {"summary": "Brakes squeal."},
        "startsAt": "2027-01-15T08:00:00.000Z",
        "endsAt": "2027-01-15T08:05:00.000Z",
        "generatorURL": "https://rad.example/claims/brakes",
    }
    assert "generatorURL" not in posted(ALERT, START, None)


def test_it_does_not_end_before_it_starts() -> None:
    body = posted(ALERT, START - 1, None)
    assert body["startsAt"] == body["endsAt"] == "2027-01-15T07:59:59.000Z"


@pytest.mark.parametrize(
    ("at", "text"),
    [(0.0, "1970-01-01T00:00:00.000Z"), (START + 0.1239, "2027-01-15T08:00:00.123Z")],
)
def test_a_time(at: float, text: str) -> None:
    assert written(at) == text


def test_ends_are_read_by_labels() -> None:
    answer = [
        {
            "labels": {"alertname": "EvidencedBrakes", "claim": "brakes"},
            "endsAt": "2027-01-15T08:05:00.250Z",
            "fingerprint": "0",
        },
        {"labels": {}, "endsAt": "2027-01-15T10:00:00.000+02:00"},
    ]
    assert ends_of(answer) == {LABELS: START + 300.25, frozenset(): START}


@pytest.mark.parametrize(
    "answer",
    [
        None,
        {},
        "no",
        [1],
        [{}],
        [{"labels": [], "endsAt": "2027-01-15T08:05:00Z"}],
        [{"labels": {}, "endsAt": 5}],
        [{"labels": {}, "endsAt": "tomorrow"}],
    ],
)
def test_what_is_no_such_answer(answer: object) -> None:
    with pytest.raises(ValueError, match=r"answered with|Invalid isoformat"):
        ends_of(answer)


def test_only_alerts_of_these_names_are_asked_for() -> None:
    other = Firing(frozenset({("alertname", "EvidencedBells")}), {}, START)
    assert asking_for([ALERT, other, ALERT]) == [
        ("filter", 'alertname=~"EvidencedBells|EvidencedBrakes"')
    ]
