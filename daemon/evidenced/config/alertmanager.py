"""The settings of alerts that the daemon itself sends to Alertmanager, without a Prometheus."""

from typing import Annotated, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from evidenced.config.base import Section
from evidenced.config.http import BASE_PATTERN, BaseAddress, without_secrets
from evidenced.config.kinds.http_request import HttpAuth
from evidenced.config.labels import LabelName
from evidenced.config.tls import TlsSettings
from evidenced.config.types import PositiveDuration, listed, shown_duration, some

JOB = "evidenced"
"""The job of the daemon's series in the Prometheus configuration that comes with it."""


def _without_those_of_alerts(labels: dict[str, str]) -> dict[str, str]:
    for name in ("alertname", "severity", "claim", "section", "drill"):
        if name in labels:
            raise ValueError(f"found {name}, which each alert has of its own, expected others")
    return labels


def _each_once(urls: tuple[str, ...]) -> tuple[str, ...]:
    known = [without_secrets(url).rstrip("/") for url in urls]
    again = next((url for url in known if known.count(url) > 1), None)
    if again is not None:
        raise ValueError(f"found {again} twice, expected each instance once")
    return urls


class AlertmanagerSettings(Section):
    """Where alerts are sent by the daemon itself, for hosts that no Prometheus watches.

    The addresses alone may stand for the section.
    """

    urls: Annotated[
        tuple[BaseAddress, ...],
        BeforeValidator(
            listed,
            json_schema_input_type=Annotated[str, Field(pattern=BASE_PATTERN)] | list[BaseAddress],
        ),
        AfterValidator(some),
        AfterValidator(_each_once),
    ] = Field(
        repr=False,
        description="The addresses of Alertmanager, up to its path prefix. Each instance of a "
        "cluster is named and told on its own, as Prometheus does.",
    )
    labels: Annotated[dict[LabelName, str], AfterValidator(_without_those_of_alerts)] = Field(
        default={},
        description="Labels of the alerts. `job` (`evidenced` where it is not set) and `instance` "
        "(the address listened on) must be what Prometheus calls them where it sends the same "
        "alerts; all others are put on every alert, as its `external_labels` are.",
    )
    repeat: PositiveDuration = Field(
        default=30.0, description="The time after which what still fires is sent again."
    )
    expire: PositiveDuration = Field(
        default=300.0,
        description="How long Alertmanager holds an alert that is not sent again. A restart of the "
        "daemon within it neither resolves nor repeats a page.",
    )
    timeout: PositiveDuration = Field(default=10.0, description="The deadline of one request.")
    auth: HttpAuth | None = Field(default=None, description="Credentials to send.")
    tls: TlsSettings = Field(
        default=TlsSettings(),
        description="Which certificates are trusted, and for which name; which one is shown.",
    )

    @model_validator(mode="after")
    def _lasts_from_one_to_the_next(self) -> Self:
        if self.expire < 2 * self.repeat:
            found, least = shown_duration(self.expire), shown_duration(2 * self.repeat)
            raise ValueError(f"found an expire of {found}, expected at least twice repeat, {least}")
        return self

    @property
    def job(self) -> str:
        """The label `job` of every alert."""
        return self.labels.get("job", JOB)


def _section(value: object) -> object:
    """The addresses alone stand for the section."""
    return {"urls": value} if isinstance(value, str | list) else value


Alertmanager = Annotated[
    AlertmanagerSettings,
    BeforeValidator(
        _section,
        json_schema_input_type=AlertmanagerSettings
        | Annotated[str, Field(pattern=BASE_PATTERN)]
        | list[BaseAddress],
    ),
]
"""Alertmanager with all its settings, or its addresses alone."""
