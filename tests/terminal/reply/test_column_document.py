"""A reply whose final rows wait, in windows of several widths: each word stands once, in its order."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from stream_core.config.options.appearance import Look
from stream_core.core.deltas import Text
from stream_core.terminal.reply.column_document import ColumnDocument
from stream_core.terminal.reply.delta_queue import DeltaQueue
from stream_core.terminal.rows.styles import Row, Styles, cells_of, row_text

REPLY = """w00 w01 **w02 w03** w04 `w05` w06 w07 w08 w09 w10 w11 w12 w13 w14 w15 w16 w17 w18 w19.

# w20 w21 w22 w23 w24

- w25 w26 w27 w28 w29 w30 w31 w32 w33 w34 w35
  - w36 w37 w38 w39 w40 w41 w42
> w43 w44 w45 w46 w47 w48 w49 w50 w51

| w52 | w53 |
|---|---|
| w54 w55 w56 w57 | w58 w59 |
| w60 | w61 w62 w63 w64 w65 w66 w67 |

```python
w68 = "w69 w70"
w71 = w72 + w73
w74, w75

w76()
```
w77 w78 w79 w80 w81 w82 w83 w84 w85 w86 w87
w88 w89.
"""
WORDS = [f"w{number:02}" for number in range(90)]
WIDTHS = st.sampled_from([24, 30, 41, 60, 100])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("text"), st.integers(1, 200)),
        st.tuples(st.just("take"), st.integers(1, 9)),
        st.tuples(st.just("width"), WIDTHS),
    ),
    max_size=25,
)


def arrived(document: ColumnDocument, room: int, *, ending: bool) -> list[Row]:
    rows = document.final_rows(room, ending=ending)
    while ending and not document.complete:  # a slice of what has arrived at a time
        rows += document.final_rows(room, ending=ending)
    return rows + document.last_rows(room) if ending else rows


@given(STEPS, WIDTHS)
def test_what_waits_is_laid_out_anew_and_nothing_is_lost_or_twice(
    steps: list[tuple[str, int]], room: int
) -> None:
    queue = DeltaQueue(0, lambda: 0.0, "")
    document = ColumnDocument(queue, Styles(Look()))
    taken, waiting, sent = list[Row](), list[Row](), 0
    for what, count in [*steps, ("text", len(REPLY)), ("width", room), ("take", 1_000)]:
        if what == "text":
            queue.put(Text(REPLY[sent : sent + count], 0, 0.0), 0.0)
            sent += count
        elif what == "width":
            room = count
            waiting = document.laid_anew(room)
        ending = sent >= len(REPLY)
        waiting += arrived(document, room, ending=ending)
        for row in waiting[: count if what == "take" else 0]:
            document.took()
            taken.append(row)
        waiting = waiting[count if what == "take" else 0 :]
    told = " ".join(row_text(row) for row in taken)
    assert not waiting and not document.laid_anew(room)
    assert sorted(re.findall(r"w\d\d", told)) == WORDS  # the cells of a table stand beside each other
    assert [word for word in re.findall(r"w\d\d", told) if not "w52" <= word <= "w67"] == [
        word for word in WORDS if not "w52" <= word <= "w67"
    ]


def test_all_that_waits_has_the_new_width_and_is_as_if_it_had_come_in_it() -> None:
    documents = []
    for _ in range(2):
        queue = DeltaQueue(0, lambda: 0.0, "")
        queue.put(Text(REPLY, 0, 0.0), 0.0)
        documents.append(ColumnDocument(queue, Styles(Look())))
    moved, fresh = documents
    assert max(map(cells_of, arrived(moved, 100, ending=True))) > 40
    rows = arrived(fresh, 40, ending=True)
    again = moved.laid_anew(40)
    assert list(map(row_text, again)) == list(map(row_text, rows)) and max(map(cells_of, again)) <= 40
    moved.took()  # the first of two rows of a paragraph
    fresh.took()
    narrow = [row_text(row) for row in moved.laid_anew(24)]
    assert [narrow[0], narrow[1]] == ["w10 w11 w12 w13 w14 w15", "w16 w17 w18 w19."]
    assert moved.laid_anew(40) == rows[1:] == fresh.laid_anew(40)
