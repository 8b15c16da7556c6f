"""The files of a new project, as text."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from .wheel import NAME

MODULE = '''"""{title}. README.md says how to run, test and deploy it."""
'''

WIRING = """

# The Lambda functions. Chalice looks each one up by its name in this module.
for topic in slips.topics:
    dispatch = app.on_sns_message(topic=topic.arn, name=topic.name)(slips.dispatch)
process_fast = app.on_kinesis_record(
    stream=slips.fast.stream,
    batch_size=slips.fast.batch_size,
    maximum_batching_window_in_seconds=slips.fast.batch_window,
    starting_position="TRIM_HORIZON",
)(slips.process_fast)
process_slow = app.on_kinesis_record(
    stream=slips.slow.stream,
    batch_size=slips.slow.batch_size,
    maximum_batching_window_in_seconds=slips.slow.batch_window,
    starting_position="TRIM_HORIZON",
)(slips.process_slow)
report = app.on_sns_message(topic=slips.dead_letters)(slips.report)
retry = app.schedule("rate(1 minute)")(slips.retry)
app.register_blueprint(slips.api)
"""

FUNCTION = '''

@slips.on_format("{format}")
def {name}(meta: Meta, event: dict[str, Any]) -> None:
    """Called once for each event. Here you alert, send, count; this one prints."""
    print(meta.datetime.isoformat(), meta.tag, event)
'''

GITIGNORE = """.venv/
__pycache__/
.slips/
inbox/
outbox/
.chalice/venv/
.chalice/deployments/
"""

PYTEST = """[pytest]
testpaths = tests
pythonpath = .
"""

README = """# {name}

    slips run                    the whole pipeline on this machine, with samples/
    slips errors --local         what failed, while `slips run` is up
    python -m pytest             the tests (once: pip install pytest)
    slips check                  faults of slips.yml and app.py
    slips deploy --stage dev --bucket-notifications BUCKET
                                 into your AWS account, and let the bucket notify it
    slips check --deployed       is the account as slips.yml says?

app.py holds your functions, slips.yml says which objects hold which format. Commit .chalice/, by which Chalice finds
what it deployed. A newer SLIPS: `pip install -U`, then `slips check`, which says what it asks for.
"""


LONGEST = 40
"""Characters of an app_name: Lambda's names, `APP-STAGE-FUNCTION`, have at most 64 (Lambda API, CreateFunction)."""


def project_name(folder: str) -> str:
    """A name for the project's stack and app: letters, digits and hyphens, a letter first (Amazon CloudFormation)."""
    name = re.sub(r"[^a-z0-9]+", "-", folder.lower()).strip("-")[:LONGEST]
    return name if name[:1].isalpha() else f"logs-{name}".strip("-")


def app_module(title: str, name: str, *, imports: Sequence[str] = (), body: str = "") -> str:
    """app.py: `body` stands between the Slips and the wiring."""
    ours = {line.removeprefix("from slips import ") for line in imports if line.startswith("from slips import ")}
    standard = {line for line in imports if not line.startswith("from slips import ")} | {"from typing import Any"}
    names = ", ".join(sorted({"Meta", "Slips", *ours}))
    blocks = [sorted(standard, key=_import_order), ["from chalice.app import Chalice", f"from slips import {names}"]]
    head = "\n\n".join("\n".join(block) for block in blocks)
    made = f'app = Chalice(app_name="{name}")\nslips = Slips(app, config="slips.yml")\n'
    return f"{MODULE.format(title=title)}\n{head}\n\n{made}{body}{WIRING}"


def _import_order(line: str) -> tuple[bool, str]:
    return line.startswith("from"), line


def chalice_config(name: str) -> str:
    """`.chalice/config.json`, with memory (MB) and timeouts (seconds) that fit each function."""
    settings: dict[str, Any] = {
        "version": "2.0",
        "app_name": name,
        "autogen_policy": False,
        "lambda_functions": {
            "dispatch": {"lambda_memory_size": 256, "lambda_timeout": 180},
            # From 1,769 MB on Lambda gives a whole core; 900 seconds are its longest.
            "process_fast": {"lambda_memory_size": 1769, "lambda_timeout": 900},
            "process_slow": {"lambda_memory_size": 1769, "lambda_timeout": 900},
            "report": {"lambda_memory_size": 256, "lambda_timeout": 180},
            "retry": {"lambda_memory_size": 512, "lambda_timeout": 55},
            "api_handler": {"lambda_memory_size": 512, "lambda_timeout": 30},
        },
        "stages": {
            "dev": {
                "api_gateway_stage": "api",
                "api_gateway_endpoint_type": "REGIONAL",
                "environment_variables": {"SLIPS_CONFIG": "slips.yml"},
            }
        },
    }
    return json.dumps(settings, indent=2) + "\n"


_ABOUT_WHEEL = "# What Lambda needs. SLIPS as the wheel that `slips init` put here; `slips check` compares its SHA-256:"


def requirements(sha256: str) -> str:
    """requirements.txt: what Chalice packages."""
    return f"{_ABOUT_WHEEL}\n# sha256:{sha256}\n./wheels/{NAME}\n"


def names_slips(line: str) -> bool:
    """Whether a line of requirements.txt is about SLIPS: the requirement, its digest, or the comment on both."""
    return line == _ABOUT_WHEEL or re.match(r"(\./wheels/slips-|#\s*sha256:|slips\b)", line) is not None


def readme(name: str) -> str:
    """README.md."""
    return README.format(name=name)
