"""When a job runs: cron's expressions, and the time zones that they are read in."""

from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError
from pydantic.json_schema import JsonSchemaValue

from evidenced.config.types import Compiled

_SOME_DAY: Final = datetime(2024, 1, 1, tzinfo=UTC)


class TimeZone(Compiled):
    """A time zone by its name in the IANA database; raises ValueError where there is none."""

    __slots__ = ("zone",)
    json_schema: JsonSchemaValue = {"examples": ["Europe/Athens"]}  # noqa: RUF012  never changed

    def __init__(self, source: str) -> None:
        super().__init__(source)
        try:
            self.zone = ZoneInfo(source)
        except (KeyError, ValueError, OSError):
            raise ValueError("expected the name of a time zone, such as Europe/Athens") from None


class Cron(Compiled):
    """The times of a cron expression, as Debian's cron has them: five fields, or six with seconds.

    Syntax: crontab(5), and `L` and `#` for the last and the n-th of a kind. Raises ValueError where
    it is no expression, or one of no time at all such as `0 0 30 2 *`.
    """

    __slots__ = ()
    json_schema: JsonSchemaValue = {"examples": ["30 3 * * *"]}  # noqa: RUF012  never changed

    def __init__(self, source: str) -> None:
        super().__init__(source)
        try:
            next(CronSim(source, _SOME_DAY))
        except CronSimError as error:
            wrong = str(error)[:1].lower() + str(error)[1:]
            raise ValueError(f"expected a cron expression such as '30 3 * * *': {wrong}") from None
        except StopIteration:
            raise ValueError("expected a cron expression that some time matches") from None

    def following(self, after: float, zone: TimeZone) -> float:
        """The first time of it later than `after`, in seconds since the epoch.

        Where the clocks are changed it is as with cron: a job in the hour that is left out runs
        right after it, and one in the hour that comes twice runs once.
        """
        return next(CronSim(self.source, datetime.fromtimestamp(after, zone.zone))).timestamp()
