"""`evidenced validate`: whether all that the operator and the team wrote is sound."""

from evidenced.app.listing import problems
from evidenced.app.loading import start
from evidenced.cli import show
from evidenced.cli.options import ConfigOption, bad_input_exits, config_path, console
from evidenced.config.problem import ConfigError
from evidenced.publish.rules import rules


def validate(config: ConfigOption = None) -> None:
    """Say whether the configuration, the ledger and the rules made of them are sound."""
    with bad_input_exits():
        path = config_path(config)
        loaded = start(path)
        if bad := tuple(problems(loaded.listings)):
            raise ConfigError(*bad)
        if loaded.config.blackbox:
            # A large grammar of its own, which few configurations have.
            from evidenced.config.blackbox.load import load_blackbox

            load_blackbox(loaded.config.blackbox)
        rules(loaded.config)
    show.validated(path, loaded.plan, console(), loaded.warnings)
