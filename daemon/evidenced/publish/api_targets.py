"""`/api/v1/targets`: the shards there are, in the form of Prometheus' http_sd."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from aiohttp import web

from evidenced.publish.api_answer import answered
from evidenced.publish.api_operations import LIST_TARGETS
from evidenced.publish.api_target_models import TargetGroup, TargetList
from evidenced.watch.shards import Shard


@dataclass(frozen=True, slots=True)
class TargetsDoor:
    """Lists the shards that are known, also those that are silent: Prometheus finds them down.

    `known` gives each with whether it is heard of.
    """

    known: Callable[[], Iterable[tuple[Shard, bool]]]

    def routes(self) -> list[web.RouteDef]:
        """The path that this answers."""
        return [LIST_TARGETS.route(self._list)]

    async def _list(self, request: web.Request) -> web.Response:
        groups = [TargetGroup.of(shard, heard=heard) for shard, heard in self.known()]
        return await answered(request, lambda: TargetList(groups))
