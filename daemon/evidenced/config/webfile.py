"""A web configuration file of Prometheus', and the files that the interface depends on."""

from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from evidenced.config.environment import Expanded
from evidenced.config.explain import Explainer
from evidenced.config.files import Files
from evidenced.config.outline import Outline
from evidenced.config.problem import ConfigError, Problem
from evidenced.config.sources import Sources
from evidenced.config.textfile import located, text_of
from evidenced.config.web import WebFile
from evidenced.config.yaml import parse

_TLS_FILES = ("cert_file", "key_file", "client_ca_file")


def web_file(section: object, config: Path, sources: Sources) -> WebFile | None:
    """The file that a section `web`, as it is written in a configuration, names as its own.

    The files that the section depends on are noted in `sources`; see `load_web_file`.
    """
    folder = config.absolute().parent
    _note_files(section, folder, sources)
    name = section.get("config_file") if isinstance(section, dict) else None
    if not isinstance(name, str) or not name or "\0" in name:
        return None  # there is none, or it is said by the validation of the section
    return load_web_file(folder / name, sources)


def load_web_file(path: Path, sources: Sources) -> WebFile:
    """Read a web configuration file, unchanged: variables are none in it, paths begin beside it.

    It and the files named in it are noted in `sources`. Raises ConfigError with all problems, in
    the order of their lines. Blocks on the file system.
    """
    sources.note_beside(path)
    text = text_of(path)
    if not text.strip():
        # A file that is just being written must not open what it guards.
        raise ConfigError(Problem(str(path), None, "", "found nothing in it, expected {} at least"))
    document = parse(text, str(path))
    folder = path.absolute().parent
    _note_files(document.data, folder, sources)
    faults = list(document.faults)
    found: WebFile | None = None
    try:
        found = WebFile.model_validate(document.data, context=Files(folder))
    except ValidationError as error:
        as_it_is = Expanded(document.data, (), frozenset())
        explainer = Explainer(document.data, as_it_is, Outline(WebFile.model_json_schema()))
        faults += [explainer.fault(each) for each in error.errors(include_url=False)]
    if faults or found is None:
        raise ConfigError(*located(faults, document, str(path)))
    return found


def _note_files(web: object, folder: Path, sources: Sources) -> None:
    for name in _named(web):
        if isinstance(name, str) and name and "\0" not in name:
            sources.note_beside(folder / name)


def _named(web: object) -> Iterator[object]:
    if not isinstance(web, dict):
        return
    tls, tokens = web.get("tls_server_config"), web.get("bearer_tokens")
    if isinstance(tls, dict):
        yield from (tls.get(key) for key in _TLS_FILES)
    if isinstance(tokens, dict):
        yield from (token.get("file") for token in tokens.values() if isinstance(token, dict))
