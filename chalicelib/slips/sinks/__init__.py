"""Where functions send: destinations that take documents in batches.

    from slips.sinks import Firehose

    slips.send("cloudtrail", to=Firehose("audit"))

base                Sink and Document, and what sinks share: JSON, and requests within a destination's limits
buffer              batches for a function of one's own
opensearch          OpenSearch and Elasticsearch
opensearch_answers  what the bulk API says of each document
opensearch_auth     its credentials, and AWS's signatures
opensearch_index    names of indexes, and documents of data streams
s3_archive          files of events in S3, in folders by format and hour
archive_files       its files, and their names
archive_rows        its rows
parquet_table       rows as a Parquet file
aws_batches         what of a batch AWS's services took
emulated            what sinks of AWS create under `slips run`
keys                what documents are grouped by: partition keys, message groups
messages            what SQS and SNS share
firehose            Amazon Data Firehose
kinesis             Amazon Kinesis Data Streams
sqs                 Amazon SQS
sns                 Amazon SNS
http                JSON over HTTP, to any destination
http_client         connections, credentials and repeats of sinks on HTTP
http_answers        which answers over HTTP mean what
splunk              Splunk's HTTP Event Collector
datadog             Datadog Logs
loki                Grafana Loki
slack               Slack
webhook             signed webhooks
gelf                Graylog, over HTTP and TCP
gelf_message        a document as a message of GELF
gelf_tcp            GELF over a connection that stays
quiet_groups        which groups were told of a moment ago
tls                 certificates
secrets             credentials of sinks, by reference

A sink's module is imported when it is first named: each needs a library of its own.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .base import Document as Document
    from .base import Sink as Sink
    from .buffer import Buffer as Buffer
    from .datadog import DatadogLogs as DatadogLogs
    from .firehose import Firehose as Firehose
    from .gelf import Gelf as Gelf
    from .http import Http as Http
    from .kinesis import KinesisStream as KinesisStream
    from .loki import Loki as Loki
    from .opensearch import OpenSearch as OpenSearch
    from .s3_archive import S3Archive as S3Archive
    from .slack import Slack as Slack
    from .sns import Sns as Sns
    from .splunk import SplunkHec as SplunkHec
    from .sqs import Sqs as Sqs
    from .webhook import Webhook as Webhook

_MODULES = {
    "Buffer": "buffer",
    "DatadogLogs": "datadog",
    "Document": "base",
    "Firehose": "firehose",
    "Gelf": "gelf",
    "Http": "http",
    "KinesisStream": "kinesis",
    "Loki": "loki",
    "OpenSearch": "opensearch",
    "S3Archive": "s3_archive",
    "Sink": "base",
    "Slack": "slack",
    "Sns": "sns",
    "SplunkHec": "splunk",
    "Sqs": "sqs",
    "Webhook": "webhook",
}

__all__ = [
    "Buffer",
    "DatadogLogs",
    "Document",
    "Firehose",
    "Gelf",
    "Http",
    "KinesisStream",
    "Loki",
    "OpenSearch",
    "S3Archive",
    "Sink",
    "Slack",
    "Sns",
    "SplunkHec",
    "Sqs",
    "Webhook",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"slips.sinks has no {name}; it has {', '.join(sorted(_MODULES))}")
    return getattr(import_module(f".{_MODULES[name]}", __name__), name)
