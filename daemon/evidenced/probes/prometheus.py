"""The look at a Prometheus: one instant query, and what its value must be."""

from collections.abc import Mapping

from evidenced.config.kinds.prometheus import PrometheusSettings
from evidenced.config.types import format_duration
from evidenced.probes.attempt import Attempt, Judgement, Reason
from evidenced.probes.excerpt import credentials_in, without
from evidenced.probes.expectations.compare import compare_all
from evidenced.probes.jsonapi import ApiLook, Reply, at
from evidenced.probes.look import LookError
from evidenced.probes.request import authorization
from evidenced.probes.resources import Resources


async def probe(settings: PrometheusSettings, timeout: float, resources: Resources) -> Attempt:
    """Take one look by a PromQL query; see `Probe` for what holds for all kinds.

    It is the HTTP API of Prometheus that is asked: "Instant queries" and "Expression query result
    formats" in its documentation. Facts: `status_code`, `samples` (how many the query gives, 1 for
    a plain number), `value` (where there is one sample). The phases are those of HTTP.
    """
    return await _PrometheusLook(settings, timeout, resources).take(timeout)


class _PrometheusLook(ApiLook):
    def __init__(self, settings: PrometheusSettings, timeout: float, resources: Resources) -> None:
        super().__init__(settings.server, settings.tls, resources, settings.expect.latency)
        self._settings = settings
        self._timeout = timeout
        self._told: frozenset[str] = frozenset()

    async def run(self) -> None:
        """Ask, read, judge."""
        settings = self._settings
        # Prometheus then gives up as well when nobody waits any more.
        query = {"query": settings.query, "timeout": format_duration(self._timeout)}
        headers = {name: value.reveal() for name, value in settings.headers.items()}
        credentials = authorization(settings.auth, self.address.credentials)
        if credentials:
            headers.setdefault("Authorization", credentials)
        self._told = credentials_in(headers)
        reply = await self.get(self.under("/api/v1/query", query), headers)
        self.course.end()
        self.facts["status_code"] = reply.status
        values = self._values(reply)
        self.facts["samples"] = len(values)
        if len(values) == 1:
            self.facts["value"] = values[0]
        self.judgements.append(_judge(self._settings, values))

    def _values(self, reply: Reply) -> list[float]:
        """The values of an answer; raises LookError where it has none to give."""
        peer, kind = self.peer.peer, reply.at("data", "resultType")
        if reply.status != 200 or reply.at("status") != "success":
            said = without(self._told, _error(reply))
            raise LookError(Reason.STATUS, f"{peer} answers {reply.status}{said}")
        result = reply.at("data", "result")
        if kind == "matrix":
            detail = "the query gives ranges of values, expected values of now"
            raise LookError(Reason.BODY, detail, "value")
        if kind == "scalar":
            result = [{"value": result}]
        if kind not in {"vector", "scalar"} or not isinstance(result, list):
            raise LookError(
                Reason.PROTOCOL, f"{peer} answers with something that is no query's result"
            )
        try:
            return [_value(sample) for sample in result]
        except (TypeError, ValueError, IndexError):
            detail = f"{peer} answers with samples that are no numbers"
            raise LookError(Reason.PROTOCOL, detail, "value") from None


def _judge(settings: PrometheusSettings, values: list[float]) -> Judgement:
    verdict = compare_all(values, settings.expect.value)
    found = verdict.found.removesuffix(" in 1 of 1")
    return Judgement("value", verdict.met, f"value {verdict.expected}", found, Reason.BODY)


def _value(sample: object) -> float:
    """The value of a sample: `{"value": [time, "1.5"]}`, as text because JSON knows no NaN."""
    pair = at(sample, "value")
    if not isinstance(pair, list):
        raise TypeError
    return float(str(pair[1]))


def _error(reply: Reply) -> str:
    """What Prometheus says is wrong; of an answer that is none of Prometheus' nothing is shown."""
    if not isinstance(reply.document, Mapping) or reply.at("status") != "error":
        return "" if reply.status != 200 else " with something that is no query's result"
    kind, message = reply.at("errorType"), reply.at("error")
    return f" ({kind}): {message}" if isinstance(kind, str) and isinstance(message, str) else ""
