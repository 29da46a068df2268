"""The codes of deviations: one table, and the documents hold it."""

from __future__ import annotations

import re

from support.paths import ROOT

from stream_core.core.deviations import DEVIATIONS, MAY_MISS, Notes


def test_the_page_holds_the_table() -> None:
    page = (ROOT / "docs" / "wire.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)`( †)? \| (.*) \|$", page, flags=re.MULTILINE)
    told = {code: meaning for code, _, meaning in rows}
    assert told == DEVIATIONS
    assert {code for code, mark, _ in rows if mark} == MAY_MISS


def test_every_code_that_is_noted_is_in_the_table() -> None:
    noted = {
        code
        for file in (ROOT / "stream_core" / "core").glob("*.py")
        for code in re.findall(r"notes\.add\(\"(\w+)\"", file.read_text(encoding="utf-8"))
    }
    both = {"index", "no_block_start"}  # chosen between, where they are noted
    assert noted | both == set(DEVIATIONS)


def test_a_code_is_noted_once_and_in_order() -> None:
    notes = Notes()
    for code in ("value", "index", "value"):
        notes.add(code)
    assert notes.codes == ("value", "index") and "index" in notes and "utf8" not in notes
