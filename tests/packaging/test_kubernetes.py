"""The manifests for Kubernetes, held to the schemas of its API, and to each other.

The schemas of Kubernetes are those of the package kubernetes-validate, in which no field is allowed
that there is not. ServiceMonitor and PrometheusRule are of Prometheus' operator, whose definitions
are in another package (operator_models.py).
"""

import json
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from pydantic import ValidationError
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

import evidenced
from evidenced.config.load import load
from evidenced.ledger.parse import read
from evidenced.publish.rules import default_rules

from .conftest import PROJECT
from .operator_models import models

FOLDER = PROJECT / "packaging" / "kubernetes"
VERSIONS = ("v1.31.0", "v1.37.0")
CORE = ("namespace", "deployment", "service", "volume")
RESOURCES = (*CORE, "servicemonitor", "prometheusrule")
META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"


def _package(name: str) -> Path:
    """A wheel that has schemas; without it the test fails, for one skipped would prove nothing."""
    found = list((PROJECT / ".parts" / "deb").glob(f"{name}-*.whl"))
    if not found:
        pytest.fail(f"{name} is missing: `make test` fetches it")
    return found[0]


def _manifest(name: str) -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((FOLDER / f"{name}.yaml").read_text("utf-8"))
    return read


class Schemas:
    """The schemas of one version of Kubernetes."""

    def __init__(self, version: str) -> None:
        self._folder = f"kubernetes_validate/kubernetes-json-schema/{version}-local-strict"
        self._files = _package("kubernetes_validate")
        held = Resource.from_contents(self._read("_definitions"), default_specification=DRAFT202012)
        names = ("_definitions.json", "/api/_definitions.json")
        self._registry: Registry[Any] = Registry().with_resources((name, held) for name in names)

    def errors(self, manifest: dict[str, Any]) -> list[str]:
        """What is wrong with a manifest."""
        api = manifest["apiVersion"].replace("/", "-")
        return self._errors(self._read(f"{manifest['kind'].lower()}-{api}"), manifest)

    def errors_of_metadata(self, manifest: dict[str, Any]) -> list[str]:
        """What is wrong with the metadata of a manifest of any kind."""
        schema = {"$ref": f"_definitions.json#/$defs/{META}"}
        return self._errors(schema, manifest["metadata"])

    def _errors(self, schema: dict[str, Any], instance: object) -> list[str]:
        validator = jsonschema.Draft202012Validator(schema, registry=self._registry)
        return [error.message for error in validator.iter_errors(instance)]

    def _read(self, name: str) -> dict[str, Any]:
        with zipfile.ZipFile(self._files) as files:
            read: dict[str, Any] = json.loads(files.read(f"{self._folder}/{name}.json"))
        return read


@pytest.mark.parametrize("version", VERSIONS)
def test_each_is_as_the_api_has_it_and_a_field_that_there_is_not_is_found(version: str) -> None:
    schemas = Schemas(version)
    assert {name: schemas.errors(_manifest(name)) for name in CORE} == {name: [] for name in CORE}
    manifest = _manifest("deployment")
    manifest["spec"]["template"]["spec"]["containers"][0]["livenesProbe"] = {}
    assert any("livenesProbe" in message for message in schemas.errors(manifest))


def test_each_is_as_prometheus_operator_has_it_and_what_it_does_not_have_is_found() -> None:
    package = _package("cloudcoil_models_prometheus_operator")
    service_monitor, prometheus_rule = models(package, "ServiceMonitor", "PrometheusRule")
    monitor, rule = _manifest("servicemonitor"), _manifest("prometheusrule")
    service_monitor.model_validate(monitor)
    prometheus_rule.model_validate(rule)
    schemas = Schemas(VERSIONS[-1])
    assert (schemas.errors_of_metadata(monitor), schemas.errors_of_metadata(rule)) == ([], [])

    monitor["spec"]["endpoints"][0] |= {"intervall": "15s", "scrapeTimeout": "soon"}
    with pytest.raises(ValidationError) as found:
        service_monitor.model_validate(monitor)
    assert {error["loc"][-1] for error in found.value.errors()} == {"intervall", "scrapeTimeout"}
    rule["spec"]["groups"][0]["rules"][0]["for"] = 5
    with pytest.raises(ValidationError, match=r"rules\.0\.for"):
        prometheus_rule.model_validate(rule)
    monitor["metadata"]["lables"] = {}
    assert any("lables" in message for message in schemas.errors_of_metadata(monitor))


def test_the_rules_are_those_of_the_rule_file(promtool: Path, tmp_path: Path) -> None:
    spec = _manifest("prometheusrule")["spec"]
    assert spec == yaml.safe_load(default_rules())
    rules = tmp_path / "rules.yml"
    rules.write_text(yaml.safe_dump(spec))
    checked = subprocess.run(
        [promtool, "check", "rules", rules], capture_output=True, text=True, check=False, timeout=60
    )
    assert checked.returncode == 0, checked.stderr


def test_kustomization_names_all_that_there_is() -> None:
    (made,) = _manifest("kustomization")["configMapGenerator"]
    named = {*_manifest("kustomization")["resources"], *made["files"], "kustomization.yaml"}
    assert named == {path.name for path in FOLDER.iterdir()}
    assert {f"{name}.yaml" for name in RESOURCES} < named


def test_each_finds_the_next() -> None:
    deployment = _manifest("deployment")["spec"]
    pod = deployment["template"]
    (container,) = pod["spec"]["containers"]
    service = _manifest("service")
    monitor = _manifest("servicemonitor")["spec"]
    labels = pod["metadata"]["labels"]
    assert deployment["selector"]["matchLabels"] == labels == service["spec"]["selector"]
    assert monitor["selector"]["matchLabels"].items() <= service["metadata"]["labels"].items()
    assert monitor["endpoints"][0]["port"] == service["spec"]["ports"][0]["name"]
    assert service["spec"]["ports"][0]["targetPort"] == container["ports"][0]["name"]
    assert service["metadata"]["name"] == "evidenced", "the rules look for job=evidenced"
    volumes = {volume["name"]: volume for volume in pod["spec"]["volumes"]}
    assert {mount["name"] for mount in container["volumeMounts"]} == set(volumes)
    claim = volumes["state"]["persistentVolumeClaim"]["claimName"]
    assert claim == _manifest("volume")["metadata"]["name"]
    (made,) = _manifest("kustomization")["configMapGenerator"]
    assert volumes["config"]["configMap"]["name"] == made["name"]
    assert container["image"] == f"evidenced:{evidenced.__version__}"


def test_the_pod_keeps_to_the_strictest_profile() -> None:
    pod = _manifest("deployment")["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] > 0
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert {"startupProbe", "readinessProbe", "livenessProbe"} <= set(container)
    assert container["resources"]["limits"]["memory"]


def test_the_configuration_is_sound_and_listens_at_the_port() -> None:
    config = load(FOLDER / "evidenced.yaml")
    claims = {item.id for item in read(config.ledger.path).claims}
    assert {claim for check in config.checks for claim in check.claims} == claims
    (port,) = _manifest("deployment")["spec"]["template"]["spec"]["containers"][0]["ports"]
    assert str(config.listen).endswith(f":{port['containerPort']}")
