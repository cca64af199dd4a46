"""The files that a configuration is made of, and what they were when they were read."""

import glob
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

SUFFIXES = (".yaml", ".yml")
"""How the files of an included folder end."""

_HERE = (0, 0, 0)

Mark = tuple[int, int, int] | None
"""What a file is known by: time of change, size and inode; None where it is not there."""


def mark(file: Path) -> Mark:
    """The mark of a file, to be taken before it is read: what changes later then differs."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


@dataclass(frozen=True, slots=True)
class Include:
    """One entry of `include`: an absolute path of a folder or a file, or a pattern of files."""

    entry: Path

    @property
    def folder(self) -> Path:
        """The folder that must be there: the one named, or the one above the first wildcard."""
        if not glob.has_magic(str(self.entry)):
            return self.entry if self.entry.is_dir() else self.entry.parent
        fixed = self.entry
        while glob.has_magic(str(fixed)):
            fixed = fixed.parent
        return fixed

    def files(self) -> list[Path]:
        """The files that it stands for now, sorted; raises OSError where its folder is not there.

        A file that is named, and not matched, is given whether it is there or not.
        """
        if glob.has_magic(str(self.entry)):
            self.folder.stat()
            matched = sorted(glob.glob(str(self.entry)))  # noqa: PTH207  an absolute pattern
            return [path for path in map(Path, matched) if path.is_file()]
        if not self.entry.is_dir():
            self.entry.stat()
            return [self.entry]
        return sorted(
            path
            for path in self.entry.iterdir()
            if path.suffix in SUFFIXES and not path.name.startswith(".") and path.is_file()
        )


@dataclass(slots=True)
class Sources:
    """What a configuration is read from, noted while it is, so that it is known of a bad one too.

    `marks` are those of the files noted, each taken before the file was read; `beside` are those
    of these files that neither are the configuration nor were included by it.
    """

    path: Path
    includes: tuple[Include, ...] = ()
    marks: dict[Path, Mark] = field(default_factory=dict)
    beside: tuple[Path, ...] = ()

    def note(self, file: Path) -> None:
        """Note a file that is about to be read."""
        self.marks[file] = mark(file)

    def note_beside(self, file: Path) -> None:
        """Note a file that the configuration names, and that is about to be read."""
        self.note(file)
        self.beside = (*self.beside, file)

    def note_folder(self, folder: Path) -> None:
        """Note a folder that is about to be looked into, whether it is there."""
        self.marks[folder] = _there(folder)

    def watched(self) -> tuple[Path, ...]:
        """Paths in the folders to watch: the files there are, and any in the folders included."""
        places = tuple(include.folder / "*" for include in self.includes)
        return (self.path, *self.marks, *places)

    def outdated(self) -> bool:
        """Whether anything changed, came or went since. Blocks on the file system."""
        return self.marks != self._now()

    def _now(self) -> Mapping[Path, Mark]:
        now = {file: mark(file) for file in (self.path, *self.beside)}
        for include in self.includes:
            now[include.folder] = _there(include.folder)
            try:
                now.update((file, mark(file)) for file in include.files())
            except OSError:
                continue
        return now


def _there(folder: Path) -> Mark:
    return _HERE if folder.is_dir() else None
