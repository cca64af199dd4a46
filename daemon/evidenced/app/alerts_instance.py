"""One Alertmanager: what it was told, and telling it again."""

import asyncio
import json
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlencode

import structlog
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, wait_random_exponential

from evidenced.app.alerts_request import UndeliveredError, asked
from evidenced.config.alertmanager import AlertmanagerSettings
from evidenced.config.http import without_secrets
from evidenced.evidence.repeats import Repeats
from evidenced.probes.resources import Resources
from evidenced.publish.alerts_body import PATH, asking_for, ends_of, posted
from evidenced.publish.alerts_model import Firing, Labels
from evidenced.publish.metrics_alerts import Delivered

AT_ONCE = 256
"""The most alerts of one request."""

FIRST_WAIT = 0.5
"""Seconds at most before the second try; each further one may wait twice as long."""

LEAVING = 1.5
"""Repeats after which an alert that is over is asked for: by then, whoever else still has it fire
has sent it again, be it somewhat late."""

SAME = 0.01
"""Seconds by which two ends of an alert may differ and be the same: times are sent to the
millisecond."""


@dataclass(frozen=True, slots=True)
class _Told:
    """An alert as it was told: when it ends (seconds since the epoch), when it was (monotonic)."""

    alert: Firing
    ends: float
    at: float


class Instance:
    """Tells one Alertmanager what fires: at once when it changes, and again before it expires.

    What is over is not ended at once, for another daemon, or a Prometheus, may still have the same
    alert fire, and its page would come twice. It is no longer sent; a repeat later Alertmanager is
    asked, and only where nobody else has sent it since it is ended.

    `settings` are those in force (None: nobody is to be told), `firing` what fires now, and `link`
    where more is to be seen of an alert.
    """

    def __init__(
        self,
        url: str,
        settings: Callable[[], AlertmanagerSettings | None],
        firing: Callable[[], Mapping[Labels, Firing]],
        link: Callable[[Firing], str | None],
        resources: Resources,
    ) -> None:
        self._url = url.rstrip("/") + PATH
        self._settings = settings
        self._firing = firing
        self._link = link
        self._resources = resources
        self._shown = without_secrets(url)
        self._log = structlog.get_logger().bind(alertmanager=self._shown)
        self._changed = asyncio.Event()
        self._told: dict[Labels, _Told] = {}
        self._repeats = Repeats()
        self._alerts = self._failures = 0

    @property
    def delivered(self) -> Delivered:
        """How telling went so far."""
        return Delivered(self._shown, self._alerts, self._failures)

    def changed(self) -> None:
        """See that something else fires."""
        self._changed.set()

    async def run(self) -> None:
        """Tell until cancelled; while that fails, again and again, with growing waits."""
        while (settings := self._settings()) is not None:
            self._changed.clear()
            await AsyncRetrying(
                retry=retry_if_exception_type(UndeliveredError),
                wait=wait_random_exponential(multiplier=FIRST_WAIT, max=settings.repeat / 2),
                before_sleep=self._failed,
            )(self._tell)
            self._recovered()
            # Not wait_for: in Python 3.11 it loses a cancellation that comes with the event.
            with suppress(TimeoutError):
                async with asyncio.timeout(self._left(settings.repeat)):
                    await self._changed.wait()

    def _left(self, repeat: float) -> float | None:
        """Seconds until something is to be sent again or ended; None where nothing is."""
        firing = self._firing()
        due = [
            told.at + (repeat if labels in firing else LEAVING * repeat)
            for labels, told in self._told.items()
        ]
        return max(0.0, min(due) - time.monotonic()) if due else None

    async def _tell(self) -> None:
        """Send what is new, different or due, and end what is over; raises UndeliveredError."""
        settings = self._settings()
        if settings is None:
            return
        firing, now = self._firing(), time.monotonic()
        # What is due soon goes along, so that all keep one beat.
        due = [
            alert
            for labels, alert in firing.items()
            if (told := self._told.get(labels)) is None
            or told.alert != alert
            or now - told.at >= settings.repeat / 2
        ]
        await self._send(due, time.time() + settings.expire, settings)
        over = [
            told
            for labels, told in self._told.items()
            if labels not in firing and now - told.at >= LEAVING * settings.repeat
        ]
        if over:
            await self._end(over, settings)

    async def _send(
        self, alerts: Sequence[Firing], ends: float, settings: AlertmanagerSettings
    ) -> None:
        for first in range(0, len(alerts), AT_ONCE):
            batch = alerts[first : first + AT_ONCE]
            at = time.monotonic()
            bodies = [posted(alert, ends, self._link(alert)) for alert in batch]
            await asked(self._url, settings, self._resources, json.dumps(bodies).encode())
            self._alerts += len(batch)
            self._told |= {alert.labels: _Told(alert, ends, at) for alert in batch}

    async def _end(self, over: Sequence[_Told], settings: AlertmanagerSettings) -> None:
        """End what nobody else has sent since; that is left to whoever did."""
        query = urlencode(asking_for(told.alert for told in over))
        answer = await asked(f"{self._url}?{query}", settings, self._resources)
        try:
            ends = ends_of(json.loads(answer))
        except ValueError as error:
            raise UndeliveredError(str(error)) from None
        ours = [
            told.alert for told in over if ends.get(told.alert.labels, -SAME) - told.ends <= SAME
        ]
        await self._send(ours, time.time(), settings)
        for told in over:
            self._told.pop(told.alert.labels, None)

    def _failed(self, state: RetryCallState) -> None:
        """Count a failure, and log those of an outage summed up."""
        self._failures += 1
        error = state.outcome.exception() if state.outcome else None
        self._repeats.trouble(None, self._log.warning, "alerts are not taken", reason=str(error))

    def _recovered(self) -> None:
        self._repeats.over(None, self._log.info, "alerts are taken again")
