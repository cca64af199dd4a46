from collections.abc import Callable


def test_how_each_alertmanager_was_told(
    series: Callable[..., dict[tuple[str, ...], float]],
) -> None:
    to = ("http://127.0.0.1:9093",)
    assert series("evidenced_alerts_sent_total", "alertmanager") == {to: 7}
    assert series("evidenced_alerts_failures_total", "alertmanager") == {to: 1}
