"""docs/how-to/: the Python runs, and the commands do what they show in the project of the tutorial."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

from reference.metrics import alarms
from slips.testing import SlipsTester

from .blocks import ROOT, Reader, read_blocks

FOLDER = ROOT / "docs" / "how-to"
ORDERS = """2026-03-01T09:15:02Z|1001|ada@example.com|12.50
2026-03-01T09:15:07Z|1002|bob@example.com|99.90
2026-03-01T09:16:41Z|1003|eve@example.com|7.25
"""
HEAD = """from chalice.app import Chalice
from slips import Slips

app = Chalice(app_name="my-logs")
slips = Slips(app, config="slips.yml")
"""
CONFIG = "stack_name: mine\nbucket_mapping: {logs: [{prefix: in/, format: [s3-lines, json]}]}\n"


@pytest.fixture
def app_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, str], tuple[ModuleType, str]]]:
    """The app.py that a page shows, behind these first lines, and the test behind it, where there is one."""
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "slips.yml").write_text(CONFIG)

    def import_page(page: str, head: str) -> tuple[ModuleType, str]:
        shown = [block.text for block in read_blocks(FOLDER / f"{page}.md") if block.language == "python"]
        code = [text for text in shown if "def test_" not in text]
        (tmp_path / "how_to_app.py").write_text("\n".join([head, *code]))
        return import_module("how_to_app"), "".join(text for text in shown if "def test_" in text)

    yield import_page
    sys.modules.pop("how_to_app", None)


@pytest.mark.parametrize(("page", "head"), [("aws-services", ""), ("write-a-format", HEAD)])
def test_the_test_of_a_page_passes(
    page: str, head: str, app_of: Callable[[str, str], tuple[ModuleType, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    module, text = app_of(page, head)
    if page == "write-a-format":
        module.slips.on_format("door-badge")(lambda meta, event: None)
    names: dict[str, Callable[..., None]] = {}
    exec(text, names)
    [name] = [name for name in names if name.startswith("test_")]
    arguments = {"run": SlipsTester(module), "monkeypatch": monkeypatch}
    wanted = names[name].__code__.co_varnames[: names[name].__code__.co_argcount]
    names[name](**{each: arguments[each] for each in wanted})


def test_a_client_of_the_page_secrets_is_made_for_each_secret(
    app_of: Callable[[str, str], tuple[ModuleType, str]],
) -> None:
    module, _ = app_of("secrets", HEAD)
    clients = []
    for password in ("old", "old", "new"):
        module.setup({"password": password})
        clients.append(module.client)
    assert clients[0] is clients[1] is not clients[2]


def test_each_alarm_is_of_one_kind() -> None:
    _, _, section = (FOLDER / "operate.md").read_text().partition("## When an alarm rings\n")
    cells = [line.split(" | ")[0] for line in section.partition("\n## ")[0].splitlines() if line.startswith("| `")]
    patterns = [
        name.replace("LANE", "*").replace("…", "*") for cell in cells for name in re.findall(r"`([^`]+)`", cell)
    ]
    for alarm in alarms():
        name = alarm["AlarmName"].removeprefix("STACK-")
        assert len([pattern for pattern in patterns if fnmatchcase(name, pattern)]) == 1, name


@pytest.mark.slow
@pytest.mark.parametrize("page", ["backfill", "slow-lane", "stages"])
def test_a_page_does_what_it_shows(page: str, project: Path, tmp_path: Path) -> None:
    shutil.copytree(project, tmp_path / "shop", symlinks=True)
    reader = Reader(tmp_path / "shop")
    try:
        for block in read_blocks(FOLDER / f"{page}.md"):
            reader.follow(block)
    finally:
        reader.close()


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project that the tutorial begins."""
    folder = tmp_path_factory.mktemp("how-to")
    (folder / "orders.log").write_text(ORDERS)
    Reader(folder).run("slips init shop --sample orders.log --bucket shop-logs", ["…"])
    return folder / "shop"
