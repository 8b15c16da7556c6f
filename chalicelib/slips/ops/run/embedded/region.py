"""The account and region of the embedded AWS: those of slips.yml, so that its ARNs are valid here too."""

from __future__ import annotations

from dataclasses import dataclass

from ....config import Config


@dataclass(frozen=True)
class Place:
    """An account in a region; the defaults are those of moto."""

    partition: str = "aws"
    region: str = "us-east-1"
    account: str = "123456789012"

    def arn(self, service: str, resource: str) -> str:
        """Return the ARN of a resource here."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"

    def topic(self, name: str) -> str:
        """Return the ARN of a topic here, by its name or by any ARN."""
        return self.arn("sns", name.rpartition(":")[2])


def place_of(config: Config) -> Place:
    """Return the place of the streams, or else of whatever slips.yml names by ARN."""
    named = (config.fast.stream_arn, config.slow.stream_arn, config.error_table_arn, config.dead_letters)
    for arn in (*named, *(topic.arn for topic in config.topics)):
        parts = arn.split(":")
        if parts[0] == "arn" and len(parts) > 5:
            return Place(parts[1], parts[3], parts[4])
    return Place()
