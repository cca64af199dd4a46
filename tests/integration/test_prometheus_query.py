"""The kind `prometheus` on the real one."""

from collections.abc import Callable
from typing import Any

from evidenced.config.kinds.prometheus import PrometheusSettings
from evidenced.probes import prometheus as kind
from evidenced.probes.attempt import Attempt, Outcome, Reason
from evidenced.probes.resources import Resources


async def test_queries_of_a_real_prometheus(start_prometheus: Callable[..., Any]) -> None:
    async with start_prometheus([], "500ms") as prometheus, Resources() as resources:

        async def ask(query: str, **expect: object) -> Attempt:
            settings = PrometheusSettings.model_validate(
                {"server": prometheus.url, "query": query, "expect": expect}
            )
            return await kind.probe(settings, 5.0, resources)

        good = await ask("vector(2) + 1", value=3)
        assert good.failure is None
        assert good.facts == {"status_code": 200, "samples": 1, "value": 3.0}
        assert (await ask("1 + 1.5", value={"gt": 2})).failure is None
        assert (await ask("1 / 0", value={"gt": 1e9})).failure is None
        several = 'label_replace(vector(1), "n", "a", "", "") or vector(2)'
        assert (await ask(several, value={"ge": 1, "length": 2})).failure is None
        assert (await ask("no_such_metric", value={"exists": False})).failure is None

        missing = await ask("no_such_metric")
        assert missing.failure
        assert missing.failure.detail == "expected value to exist, found nothing"
        one_of_two = await ask(several, value={"lt": 2})
        assert one_of_two.failure
        assert one_of_two.failure.detail.endswith("found 2.0 in 1 of 2")

        wrong = await ask("sum(1)")
        assert wrong.outcome is Outcome.FAILURE
        assert wrong.failure
        assert wrong.failure.reason is Reason.STATUS
        assert "answers 400 (bad_data)" in wrong.failure.detail
        ranges = await ask("vector(1)[5m:1m]")
        assert ranges.failure
        assert ranges.failure.detail == "the query gives ranges of values, expected values of now"
