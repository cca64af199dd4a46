from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evidenced.app.doctor import configuration
from evidenced.app.doctor.subject import Places, read_subject
from evidenced.config.load import ConfigError
from evidenced.probes.resources import Resources

CHECK = {"name": "orders", "claims": ["ordres"], "tcp": {"address": "127.0.0.1:1"}}


async def test_what_names_nothing_is_a_warning(
    read: Callable[..., Any], said: Callable[..., Any]
) -> None:
    found = await configuration.examine(await read(checks=[CHECK]))
    assert [verdict for verdict, _ in said(found)] == ["ok", "warning"]
    assert "'ordres', which is not there; did you mean 'orders'?" in found[1].what


@pytest.mark.parametrize(("mode", "warned"), [(0o640, False), (0o644, True)], ids=oct)
async def test_a_token_that_everybody_may_read(
    mode: int, warned: bool, read: Callable[..., Any], tmp_path: Path
) -> None:
    token = tmp_path / "token"
    token.write_text("a-secret-of-the-shop\n")
    token.chmod(mode)
    found = await configuration.examine(await read(tokens={"admin_file": str(token)}))
    assert (len(found) == 2) is warned
    assert not warned or found[1].mend == f"chmod o= {token}"
    assert "a-secret-of-the-shop" not in str(found)


async def test_a_bad_configuration_is_no_subject(
    written: Callable[..., Path], resources: Resources
) -> None:
    path = written(chekcs=[])
    with pytest.raises(ConfigError, match="chekcs: unknown key"):
        await read_subject(path, path.parent, Places(), lambda config: None, resources)
