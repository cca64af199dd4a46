"""The blackbox.yml of one daemon: read at its start and again when it changes, for `/probe`."""

from dataclasses import replace
from pathlib import Path

from evidenced.app.loading import Loaded
from evidenced.config.blackbox.load import load_blackbox
from evidenced.config.blackbox.model import Blackbox
from evidenced.config.model import Config
from evidenced.config.problem import ConfigError
from evidenced.config.sources import Mark, mark
from evidenced.publish.blackbox.guard import Guard, configured
from evidenced.publish.blackbox.handler import Settings
from evidenced.watch.plan import Plan


class BlackboxFile:
    """The modules in force: those of the last good reading.

    `given` is a file that stands in for the one of the configuration.
    """

    def __init__(self, given: Path | None) -> None:
        self._given = given
        self._read: Path | None = None
        self._mark: Mark = None
        self._found = Blackbox()
        self._guard: tuple[Config, Plan, Guard] | None = None

    def read(self, config: Config) -> None:
        """Read the file; raises ConfigError, with the last good one still in force. Blocks."""
        self._read = self._given or config.blackbox
        self._mark = mark(self._read) if self._read else None
        self._found = load_blackbox(self._read) if self._read else Blackbox()

    def again(self, loaded: Loaded, before: Loaded) -> Loaded:
        """Read the file again, for what was loaded after `before`. Blocks.

        What is wrong with it becomes a problem of the configuration.
        """
        try:
            self.read(loaded.config)
        except ConfigError as error:
            at = before.reading.config_loaded_at
            return replace(
                loaded,
                reading=replace(loaded.reading, config_loaded=False, config_loaded_at=at),
                problems=(*loaded.problems, *str(error).splitlines()),
            )
        return loaded

    def outdated(self) -> bool:
        """Whether the file changed since it was read. Blocks."""
        return self._read is not None and self._mark != mark(self._read)

    @property
    def watched(self) -> tuple[Path, ...]:
        """The files of which a change matters."""
        return (self._read,) if self._read else ()

    def settings(self, config: Config, plan: Plan) -> Settings:
        """What `/probe` answers from, by this configuration and this plan."""
        if self._guard is None or self._guard[0] is not config or self._guard[1] is not plan:
            targets = configured(check.settings for check in plan.checks)
            self._guard = config, plan, Guard(config.probe.allow, targets)
        return Settings(self._found.modules, self._guard[2], config.probe.timeout_offset)
