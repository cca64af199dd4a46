"""What all tests of the pages need."""

from collections.abc import Iterator

import pytest
import structlog


@pytest.fixture(autouse=True)
def _logs_as_before() -> Iterator[None]:
    """Commands set up the logs of the process in which they are run."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)
