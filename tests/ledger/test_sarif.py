"""What lint prints for code hosts has the structure of SARIF 2.1.0."""

import json
from typing import Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from evidenced.ledger.lint.model import Severity, Subject, Violation
from evidenced.ledger.lint.run import lint
from evidenced.ledger.lint.table import RULES
from evidenced.ledger.parse import parse
from evidenced.ledger.sarif import to_sarif

Level = Literal["none", "note", "warning", "error"]


class Part(BaseModel):
    """An object of the format: it has these properties and no others."""

    model_config = ConfigDict(extra="forbid", strict=True, alias_generator=to_camel)


class Message(Part):
    text: str = Field(min_length=1)


class Configuration(Part):
    level: Level


class Descriptor(Part):
    id: str = Field(min_length=1)
    short_description: Message
    help: Message
    default_configuration: Configuration


class Driver(Part):
    name: str
    version: str
    rules: list[Descriptor]


class Tool(Part):
    driver: Driver


class Artifact(Part):
    uri: str = Field(pattern=r"^[!-~]+$")
    uri_base_id: str | None = None


class Region(Part):
    start_line: int = Field(ge=1)


class Physical(Part):
    artifact_location: Artifact
    region: Region


class Location(Part):
    physical_location: Physical


class Result(Part):
    rule_id: str
    rule_index: int = Field(ge=0)
    level: Level
    message: Message
    locations: list[Location] = Field(min_length=1)


class Run(Part):
    tool: Tool
    column_kind: Literal["utf16CodeUnits", "unicodeCodePoints"]
    results: list[Result]


class Log(Part):
    """The properties of the objects used, as section 3 of the standard has them."""

    schema_: str = Field(alias="$schema", pattern=r"^https://.*sarif-schema-2\.1\.0\.json$")
    version: Literal["2.1.0"]
    runs: list[Run] = Field(min_length=1)


def test_the_structure_is_that_of_the_standard() -> None:
    text = "## IN PROGRESS\n- A\n- B\n## Ideas\n"
    found = lint(Subject(parse(text))).violations
    log = Log.model_validate_json(
        json.dumps(to_sarif([("docs/STATE.md", one) for one in found], "1.2"))
    )
    (run,) = log.runs
    assert [rule.id for rule in run.tool.driver.rules] == [rule.id for rule in RULES]
    assert [(one.rule_id, one.level) for one in run.results] == [
        ("wip-limit", "error"),
        ("unknown-section", "warning"),
    ]
    for one in run.results:
        assert run.tool.driver.rules[one.rule_index].id == one.rule_id
    place = run.results[0].locations[0].physical_location
    assert (place.artifact_location.uri, place.region.start_line) == ("docs/STATE.md", 3)
    assert place.artifact_location.uri_base_id == "SRCROOT"


def test_nothing_found_is_a_run_without_results() -> None:
    assert Log.model_validate(to_sarif([], "1.2")).runs[0].results == []


@pytest.mark.parametrize(
    ("path", "uri", "base"),
    [
        ("a b/É.md", "a%20b/%C3%89.md", "SRCROOT"),
        ("/srv/STATE.md", "file:///srv/STATE.md", None),
        ("../STATE.md", "../STATE.md", "SRCROOT"),
    ],
)
def test_paths_are_addresses(path: str, uri: str, base: str | None) -> None:
    one = Violation("size", Severity.WARNING, 1, "m", "h")
    log = Log.model_validate(to_sarif([(path, one)], "1"))
    artifact = log.runs[0].results[0].locations[0].physical_location.artifact_location
    assert (artifact.uri, artifact.uri_base_id) == (uri, base)
