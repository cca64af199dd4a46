import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import trustme
from markdown_it import MarkdownIt

from evidenced.config.check import KINDS
from evidenced.config.examples import EXAMPLES
from evidenced.config.load import ConfigError, load
from evidenced.config.reference import slug
from evidenced.config.schema import json_schema, reference
from evidenced.config.types import parse_duration

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = json_schema()
SECTIONS: Mapping[str, Mapping[str, Any]] = {"Config": SCHEMA, **SCHEMA["$defs"]}
KEYS = [(name, key) for name, section in SECTIONS.items() for key in section["properties"]]


def fences(language: str) -> list[str]:
    tokens = MarkdownIt().parse(reference())
    return [token.content for token in tokens if token.type == "fence" and token.info == language]


def whole(example: str) -> str:
    """An example with the one section that every configuration needs."""
    if re.search(r"^ledger:", example, re.MULTILINE):
        return example
    return "ledger: {path: STATE.md, base_url: https://bakery.example}\n" + example


@pytest.mark.parametrize(("section", "key"), KEYS, ids=[".".join(key) for key in KEYS])
def test_every_key_says_what_it_means(section: str, key: str) -> None:
    description = SECTIONS[section]["properties"][key].get("description", "")
    assert re.fullmatch(r"[A-Z`].*\.", description, re.DOTALL)


@pytest.mark.parametrize("section", SECTIONS)
def test_every_section_says_what_it_is_and_has_an_example(section: str) -> None:
    assert SECTIONS[section]["description"].endswith(".")
    keys = set(SECTIONS[section]["properties"])
    assert keys & set(re.findall(r"[\w.$]+(?=:)", EXAMPLES[section]))


def test_the_examples_load(tmp_path: Path) -> None:
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    for folder in ("checks.d", "ovens"):
        (tmp_path / folder).mkdir()
    for name in ("stock-password", "admin-token", "push-token", "backup-token"):
        (credentials / name).write_text("swordfish\n")
    authority = trustme.CA()
    certificate = authority.issue_cert("evidence.bakery.example")
    (credentials / "evidence.crt").write_bytes(certificate.cert_chain_pems[0].bytes())
    (credentials / "evidence.key").write_bytes(certificate.private_key_pem.bytes())
    (credentials / "clients.crt").write_bytes(authority.cert_pem.bytes())
    (credentials / "stock-token").write_text("swordfish swims upstream".replace(" ", "-"))
    (credentials / "web.yml").write_text("rate_limit: {interval: 1s, burst: 20}\n")
    (credentials / "heartbeat-address").write_text("https://switch.example/swordfish\n")
    examples = fences("yaml")
    refused = []
    for example in examples:
        path = tmp_path / "evidenced.yaml"
        path.write_text(whole(example))
        try:
            load(path, {"CREDENTIALS_DIRECTORY": str(credentials)})
        except ConfigError as error:
            refused.append(str(error).replace(f"{tmp_path}/", ""))
    # One of them is there to show what is said of mistakes.
    assert refused == [text.rstrip("\n") for text in fences("text")]
    assert len(examples) > len(EXAMPLES) + 1


def test_the_first_example_is_short() -> None:
    assert len(fences("yaml")[0].splitlines()) <= 10


def test_links_lead_to_headings() -> None:
    page = reference()
    headings = re.findall(
        r"^#+ (.*)$",
        re.sub(r"^```.*?^```$", "", page, flags=re.MULTILINE | re.DOTALL),
        re.MULTILINE,
    )
    anchors = [slug(heading) for heading in headings]
    links = set(re.findall(r"\]\(#([^)]*)\)", page))
    assert links
    assert links <= set(anchors)
    assert len(anchors) == len(set(anchors))


def test_the_page_in_the_repository_is_that_of_the_code() -> None:
    assert (ROOT / "CONFIGURATION.md").read_text("utf-8") == reference(), "run `make generate`"


def test_defaults_are_shown_as_they_are_written() -> None:
    defaults = SECTIONS["Defaults"]["properties"]
    assert defaults["interval"]["default"] == "60s"
    assert SECTIONS["Retry"]["properties"]["wait"]["default"] == "1s"
    assert "default" not in defaults["retry"]
    assert parse_duration(defaults["timeout"]["default"]) == 10


def test_the_schema_is_whole() -> None:
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert "json" in SECTIONS["HttpExpect"]["properties"]
    assert SECTIONS["CheckSettings"]["oneOf"] == [{"required": [kind]} for kind in KINDS]
    references = {node["$ref"] for node in _nodes(SCHEMA) if "$ref" in node}
    assert references == {f"#/$defs/{name}" for name in SCHEMA["$defs"]}
    for node in _nodes(SCHEMA):
        if "pattern" in node:
            assert all(re.search(node["pattern"], example) for example in node.get("examples", ()))


def _nodes(value: object) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if not any(isinstance(value.get(key), dict) for key in ("pattern", "examples")):
            yield value
        for inner in value.values():
            yield from _nodes(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _nodes(inner)


def test_the_configuration_to_copy_loads(tmp_path: Path) -> None:
    config = load(ROOT / "config" / "evidenced.yaml", {})
    assert config.ledger.derive
    assert config.ledger.path == ROOT / "config" / "docs" / "STATE.md"
    assert [check.name for check in config.checks] == [
        "health",
        "login-redirect",
        "bread-on-the-shelf",
        "orders-need-a-login",
    ]
    # What is commented out is right as well, once it is not.
    text = (ROOT / "config" / "evidenced.yaml").read_text("utf-8")
    (tmp_path / "admin-token").write_text("swordfish")
    path = tmp_path / "evidenced.yaml"
    path.write_text(re.sub(r"^# (tokens:|  admin_file:)", r"\1", text, flags=re.MULTILINE))
    assert load(path, {"CREDENTIALS_DIRECTORY": str(tmp_path)}).tokens.admin


def test_the_schema_asks_for_a_target_only_where_there_are_no_targets() -> None:
    check = SECTIONS["CheckSettings"]
    assert check["if"] == {"anyOf": [{"required": ["targets"]}, {"required": ["discovery"]}]}
    needed = check["else"]["properties"]
    assert needed["tcp"] == {"required": ["address"]}
    assert needed["http"] == {"anyOf": [{"required": ["url"]}, {"required": ["steps"]}]}
    assert "address" not in SECTIONS["TcpSettings"]["required"]
    assert "anyOf" not in SECTIONS["HttpSettings"]
    assert "| `tcp` | `address` |" in reference()
