"""`slips explain` without an account."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from slips.config import load
from slips.ops.cli import main
from slips.ops.run.session import folders

CONFIG = "stack_name: mine\nbucket_mapping:\n  logs:\n    - {prefix: AWSLogs/*/vpc/, format: json}\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "slips.yml").write_text(CONFIG)
    app = "from chalice import Chalice\nfrom slips import Slips\napp = Chalice('app')\nslips = Slips(app)\n"
    (tmp_path / "app.py").write_text(app)
    (tmp_path / "log").write_text("{}\n")
    return tmp_path


@pytest.mark.parametrize(
    ("key", "lines", "code"),
    [
        ("AWSLogs/1/vpc/a", ["lane       fast  because slips.yml has no `routing`"], 0),
        ("AWSLogs/1/elb/a", ["lane       drop  by bucket_mapping: it is below no mapped prefix"], 0),
        ("stray/a", ["fault      no mapping of `bucket_mapping` matches s3://logs/stray/a"], 1),
    ],
)
def test_what_a_prefix_with_a_star_takes_and_lets_in(key: str, lines: list[str], code: int) -> None:
    ran = CliRunner().invoke(main, ["explain", "log", "--as", f"s3://logs/{key}"])
    assert ran.exit_code == code, ran.output
    assert all(line in ran.output for line in lines), ran.output


def test_the_inbox_has_a_folder_for_what_comes_before_a_star(folder: Path) -> None:
    assert folders(load(folder / "slips.yml")) == ["logs/AWSLogs"]
