"""The text that `debug=true` answers with, without secrets."""

from collections.abc import Mapping, Sequence

import yaml
from prometheus_client import generate_latest

from evidenced.config.base import Section
from evidenced.config.blackbox.model import Module
from evidenced.config.types import Secret, format_duration
from evidenced.publish.blackbox.families import Findings
from evidenced.publish.blackbox.log import ProbeLog

HIDDEN = "<secret>"

_SHOWN_HEADERS = frozenset(
    {"accept", "accept-encoding", "accept-language", "content-type", "host", "user-agent"}
)
"""Headers whose values are shown. Any other may be a credential, under whatever name."""

_HIDDEN_KEYS = frozenset({"body", "send", "proxy_url", "token_url"})
"""Keys whose values may be secrets, or have some in them."""

_HEADERS = frozenset({"headers", "proxy_connect_header", "metadata"})


def debug_text(log: ProbeLog, findings: Findings, module: Module) -> str:
    """Logs, metrics and the module's configuration, under the titles of blackbox_exporter."""
    return (
        f"Logs for the probe:\n{log}\n\n\n"
        "Metrics that would have been returned:\n"
        f"{generate_latest(findings.registry).decode()}\n\n\n"
        f"Module configuration:\n{module_text(module)}\n"
    )


def module_text(module: Module) -> str:
    """What was written of a module, as YAML; secrets are hidden."""
    shown: dict[str, object] = {"prober": module.prober}
    if module.timeout:
        shown["timeout"] = format_duration(module.timeout)
    section = getattr(module, module.prober)
    if keys := _shown(section):
        shown[module.prober] = keys
    return yaml.safe_dump(shown, sort_keys=False, allow_unicode=True)


def _shown(value: object) -> object:
    if isinstance(value, Section):
        written = [key for key in type(value).model_fields if key in value.model_fields_set]
        return {key: _of_key(key, getattr(value, key)) for key in written}
    if isinstance(value, Secret):
        return HIDDEN
    if isinstance(value, Mapping):
        return {str(key): _shown(each) for key, each in value.items()}
    if isinstance(value, str | bool | int | float) or value is None:
        return value
    if isinstance(value, Sequence):
        return [_shown(each) for each in value]
    return str(value)


def _of_key(key: str, value: object) -> object:
    if key in _HIDDEN_KEYS and value:
        return HIDDEN
    if key in _HEADERS and isinstance(value, Mapping):
        shown = {name for name in value if str(name).lower() in _SHOWN_HEADERS}
        return {str(name): _shown(value[name]) if name in shown else HIDDEN for name in value}
    if key in {"endpoint_params", "http_headers"} and isinstance(value, Mapping):
        return dict.fromkeys(map(str, value), HIDDEN)
    return _shown(value)
