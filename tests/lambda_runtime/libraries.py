"""The libraries of Lambda's Python runtime: the runtime client, boto3 and what they need, and nothing else."""

from __future__ import annotations

from importlib.metadata import distribution
from pathlib import Path

# AWS Lambda Developer Guide, "Runtime-included SDK versions".
DISTRIBUTIONS = (
    "awslambdaric",
    "boto3",
    "botocore",
    "jmespath",
    "python-dateutil",
    "s3transfer",
    "simplejson",
    "six",
    "snapshot-restore-py",
    "urllib3",
)


def link_libraries(folder: Path) -> None:
    """Fill the folder with links to where they are installed."""
    for name in DISTRIBUTIONS:
        for entry in _top_level(name):
            (folder / entry.name).symlink_to(entry)


def _top_level(name: str) -> set[Path]:
    """Return the modules, packages and metadata of a distribution in site-packages."""
    installed = distribution(name)
    site = Path(str(installed.locate_file("")))
    return {site / file.parts[0] for file in installed.files or () if file.parts[0] not in ("..", "__pycache__")}
