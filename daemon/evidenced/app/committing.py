"""The files of the report committed with git, and pushed: these, and nothing else.

`git commit --only` takes the files from the work tree, and leaves what else is staged as it is; it
holds the lock of the index meanwhile and checks that the branch is where it was, so that a commit
made by somebody else at the same time is neither lost nor undone (git-commit(1)).
"""

import asyncio
import fcntl
import hashlib
import os
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from evidenced.app.git import Done, git
from evidenced.config.report import CommitSettings
from evidenced.probes.attempt import one_line
from evidenced.workflow.report_text import lasting

LOCK = "evidenced-report.lock"
"""The file in the folder of the repository by which no two commits of reports are made at once."""

CLEANING = 10.0
"""Seconds in which what was begun is taken back."""

_UNDER_WAY: Mapping[str, str] = {
    "MERGE_HEAD": "a merge",
    "CHERRY_PICK_HEAD": "a cherry-pick",
    "REVERT_HEAD": "a revert",
    "rebase-merge": "a rebase",
    "rebase-apply": "a rebase",
    "sequencer": "a sequence of commits",
    "BISECT_LOG": "a bisection",
}

_BUSY = (b".lock'", b"cannot lock ref")
"""What git says where another git is at work: that passes."""

_CREDENTIALS = re.compile(r"//[^/@\s]*@")


class _LeaveError(Exception):
    """Nothing is to be committed or pushed now; the message says why."""


@dataclass(frozen=True, slots=True)
class Committed:
    """What came of it: the new commit (or ""), why there is none, and why it was not pushed.

    `refused` is the content that a hook, or git itself, would not take: it is not tried again.
    """

    commit: str = ""
    trouble: str = ""
    push_trouble: str = ""
    refused: str = ""


@dataclass(frozen=True, slots=True)
class _Place:
    """A repository with the files in it, by their paths from its top."""

    top: Path
    folder: Path
    common: Path
    names: tuple[str, ...]


async def commit_report(
    paths: Sequence[Path], settings: CommitSettings, refused: str = ""
) -> Committed:
    """Commit these files of one folder, where they say something new, and push where asked to.

    `refused` is the content that was refused last. Never raises for what git does or says; each of
    waiting for others, committing and pushing has the deadline of the settings.
    """
    try:
        async with asyncio.timeout(settings.timeout):
            place = await _place(paths)
        async with _locked(place, settings.timeout):
            done = await _commit(place, settings, refused)
            if settings.push and not (done.trouble or done.refused):
                done = replace(done, push_trouble=await _push(place, settings))
            return done
    except _LeaveError as reason:
        why = str(reason)
    except TimeoutError:
        why = "git, or another process that commits a report, takes too long"
    except OSError as error:
        why = f"git cannot be used: {error.strerror or type(error).__name__}"
    return Committed(trouble=why, refused=refused)


async def _place(paths: Sequence[Path]) -> _Place:
    real = [path.resolve() for path in paths]
    found = await git(
        real[0].parent,
        *("rev-parse", "--path-format=absolute"),
        *("--show-toplevel", "--absolute-git-dir", "--git-common-dir"),
    )
    if not found.ok:
        raise _LeaveError(f"no repository: {_said(found)}")
    try:
        top, folder, common = map(Path, found.text.split("\n"))
        names = tuple(path.relative_to(top.resolve()).as_posix() for path in real)
    except ValueError:
        raise _LeaveError("the files are not in the work tree of the repository") from None
    return _Place(top, folder, common, names)


@asynccontextmanager
async def _locked(place: _Place, patience: float) -> AsyncIterator[None]:
    handle = os.open(place.common / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        async with asyncio.timeout(patience):
            while True:
                with suppress(BlockingIOError):
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                await asyncio.sleep(0.05)
        yield
    finally:
        os.close(handle)


async def _commit(place: _Place, settings: CommitSettings, refused: str) -> Committed:
    async with asyncio.timeout(settings.timeout):
        await _ready(place, settings)
        here = await asyncio.to_thread(_contents, place)
        if await _known(place, here):
            return Committed()
        content = hashlib.sha256(b"\0".join(here)).hexdigest()
        if content == refused:
            return Committed(refused=refused)
    return await _made(place, settings, content)


async def _ready(place: _Place, settings: CommitSettings) -> None:
    """See that a commit may be made; raises _LeaveError."""
    for name, what in _UNDER_WAY.items():
        if (place.folder / name).exists():
            raise _LeaveError(f"{what} is under way")
    branch = await _branch(place)
    if settings.branch is not None and branch != settings.branch:
        raise _LeaveError(f"the branch {one_line(branch)} is checked out, not {settings.branch}")


async def _branch(place: _Place) -> str:
    found = await git(place.top, "symbolic-ref", "--quiet", "--short", "HEAD")
    if not found.ok:
        raise _LeaveError("no branch is checked out")
    return found.text


def _contents(place: _Place) -> list[bytes]:
    return [lasting((place.top / name).read_bytes()) for name in place.names]


async def _known(place: _Place, here: Sequence[bytes]) -> bool:
    """Whether the last commit has it all already, but for when it was made."""
    for name, content in zip(place.names, here, strict=True):
        kept = await git(place.top, "cat-file", "blob", f"HEAD:{name}")
        if not kept.ok or lasting(kept.stdout) != content:
            return False
    return True


async def _made(place: _Place, settings: CommitSettings, content: str) -> Committed:
    added = await _added(place)
    taken = False
    try:
        async with asyncio.timeout(settings.timeout):
            done = await git(
                place.top,
                *("commit", "--quiet", "--only", f"--message={settings.message}"),
                *("--", *place.names),
                extra=_author(settings),
            )
            taken = done.ok
            if not done.ok:
                busy = any(sign in done.stderr for sign in _BUSY)
                trouble = f"git refused it: {_said(done)}"
                return Committed(trouble=trouble, refused="" if busy else content)
            return Committed(commit=(await git(place.top, "rev-parse", "HEAD")).text)
    except TimeoutError:
        trouble = f"it took longer than {settings.timeout:g} s"
        return Committed(trouble=trouble, refused=content)
    finally:
        if added and not taken:
            await _taken_back(place, added)


async def _added(place: _Place) -> tuple[str, ...]:
    """Let git know of the files that it does not have yet; these are named."""
    async with asyncio.timeout(CLEANING):
        known = await git(place.top, "ls-files", "-z", "--", *place.names)
        new = tuple(name for name in place.names if name not in known.text.split("\0"))
        if new:
            done = await git(place.top, "add", "--intent-to-add", "--force", "--", *new)
            if not done.ok:
                raise _LeaveError(f"git refused it: {_said(done)}")
        return new


async def _taken_back(place: _Place, added: Sequence[str]) -> None:
    with suppress(TimeoutError, OSError):
        async with asyncio.timeout(CLEANING):
            await git(place.top, "update-index", "--force-remove", "--", *added)


async def _push(place: _Place, settings: CommitSettings) -> str:
    """Push what is not pushed yet, if it is all of reports; why it was not, or ""."""
    try:
        async with asyncio.timeout(settings.timeout):
            branch = await _branch(place)
            head = (await git(place.top, "rev-parse", "HEAD")).text
            there = f"refs/remotes/{settings.remote}/{branch}"
            if not (await git(place.top, "rev-parse", "--verify", "--quiet", there)).ok:
                return f"{settings.remote} has no branch {branch} that is known: push it by hand"
            if foreign := await _foreign(place, f"{there}..{head}"):
                return f"commits that are not of the report are not pushed yet: {foreign}"
            if not await _ahead(place, f"{there}..{head}"):
                return ""
            done = await git(
                place.top,
                *("push", "--quiet", "--no-follow-tags", "--recurse-submodules=no"),
                *("--", settings.remote, f"{head}:refs/heads/{branch}"),
            )
            return "" if done.ok else _said(done)
    except TimeoutError:
        return f"it took longer than {settings.timeout:g} s"
    except _LeaveError as why:
        return str(why)


async def _ahead(place: _Place, span: str) -> bool:
    return (await git(place.top, "rev-list", "--count", span)).text != "0"


async def _foreign(place: _Place, span: str) -> str:
    """A file of the commits in this span that is not the report's, or "": they are not ours."""
    log = await git(place.top, "log", "-z", "-m", "--format=", "--name-only", span)
    if not log.ok:
        return _said(log)
    names = (name.strip("\n") for name in log.text.split("\0"))
    return one_line(next((name for name in names if name and name not in place.names), ""))


def _author(settings: CommitSettings) -> Mapping[str, str]:
    if settings.author is None:
        return {}
    name, _, address = settings.author.removesuffix(">").rpartition(" <")
    return {
        f"GIT_{who}_{what}": value
        for who in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", name), ("EMAIL", address))
    }


def _said(done: Done) -> str:
    """What git said, on one line and without credentials."""
    text = (done.stderr or done.stdout).decode("utf-8", "replace")
    return one_line(_CREDENTIALS.sub("//", text)) or f"exit status {done.status}"
