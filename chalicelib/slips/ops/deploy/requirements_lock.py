"""requirements.lock: the files that Lambda gets for requirements.txt, each with its SHA-256.

pip chooses and checks them. Chalice, which calls pip itself, then gets the folder with the checked files, and no
index.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from urllib.parse import urlsplit
from urllib.request import url2pathname

from chalice.config import Config as ChaliceConfig

from ...errors import DeploymentError
from ..text_files import read_text_file
from .stage import DeploymentStage, read_stages

NAME: Final = "requirements.lock"
RENEW: Final = "run: slips lock"
_PYTHON: Final = f"{sys.version_info.major}.{sys.version_info.minor}"
_GLIBC: Final = 26 if sys.version_info < (3, 12) else 34
"""Minor version of the glibc 2 of Lambda's Python: Amazon Linux 2 up to 3.11, then Amazon Linux 2023 (AWS Lambda,
"Lambda runtimes")."""
_MACHINES: Final = {"x86_64": "x86_64", "arm64": "aarch64"}
"""As wheels call Lambda's architectures."""
_HEADER: Final = re.compile(r"# Python (\S+), (.+); requirements\.txt sha256:([0-9a-f]{64})\n")


def write_lock(project: Path) -> list[str]:
    """Lock the newest files that requirements.txt allows, for all stages; return a line for each change. Raises
    ConfigError; DeploymentError with what pip says."""
    path, architectures = project / NAME, _architectures(project)
    digest = _digest(project)
    before = _read_lines(path)
    hashes: dict[str, set[str]] = {}
    for architecture in architectures:
        for requirement, sha256 in _choose_files(project, architecture, hashes):
            hashes.setdefault(requirement, set()).add(sha256)
    after = {
        name: _format_line(name, found) for name, found in sorted(hashes.items(), key=lambda each: each[0].lower())
    }
    header = f"# Python {_PYTHON}, {', '.join(architectures)}; requirements.txt sha256:{digest}\n"
    about = "# What Lambda gets, locked by `slips lock`; `slips deploy` and `slips package` refuse any other file.\n"
    path.write_text("".join([about, header, *(f"{line}\n" for line in after.values())]))
    return _describe_changes(before, after)


def _choose_files(project: Path, architecture: str, fixed: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield a requirement and the SHA-256 of its file for each package that the architecture needs; versions that are
    `fixed` already stay."""
    with TemporaryDirectory(prefix="slips-lock-") as folder:
        report, constraints = Path(folder) / "report.json", Path(folder) / "constraints.txt"
        constraints.write_text("".join(f"{each}\n" for each in fixed if not each.startswith(".")))
        _run_pip(
            project, "install", "--dry-run", "--ignore-installed", "--report", str(report), "--target", folder,
            *_platform_options(architecture), "-r", "requirements.txt", "-c", str(constraints),
        )  # fmt: skip
        files = json.loads(report.read_text())["install"] if report.exists() else []
    for file in files:
        yield _name_requirement(file, project), _find_hash(file)


def _name_requirement(file: Mapping[str, Any], project: Path) -> str:
    """`name==version`, or the path of a file that requirements.txt names."""
    if not file["is_direct"]:
        return f"{file['metadata']['name']}=={file['metadata']['version']}"
    path = Path(url2pathname(urlsplit(file["download_info"]["url"]).path)).resolve()
    if not path.is_relative_to(project.resolve()):
        raise DeploymentError(f"{path}: is outside of the project, which is all that Lambda gets; put it into wheels/")
    return f"./{path.relative_to(project.resolve()).as_posix()}"


def _find_hash(file: Mapping[str, Any]) -> str:
    try:
        return str(file["download_info"]["archive_info"]["hashes"]["sha256"])
    except KeyError:
        url = file["download_info"]["url"]
        raise DeploymentError(f"{url}: only a file can be locked; build a wheel of it, and name that") from None


def _format_line(requirement: str, hashes: Iterable[str]) -> str:
    return " ".join([requirement, *(f"--hash=sha256:{each}" for each in sorted(hashes))])


def _read_lines(path: Path) -> dict[str, str]:
    """The lines of a lock by requirement."""
    lines = path.read_text().splitlines() if path.exists() else []
    return {line.split(" ", 1)[0]: line for line in lines if line and not line.startswith("#")}


def _describe_changes(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    lines = [f"+ {name}" for name in after if name not in before]
    lines += [f"- {name}" for name in before if name not in after]
    return lines + [f"~ {name}: another file" for name in after if name in before and before[name] != after[name]]


def find_lock_problem(project: Path) -> str:
    """What is wrong with the lock of a project, and what to do; empty where there is none, or nothing. Raises
    ConfigError."""
    path = project / NAME
    if not path.exists():
        return ""
    header = _HEADER.search(path.read_text())
    if header is None:
        return f"{NAME}: was not written by `slips lock`; {RENEW}"
    python, architectures, digest = header.groups()
    if digest != _digest(project):
        return f"{NAME}: requirements.txt has changed since; {RENEW}"
    if python != _PYTHON:
        return f"{NAME}: is for Python {python}, and this is {_PYTHON}, which Lambda would run; {RENEW}"
    missing = [each for each in _architectures(project) if each not in architectures.split(", ")]
    return f"{NAME}: holds nothing for {missing[0]}; {RENEW}" if missing else ""


def check_lock(project: Path) -> None:
    """Raise DeploymentError where the lock does not fit the project."""
    if problem := find_lock_problem(project):
        raise DeploymentError(problem)


def unlocked_warnings(project: Path) -> list[str]:
    """Return a line where nothing says which versions Lambda gets."""
    if (project / NAME).exists():
        return []
    return [f"requirements.txt is not locked: the next deployment may bring other versions; {RENEW}"]


@contextmanager
def locked_files(stage: DeploymentStage) -> Iterator[Mapping[str, str]]:
    """Fetch the locked files, and yield the environment in which pip, however it is called, finds these alone. Without
    a lock the environment is empty. Raises DeploymentError where a file is not the one that was locked."""
    if not (stage.project / NAME).exists():
        yield {}
        return
    check_lock(stage.project)
    architecture = _architecture(stage)
    with TemporaryDirectory(prefix="slips-wheels-") as folder:
        options = ["--require-hashes", "--no-deps", *_platform_options(architecture)]
        _run_pip(stage.project, "download", *options, "--dest", folder, "-r", NAME)
        yield {
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": folder,
            # The platform of Lambda at once: this machine may be another, for which nothing is locked.
            "PIP_ONLY_BINARY": ":all:",
            "PIP_PLATFORM": " ".join(_platforms(architecture)),
            "PIP_PYTHON_VERSION": _PYTHON,
            "PIP_IMPLEMENTATION": "cp",
        }


def describe_lock(project: Path) -> str:
    """A text that changes with the lock; empty where there is none."""
    path = project / NAME
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""


def _digest(project: Path) -> str:
    """The SHA-256 of what requirements.txt asks for."""
    path = project / "requirements.txt"
    lines = (line.strip() for line in (read_text_file(path) if path.exists() else "").splitlines())
    asked = "\n".join(line for line in lines if line and not line.startswith("#"))
    return hashlib.sha256(asked.encode()).hexdigest()


def _architectures(project: Path) -> list[str]:
    return sorted({_architecture(stage) for stage in read_stages(project)}) or ["x86_64"]


def _architecture(stage: DeploymentStage) -> str:
    return str(ChaliceConfig(chalice_stage=stage.name, config_from_disk=stage.settings).lambda_architecture)


def _platforms(architecture: str) -> list[str]:
    machine = _MACHINES[architecture]
    # pip takes each as it is, and the first that has a file.
    return [*(f"manylinux_2_{minor}_{machine}" for minor in range(_GLIBC, 16, -1)), f"manylinux2014_{machine}"]


def _platform_options(architecture: str) -> list[str]:
    platforms = [option for platform in _platforms(architecture) for option in ("--platform", platform)]
    return ["--only-binary=:all:", "--implementation", "cp", "--python-version", _PYTHON, *platforms]


def _run_pip(project: Path, command: str, *arguments: str) -> None:
    # -P: no module of the project's is taken for pip's. The arguments are only ours.
    process = subprocess.run(  # noqa: S603
        [sys.executable, "-P", "-m", "pip", command, "--quiet", "--disable-pip-version-check", *arguments],
        cwd=project, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if process.returncode != 0:
        raise DeploymentError(f"pip {command}: {_reason(process.stderr)}")


def _reason(output: str) -> str:
    """What pip calls an error, in a line; of a traceback, its last."""
    if "Traceback (most recent call last):" in output:
        return [line for line in output.splitlines() if line[:1].strip()][-1]
    found = re.findall(
        r"(?m)^(?:ERROR: )?(.*\S.*)$", output[output.find("ERROR: ") :] if "ERROR: " in output else output
    )
    return " ".join(" ".join(found).split()) or "it does not say why"
