from pathlib import Path

import yaml

from evidenced.config.model import Config
from replay.scenario import SCENARIOS, Event, Scenario

PAGE = (Path(__file__).parents[2] / "docs" / "replay.md").read_text("utf-8")


def test_the_scenario_of_the_documentation_is_one() -> None:
    block = PAGE.split("```yaml\n")[1].split("```")[0]
    scenario = Scenario.model_validate(yaml.safe_load(block))
    settings = scenario.settings()
    settings["ledger"]["base_url"] = "https://seeds.example"
    config = Config.model_validate(settings)
    assert [check.name for check in config.checks] == ["seed-list", "health"]
    assert config.checks[0].claims == ("seed-list",)
    assert [event.at for event in scenario.events] == [300.0, 720.0]


def test_all_that_may_happen_is_documented() -> None:
    table = PAGE.partition("What may happen at a time:")[2].partition("In `config`")[0]
    assert [key for key in Event.model_fields if f"`{key}" not in table] == ["at"]


def test_each_scenario_is_in_the_measured_table() -> None:
    rows = PAGE.partition("## Measured")[2].splitlines()
    measured = [row.split("|")[1].strip().strip("`") for row in rows if row.startswith("| `")]
    assert measured == sorted(path.stem for path in SCENARIOS.glob("*.yaml"))
