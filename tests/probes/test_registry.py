"""Every kind is what CONTRIBUTING.md says that a kind is."""

import inspect
from pathlib import Path

import pytest

from evidenced.config.check import KINDS as CONFIGURED
from evidenced.config.check import CheckSettings
from evidenced.config.examples import EXAMPLES
from evidenced.config.kinds.base import KindSettings
from evidenced.probes.registry import KINDS
from evidenced.publish.metrics_checks import FACTS

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
ADD_A_KIND = PAGE.partition("## Add a kind\n")[2].partition("\n## ")[0]
SMALLEST = "process"


@pytest.mark.parametrize("kind", CONFIGURED)
def test_a_kind_has_all_its_parts(kind: str) -> None:
    package = ROOT / "daemon" / "evidenced"
    for part in (f"probes/{kind}.py", f"config/kinds/{kind}.py"):
        assert (package / part).is_file() or any(package.glob(f"{part[:-3]}/*.py")), part
    assert list((ROOT / "tests").glob(f"*/test_{kind}*.py"))
    settings = CheckSettings.settings_of(kind)
    assert issubclass(settings, KindSettings)
    assert settings.__name__ in EXAMPLES
    assert "expect" in settings.model_fields or kind == "http"


@pytest.mark.parametrize("kind", CONFIGURED)
def test_a_probe_has_the_signature_of_all(kind: str) -> None:
    probe = KINDS[kind].probe
    assert KINDS[kind].name == kind
    assert inspect.iscoroutinefunction(probe)
    assert list(inspect.signature(probe).parameters) == ["settings", "timeout", "resources"]
    assert probe.__doc__


def test_the_page_names_what_is_there() -> None:
    named = {word.strip("`,.:;()") for word in ADD_A_KIND.split() if "/" in word}
    files = {word for word in named if "NAME" not in word and "*" not in word}
    assert "probes/host/frame.py" in files
    for word in files:
        assert any((root / word).exists() for root in (ROOT, ROOT / "daemon" / "evidenced")), word


def test_the_smallest_kind_is_the_one_shown() -> None:
    assert f"`{SMALLEST}`" in ADD_A_KIND
    assert any(SMALLEST in seen.kinds for seen in FACTS)
    source = ROOT / "daemon" / "evidenced"
    parts = (source / "probes" / "process.py", source / "config" / "kinds" / "process.py")
    assert sum(len(part.read_text("utf-8").splitlines()) for part in parts) < 160


def test_the_page_is_one_page() -> None:
    assert len(ADD_A_KIND.splitlines()) < 50
