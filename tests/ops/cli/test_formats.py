"""`slips formats`: the list of formats, and the page made of it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from click.testing import CliRunner

from slips.formats.registry import all_formats
from slips.ops.cli.formats import formats
from slips.ops.cli.formats_page import page

from ..terminal import run_on_terminal

PAGE = Path(__file__).resolve().parents[3] / "docs" / "formats.md"

NAMES = [
    "s3-lines",
    "s3-text",
    "s3-json",
    "s3-json-stream",
    "s3-csv",
    "s3-tsv",
    "s3-w3c",
    "s3-xml",
    "s3-parquet",
    "s3-multiline",
    "ignore",
    "json",
    "fluentd-json",
    "csv",
    "syslog",
    "syslog-rfc3164",
    "syslog-rfc5424",
    "cef",
    "leef",
    "logfmt",
    "gelf",
    "docker-json",
    "cri",
    "journald",
    "cloudtrail",
    "cloudtrail-insight",
    "cloudtrail-digest",
    "cloudtrail-lake",
    "guardduty",
    "security-hub",
    "aws-config",
    "eventbridge",
    "vpc-flow",
    "transit-gateway-flow",
    "alb",
    "alb-connection",
    "nlb",
    "clb",
    "s3-access",
    "cloudfront",
    "cloudfront-realtime",
    "aws-waf",
    "route53-resolver",
    "route53-public-dns",
    "network-firewall",
    "cloudwatch-logs",
    "cloudwatch-export",
    "kubernetes-audit",
    "rds-mysql-audit",
    "rds-postgresql",
    "redshift-connection",
    "redshift-useractivity",
    "lambda-json",
    "api-gateway-access",
    "verified-access",
    "security-lake",
    "ocsf",
    "s3-inventory",
    "ecs-hako",
    "g-suite-login",
    "google-workspace",
    "gcp-audit",
    "gcp-log",
    "gcp-load-balancer",
    "azure-ad-event",
    "azure-ad-audit",
    "azure-ad-risk-event",
    "entra-signin",
    "entra-audit",
    "entra-risk",
    "azure-activity",
    "m365-audit",
    "defender-alert",
    "defender-hunting",
    "windows-event",
    "windows-event-xml",
    "sysmon",
    "iis",
    "cylance",
    "cylance-event",
    "cylance-threat",
    "falcon",
    "falcon-detection",
    "crowdstrike-stream",
    "crowdstrike-fdr",
    "sentinelone",
    "sentinelone-funnel",
    "carbonblack",
    "okta",
    "onelogin",
    "auth0",
    "duo-auth",
    "duo-admin",
    "onepassword-signin",
    "onepassword-item",
    "github-audit",
    "gitlab-audit",
    "gitlab-api",
    "slack-audit",
    "slack-access",
    "atlassian-audit",
    "box-event",
    "dropbox-event",
    "asana-audit",
    "zendesk-audit",
    "zoom-activity",
    "zoom-operation",
    "salesforce-event-log",
    "snowflake-login",
    "snowflake-query",
    "teleport-audit",
    "vault-audit",
    "mongodb-atlas",
    "snyk-audit",
    "lacework",
    "jamf-pro",
    "netskope",
    "databricks-audit",
    "notion-audit",
    "tines-audit",
    "wiz-audit",
    "openai-audit",
    "anthropic-activity",
    "tailscale-audit",
    "cloudflare-http",
    "cloudflare-firewall",
    "cloudflare-gateway",
    "cloudflare-dns",
    "cloudflare-spectrum",
    "cloudflare-audit",
    "fastly-access",
    "zeek",
    "suricata-eve",
    "snort-alert",
    "osquery",
    "falco",
    "sysdig-audit",
    "auditd",
    "auditbeat",
    "packetbeat",
    "kea",
    "ossec",
    "nginx-access",
    "nginx-error",
    "apache-access",
    "apache-error",
    "haproxy",
    "squid",
    "paloalto",
    "fortigate",
    "cisco-asa",
    "cisco-umbrella-dns",
    "cisco-umbrella-proxy",
    "cisco-umbrella-ip",
    "zscaler-nss",
    "checkpoint",
    "juniper-srx",
    "sophos-central",
    "postgresql-csvlog",
    "mysql-audit",
    "heroku",
    "laravel",
]
"""The names that slips.yml files rely on: none of them may go or change."""


def test_the_list_has_every_promised_name() -> None:
    done = CliRunner().invoke(formats, ["--json"])
    assert set(NAMES) - {row["name"] for row in json.loads(done.stdout)} == set()


def test_a_row_says_what_a_format_is() -> None:
    (row,) = json.loads(CliRunner().invoke(formats, ["--json", "okta"]).stdout)
    assert row == {
        "name": "okta",
        "tag": "okta.system_log",
        "source": "s3-json",
        "time": "published, else detail.published",
        "description": "Okta System Log",
        "document": "Okta: System Log API, LogEvent object",
        "variants": [
            "JSON documents, also with an array of events under `data.events`",
            "a partner event of EventBridge, its record under `detail`",
        ],
        "not_read": [],
    }


def test_on_a_narrow_terminal_an_entry_is_a_line(tmp_path: Path) -> None:
    code = "import sys; from slips.ops.cli import main; main(['--no-color', 'formats', 'cloud'], prog_name='slips')"
    for columns, titles in ((80, ["format", "framing", "description"]), (300, ["format", "tag", "framing", "time"])):
        _, text = run_on_terminal(["env", f"COLUMNS={columns}", sys.executable, "-c", code], tmp_path)
        lines = text.splitlines()
        assert lines[0].split()[: len(titles)] == titles
        assert all(len(line) <= columns for line in lines)
        names = {known.name for known in all_formats()}
        assert columns > 80 or all(line.split()[0] in names for line in lines[1:])


def test_words_narrow_the_table_and_none_found_is_a_failure() -> None:
    assert "okta.system_log" in CliRunner().invoke(formats, ["OKTA", "system"]).stdout
    done = CliRunner().invoke(formats, ["nothing-of-the-kind"])
    assert (done.exit_code, done.stdout) == (1, "")
    assert "`slips formats` lists them all" in done.stderr


def test_every_format_says_what_it_is() -> None:
    for known in all_formats():
        assert known.name == known.name.lower()
        assert known.description
        assert not known.description.endswith(".")
        assert "\n" not in known.description
        assert known.tag_text
        assert known.document
        assert known.example
        assert known.example.decode()


def test_the_page_of_formats_is_up_to_date() -> None:
    assert PAGE.read_text() == page(all_formats()), "run: slips formats --markdown > docs/formats.md"


def test_the_page_shows_a_format_once_under_its_vendor_with_an_example() -> None:
    text = CliRunner().invoke(formats, ["--markdown", "okta"]).stdout
    assert text.count("### okta\n") == 1
    assert "## Who signed in" in text
    assert "- Usual chain: `[s3-json, okta]`" in text
    assert '"eventType":"user.session.start"' in text
