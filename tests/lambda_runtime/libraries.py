"""What Lambda's Python runtime has beside the function's package: the runtime client and boto3, and nothing else."""

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
    """Fill the folder with links to them, where they are installed."""
    for name in DISTRIBUTIONS:
        for entry in _top_level(name):
            (folder / entry.name).symlink_to(entry)


def _top_level(name: str) -> set[Path]:
    """The modules, packages and metadata of a distribution, as they lie in site-packages."""
    found = distribution(name)
    site = Path(str(found.locate_file("")))
    return {site / file.parts[0] for file in found.files or () if file.parts[0] not in ("..", "__pycache__")}
