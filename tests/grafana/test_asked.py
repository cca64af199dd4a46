"""What the other tests take a dashboard apart with."""

import pytest

from grafana.asked import Asked, substituted
from grafana.promql import Selector, bare_words, selectors

SUM = 'sum by (le) (rate(runs_total{job=~"$job", path="a}b"}[5m])) / on (x) up{y!="z"} > vector(1)'


def test_selectors_are_found_with_what_is_around_them() -> None:
    runs = frozenset({'job=~"$job"', 'path="a}b"'})
    assert list(selectors(SUM)) == [
        Selector("runs_total", runs, "[5m]", "rate"),
        Selector("up", frozenset({'y!="z"'}), "", ""),
    ]


def test_words_outside_of_selectors_are_found() -> None:
    assert bare_words(SUM) == {"sum", "rate", "vector"}
    assert bare_words('sum(up) / up{x="1"}') == {"sum", "up"}


def test_variables_are_substituted() -> None:
    found = substituted('rate(a{job=~"$job"}[$__rate_interval]) offset $__interval', {"job": ".+"})
    assert found == 'rate(a{job=~".+"}[6s]) offset 1s'
    with pytest.raises(KeyError):
        substituted('a{b="$c"}', {})


@pytest.mark.parametrize(
    ("answer", "lacks"),
    [
        pytest.param([], "no data", id="nothing"),
        pytest.param([{"a": "1", "b": "2"}, {"a": "3"}], "", id="all there"),
        pytest.param([{"a": "1", "b": "2"}, {"a": ""}], "a series without ['a']", id="empty"),
        pytest.param([{"a": "1"}], "no series with ['b']", id="none"),
    ],
)
def test_what_lacks_is_told(answer: list[dict[str, str]], lacks: str) -> None:
    asked = Asked("here", "x", True, each=frozenset("a"), some=frozenset("b"))
    assert asked.lacks(list(answer)) == lacks
