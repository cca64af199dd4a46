from evidenced.config.check import KINDS, CheckSettings
from evidenced.config.defaults import REASONS
from evidenced.probes.attempt import Reason
from evidenced.probes.registry import KINDS as PROBES


def test_the_reasons_to_retry_on_are_those_that_probes_give() -> None:
    assert tuple(Reason) == REASONS


def test_every_kind_has_settings_and_a_probe() -> None:
    assert set(KINDS) == set(PROBES)
    assert set(KINDS) <= set(CheckSettings.model_fields)
