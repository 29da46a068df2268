"""The page of the architecture and the decision records, compared with the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.paths import ROOT

PACKAGE = ROOT / "stream_core"
PAGE = (ROOT / "docs/architecture.md").read_text("utf-8")
RECORDS = sorted((ROOT / "docs/adr").glob("*.md"))
LONGEST = 300
HEADINGS = ["Context", "Decision", "Alternatives", "Consequences"]


def links(source: Path) -> set[str]:
    return set(re.findall(r"docs/adr/[\w.-]+", source.read_text("utf-8")))


def test_every_package_has_its_row_from_the_top_to_the_bottom() -> None:
    rows = re.findall(r"^\| `(\w+)/` \|", PAGE, re.MULTILINE)
    packages = {file.parent.name for file in PACKAGE.glob("*/__init__.py")}
    assert len(rows) == len(packages) and set(rows) == packages
    layers = re.search(r"^layers = \[\n(.*?)^\]", (ROOT / "pyproject.toml").read_text("utf-8"), re.S | re.M)
    assert layers
    order = [re.findall(r"\w+", line) for line in layers[1].splitlines()]
    place = {name: number for number, names in enumerate(order) for name in names}
    assert [place[row] for row in rows] == sorted(place[row] for row in rows)


def test_every_path_that_is_named_exists() -> None:
    bases = (ROOT, PACKAGE, PACKAGE / "config/options")
    for name in re.findall(r"`([\w./]+(?:\.py|/))`", PAGE):
        assert any((base / name).exists() for base in bases) or [*PACKAGE.glob(f"*/{name}")], name


def test_the_page_is_one_page() -> None:
    assert len(PAGE.splitlines()) < 120


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.stem)
def test_a_record_has_its_form_and_the_code_it_binds_links_it(record: Path) -> None:
    text = record.read_text("utf-8")
    assert re.match(rf"# {int(record.stem[:4])}\. .+\n\n- Status: \w+.*, \d{{4}}-\d\d-\d\d\n- Binds: `", text)
    assert re.findall(r"^## (\w+)$", text, re.MULTILINE) == HEADINGS
    assert 15 <= len(text.splitlines()) <= 32
    bound = re.findall(r"`(stream_core/[\w/.]+)`", text.split("\n## ")[0])
    assert bound and all(f"docs/adr/{record.name}" in links(ROOT / file) for file in bound), bound


def test_the_records_are_numbered_and_listed() -> None:
    assert [int(record.stem[:4]) for record in RECORDS] == list(range(1, len(RECORDS) + 1))
    assert re.findall(r"\]\((adr/[\w.-]+)\)", PAGE) == [f"adr/{record.name}" for record in RECORDS]


def test_every_link_in_the_code_leads_to_a_record_that_binds_it() -> None:
    for source in PACKAGE.rglob("*.py"):
        for link in links(source):
            head = (ROOT / link).read_text("utf-8").split("\n## ")[0]
            assert f"`{source.relative_to(ROOT).as_posix()}`" in head, (source, link)


def test_modules_are_short() -> None:
    lines = {file: len(file.read_text("utf-8").splitlines()) for file in PACKAGE.rglob("*.py")}
    assert {file: count for file, count in lines.items() if count > LONGEST} == {}
