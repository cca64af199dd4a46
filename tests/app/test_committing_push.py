"""What was committed is pushed by the real git, to a bare repository."""

import subprocess
import sys
from pathlib import Path

from app.repositories import Repository
from evidenced.app.committing import Committed


async def test_a_commit_is_pushed(repository: Repository, remote: Path) -> None:
    repository.git("tag", "-a", "-m", "mine", "v1")
    repository.write("all is well")
    done = await repository.commit(push=True)
    assert (bool(done.commit), done.push_trouble) == (True, "")
    assert repository.git("rev-parse", "main", folder=remote) == done.commit
    assert repository.git("tag", folder=remote) == ""


async def test_what_could_not_be_pushed_is_pushed_with_the_next_report(
    repository: Repository, remote: Path
) -> None:
    away = remote.rename(remote.with_name("away.git"))
    repository.write("all is well")
    done = await repository.commit(push=True)
    assert done.commit
    assert "does not appear to be a git repository" in done.push_trouble
    away.rename(remote)
    repository.write("all is well", made="at eight")
    assert await repository.commit(push=True) == Committed()
    assert repository.git("rev-parse", "main", folder=remote) == done.commit


async def test_a_remote_that_went_on_is_not_overwritten(
    repository: Repository, remote: Path, tmp_path: Path
) -> None:
    repository.git("clone", "-q", str(remote), str(tmp_path / "clone"))
    clone = tmp_path / "clone"
    repository.git("commit", "-q", "--allow-empty", "-m", "Theirs", folder=clone)
    repository.git("push", "-q", folder=clone)
    repository.write("all is well")
    done = await repository.commit(push=True)
    assert done.commit
    assert "rejected" in done.push_trouble
    assert repository.git("log", "-1", "--format=%s", "main", folder=remote) == "Theirs"


async def test_commits_of_others_are_not_pushed(repository: Repository, remote: Path) -> None:
    (repository.top / "recipe.md").write_text("wheat\n")
    repository.git("commit", "-q", "-am", "Not ready")
    repository.write("all is well")
    done = await repository.commit(push=True)
    assert done.commit
    said = "commits that are not of the report are not pushed yet: recipe.md"
    assert done.push_trouble == said
    assert repository.git("log", "-1", "--format=%s", "main", folder=remote) == "First"


async def test_a_branch_that_the_remote_does_not_have_is_not_made_there(
    repository: Repository, remote: Path
) -> None:
    repository.git("switch", "-q", "-c", "mine")
    repository.write("all is well")
    done = await repository.commit(push=True)
    assert done.push_trouble == "origin has no branch mine that is known: push it by hand"
    assert repository.git("branch", "--list", "mine", folder=remote) == ""


async def test_a_push_that_hangs_is_ended(repository: Repository, remote: Path) -> None:
    repository.hook("pre-push", "sleep 600")
    repository.write("all is well")
    done = await repository.commit(push=True, timeout="4s")
    assert (bool(done.commit), done.push_trouble) == (True, "it took longer than 4 s")


async def test_credentials_of_an_address_are_not_told(repository: Repository, remote: Path) -> None:
    repository.git("remote", "set-url", "origin", "https://oven:swordfish@127.0.0.1:9/bread.git")
    repository.write("all is well")
    done = await repository.commit(push=True)
    assert "127.0.0.1:9/bread.git" in done.push_trouble
    assert "swordfish" not in done.push_trouble


async def test_nobody_is_asked_for_a_password(
    repository: Repository, remote: Path, tmp_path: Path
) -> None:
    script = "import sys; sys.exit(open('/dev/tty').read())"
    repository.hook("pre-push", f'"{sys.executable}" -c "{script}"')
    repository.write("all is well")
    done = await repository.commit(push=True)
    assert "No such device" in done.push_trouble or "/dev/tty" in done.push_trouble


WRITER = """
import asyncio, sys
from pathlib import Path
from evidenced.app.committing import commit_report
from evidenced.config.report import CommitSettings

async def main(path, times):
    for n in range(times):
        path.write_text(f"Made {n}\\n\\n{path.name} {n}\\n")
        done = await commit_report([path], CommitSettings(push=True))
        if not done.commit or done.push_trouble:
            sys.exit(repr(done))

asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
"""


def test_several_daemons_at_once_lose_nothing(repository: Repository, remote: Path) -> None:
    (repository.top / "recipe.md").write_text("wheat\n")
    repository.git("add", "recipe.md")
    names = [f"FACTS-{n}.md" for n in range(3)]
    command = [sys.executable, "-c", WRITER]
    writers = [
        subprocess.Popen([*command, str(repository.top / name), "3"], stderr=subprocess.PIPE)
        for name in names
    ]
    said = [writer.communicate(timeout=120)[1] for writer in writers]
    assert [writer.returncode for writer in writers] == [0, 0, 0], said
    assert len(repository.log) == 10
    for name in names:
        assert len(repository.git("log", "--format=%h", "--", name).split("\n")) == 3
        assert repository.git("show", f"HEAD:{name}").endswith(f"{name} 2")
    assert repository.git("status", "--porcelain") == "M  recipe.md"
    repository.git("fsck", "--strict")
    assert repository.git("rev-parse", "main", folder=remote) == repository.git("rev-parse", "HEAD")
