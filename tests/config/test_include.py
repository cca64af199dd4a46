import os
from collections.abc import Callable
from pathlib import Path

import pytest

from evidenced.config.load import ConfigError, load, read
from evidenced.config.model import Config
from evidenced.config.sources import Sources
from evidenced.config.types import Secret

Loads = Callable[..., Config]
Refuses = Callable[..., list[str]]

LEDGER = "ledger: {path: STATE.md, base_url: https://bakery.example}\n"


def check(name: str, more: str = "") -> str:
    return f"checks: [{{name: {name}, http: {{url: /{name}{more}}}}}]\n"


def names(config: Config) -> list[str]:
    return [each.name for each in config.checks]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of checks beside the configuration, with other things in it as well."""
    folder = tmp_path / "checks.d"
    (folder / "more.yaml").mkdir(parents=True)
    (folder / "spelt.yml").write_text(check("spelt"))
    (folder / "rye.yaml").write_text(check("rye"))
    (folder / ".rye.yaml.swp").write_text("\0")
    (folder / ".hidden.yaml").write_text("[")
    (folder / "notes.txt").write_text("[")
    return folder


@pytest.mark.parametrize(
    ("include", "found"),
    [
        pytest.param("checks.d", ["rye", "spelt"], id="a folder"),
        pytest.param("checks.d/", ["rye", "spelt"], id="a folder with a slash"),
        pytest.param("[checks.d]", ["rye", "spelt"], id="a list"),
        pytest.param("checks.d/*.yaml", ["rye"], id="a pattern"),
        pytest.param("'*/*.y*ml'", ["rye", "spelt"], id="a pattern with a pattern of folders"),
        pytest.param("checks.d/spelt.yml", ["spelt"], id="a file"),
        pytest.param("[checks.d/spelt.yml, checks.d/r*]", ["spelt", "rye"], id="in this order"),
        pytest.param("checks.d/*.json", [], id="a pattern that nothing meets"),
        pytest.param("[]", [], id="nothing"),
        pytest.param("${WHERE}/rye.yaml", ["rye"], id="by the environment"),
    ],
)
def test_checks_are_taken_from_included_files(
    loads: Loads, folder: Path, include: str, found: list[str]
) -> None:
    text = f"{LEDGER}include: {include}\n{check('first')}"
    assert names(loads(text, {"WHERE": str(folder)})) == ["first", *found]


def test_an_empty_folder_is_no_mistake(loads: Loads, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert names(loads(LEDGER + "include: empty\n")) == []


def test_an_included_file_has_its_own_folder_and_variables(loads: Loads, folder: Path) -> None:
    (folder / "token").write_text("swordfish\n")
    (folder / "rye.yaml").write_text(
        "checks:\n- {name: '${NAME}', http: {url: /, auth: {token_file: token}}}\n"
    )
    config = loads(LEDGER + "include: checks.d/rye.yaml\n", {"NAME": "rye"})
    http = config.checks[0].http
    assert config.checks[0].name == "rye"
    assert http
    assert http.auth
    assert http.auth.token == Secret("swordfish")


def test_the_defaults_hold_for_included_checks_too(refuses: Refuses, folder: Path) -> None:
    (folder / "rye.yaml").write_text("checks:\n- {name: rye, timeout: 90s, http: {url: /}}\n")
    lines = refuses(LEDGER + "include: checks.d\ndefaults: {interval: 30s}\n")
    assert lines == [
        (
            "checks.d/rye.yaml:2: checks[0] (rye).timeout: found 90s, expected at most the "
            "interval, "
            "30s"
        )
    ]


REFUSED = [
    pytest.param(
        "include: gone.d",
        {},
        [
            (
                "evidenced.yaml:2: include: found 'gone.d', expected a folder, a pattern "
                "of files or a "
                "file: No such file or directory"
            )
        ],
        id="a folder that is not there",
    ),
    pytest.param(
        "include: [gone.d/*.yaml]",
        {},
        [
            (
                "evidenced.yaml:2: include[0]: found 'gone.d/*.yaml', expected a folder, a "
                "pattern of "
                "files or a file: No such file or directory"
            )
        ],
        id="a pattern in a folder that is not there",
    ),
    pytest.param(
        "include: ['*.yaml']",
        {},
        ["evidenced.yaml:2: include[0]: found '*.yaml', which includes this file itself"],
        id="the file itself",
    ),
    pytest.param(
        "include: [checks.d, checks.d/rye.yaml]",
        {},
        [
            (
                "evidenced.yaml:2: include[1]: found 'checks.d/rye.yaml', which includes "
                "FOLDER/checks.d/rye.yaml a second time"
            )
        ],
        id="a file twice",
    ),
    pytest.param(
        "include: 5",
        {},
        ["evidenced.yaml:2: include: found 5, expected the path of a file"],
        id="a number",
    ),
    pytest.param(
        "include: checks.d",
        {"rye.yaml": "checks: [\n"},
        ["checks.d/rye.yaml:2: not readable as YAML: expected a value"],
        id="what is no YAML",
    ),
    pytest.param(
        "include: checks.d",
        {"rye.yaml": ""},
        ["checks.d/rye.yaml: the file is empty, expected at least the section ledger"],
        id="an empty file",
    ),
    pytest.param(
        "include: checks.d",
        {"rye.yaml": "ledger: {path: x}\ninclude: more\nlissten: y\n"},
        [
            (
                "checks.d/rye.yaml:1: ledger: it belongs in the file that includes this "
                "one, which has "
                "only checks"
            ),
            (
                "checks.d/rye.yaml:2: include: it belongs in the file that includes this "
                "one, which "
                "has only checks"
            ),
            "checks.d/rye.yaml:3: lissten: unknown key, expected checks",
        ],
        id="what belongs in the main file",
    ),
    pytest.param(
        "include: checks.d",
        {
            "rye.yaml": "checks:\n- name: rye\n  http: {url: /, expect: {status: 7xx}}\n"
            "  inteval: 5s\n"
        },
        [
            (
                "checks.d/rye.yaml:3: checks[0] (rye).http.expect.status: found '7xx', expected a "
                "status such as 200 or a class such as 2xx"
            ),
            "checks.d/rye.yaml:4: checks[0] (rye).inteval: unknown key, did you mean 'interval'?",
        ],
        id="mistakes in a check",
    ),
    pytest.param(
        "include: checks.d\nchecks: [{name: spelt, http: {url: /}}]",
        {"rye.yaml": "checks:\n- {name: oat, http: {url: /}}\n- {name: spelt, http: {url: /}}\n"},
        [
            (
                "checks.d/rye.yaml:3: checks[1] (spelt).name: found 'spelt' again, after "
                "checks[0] in "
                "FOLDER/evidenced.yaml, expected another name"
            ),
            (
                "checks.d/spelt.yml:1: checks[0] (spelt).name: found 'spelt' again, after "
                "checks[0] in "
                "FOLDER/evidenced.yaml, expected another name"
            ),
        ],
        id="a name twice",
    ),
    pytest.param(
        "include: [checks.d, gone]\ndefaults: {interval: 5}",
        {"rye.yaml": "checks: 5\n"},
        [
            (
                "evidenced.yaml:2: include[1]: found 'gone', expected a folder, a pattern "
                "of files or "
                "a file: No such file or directory"
            ),
            (
                "evidenced.yaml:3: defaults.interval: found 5, expected a duration such as "
                "500ms, 30s, "
                "5m or 1d"
            ),
            "checks.d/rye.yaml:1: checks: found a number, expected a list",
        ],
        id="mistakes in several files",
    ),
]


@pytest.mark.parametrize(("include", "content", "lines"), REFUSED)
def test_what_is_wrong_is_said_with_the_file(
    refuses: Refuses,
    folder: Path,
    include: str,
    content: dict[str, str],
    lines: list[str],
) -> None:
    for name, text in content.items():
        (folder / name).write_text(text)
    found = refuses(f"{LEDGER}{include}\n")
    assert found == [line.replace("FOLDER", str(folder.parent)) for line in lines]


def test_a_link_to_an_included_file_is_that_file_again(refuses: Refuses, folder: Path) -> None:
    (folder / "link.yaml").symlink_to("rye.yaml")
    (line,) = refuses(LEDGER + "include: checks.d\n")
    assert line.startswith("evidenced.yaml:2: include: found 'checks.d', which includes ")
    assert line.endswith(" a second time")


def test_an_included_file_that_cannot_be_read_is_told(refuses: Refuses, folder: Path) -> None:
    (folder / "rye.yaml").write_bytes(b"checks:\n- \xff\n")
    assert refuses(LEDGER + "include: checks.d\n") == [
        "checks.d/rye.yaml:2: found bytes that are not UTF-8"
    ]


def change_it(folder: Path) -> None:
    (folder / "rye.yaml").write_text(check("rye", "?other"))


def replace_it(folder: Path) -> None:
    (folder / "new").write_text(check("rye", "?new"))
    (folder / "new").replace(folder / "rye.yaml")


def add_one(folder: Path) -> None:
    (folder / "oat.yaml").write_text(check("oat"))


def remove_one(folder: Path) -> None:
    (folder / "rye.yaml").unlink()


def lose_the_folder(folder: Path) -> None:
    folder.rename(folder.with_name("elsewhere"))


@pytest.mark.parametrize("change", [change_it, replace_it, add_one, remove_one, lose_the_folder])
def test_it_is_known_when_included_files_change(
    folder: Path, change: Callable[[Path], None]
) -> None:
    main = folder.parent / "evidenced.yaml"
    main.write_text(f"{LEDGER}include: [checks.d, '*/*.yaml']\n")
    sources = Sources(main)
    with pytest.raises(ConfigError, match="a second time"):
        read(main, {}, sources)
    assert not sources.outdated()
    main.write_text(f"{LEDGER}include: checks.d\n")
    assert sources.outdated()
    sources = Sources(main)
    read(main, {}, sources)
    (folder / "notes.txt").write_text("none of its business")
    assert not sources.outdated()
    change(folder)
    assert sources.outdated()


def test_a_folder_that_comes_back_is_noticed(folder: Path) -> None:
    main = folder.parent / "evidenced.yaml"
    main.write_text(f"{LEDGER}include: checks.d\n")
    away = folder.rename(folder.with_name("away"))
    sources = Sources(main)
    with pytest.raises(ConfigError):
        read(main, {}, sources)
    assert not sources.outdated()
    away.rename(folder)
    assert sources.outdated()
    assert folder / "*" in sources.watched()


def test_thousands_of_files_are_read(tmp_path: Path) -> None:
    folder = tmp_path / "checks.d"
    folder.mkdir()
    for number in range(1000):
        (folder / f"{number:04}.yaml").write_text(check(f"rye-{number}"))
    main = tmp_path / "evidenced.yaml"
    main.write_text(f"{LEDGER}include: checks.d\n")
    assert names(load(main, {})) == [f"rye-{number}" for number in range(1000)]


def test_a_realistic_tree_loads(tmp_path: Path) -> None:
    """Anchors and merge keys, variables, credentials, targets and files in one."""
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    (credentials / "stock-key").write_text("swordfish\n")
    (tmp_path / "checks.d").mkdir()
    (tmp_path / "evidenced.yaml").write_text(
        """
location: ${PLACE:-oven-1}
ledger: {path: ../STATE.md, base_url: "https://${HOST}"}
include: checks.d
defaults: {interval: 30s, retry: {attempts: 2}}
"""
    )
    (tmp_path / "checks.d" / "pages.yaml").write_text(
        """
checks:
  - &page
    name: home
    claims: [front-page]
    labels: &team {team: front}
    interval: 1m
    http: &get
      url: /
      headers: &headers {Accept-Language: de}
      expect: &fine {status: 200, latency: 2s, body: {contains: Rye}}
  - <<: *page
    name: contact
    labels: {<<: *team, tier: low}
    http: {<<: *get, url: /contact, expect: {<<: *fine, status: [200, 203]}}
  - name: breads
    <<: [{labels: *team}, {interval: 5m}]
    targets: [/rye, {target: /spelt, labels: {grain: spelt}}]
    http: {expect: *fine}
"""
    )
    (tmp_path / "checks.d" / "stock.yaml").write_text(
        """
checks:
  - name: stock
    http:
      url: https://stock.bakery.example/api?unit=kg
      query: {key: {file: "${CREDENTIALS_DIRECTORY}/stock-key"}}
      headers: {X-Shop: "${SHOP}"}
"""
    )
    environ = {
        "HOST": "bakery.example",
        "SHOP": "tunafish",
        "CREDENTIALS_DIRECTORY": os.fspath(credentials),
    }
    config = load(tmp_path / "evidenced.yaml", environ)
    assert config.location == "oven-1"
    checks = {each.name: each for each in config.checks}
    assert list(checks) == ["home", "contact", "breads:/rye", "breads:/spelt", "stock"]
    assert checks["contact"].labels == {"team": "front", "tier": "low"}
    assert checks["contact"].claims == ("front-page",)
    assert checks["contact"].http
    assert checks["contact"].http.headers == {"Accept-Language": Secret("de")}
    assert checks["contact"].http.expect.latency == 2
    assert checks["contact"].http.expect.status == ("200", "203")
    assert checks["breads:/spelt"].labels == {"team": "front", "grain": "spelt"}
    assert checks["breads:/spelt"].interval == 300
    assert checks["stock"].http
    assert checks["stock"].http.address.endswith("?unit=kg&key=swordfish")
    assert checks["stock"].settings.target == "https://stock.bakery.example/api?unit=…&key=…"
    assert checks["stock"].http.headers["X-Shop"] == Secret("tunafish")
    assert "swordfish" not in repr(config)
    assert "tunafish" not in repr(config)
