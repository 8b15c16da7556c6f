"""The inbox takes whole files only, each content once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from slips.errors import SlipsError
from slips.ops.run.inbox import STILL, STILL_UNSEEN, Inbox


class Uploads(list[tuple[str, str, bytes]]):
    def __call__(self, bucket: str, key: str, path: Path) -> None:
        self.append((bucket, key, path.read_bytes()))


@pytest.fixture
def uploads() -> Uploads:
    return Uploads()


@pytest.fixture
def inbox(tmp_path: Path, uploads: Uploads) -> Inbox:
    return Inbox(tmp_path, ["logs/g_suite"], uploads)


def look(inbox: Inbox, times: int = STILL + 1) -> None:
    for _ in range(times):
        inbox.look()


def test_the_folders_of_the_prefixes_are_there_for_cp(inbox: Inbox, tmp_path: Path) -> None:
    assert (tmp_path / "logs" / "g_suite").is_dir()


def test_a_file_becomes_the_object_of_its_path(inbox: Inbox, uploads: Uploads, tmp_path: Path) -> None:
    (tmp_path / "logs/g_suite/a b+c").mkdir()
    (tmp_path / "logs/g_suite/a b+c/x.gz").write_bytes(b"one")
    look(inbox)
    assert uploads == [("logs", "g_suite/a b+c/x.gz", b"one")]


def test_a_growing_file_waits(inbox: Inbox, uploads: Uploads, tmp_path: Path) -> None:
    path = tmp_path / "logs/x"
    for number in range(5):
        path.write_bytes(b"a" * number)
        look(inbox, STILL)
    assert uploads == []
    look(inbox)
    assert uploads == [("logs", "x", b"aaaa")]


def test_a_file_that_is_open_for_writing_waits(inbox: Inbox, uploads: Uploads, tmp_path: Path) -> None:
    with (tmp_path / "logs/x").open("wb") as slow:
        slow.write(b"half")
        slow.flush()
        look(inbox, 5)
        assert uploads == []
        slow.write(b" and half")
    look(inbox)
    assert uploads == [("logs", "x", b"half and half")]


def test_each_content_is_taken_once(inbox: Inbox, uploads: Uploads, tmp_path: Path) -> None:
    path = tmp_path / "logs/x"
    path.write_bytes(b"one")
    look(inbox, 9)
    path.write_bytes(b"two")
    os.utime(path, ns=(1, 1))
    look(inbox, 9)
    assert [content for _, _, content in uploads] == [b"one", b"two"]


@pytest.mark.parametrize("name", [".x.swp", "x.part", "x.tmp", ".hidden/x", "x~"])
def test_hidden_and_unfinished_files_are_ignored(inbox: Inbox, uploads: Uploads, tmp_path: Path, name: str) -> None:
    (tmp_path / "logs" / name).parent.mkdir(exist_ok=True)
    (tmp_path / "logs" / name).write_bytes(b"x")
    look(inbox)
    assert uploads == []


def test_an_earlier_file_is_not_taken(uploads: Uploads, tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs/x").write_bytes(b"old")
    look(Inbox(tmp_path, [], uploads))
    assert uploads == []


def test_a_file_that_is_moved_in_is_taken(inbox: Inbox, uploads: Uploads, tmp_path: Path) -> None:
    made = tmp_path / "logs/.being-made"
    made.write_bytes(b"whole")
    made.rename(tmp_path / "logs/x")
    look(inbox)
    assert uploads == [("logs", "x", b"whole")]


def test_a_new_time_without_new_content_is_not_a_change(inbox: Inbox, uploads: Uploads, tmp_path: Path) -> None:
    path = tmp_path / "logs/x"
    path.write_bytes(b"one")
    look(inbox)
    os.utime(path, ns=(1, 1))
    look(inbox, 9)
    assert [content for _, _, content in uploads] == [b"one"]


def test_a_file_that_is_removed_and_returns_is_taken_again(inbox: Inbox, uploads: Uploads, tmp_path: Path) -> None:
    path = tmp_path / "logs/x"
    for _ in range(2):
        path.write_bytes(b"one")
        look(inbox)
        path.unlink()
        look(inbox)
    assert [content for _, _, content in uploads] == [b"one", b"one"]


def test_an_ignored_file_is_reported_once(inbox: Inbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "logs/x.part").write_bytes(b"x")
    (tmp_path / "nowhere.log").write_bytes(b"x")
    look(inbox, 9)
    lines = capsys.readouterr().err.splitlines()
    assert [line.removeprefix(f"{tmp_path}/").split()[:3] for line in lines] == [
        ["logs/x.part", "is", "ignored:"],
        ["nowhere.log", "is", "not"],
    ]


def test_a_file_that_cannot_be_uploaded_is_reported_and_the_next_one_uploaded(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tried: list[str] = []

    def take(bucket: str, key: str, path: Path) -> None:
        tried.append(key)
        if key == "bad":
            raise SlipsError("bad cannot be uploaded")

    inbox = Inbox(tmp_path, ["logs"], take)
    (tmp_path / "logs/bad").write_bytes(b"x")
    (tmp_path / "logs/good").write_bytes(b"x")
    look(inbox, 9)
    assert tried == ["bad", "good"]
    assert capsys.readouterr().err == "bad cannot be uploaded\n"


def test_without_visible_writers_a_file_must_be_unchanged_for_longer(
    inbox: Inbox, uploads: Uploads, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("slips.ops.run.inbox.is_written", lambda path: None)
    (tmp_path / "logs/x").write_bytes(b"x")
    look(inbox)
    assert uploads == []
    look(inbox, STILL_UNSEEN)
    assert len(uploads) == 1
