"""The wheel, installed elsewhere, has all that the checkout has."""

import subprocess
import zipfile
from pathlib import Path

import yaml

import evidenced
from evidenced.app.installing import PROGRAM, host_files

from .conftest import PROJECT

FOLDERS = ("config", "grafana/dashboards", "grafana/provisioning", "systemd")
DATA = [path for name in FOLDERS for path in (PROJECT / name).rglob("*") if path.is_file()]


def _run(program: Path, *arguments: str, folder: Path) -> str:
    done = subprocess.run(
        [program, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        cwd=folder,
        env={"PATH": "/usr/bin:/bin"},
    )
    assert done.returncode == 0, (arguments, done.stderr)
    return done.stdout


def test_each_file_for_the_host_is_in_it(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as files:
        inside = {
            name.removeprefix("evidenced/shipped/"): files.read(name)
            for name in files.namelist()
            if name.startswith("evidenced/shipped/")
        }
    assert inside == {str(path.relative_to(PROJECT)): path.read_bytes() for path in DATA}


def test_its_version_and_where_it_runs(installed: Path, tmp_path: Path) -> None:
    said = _run(installed, "--version", folder=tmp_path)
    assert said == f"evidenced {evidenced.__version__}\n"
    python = installed.with_name("python")
    place = _run(python, "-c", "import evidenced; print(evidenced.__file__)", folder=tmp_path)
    assert place.startswith(str(installed.parents[1]))


def test_its_rules_are_those_of_the_example(installed: Path, tmp_path: Path) -> None:
    example = (PROJECT / "config" / "evidenced.yaml").read_text("utf-8")
    (tmp_path / "evidenced.yaml").write_text(example)
    said = yaml.safe_load(_run(installed, "rules", folder=tmp_path))
    assert {"EvidencedDown", "EvidencedWatchdog"} <= {
        rule.get("alert") for group in said["groups"] for rule in group["rules"]
    }


def test_its_pages(installed: Path, tmp_path: Path) -> None:
    assert "contradicted" in _run(installed, "explain", "contradicted", folder=tmp_path)


def test_its_demo(installed: Path, tmp_path: Path) -> None:
    said = _run(installed, "demo", "--for", "2", folder=tmp_path)
    assert "verified" in said


def test_it_installs_what_the_checkout_would(installed: Path, tmp_path: Path) -> None:
    image = tmp_path / "image"
    said = _run(installed, "install", "--root", str(image), folder=tmp_path)
    for file in host_files(PROGRAM):
        assert f"lay {image / file.path}\n" in said
        assert (image / file.path).read_bytes() == file.content
