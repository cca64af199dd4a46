"""The report committed by the real git, in repositories of its own."""

import asyncio
import os
import time
from pathlib import Path

import pytest

from app.repositories import Repository, run_git
from evidenced.app.committing import Committed, commit_report
from evidenced.config.report import CommitSettings


async def test_a_new_report_and_a_changed_one_are_committed(repository: Repository) -> None:
    repository.write("all is well")
    first = await repository.commit()
    assert first == Committed(commit=repository.git("rev-parse", "HEAD"))
    repository.write("the oven is cold")
    assert (await repository.commit()).commit
    assert repository.log == ["Facts", "Facts", "First"]
    assert repository.git("status", "--porcelain") == ""
    assert repository.git("show", "HEAD:FACTS.md").endswith("the oven is cold")


async def test_when_it_was_made_alone_is_no_change(repository: Repository) -> None:
    repository.write("all is well")
    await repository.commit()
    repository.write("all is well", made="at eight")
    assert await repository.commit() == Committed()
    assert repository.log == ["Facts", "First"]
    assert "at eight" in repository.report.read_text()


async def test_what_else_is_staged_or_changed_stays_as_it_is(repository: Repository) -> None:
    (repository.top / "recipe.md").write_text("wheat\n")
    (repository.top / "new.md").write_text("spelt\n")
    repository.git("add", "recipe.md", "new.md")
    (repository.top / "recipe.md").write_text("oats\n")
    (repository.top / "loose.md").write_text("barley\n")
    before = repository.git("status", "--porcelain"), repository.git("diff", "--cached")
    repository.write("all is well")
    assert (await repository.commit()).commit
    assert (repository.git("status", "--porcelain"), repository.git("diff", "--cached")) == before
    assert repository.git("show", "--name-only", "--format=", "HEAD") == "FACTS.md"
    assert (repository.top / "recipe.md").read_text() == "oats\n"


async def test_several_files_in_a_folder_with_odd_names_are_one_commit(
    repository: Repository,
) -> None:
    folder = repository.top / "ops" / ":(top)*"
    folder.mkdir(parents=True)
    (repository.top / "ops" / "other.md").write_text("mine\n")
    paths = [folder / "FACTS [1] ü.md", folder / "FACTS [1] ü.html"]
    for path in paths:
        repository.write("all is well", path=path)
    assert (await repository.commit(*paths)).commit
    names = repository.git("show", "-z", "--name-only", "--format=", "HEAD").strip("\0").split("\0")
    assert sorted(names) == sorted(p.relative_to(repository.top).as_posix() for p in paths)
    assert repository.git("status", "--porcelain") == "?? ops/other.md"


async def test_an_ignored_report_is_committed_all_the_same(repository: Repository) -> None:
    (repository.top / ".gitignore").write_text("FACTS.*\n")
    repository.write("all is well")
    assert (await repository.commit()).commit


async def test_a_linked_work_tree_and_a_linked_report_are_committed_where_they_lie(
    repository: Repository, tmp_path: Path
) -> None:
    repository.git("worktree", "add", "-q", "-b", "facts", str(tmp_path / "facts"))
    real = tmp_path / "facts" / "FACTS.md"
    repository.write("all is well", path=real)
    repository.report.symlink_to(real)
    done = await repository.commit(branch="facts")
    assert done.commit == repository.git("rev-parse", "facts")
    assert repository.log == ["First"]


@pytest.mark.usefixtures("someone")
async def test_it_begins_a_history_where_there_is_none(tmp_path: Path) -> None:
    top = tmp_path / "empty"
    top.mkdir()
    run_git(top, "init", "-q", "-b", "main")
    report = top / "FACTS.md"
    report.write_text("x\n")
    done = await commit_report([report], CommitSettings())
    assert (bool(done.commit), done.trouble) == (True, "")


async def test_author_and_committer_are_those_of_the_settings(repository: Repository) -> None:
    repository.write("all is well")
    await repository.commit(author="The Oven <oven@bakery.example>", message="-m # *facts*")
    found = repository.git("log", "-1", "--format=%an <%ae> %cn <%ce> %s")
    assert found == ("The Oven <oven@bakery.example> The Oven <oven@bakery.example> -m # *facts*")


async def test_without_an_identity_git_refuses_and_says_why(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.delenv(f"GIT_{who}_NAME")
        monkeypatch.delenv(f"GIT_{who}_EMAIL")
    repository.git("config", "user.useConfigOnly", "true")
    repository.write("all is well")
    done = await repository.commit()
    assert done.refused
    assert "git refused it" in done.trouble
    assert repository.git("status", "--porcelain") == "?? FACTS.md"


async def test_what_a_hook_refused_is_not_tried_again(repository: Repository) -> None:
    repository.hook(
        "pre-commit", 'echo run >> "$(git rev-parse --git-dir)/runs"; echo burnt; exit 1'
    )
    runs = repository.top / ".git" / "runs"
    repository.write("all is well")
    first = await repository.commit()
    assert (first.commit, first.trouble) == ("", "git refused it: burnt")
    assert repository.git("status", "--porcelain") == "?? FACTS.md"
    repository.write("all is well", made="at eight")
    assert await repository.commit(refused=first.refused) == Committed(refused=first.refused)
    assert runs.read_text() == "run\n"
    repository.write("the oven is cold")
    other = await repository.commit(refused=first.refused)
    assert (runs.read_text(), other.refused == first.refused) == ("run\nrun\n", False)
    repository.hook("pre-commit", "exit 0")
    repository.write("the oven is hot")
    done = await repository.commit(refused=other.refused)
    assert (bool(done.commit), done.refused) == (True, "")


async def test_a_hook_that_hangs_is_ended_with_what_it_started(repository: Repository) -> None:
    pid = repository.top / ".git" / "pid"
    repository.hook("pre-commit", f"sleep 600 & echo $! > {pid}; wait")
    repository.write("all is well")
    began = time.monotonic()
    done = await repository.commit(timeout="4s")
    assert time.monotonic() - began < 30
    assert (done.commit, done.trouble) == ("", "it took longer than 4 s")
    assert done.refused
    assert not _alive(int(pid.read_text()))
    assert not (repository.top / ".git" / "index.lock").exists()
    assert repository.git("status", "--porcelain") == "?? FACTS.md"


def _alive(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] not in "ZX"


async def test_a_hook_that_leaves_something_running_is_not_waited_for(
    repository: Repository,
) -> None:
    pid = repository.top / ".git" / "pid"
    repository.hook("pre-commit", f"sleep 600 & echo $! > {pid}")
    repository.write("all is well")
    try:
        assert (await repository.commit(timeout="10s")).commit
    finally:
        os.kill(int(pid.read_text()), 9)


def _diverge(repository: Repository) -> None:
    repository.git("switch", "-q", "-c", "other")
    (repository.top / "recipe.md").write_text("wheat\n")
    repository.git("commit", "-q", "-am", "Wheat")
    repository.git("switch", "-q", "main")
    (repository.top / "recipe.md").write_text("oats\n")
    repository.git("commit", "-q", "-am", "Oats")


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["merge", "other"], "a merge is under way"),
        (["rebase", "other"], "a rebase is under way"),
        (["cherry-pick", "other"], "a cherry-pick is under way"),
        (["revert", "--no-commit", "HEAD"], "a revert is under way"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
async def test_what_is_under_way_is_left_alone(
    repository: Repository, command: list[str], said: str
) -> None:
    _diverge(repository)
    run_git(repository.top, *command, check=False)
    before = repository.git("status", "--porcelain"), repository.log
    repository.write("all is well")
    assert await repository.commit() == Committed(trouble=said)
    assert repository.log == before[1]
    assert repository.git("status", "--porcelain") == f"{before[0]}\n?? FACTS.md"


async def test_another_branch_or_none_is_left_alone(repository: Repository) -> None:
    repository.write("all is well")
    repository.git("switch", "-q", "-c", "other")
    done = await repository.commit(branch="main")
    assert done.trouble == "the branch other is checked out, not main"
    repository.git("switch", "-q", "--detach")
    assert (await repository.commit()).trouble == "no branch is checked out"
    assert repository.log == ["First"]


async def test_a_lock_of_another_git_is_waited_out_by_the_next_report(
    repository: Repository,
) -> None:
    lock = repository.top / ".git" / "index.lock"
    lock.touch()
    repository.write("all is well")
    done = await repository.commit()
    assert "index.lock" in done.trouble
    assert done.refused == ""
    lock.unlink()
    assert (await repository.commit(refused=done.refused)).commit


async def test_no_repository_and_no_git_are_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = tmp_path / "FACTS.md"
    report.write_text("x\n")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    done = await commit_report([report], CommitSettings())
    assert done.trouble.startswith("no repository: fatal: not a git repository")
    monkeypatch.setenv("PATH", str(tmp_path))
    done = await commit_report([report], CommitSettings())
    assert done.trouble == "git cannot be used: No such file or directory"


async def test_variables_of_a_hook_do_not_lead_to_another_repository(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Repository(tmp_path / "other")
    monkeypatch.setenv("GIT_DIR", str(other.top / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other.top / ".git" / "index"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other.top))
    repository.write("all is well")
    done = await repository.commit()
    for name in ("GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"):
        monkeypatch.delenv(name)
    assert done.commit == repository.git("rev-parse", "HEAD")
    assert other.log == ["First"]


async def test_the_loop_goes_on_while_git_is_slow(repository: Repository) -> None:
    gate = repository.top / ".git" / "gate"
    repository.hook("pre-commit", f'while [ ! -e "{gate}" ]; do sleep 0.05; done')
    repository.write("all is well")
    task = asyncio.create_task(repository.commit())
    turns = 0
    while turns < 50:
        await asyncio.sleep(0.005)
        turns += 1
    assert not task.done()
    gate.touch()
    assert (await task).commit


async def test_when_the_daemon_stops_git_leaves_no_lock(repository: Repository) -> None:
    begun = repository.top / ".git" / "begun"
    repository.hook("pre-commit", f'touch "{begun}"; sleep 600')
    repository.write("all is well")
    task = asyncio.create_task(repository.commit())
    async with asyncio.timeout(30):
        while not begun.exists():
            await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not (repository.top / ".git" / "index.lock").exists()
    assert repository.log == ["First"]
