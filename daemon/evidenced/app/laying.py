"""Lay files on a host so that they can be taken away again: those that were laid, and no others.

A manifest on the host has each file that was laid with the hash of what was written. A file that
is another by now was edited by somebody, and stays; so does one that was there before. The daemon
cannot write to the manifest, which root goes by.
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from evidenced.app.installing import SHARE, File

MANIFEST = f"{SHARE}/installed.json"
_VERSION = 1
_MODE = 0o644
_FOLDER_MODE = 0o755


class ManifestError(ValueError):
    """The manifest cannot be read: nobody knows what was laid."""


class Deed(StrEnum):
    """What is done with a file."""

    LAY = "lay"
    UPDATE = "update"
    REMOVE = "remove"
    SAME = "same"
    """It is as it should be."""

    EDITED = "edited"
    """It was laid, and changed since: it stays as it is."""

    FOREIGN = "foreign"
    """It was there before: it stays as it is."""


@dataclass(frozen=True, slots=True)
class Step:
    """One file, by its path below the root, and what is done with it."""

    deed: Deed
    path: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What was laid: the SHA-256 of each file by its path, and the folders made for them."""

    files: dict[str, str] = field(default_factory=dict)
    folders: tuple[str, ...] = ()


def read_manifest(root: Path) -> Manifest:
    """What was laid below `root`; nothing where there is no manifest. Raises ManifestError."""
    path = root / MANIFEST
    try:
        read = json.loads(path.read_bytes())
        if read["version"] != _VERSION:
            raise ManifestError(f"{path}: of version {read['version']}, which is newer")
        return Manifest(dict(read["files"]), tuple(read["folders"]))
    except FileNotFoundError:
        return Manifest()
    except (KeyError, TypeError, ValueError) as error:
        raise ManifestError(f"{path}: {error}") from None


def planned(root: Path, files: Iterable[File]) -> tuple[Step, ...]:
    """What `lay` would do with each file. Raises ManifestError and OSError."""
    before = read_manifest(root)
    return tuple(Step(_deed(root, file, before), file.path) for file in files)


def lay(root: Path, files: Iterable[File]) -> tuple[Step, ...]:
    """Lay the files below `root`, and say what was done. Raises ManifestError and OSError."""
    wanted = {file.path: file for file in files}
    before = read_manifest(root)
    steps = planned(root, wanted.values())
    ours = [step.path for step in steps if step.deed in (Deed.LAY, Deed.UPDATE)]
    missing = {folder for path in (*ours, MANIFEST) for folder in _missing(root, path)}
    folders = missing | set(before.folders)
    hashes = before.files | {path: _digest(wanted[path].content) for path in ours}
    # Before the files: where it ends halfway, each file that is there can be taken away.
    root.mkdir(parents=True, exist_ok=True)
    for folder in sorted(missing, key=len):
        (root / folder).mkdir()
        (root / folder).chmod(_FOLDER_MODE)
    _keep(root, Manifest(hashes, tuple(sorted(folders))))
    for path in ours:
        _write(root / path, wanted[path].content)
    return steps


def to_take_away(root: Path) -> tuple[Step, ...]:
    """What `take_away` would do with each file that was laid. Raises ManifestError and OSError."""
    found = []
    for path, laid in sorted(read_manifest(root).files.items()):
        now = _now(root / path)
        if now is not None:
            found.append(Step(Deed.REMOVE if now == laid else Deed.EDITED, path))
    return tuple(found)


def take_away(root: Path) -> tuple[Step, ...]:
    """Remove what was laid and not edited, and folders that are empty then; say what was done.

    Raises ManifestError and OSError.
    """
    manifest = read_manifest(root)
    steps = to_take_away(root)
    for step in steps:
        if step.deed is Deed.REMOVE:
            (root / step.path).unlink()
    (root / MANIFEST).unlink(missing_ok=True)
    for path in sorted(manifest.folders, key=len, reverse=True):
        folder = root / path
        if folder.is_dir() and not folder.is_symlink() and not any(folder.iterdir()):
            folder.rmdir()
    return steps


def _deed(root: Path, file: File, before: Manifest) -> Deed:
    now = _now(root / file.path)
    if now is None:
        return Deed.LAY
    laid = before.files.get(file.path)
    if now == _digest(file.content):
        return Deed.SAME
    if laid is None:
        return Deed.FOREIGN
    return Deed.UPDATE if now == laid else Deed.EDITED


def _now(path: Path) -> str | None:
    """The hash of what is there, "" for what is no plain file, None for nothing."""
    if path.is_symlink() or (path.exists() and not path.is_file()):
        return ""
    return _digest(path.read_bytes()) if path.exists() else None


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _missing(root: Path, path: str) -> Iterator[str]:
    for folder in Path(path).parents:
        if folder != Path() and not (root / folder).exists():
            yield str(folder)


def _keep(root: Path, manifest: Manifest) -> None:
    text = json.dumps(
        {"version": _VERSION, "files": manifest.files, "folders": manifest.folders}, indent=2
    )
    _write(root / MANIFEST, f"{text}\n".encode())


def _write(path: Path, content: bytes) -> None:
    """Write a file as a whole: whoever reads it meanwhile sees the one before, or none."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    new = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            os.fchmod(handle, _MODE)
        new.replace(path)
    except OSError:
        new.unlink(missing_ok=True)
        raise
