"""What is examined: a configuration with what it leads to, and the places named beside it."""

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

from evidenced.app.loading import Loaded, start
from evidenced.config.load import ConfigError, read
from evidenced.config.model import Config
from evidenced.config.types import Secret
from evidenced.ledger.model import LedgerError
from evidenced.probes.resources import Resources
from evidenced.probes.threads import in_thread

READING = 5.0
"""Seconds in which configuration and ledger must be read."""


class Own(NamedTuple):
    """Where the daemon of the configuration is asked, what is shown there, whom its TLS trusts."""

    url: str
    token: Secret | None
    tls: ssl.SSLContext | None


@dataclass(frozen=True, slots=True)
class Places:
    """What is named on the command line; None where it is not."""

    prometheus: str | None = None
    grafana: str | None = None
    grafana_token: Secret | None = None
    unit: str = "evidenced.service"


@dataclass(frozen=True, slots=True)
class Subject:
    """All that an examination may look at; it changes nothing of it.

    `loaded` is None where the ledger cannot be used, and `ledger_error` then says why. `own` is
    None where nobody knows how the daemon would be asked.
    """

    path: Path
    config: Config
    loaded: Loaded | None
    ledger_error: str
    state: Path
    places: Places
    own: Own | None
    resources: Resources


Reach = Callable[[Config], Own | None]
"""How the daemon of a configuration is asked."""


async def read_subject(
    path: Path, state: Path, places: Places, reach: Reach, resources: Resources
) -> Subject:
    """Read configuration and ledger; raises ConfigError where the configuration is no good.

    That is also what is raised where reading takes too long, as it does on a disk that hangs.
    """
    try:
        async with asyncio.timeout(READING):
            config = (await in_thread(partial(read, path))).config
            own = await in_thread(partial(reach, config))
            loaded, error = await _loaded(path)
    except TimeoutError:
        raise ConfigError(f"{path}: reading took longer than {READING:g} s") from None
    return Subject(path, config, loaded, error, state, places, own, resources)


async def _loaded(path: Path) -> tuple[Loaded | None, str]:
    try:
        return await in_thread(partial(start, path)), ""
    except LedgerError as error:
        return None, str(error)
