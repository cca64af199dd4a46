"""What Prometheus' operator takes: models made of its own definitions of resources.

The package cloudcoil-models-prometheus-operator has a class for each object of the API
monitoring.coreos.com/v1, generated from the operator's CRDs. Importing it takes long and wants more
packages, so only the fields of the classes that a resource is made of are taken out of its source.
"""

import ast
import typing
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, RootModel

SOURCE = "cloudcoil/models/prometheus_operator/v1.py"


class Strict(BaseModel):
    """Nothing is made into another type, and no field is allowed that there is not."""

    model_config = ConfigDict(extra="forbid", strict=True)


def models(package: Path, *kinds: str) -> tuple[type[BaseModel], ...]:
    """The models of resources of the operator by their kinds, out of the wheel `package`.

    What stands in `metadata` is for the schema of Kubernetes to say.
    """
    with zipfile.ZipFile(package) as files:
        tree = ast.parse(files.read(SOURCE))
    classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
    needed: dict[str, ast.stmt] = {}
    for kind in kinds:
        needed |= _with_needed(kind, classes, needed)
    body = list(needed.values())
    known: dict[str, Any] = vars(typing) | {
        "__name__": __name__,
        "BaseModel": Strict,
        "Resource": Strict,
        "RootModel": RootModel,
        "Field": Field,
        "apimachinery": SimpleNamespace(ObjectMeta=dict[str, Any]),
    }
    code = compile(ast.Module(body=body, type_ignores=[]), str(package), "exec")
    exec(code, known)  # noqa: S102  only fields of classes, out of a package of a pinned version
    return tuple(known[kind] for kind in kinds)


def _with_needed(
    name: str, classes: dict[str, ast.ClassDef], found: dict[str, ast.stmt]
) -> dict[str, ast.stmt]:
    """A class with its fields alone, after those that it is made of."""
    if name in found:
        return found
    whole = classes[name]
    fields: list[ast.stmt] = [one for one in whole.body if isinstance(one, ast.AnnAssign)]
    for used in _names([*whole.bases, *fields]):
        if used in classes:
            found = _with_needed(used, classes, found)
    bare = ast.ClassDef(name, whole.bases, [], fields or [ast.Pass()], [])
    return found | {name: ast.fix_missing_locations(bare)}


def _names(nodes: list[Any]) -> Iterator[str]:
    for node in nodes:
        yield from (one.id for one in ast.walk(node) if isinstance(one, ast.Name))
