"""The settings of kind `file`."""

from typing import ClassVar, Self

from pydantic import Field, model_validator

from evidenced.config.base import Section
from evidenced.config.expect import Condition, Count, SizeCount
from evidenced.config.files import FilePath
from evidenced.config.kinds.base import KindSettings
from evidenced.config.types import PositiveDuration


class FileExpect(Section):
    """Assertions on a file, or on the newest of those that a pattern names."""

    exists: bool = Field(default=True, description="Whether there must be such a file.")
    max_age: PositiveDuration | None = Field(
        default=None,
        description="How long ago it may have been modified. A time in the future is no age.",
    )
    size: SizeCount | None = Field(default=None, description="How large it must be.")
    content: Condition | None = Field(
        default=None,
        description="Conditions on its content as text (UTF-8), up to 1MiB. Of a larger file only "
        "`contains` and `matches` can be met, by what stands in its first 1MiB.",
    )
    count: Count | None = Field(
        default=None, description="How many files there must be; with `glob` only."
    )

    @model_validator(mode="after")
    def _absent_alone(self) -> Self:
        others = self.model_fields_set - {"exists"}
        if not self.exists and others:
            raise ValueError(f"found exists: false and {min(others)}, expected one of them")
        return self


class FileSettings(KindSettings):
    """One file of this host, or the files that a pattern names."""

    target_key: ClassVar[str | None] = "path"
    target_example: ClassVar[str] = "/srv/shop"

    path: FilePath | None = Field(
        default=None,
        description="The file, or folder. Relative paths begin at the folder of the configuration.",
    )
    glob: FilePath | None = Field(
        default=None,
        description="Instead of `path`, a pattern of paths such as `backups/*.tar`: `*`, `?` and "
        "`[…]` within a name, `**` for any folders. What is expected is expected of the newest.",
    )
    expect: FileExpect = Field(
        default=FileExpect(), description="What the file must be; there where nothing is said."
    )

    @model_validator(mode="after")
    def _one_name(self) -> Self:
        if (self.path is None) is (self.glob is None):
            raise ValueError("expected either path or glob")
        if self.path is not None and self.expect.count is not None:
            raise ValueError("found expect.count with path, expected glob instead of path")
        return self

    @property
    def target(self) -> str:
        """The path or pattern."""
        return str(self.path or self.glob)
