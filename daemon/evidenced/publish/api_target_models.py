"""What Prometheus reads to find the shards: http_sd's own form."""

from typing import Self

from pydantic import RootModel

from evidenced.publish.api_models import Answer
from evidenced.watch.shards import Shard


class TargetGroup(Answer):
    """One shard: its address, and labels that are there while targets are relabelled."""

    targets: tuple[str, ...]
    labels: dict[str, str]

    @classmethod
    def of(cls, shard: Shard, *, heard: bool) -> Self:
        """The group of one."""
        labels = {
            "__meta_evidenced_shard": f"{shard.index}",
            "__meta_evidenced_shard_count": f"{shard.count}",
            "__meta_evidenced_heard": "true" if heard else "false",
        }
        return cls(targets=(shard.address,), labels=labels)


class TargetList(RootModel[list[TargetGroup]]):
    """All shards that are known, the silent ones too."""
