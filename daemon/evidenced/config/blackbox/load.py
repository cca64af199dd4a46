"""A blackbox.yml to its modules, with everything that is wrong in it said at once."""

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from evidenced.config.blackbox.model import Blackbox
from evidenced.config.environment import Expanded
from evidenced.config.explain import Explainer
from evidenced.config.files import Files
from evidenced.config.outline import Outline
from evidenced.config.problem import ConfigError
from evidenced.config.textfile import located, text_of
from evidenced.config.yaml import parse


def load_blackbox(path: Path) -> Blackbox:
    """Read a blackbox.yml, unchanged: no variables are expanded in it, relative paths are its own.

    Raises ConfigError with all problems, in the order of their lines. Blocks on the file system.
    """
    file = str(path)
    document = parse(text_of(path), file)
    faults = list(document.faults)
    found: Blackbox | None = None
    try:
        found = Blackbox.model_validate(document.data, context=Files(path.absolute().parent))
    except ValidationError as error:
        as_it_is = Expanded(document.data, (), frozenset())
        explainer = Explainer(document.data, as_it_is, Outline(_schema()))
        faults += [explainer.fault(each) for each in error.errors(include_url=False)]
    if faults or found is None:
        raise ConfigError(*located(faults, document, file))
    return found


def _schema() -> dict[str, Any]:
    return Blackbox.model_json_schema()
