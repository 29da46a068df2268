"""The record of what was uploaded."""

from __future__ import annotations

from pathlib import Path

import pytest

from stream_core.files.uploads import Uploaded, UploadRecord

ONE, TWO = (Uploaded(f"file_{name}", name * 64, f"{name}.pdf", 9) for name in "ab")


@pytest.mark.parametrize("kept", [True, False])
def test_ids_are_remembered_by_server_and_content(kept: bool, tmp_path: Path) -> None:
    file = tmp_path / "data" / "uploads.json" if kept else None
    record = UploadRecord(file, "https://a")
    for each in (ONE, TWO, Uploaded("file_again", ONE.sha256, "otro.pdf", 9)):
        record.keep(each)
    assert record.find(ONE.sha256) == "file_again" and record.find("c" * 64) is None
    record.forget("file_again")
    assert record.files() == [TWO]
    assert UploadRecord(file, "https://a").files() == ([TWO] if kept else [])
    assert UploadRecord(file, "https://b").files() == []
    if file is not None:
        assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", ["", "{", "[]", '{"https://a": 3}', '{"https://a": [{"x": 1}, 3, null]}'])
def test_a_record_that_is_damaged_is_an_empty_one(content: str, tmp_path: Path) -> None:
    file = tmp_path / "uploads.json"
    file.write_text(content)
    record = UploadRecord(file, "https://a")
    assert record.files() == []
    record.keep(ONE)
    assert record.files() == [ONE]
