import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

TOOL = Path(__file__).resolve().parents[2] / "tools" / "generate.py"


@pytest.fixture
def generate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The tool, with one file to write below tmp_path."""
    spec = importlib.util.spec_from_file_location("generate", TOOL)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "GENERATED", (("docs/PAGE.md", lambda: "made\n"),))
    return module


def test_what_differs_is_written_once(
    generate: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert generate.main([]) == 0
    assert (tmp_path / "docs" / "PAGE.md").read_text() == "made\n"
    assert capsys.readouterr().out == "wrote docs/PAGE.md\n"
    assert generate.main([]) == 0
    assert capsys.readouterr().out == ""


def test_a_check_writes_nothing_and_names_what_differs(
    generate: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "docs" / "PAGE.md"
    assert generate.main(["--check"]) == 1
    assert (
        capsys.readouterr().err == "docs/PAGE.md is not as the code has it: run `make generate`\n"
    )
    assert not page.exists()
    generate.main([])
    assert generate.main(["--check"]) == 0
    page.write_text("changed by hand\n")
    assert generate.main(["--check"]) == 1
    assert page.read_text() == "changed by hand\n"
