"""The command `slips`. It says which extra to install where a package is missing, instead of a traceback."""

from __future__ import annotations

import sys

EXTRAS = {
    "cli": ("chalice", "click", "rich", "boto3", "botocore"),
    "local": ("moto", "flask", "flask_cors", "werkzeug"),
    "parquet": ("pyarrow",),
}
"""The packages that each extra of the wheel brings."""


def main() -> None:
    """Run the command line."""
    try:
        from .cli import main as commands

        commands(prog_name="slips")
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        extra = find_extra(package)
        if not extra:
            raise
        print(
            f"slips: this needs the package {package}; install it with: pip install 'slips[{extra}]'", file=sys.stderr
        )
        sys.exit(2)


def find_extra(package: str) -> str:
    """Name the extra that brings a package; empty where none does."""
    return next((extra for extra, packages in EXTRAS.items() if package in packages), "")
