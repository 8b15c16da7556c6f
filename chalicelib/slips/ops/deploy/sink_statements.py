"""What the sinks that app.py declares need of IAM."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from ...errors import ConfigError, Where
from ...sinks.base import Sink
from .policy_statements import Statement

_MENTION = re.compile(r"\bslips\.sinks\b|\bfrom\s+slips\s+import\b[^#\n]*\bsinks\b")
SECONDS = 60
"""For the import of app.py."""
_SCRIPT = """
import json, pathlib, sys
own = pathlib.Path("chalicelib/slips").resolve()
if own.is_dir():  # A clone brings its own SLIPS, whatever this Python has installed.
    from importlib.util import module_from_spec, spec_from_file_location

    spec = spec_from_file_location("slips", own / "__init__.py", submodule_search_locations=[str(own)])
    sys.modules["slips"] = module_from_spec(spec)
    spec.loader.exec_module(sys.modules["slips"])
from slips.ops.deploy.sink_statements import statements_of
from slips.ops.develop.project import load_project
slips = load_project().slips
pathlib.Path(sys.argv[1]).write_text(json.dumps(list(statements_of(slips.sinks_by_function.values()))))
"""


def read_sink_statements(project: Path, config_name: str) -> list[Statement]:
    """Return the statements for the sinks of a project, by the slips.yml of that name. Its app.py is imported in a
    process of its own, if a module of the project names sinks at all. Raises ConfigError where that fails."""
    if not any(_MENTION.search(file.read_text(errors="replace")) for file in _modules(project)):
        return []
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "statements.json"
        command = [sys.executable, "-c", _SCRIPT, str(answer)]
        environment = {**os.environ, "SLIPS_CONFIG": config_name, "PYTHONDONTWRITEBYTECODE": "1"}
        ended = subprocess.run(  # noqa: S603 - our own command
            command, cwd=project, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
        )
        if ended.returncode:
            reason = (ended.stderr.strip().splitlines() or ["it ended without a message"])[-1]
            raise ConfigError(
                [f"app.py: SLIPS cannot write the policy of its sinks, because app.py cannot be imported: {reason}"],
                where=Where(file="app.py"),
            )
        statements: list[Statement] = json.loads(answer.read_text())
        return statements


def statements_of(sinks: Iterable[Sink]) -> Iterator[Statement]:
    """The statements of these sinks, each once, with a name."""
    known: list[dict[str, object]] = []
    for sink in sinks:
        for statement in sink.statements():
            if statement not in known:
                known.append(statement)
                yield {"Sid": f"Sink{len(known)}", **statement}


def _modules(project: Path) -> Iterator[Path]:
    """Those of the project: app.py, and what lies in chalicelib/ beside SLIPS."""
    for file in (project / "app.py", *(project / "chalicelib").rglob("*.py")):
        if file.is_file() and (project / "chalicelib" / "slips") not in file.parents:
            yield file
