"""Write docs/licences.md, the licences of what SLIPS brings along: python -m tests.habits.licences [FILE]"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "licences.md"
EXTRAS = {
    "slips": "what Lambda gets",
    "slips[cli]": "what else is on the machine that deploys",
    "slips[local]": "what else `slips run` needs",
    "slips[parquet]": "if you read or write Parquet",
    "slips[search]": "if you install it for many functions with `contains=`",
}
_OLD_NAMES = {
    "MIT License": "MIT", "BSD License": "BSD", "Apache Software License": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0", "Apache 2.0": "Apache-2.0", "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "MIT No Attribution License (MIT-0)": "MIT-0", "Python Software Foundation License": "PSF-2.0",
}  # fmt: skip
_ABOUT = """# Licences of dependencies

`make docs` writes this page from what the packages say of themselves. SLIPS is under the Apache License 2.0.
"""


def page() -> str:
    """Return the whole page. A package is listed once, where it is needed first."""
    parts, seen = [_ABOUT], {"slips"}
    for extra, why in EXTRAS.items():
        names = sorted(_needed(Requirement(extra)) - seen)
        seen |= set(names)
        parts.append(f"## {extra}: {why}\n\n| package | licence |\n| --- | --- |")
        parts[-1] += "".join(f"\n| {name} | {licence(distribution(name))} |" for name in names) + "\n"
    return "\n".join(parts)


def licence(package: Distribution) -> str:
    """Return the licence as SPDX writes it, where the package says which. Raises ValueError where it says nothing."""
    metadata = package.metadata
    if expression := metadata["License-Expression"]:
        return str(expression)
    classifiers = metadata.get_all("Classifier") or []
    named = [each.rpartition(" :: ")[2] for each in classifiers if each.startswith("License :: OSI Approved ::")]
    said = str(metadata["License"] or "")
    if not named and said and len(said) < 40:
        named = [said]
    named = named or list(_read(package))
    if not named:
        raise ValueError(f"{metadata['Name']} names no licence; read its files, and write it here")
    return ", ".join(sorted({_OLD_NAMES.get(name, name) for name in named}))


def _read(package: Distribution) -> Iterator[str]:
    """Yield what the first lines of its files of licences name."""
    for file in package.files or ():
        if "licen" in file.name.lower():
            head = " ".join(file.read_text().split())[:400]
            if re.search(r"MIT License|Permission is hereby granted, free of charge", head):
                yield "MIT"


def _needed(requirement: Requirement, seen: frozenset[str] = frozenset()) -> set[str]:
    """Return the names of what a requirement installs, itself included."""
    name = canonicalize_name(requirement.name)
    if f"{name}{sorted(requirement.extras)}" in seen:
        return set()
    seen |= {f"{name}{sorted(requirement.extras)}"}
    needed = {name}
    for line in distribution(requirement.name).requires or ():
        inner = Requirement(line)
        extras = requirement.extras or {""}
        if inner.marker is None or any(inner.marker.evaluate({"extra": extra}) for extra in extras):
            needed |= _needed(inner, seen)
    return needed


if __name__ == "__main__":
    (Path(sys.argv[1]) if len(sys.argv) > 1 else PAGE).write_text(page())
