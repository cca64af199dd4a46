"""What tests of all rooms need: the real programs that the daemon works with."""

from pathlib import Path

import pytest
from hypothesis import settings

# How long one example takes says more about the machine's other work than about the code.
settings.register_profile("here", deadline=None)
settings.load_profile("here")

PARTS = Path(__file__).parent.parent / ".parts" / "root" / "usr" / "bin"


@pytest.fixture(scope="session")
def promtool() -> Path:
    """Prometheus' own checker; without it the test fails, for one skipped would prove nothing."""
    found = PARTS / "promtool"
    if not found.exists():
        pytest.fail(f"{found} is missing: `make test` fetches it")
    return found
