import pytest

from replay.firing import Firing
from replay.judge import Bound, judge
from replay.scenario import Scenario

BOUNDS = {"seeds": Bound(120.0, 60.0)}
SCENARIO = Scenario.model_validate(
    {
        "title": "it",
        "why": "it",
        "lasts": "30m",
        "pages": [{"alert": "Gone", "about": "seeds", "since": "5m", "until": "20m"}],
        "never": ["Noise"],
    }
)


def _fired(began: float, ended: float | None, name: str = "Gone", how: str = "critical") -> Firing:
    return Firing(name, "seeds", how, began, ended)


def test_a_page_in_time_is_all_that_is_asked_for() -> None:
    score = judge(SCENARIO, [_fired(435, 1275), _fired(0, None, "Ticket", "warning")], BOUNDS)
    assert (score.expected, score.found, score.false, score.wrong) == (1, 1, (), ())
    assert score.waits == ((135.0, 135.0),)


@pytest.mark.parametrize(
    ("fired", "wrong"),
    [
        pytest.param([], ["Gone(seeds) did not fire"], id="missed"),
        pytest.param(
            [_fired(435, 1275, how="warning")], ["Gone(seeds) did not fire"], id="wakes nobody"
        ),
        pytest.param(
            [_fired(450, 1275)],
            ["Gone(seeds) fired from 450 s to 1275 s, expected by 435 s"],
            id="late",
        ),
        pytest.param(
            [_fired(435, 900)],
            ["Gone(seeds) fired from 435 s to 900 s, expected to be resolved after 1200 s"],
            id="an all-clear in the outage",
        ),
        pytest.param(
            [_fired(435, None)],
            ["Gone(seeds) fired from 435 s to the end, expected to be resolved after 1200 s"],
            id="never resolved",
        ),
        pytest.param(
            [_fired(435, 1290)],
            ["Gone(seeds) fired from 435 s to 1290 s, expected to be resolved by 1275 s"],
            id="resolved late",
        ),
        pytest.param(
            [_fired(435, 1275), _fired(1500, 1515)],
            ["Gone(seeds) fired from 1500 s to 1515 s is a false page"],
            id="a second page",
        ),
        pytest.param(
            [_fired(435, 1275), _fired(285, 300)],
            ["Gone(seeds) fired from 285 s to 300 s is a false page"],
            id="a page before anything broke",
        ),
        pytest.param(
            [_fired(435, 1275), _fired(60, 75, "Noise", "info")],
            ["Noise(seeds) fired from 60 s to 75 s, which must not be"],
            id="what must never fire",
        ),
    ],
)
def test_what_is_wrong_is_said(fired: list[Firing], wrong: list[str]) -> None:
    assert list(judge(SCENARIO, fired, BOUNDS).wrong) == wrong


def test_a_page_that_must_last_to_the_end_must_not_be_resolved() -> None:
    pages = [page.model_copy(update={"until": None}) for page in SCENARIO.pages]
    scenario = SCENARIO.model_copy(update={"pages": pages})
    assert judge(scenario, [_fired(435, None)], BOUNDS).wrong == ()
    assert judge(scenario, [_fired(435, 1700)], BOUNDS).wrong == (
        "Gone(seeds) fired from 435 s to 1700 s, expected to fire to the end",
    )


def test_what_comes_and_goes_may_begin_as_often_as_is_said() -> None:
    pages = [page.model_copy(update={"starts": 2}) for page in SCENARIO.pages]
    scenario = SCENARIO.model_copy(update={"pages": pages})
    twice = [_fired(330, 360), _fired(600, 1230)]
    assert judge(scenario, twice, BOUNDS).wrong == ()
    assert len(judge(scenario, [*twice, _fired(1500, 1530)], BOUNDS).false) == 1
