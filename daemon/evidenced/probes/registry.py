"""Which kinds there are: a line each."""

from collections.abc import Mapping
from types import MappingProxyType

from evidenced.probes import http
from evidenced.probes.kind import Kind

KINDS: Mapping[str, Kind] = MappingProxyType(
    {kind.name: kind for kind in (Kind("http", http.probe),)}
)
