"""The contract of `stream_core.store.protocol`, for every store."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from decimal import Decimal as D
from pathlib import Path
from typing import Any

import pytest
from conftest import QUICK
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule
from support.generated import up_to

from stream_core import explain
from stream_core.core.conversation import Turn
from stream_core.core.deltas import Usage
from stream_core.core.instructions import Instructions
from stream_core.core.reply import Outcome
from stream_core.core.store_errors import StoreTooLarge
from stream_core.core.story import Episode
from stream_core.models.cost import Spent
from stream_core.store.alternatives import (
    Alternative,
    alternative_of,
    alternatives_of,
    delete_whole,
    turns_before,
)
from stream_core.store.column_codec import MAX_BLOCKS, blocks_of
from stream_core.store.memory import MemoryStore
from stream_core.store.protocol import TITLE, PendingTurn, Place, Receipt, Store, Summary, Totals
from stream_core.store.sqlite import SqliteStore

ODD_IDS = ["", "nada0000", "%", "_", "a\x00b", "\ud83d", "' OR 1 --", "x" * 10_000, "ñ"]


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def store(request: pytest.FixtureRequest, quick_path: Path) -> Iterator[Store]:
    made: Store
    if request.param == "postgres":
        made = request.getfixturevalue("postgres_store")
    else:
        made = MemoryStore() if request.param == "memory" else SqliteStore(quick_path)
    yield made
    made.close()


def turn(question: str = "¿Qué?", text: str = "Esto.", outcome: Outcome = "complete", **more: Any) -> Turn:
    return Turn(question, text, outcome, more.pop("model", "m"), **more)


def keep(store: Store, conversation: str | None, kept: Turn, at: float = 1.0) -> Place:
    place = store.begin_turn(conversation, kept.question, model=kept.model, at=at)
    store.end_turn(place, kept, at=at + 0.5)
    return place


def ids(summaries: list[Summary]) -> list[str]:
    return [summary.id for summary in summaries]


# -- what another person may have written into a shared store ------------------------------------


@pytest.mark.parametrize(
    "blocks",
    [
        "[" + "{}," * 200_000 + "{}]",
        '[{"a":' + "[" * 200 + "]" * 200 + "}]",
        '[{"a":"' + "x" * MAX_BLOCKS + '"}]',
    ],
    ids=["values", "nested", "characters"],
)
def test_blocks_that_would_freeze_a_chat_are_read_as_their_text(blocks: str) -> None:
    assert blocks_of(blocks, "Esto.") == ({"type": "text", "text": "Esto."},)


def test_a_turn_with_too_many_blocks_keeps_its_text_and_the_others_all(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stream_core.store.column_codec.MAX_BLOCKS", 3_000)
    block = {"type": "tool_use", "id": "a", "name": "b", "input": {"x": "y" * 3_000}}
    place = keep(store, None, turn(blocks=(block,)))
    keep(store, place.conversation, turn("¿Y?", blocks=({**block, "input": {}},)))
    first, second = store.turns(place.conversation)
    whole = (block,) if isinstance(store, MemoryStore) else ({"type": "text", "text": "Esto."},)
    assert (first.text, first.blocks) == ("Esto.", whole)
    assert second.blocks == ({**block, "input": {}},)


@pytest.mark.parametrize("part", ["text", "question", "blocks"])
def test_a_conversation_that_would_fill_the_memory_is_refused_and_the_others_are_there(
    store: Store, part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stream_core.store.conversation_limit.MAX_CONVERSATION", 40_000)
    more = {"blocks": ({"type": "q", "x": "y" * 9_000},)} if part == "blocks" else {part: "x" * 9_000}
    place, other = keep(store, None, turn(**more)), keep(store, None, turn("otra"))
    assert len(list(store.turns(place.conversation))) == 1
    for _ in range(5):
        keep(store, place.conversation, turn(**more))
    if isinstance(store, MemoryStore):
        return  # what is there is in memory already
    with pytest.raises(StoreTooLarge) as refused:
        list(store.turns(place.conversation))
    assert "más de lo que este programa lee" in explain(refused.value)
    assert list(store.turns(other.conversation)) == [turn("otra")]
    assert len(store.conversations(limit=5)) == 2


def test_of_a_giant_turn_the_beginning_can_be_searched_and_is_forgotten_with_it(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("queries", "postgres.text_codec"):
        monkeypatch.setattr(f"stream_core.store.{module}.INDEXED", 1_000)
    place = keep(store, None, turn("¿Y?", "tesoro " + "nada " * 200 + "final"))
    assert [hit.place for hit in store.search("tesoro", limit=5)] == [place]
    if not isinstance(store, MemoryStore):
        assert store.search("final", limit=5) == []
    assert store.undo(place.conversation) == turn("¿Y?", "tesoro " + "nada " * 200 + "final")
    assert store.search("tesoro", limit=5) == []


# -- turns ---------------------------------------------------------------------------------------


def test_a_turn_is_there_from_its_question_on(store: Store) -> None:
    place = store.begin_turn(None, "¿Qué?", model="m", at=1.0)
    assert place.number == 1
    assert list(store.turns(place.conversation)) == [turn(text="", outcome="interrupted")]
    store.append(place, "Es", at=2.0)
    store.append(place, "", at=2.1)
    store.append(place, "to", at=2.2)
    assert list(store.turns(place.conversation)) == [turn(text="Esto", outcome="interrupted")]
    store.end_turn(place, turn(), at=3.0)
    assert list(store.turns(place.conversation)) == [turn()]


def test_a_conversation_has_its_turns_in_order(store: Store) -> None:
    first = keep(store, None, turn("uno"))
    other = keep(store, None, turn("otra"))
    for number in range(2, 150):
        place = keep(store, first.conversation, turn(f"pregunta {number}"))
        assert place == Place(first.conversation, number)
    questions = [kept.question for kept in store.turns(first.conversation)]
    assert questions == ["uno", *(f"pregunta {number}" for number in range(2, 150))]
    assert [kept.question for kept in store.turns(other.conversation)] == ["otra"]


def test_a_conversation_has_the_instructions_of_its_last_question(store: Store) -> None:
    mine, role = Instructions("Sé breve\x00\ud83d\nñ"), Instructions("Traduce: {{input}}", "traductor")
    place = store.begin_turn(None, "¿Qué?", model="m", at=1.0, instructions=mine)
    name = place.conversation
    assert store.instructions(name) == mine and store.instructions("nada0000") == Instructions()
    store.end_turn(place, turn(), at=2.0)
    store.continue_turn(name, turn(), at=3.0)
    assert store.instructions(name) == mine
    store.begin_turn(name, "¿Y?", model="m", at=4.0, instructions=role)
    assert store.instructions(name) == role
    store.begin_turn(name, "¿Y?", model="m", at=5.0)
    assert store.instructions(name) == Instructions()
    assert store.adopt(PendingTurn("journal1", turn(), 6.0, 7.0, instructions=role))
    assert store.instructions("journal1") == role


def test_that_a_reply_was_continued_comes_back(store: Store) -> None:
    episodes = (Episode("retry", attempt=2), Episode("continued"), Episode("continued"))
    kept = keep(store, None, turn(story=episodes))
    (back,) = store.turns(kept.conversation)
    assert [each.what for each in back.story].count("continued") == 2 and back == turn()


def test_the_blocks_of_a_question_come_back(store: Store) -> None:
    """From its beginning on, when it goes on, and at its end; what a server sends is no question."""
    asked = ({"type": "stream-core/file", "name": "a.txt"}, {"type": "text", "text": "¿Qué?"})
    place = store.begin_turn(None, "¿Qué?", model="m", at=1.0, asked=asked)
    assert list(store.turns(place.conversation)) == [turn(text="", outcome="interrupted", asked=asked)]
    cut = turn(outcome="interrupted", blocks=({"type": "text", "text": "Esto."},), asked=asked)
    store.end_turn(place, cut, at=2.0)
    assert list(store.turns(place.conversation)) == [cut]
    store.continue_turn(place.conversation, cut, at=3.0)
    assert list(store.turns(place.conversation)) == [turn(outcome="interrupted", asked=asked)]
    forged = turn(blocks=({"type": "stream-core/asked", "content": list(asked)},))
    other = keep(store, None, forged)
    assert [each.asked for each in store.turns(other.conversation)] == [()]


def test_turns_can_be_read_while_others_are_saved(store: Store) -> None:
    place = keep(store, None, turn("0"))
    for number in range(1, 200):
        keep(store, place.conversation, turn(str(number)))
    reading = store.turns(place.conversation)
    assert next(reading).question == "0"
    keep(store, None, turn("otra"))
    store.delete(place.conversation)
    rest = [kept.question for kept in reading]
    assert rest == [str(number) for number in range(1, len(rest) + 1)]


@pytest.mark.parametrize(
    "outcome", ["complete", "cancelled", "interrupted", "max_tokens", "refused", "error"]
)
def test_all_of_a_turn_comes_back(store: Store, outcome: Outcome) -> None:
    blocks = (
        {"type": "thinking", "thinking": "hm", "signature": "s"},
        {"type": "text", "text": "Esto."},
        {"type": "tool_use", "id": "t", "name": "n", "input": {"a": [1, 2.5, None, True, {"ñ": "€"}]}},
    )
    kept = turn(outcome=outcome, usage=Usage(1, 2, 3, 4), blocks=blocks, model="otro")
    assert list(store.turns(keep(store, None, kept).conversation)) == [kept]


ODD_TEXTS = [
    "",
    " \n\t\r\n",
    "\x00 y \x1b[31m \x7f \x9b",
    "\ud83d suelto \ude00",
    "\ud83d\ude00 en dos",
    "🤖 日本語 ñandú e\u0301",
    "' \" ; -- % _ \\",
    "largo " * 5_000,
    "largo con \ud83d " * 5_000,
]


@pytest.mark.parametrize("text", ODD_TEXTS)
def test_texts_come_back_as_they_came(store: Store, text: str) -> None:
    kept = turn(text, text, model=text, blocks=({"type": "text", "text": text}, {"type": "x", text: text}))
    place = keep(store, None, kept)
    assert list(store.turns(place.conversation)) == [kept]
    arriving = store.begin_turn(None, text, model=text, at=2.0)
    store.append(arriving, text, at=3.0)
    assert list(store.turns(arriving.conversation)) == [turn(text, text, "interrupted", model=text)]
    assert store.conversations(limit=2)[1].title == text[:TITLE]


@settings(max_examples=up_to(40), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters(codec=None)), said=st.text(st.characters(codec=None)))
def test_any_text_comes_back(store: Store, text: str, said: str) -> None:
    kept = turn(text, said, blocks=({"type": "text", "text": said},))
    place = keep(store, None, kept)
    assert list(store.turns(place.conversation)) == [kept]
    assert store.undo(place.conversation) == kept


def test_figures_that_no_server_should_give_do_not_keep_a_turn_from_being_saved(store: Store) -> None:
    place = keep(store, None, turn(usage=Usage(10**30, 10**30, -1)))
    assert [kept.text for kept in store.turns(place.conversation)] == ["Esto."]


def test_the_end_can_be_told_again(store: Store) -> None:
    place = keep(store, None, turn(text="palabra antigua"))
    store.end_turn(place, turn(text="otra cosa"), at=2.0)
    assert list(store.turns(place.conversation)) == [turn(text="otra cosa")]
    assert not store.search("antigua", limit=5)
    assert len(store.search("cosa", limit=5)) == 1


def test_what_comes_after_the_end_is_not_taken(store: Store) -> None:
    place = keep(store, None, turn())
    store.append(place, "tarde", at=9.0)
    assert list(store.turns(place.conversation)) == [turn()]


# -- a turn that goes on -------------------------------------------------------------------------


def cut(text: str = "Había una", **more: Any) -> Turn:
    return turn("¿Un cuento?", text, more.pop("outcome", "cancelled"), **more)


def arriving(kept: Turn, more: str = "") -> Turn:
    """The form of a turn before it has ended again."""
    return turn(kept.question, kept.text + more, "interrupted", model=kept.model)


@pytest.mark.parametrize(
    "outcome", ["complete", "cancelled", "interrupted", "max_tokens", "refused", "error"]
)
def test_a_turn_that_goes_on_stays_one_turn(store: Store, outcome: Outcome) -> None:
    place = keep(store, None, turn())
    blocks = ({"type": "thinking", "thinking": "hm", "signature": "s"}, {"type": "text", "text": "Había una"})
    old = cut(outcome=outcome, usage=Usage(1, 2, 3, 4), blocks=blocks, model="otro")
    kept = keep(store, place.conversation, old)
    assert store.continue_turn(place.conversation, old, at=5.0) == kept
    assert list(store.turns(place.conversation)) == [turn(), arriving(old)]
    store.append(kept, " vez", at=6.0)
    store.append(kept, " un sol", at=7.0)
    assert list(store.turns(place.conversation)) == [turn(), arriving(old, " vez un sol")]
    whole = cut("Había una vez un sol.", outcome="complete", usage=Usage(10, 20), model="m")
    store.end_turn(kept, whole, at=8.0)
    assert list(store.turns(place.conversation)) == [turn(), whole]
    assert keep(store, place.conversation, turn("otra")).number == kept.number + 1


def test_a_turn_can_go_on_more_than_once_and_be_undone_as_a_whole(store: Store) -> None:
    place = keep(store, None, turn())
    kept = keep(store, place.conversation, cut("0"))
    for number in range(1, 6):
        before = "".join(map(str, range(number)))
        assert store.continue_turn(place.conversation, cut(before), at=5.0) == kept
        store.append(kept, str(number), at=6.0)
        store.end_turn(kept, cut(f"{before}{number}"), at=7.0)
    assert store.undo(place.conversation) == cut("012345")
    assert list(store.turns(place.conversation)) == [turn()]
    assert keep(store, place.conversation, turn("tres")).number == 3


def test_what_goes_on_can_end_as_it_was(store: Store) -> None:
    old = cut(usage=Usage(1, 2), blocks=({"type": "text", "text": "Había una"},))
    place = keep(store, None, old)
    before = store.totals()
    store.continue_turn(place.conversation, old, at=5.0)
    store.end_turn(place, old, at=6.0)
    assert list(store.turns(place.conversation)) == [old]
    assert store.totals() == before


def test_the_figures_of_what_goes_on_are_those_of_the_whole_once_it_has_ended(store: Store) -> None:
    place = keep(store, None, turn(text="ñandú", usage=Usage(1, 2, 3, 4)), at=10.0)
    keep(store, place.conversation, cut(usage=Usage(10, 20, 30, 40)), at=20.0)
    kept = store.continue_turn(place.conversation, cut(), at=30.0)
    assert store.totals() == Totals(1, 2, 5, 8, 2, first=10.0)
    summary = Summary(place.conversation, "¿Qué?", 10.0, 30.0, turns=2, input_tokens=8, output_tokens=2)
    assert store.conversations(limit=2) == [summary]
    store.end_turn(kept, cut("Había una vez", usage=Usage(100, 200)), at=40.0)
    assert store.totals() == Totals(1, 2, 18, 108, 202, first=10.0)
    assert store.conversations(limit=2)[0].updated == 40.0


def test_a_conversation_is_used_when_a_turn_goes_on(store: Store) -> None:
    first = keep(store, None, cut(), at=1.0)
    second = keep(store, None, turn(), at=3.0)
    assert store.latest() == second.conversation
    store.continue_turn(first.conversation, cut(), at=5.0)
    assert store.latest() == first.conversation
    store.continue_turn(second.conversation, turn(), at=0.5)  # the clock was set back
    assert [summary.updated for summary in store.conversations(limit=5)] == [0.5, 5.0]


def test_what_goes_on_is_found_once_it_has_ended_and_as_begun_when_it_was_asked(store: Store) -> None:
    place = keep(store, None, cut("el tesoro perdido"), at=7.0)
    store.continue_turn(place.conversation, cut("el tesoro perdido"), at=20.0)
    assert store.search("tesoro", limit=5) == store.search("cuento", limit=5) == []
    store.end_turn(place, cut("el tesoro hallado", outcome="complete"), at=30.0)
    assert store.search("perdido", limit=5) == []
    (hit,) = store.search("tesoro hallado", limit=5)
    assert (hit.place, hit.title, hit.at, hit.line) == (place, "¿Un cuento?", 7.0, "el tesoro hallado")


@pytest.mark.parametrize("other", [turn(), cut("Había una vez"), cut("Había"), turn("¿Qué?", "Había una")])
def test_with_another_turn_at_the_end_a_turn_of_its_own_goes_on(store: Store, other: Turn) -> None:
    first = keep(store, None, cut())
    keep(store, first.conversation, other)
    place = store.continue_turn(first.conversation, cut(), at=5.0)
    assert place == Place(first.conversation, 3)
    store.append(place, " vez", at=6.0)
    assert list(store.turns(first.conversation)) == [cut(), other, arriving(cut(), " vez")]
    store.end_turn(place, cut("Había una vez"), at=7.0)
    assert list(store.turns(first.conversation)) == [cut(), other, cut("Había una vez")]
    assert store.undo(first.conversation) == cut("Había una vez")


def test_a_turn_that_has_not_ended_is_not_taken_up(store: Store) -> None:
    first = store.begin_turn(None, "¿Un cuento?", model="m", at=1.0)
    store.append(first, "Había una", at=2.0)
    for number in (2, 3):
        place = store.continue_turn(first.conversation, cut(), at=3.0)
        assert place == Place(first.conversation, number)
    store.append(place, " vez", at=4.0)
    assert list(store.turns(first.conversation)) == [arriving(cut())] * 2 + [arriving(cut(), " vez")]


def test_a_turn_that_was_deleted_goes_on_in_a_conversation_of_that_id(store: Store) -> None:
    place = keep(store, None, cut())
    store.delete(place.conversation)
    assert store.continue_turn(place.conversation, cut(), at=5.0) == Place(place.conversation, 1)
    assert list(store.turns(place.conversation)) == [arriving(cut())]
    assert store.conversations(limit=5) == [Summary(place.conversation, "¿Un cuento?", 5.0, 5.0, 1, 0, 0)]


def test_deleting_and_undoing_what_goes_on(store: Store) -> None:
    for forget in (store.delete, store.undo):
        place = keep(store, None, cut())
        store.continue_turn(place.conversation, cut(), at=5.0)
        store.append(place, " vez", at=6.0)
        assert forget(place.conversation) in (None, arriving(cut(), " vez"))
        store.append(place, " x", at=7.0)
        store.end_turn(place, cut("Había una vez"), at=8.0)
        assert store.totals() == Totals()
        assert store.search("cuento", limit=5) == []


@pytest.mark.parametrize("text", ODD_TEXTS)
def test_odd_texts_go_on(store: Store, text: str) -> None:
    odd = turn(text, text, "max_tokens", model=text)
    place = keep(store, None, odd)
    assert store.continue_turn(place.conversation, odd, at=2.0) == place
    store.append(place, text, at=3.0)
    assert list(store.turns(place.conversation)) == [arriving(odd, text)]


@pytest.mark.parametrize("name", ODD_IDS)
def test_odd_ids_go_on(store: Store, name: str) -> None:
    place = store.continue_turn(name, cut(), at=1.0)
    store.end_turn(place, cut(), at=2.0)
    assert store.continue_turn(place.conversation, cut(), at=3.0) == place
    store.end_turn(place, cut("Había una vez"), at=4.0)
    assert list(store.turns(place.conversation)) == [cut("Había una vez")]
    assert store.totals().turns == 1


# -- what is not there ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", ODD_IDS)
def test_an_id_that_is_not_known_is_no_error(store: Store, name: str) -> None:
    kept = keep(store, None, turn())
    place = Place(name, 1)
    store.append(place, "x", at=1.0)
    store.end_turn(place, turn(), at=1.0)
    store.delete(name)
    assert list(store.turns(name)) == []
    assert store.undo(name) is None
    assert name in ("",) or store.find(name) == []
    assert ids(store.conversations(limit=5)) == [kept.conversation]


def test_an_empty_store(store: Store) -> None:
    assert store.conversations(limit=5) == []
    assert store.latest() is None
    assert store.search("algo", limit=5) == []
    assert store.find("a") == []
    assert store.totals() == Totals()
    assert store.recover() == []
    assert list(store.notes) == []


def test_a_conversation_that_is_not_there_begins_with_the_id_that_was_told(store: Store) -> None:
    place = keep(store, None, turn())
    store.delete(place.conversation)
    again = keep(store, place.conversation, turn("sigo"))
    assert again.conversation == place.conversation
    assert [kept.question for kept in store.turns(place.conversation)] == ["sigo"]
    assert store.conversations(limit=5)[0].title == "sigo"


def test_a_turn_that_was_deleted_meanwhile_stays_deleted(store: Store) -> None:
    place = store.begin_turn(None, "¿Qué?", model="m", at=1.0)
    store.delete(place.conversation)
    store.append(place, "x", at=2.0)
    store.end_turn(place, turn(), at=3.0)
    assert store.totals() == Totals()


# -- lists ---------------------------------------------------------------------------------------


def test_ids_can_be_typed_and_read_aloud(store: Store) -> None:
    for _ in range(20):
        name = keep(store, None, turn()).conversation
        assert len(name) == 8
        assert name.isascii() and name.islower() and name[0].isalpha()
        assert not set(name) & set("ilou")


def test_the_last_used_comes_first(store: Store) -> None:
    first, second, third = (keep(store, None, turn(), at=float(at)).conversation for at in (10, 20, 30))
    assert ids(store.conversations(limit=5)) == [third, second, first]
    assert store.latest() == third
    place = store.begin_turn(first, "otra", model="m", at=40.0)
    assert store.latest() == first
    keep(store, second, turn(), at=50.0)
    assert store.latest() == second
    store.end_turn(place, turn(), at=60.0)
    assert ids(store.conversations(limit=5)) == [first, second, third]
    keep(store, third, turn(), at=5.0)  # the clock was set back, or had been wrong before
    assert ids(store.conversations(limit=5)) == [third, first, second]


@pytest.mark.parametrize("wrong", [4102444800.0, 1e300, -1.0, 0.0])
def test_the_order_is_what_happened_and_not_what_the_clock_said(store: Store, wrong: float) -> None:
    odd = keep(store, None, turn(), at=wrong).conversation
    later = [keep(store, None, turn(), at=float(at)).conversation for at in (10, 20, 30)]
    assert ids(store.conversations(limit=5)) == [*reversed(later), odd]
    assert store.latest() == later[-1]
    first, *_ = store.conversations(limit=1)
    assert ids(store.conversations(limit=5, before=first)) == [later[1], later[0], odd]
    again = store.continue_turn(odd, turn(), at=40.0)
    assert store.latest() == odd
    keep(store, later[0], turn(), at=50.0)
    store.end_turn(again, turn(), at=60.0)
    assert ids(store.conversations(limit=2)) == [odd, later[0]]
    assert store.conversations(limit=1)[0].updated == 60.0


def test_the_list_in_pages(store: Store) -> None:
    kept = {keep(store, None, turn(), at=float(number // 3)).conversation for number in range(10)}
    pages, before = list[Summary](), None
    while page := store.conversations(limit=4, before=before):
        assert len(page) <= 4
        pages += page
        before = page[-1]
    assert len(pages) == 10
    assert set(ids(pages)) == kept
    assert [summary.updated for summary in pages] == sorted(
        (summary.updated for summary in pages), reverse=True
    )


def test_what_a_list_says_of_a_conversation(store: Store) -> None:
    question = "a" * TITLE + "más"
    place = keep(store, None, turn(question, usage=Usage(1, 20, 300, 4000)), at=10.0)
    keep(store, place.conversation, turn("otra", usage=Usage(5, 6)), at=20.0)
    store.begin_turn(place.conversation, "y otra", model="m", at=30.0)
    assert store.conversations(limit=1) == [
        Summary(place.conversation, "a" * TITLE, 10.0, 30.0, turns=3, input_tokens=4306, output_tokens=26)
    ]


def test_ids_by_their_beginning(store: Store) -> None:
    kept = sorted(keep(store, None, turn()).conversation for _ in range(40))
    assert store.find("") == []
    for name in kept:
        assert store.find(name) == [name]
        for length in range(1, 8):
            wanted = [other for other in kept if other.startswith(name[:length])]
            assert store.find(name[:length]) == wanted[:10]
    assert store.find(f"{kept[0]}a") == []


def test_the_figures_of_everything(store: Store) -> None:
    place = keep(store, None, turn(text="ñandú", usage=Usage(1, 2, 3, 4)), at=10.0)
    keep(store, place.conversation, turn(text="", usage=Usage(10, 20)), at=11.0)
    keep(store, None, turn(text="x" * 20_000), at=5.0)
    arriving = store.begin_turn(None, "¿?", model="m", at=50.0)
    store.append(arriving, "no cuenta aún", at=51.0)
    assert store.totals() == Totals(
        conversations=3, turns=4, characters=20_005, input_tokens=18, output_tokens=22, first=5.0
    )


# -- what was spent ------------------------------------------------------------------------------

PRICED, UNPRICED = Spent(D("0.0000001"), 1, 0), Spent(D(0), 0, 1, Usage(1, 2, 3, 4, 3, 1))


def test_what_requests_took_is_summed_for_each_model(store: Store) -> None:
    assert store.spent() == []
    store.spend("m", PRICED)
    store.spend("a\ud800", UNPRICED)
    store.spend("m", Spent(D("12345678.25"), 2, 1))
    store.spend("a\ud800", UNPRICED)
    store.spend("ñ" * 10_000, PRICED)
    assert store.spent() == [
        ("a\ud800", Spent(D(0), 0, 2, Usage(2, 4, 6, 8, 6, 2))),
        ("m", Spent(D("12345678.2500001"), 3, 1)),
        ("ñ" * 10_000, PRICED),
    ]


def test_many_small_sums_are_exact(store: Store) -> None:
    for _ in range(100):
        store.spend("m", Spent(D("0.00000000000001"), 1))
        store.spend("m", Spent(D("0.1"), 1))
    assert store.spent() == [("m", Spent(D("10.000000000001"), 200))]


def test_what_was_spent_is_added_once_for_each_receipt(store: Store) -> None:
    for number in (1, 1, 2, 1, 2):
        store.spend("m", PRICED, receipt=Receipt("p", number))
    store.spend("otro", PRICED, receipt=Receipt("p", 2))
    store.spend("m", PRICED, receipt=Receipt("q", 1))
    assert store.spent() == [("m", PRICED + PRICED + PRICED)]


def test_nothing_that_is_forgotten_takes_back_what_was_spent(store: Store) -> None:
    place = keep(store, None, turn())
    keep(store, place.conversation, turn("otra"))
    store.spend("m", PRICED)
    store.undo(place.conversation)
    assert store.spent() == [("m", PRICED)]
    taken = store.continue_turn(place.conversation, turn(), at=5.0)
    store.end_turn(taken, turn(text="Esto y más.", model="otro"), at=6.0)
    store.spend("otro", UNPRICED)
    store.delete(place.conversation)
    assert store.totals() == Totals()
    assert store.spent() == [("m", PRICED), ("otro", UNPRICED)]


def test_turns_alone_spend_nothing(store: Store) -> None:
    keep(store, None, turn(usage=Usage(1, 2)))
    assert store.spent() == []


def test_figures_that_no_server_should_give_do_not_keep_money_from_being_saved(store: Store) -> None:
    store.spend("m", Spent(D(2) ** 80, 1, 0, Usage(10**30, -1)))
    store.spend("m", PRICED)
    ((model, spent),) = store.spent()
    assert (model, spent.priced) == ("m", 2) and spent.dollars > D(2) ** 79


# -- words ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("canción", True),
        ("CANCION", True),
        ("canci", True),
        ("ción", False),
        ("pájaro canción", True),
        ("pajaro gato", False),
        ("«pájaro», (canción)!", True),
        ("nino", True),
        ("2026", True),
        ("20", True),
        ("", False),
        (" \n", False),
        ("¿? * \" ' - : ^ ( )", False),
        ("AND OR NOT NEAR", False),
        ("cancion*", True),
        ("cancion\ud83d", True),
        ("日本", True),
    ],
)
def test_words_are_found_without_case_and_accents(store: Store, words: str, found: bool) -> None:
    keep(store, None, turn("otra", "nada de eso"))
    place = keep(store, None, turn("¿Una canción?", "El pájaro\ny el niño\nen 2026 日本語"), at=7.0)
    hits = store.search(words, limit=5)
    assert [hit.place for hit in hits] == ([place] if found else [])


def test_a_hit_shows_the_line_and_where_it_was_found(store: Store) -> None:
    place = keep(store, None, turn("¿Qué canta?", "primera\nEl pájaro canta una cancioncilla\notra"), at=7.0)
    (hit,) = store.search("pajaro canci", limit=5)
    assert (hit.place, hit.title, hit.at) == (place, "¿Qué canta?", 7.0)
    assert hit.line == "El pájaro canta una cancioncilla"
    assert [hit.line[first:end] for first, end in hit.found] == ["pájaro", "cancioncilla"]


def test_a_long_line_is_shortened_around_what_was_found(store: Store) -> None:
    keep(store, None, turn("¿?", f"{'antes ' * 50}el tesoro{' después' * 50} tesoro"))
    (hit,) = store.search("tesoro", limit=5)
    assert len(hit.line) < 120
    assert hit.line[0] == hit.line[-1] == "…"
    assert [hit.line[first:end] for first, end in hit.found] == ["tesoro"]


def test_the_best_hit_comes_first(store: Store) -> None:
    long = keep(store, None, turn("¿?", "mucho que decir " * 30 + "tesoro"), at=3.0)
    short = keep(store, None, turn("tesoro", "El tesoro."), at=1.0)
    for number in range(5):
        keep(store, None, turn("relleno", f"sin nada {number}"))
    assert [hit.place for hit in store.search("tesoro", limit=5)] == [short, long]
    assert [hit.place for hit in store.search("tesoro", limit=1)] == [short]


def test_a_conversation_is_renamed_and_found_by_its_title(store: Store) -> None:
    first, second = keep(store, None, turn("¿Qué es un robot?", "Una máquina.")), keep(store, None, turn())
    before = ids(store.conversations(limit=9))
    assert store.rename(first.conversation, "Táctica del vivero \x1b \ud800 " + "x" * TITLE)
    assert not store.rename("nada0000", "x")
    assert ids(store.conversations(limit=9)) == before == [second.conversation, first.conversation]
    title = store.conversations(limit=9)[1].title
    assert title.startswith("Táctica del vivero \x1b \ud800") and len(title) == TITLE
    (hit,) = store.search("TACTICA viv", limit=9)
    assert (hit.place, hit.title) == (Place(first.conversation, 1), title)
    assert [hit.line[begin:end] for begin, end in hit.found] == ["Táctica", "viv"] or hit.found
    (again,) = store.search("máquina", limit=9)  # a turn that is found is found once
    assert again.title == title
    assert store.search("táctica", limit=0) == []
    keep(store, first.conversation, turn("¿Y?", "b"))
    assert store.conversations(limit=1)[0].title == title
    assert store.rename(first.conversation, "¿Qué es") and len(store.search("robot", limit=9)) == 1
    assert store.search("táctica", limit=9) == []


def test_what_was_deleted_is_not_found(store: Store) -> None:
    first, second = keep(store, None, turn("tesoro")), keep(store, None, turn("tesoro"))
    last = keep(store, second.conversation, turn("tesoro"))
    store.delete(first.conversation)
    assert {hit.place for hit in store.search("tesoro", limit=5)} == {second, last}
    store.undo(second.conversation)
    assert {hit.place for hit in store.search("tesoro", limit=5)} == {second}


# -- forgetting ----------------------------------------------------------------------------------


def test_undo_gives_the_last_turn_and_a_number_does_not_come_again(store: Store) -> None:
    first = keep(store, None, turn("uno"))
    second = keep(store, first.conversation, turn("dos"))
    assert store.undo(first.conversation) == turn("dos")
    store.end_turn(second, turn("tarde"), at=9.0)
    assert [kept.question for kept in store.turns(first.conversation)] == ["uno"]
    assert keep(store, first.conversation, turn("tres")).number == 3
    assert store.undo(first.conversation) == turn("tres")
    assert store.undo(first.conversation) == turn("uno")
    assert store.undo(first.conversation) is None
    assert store.conversations(limit=5) == []


def test_undo_of_a_turn_that_is_arriving(store: Store) -> None:
    place = store.begin_turn(None, "¿Qué?", model="m", at=1.0)
    store.append(place, "Es", at=2.0)
    assert store.undo(place.conversation) == turn(text="Es", outcome="interrupted")
    assert store.totals() == Totals()


def test_deleting_leaves_the_others(store: Store) -> None:
    first, second = keep(store, None, turn("uno")), keep(store, None, turn("dos"))
    store.begin_turn(first.conversation, "llega", model="m", at=5.0)
    store.delete(first.conversation)
    store.delete(first.conversation)
    assert list(store.turns(first.conversation)) == []
    assert ids(store.conversations(limit=5)) == [second.conversation]


def test_own_turns_are_not_recovered(store: Store) -> None:
    place = store.begin_turn(None, "¿Qué?", model="m", at=1.0)
    assert store.recover() == []
    store.end_turn(place, turn(), at=2.0)
    assert list(store.turns(place.conversation)) == [turn()]


# -- any order of things: both stores say the same -----------------------------------------------

WORDS = st.lists(
    st.sampled_from(["sol", "Sólo", "luna", "lunático", "MAR", "mär", "2026", "ñ", "…", "\n"]), max_size=8
)
TEXTS = WORDS.map(" ".join)
USAGES = st.builds(Usage, st.integers(0, 9), st.integers(0, 9), st.integers(0, 9), st.integers(0, 9))
DOLLARS = st.integers(0, 10**9).map(lambda units: D(units).scaleb(-8))
SPENT = st.builds(Spent, DOLLARS, st.integers(0, 3), st.integers(0, 3), USAGES)
TIMES = st.integers(0, 5).map(float)
OUTCOMES = st.sampled_from(["complete", "cancelled", "interrupted", "max_tokens", "refused", "error"])


class BothStores(RuleBasedStateMachine):
    """The store in memory is the model; the ids come from here, as the two would choose others."""

    places = Bundle("places")

    @initialize()
    def open(self) -> None:
        self.folder = tempfile.TemporaryDirectory(dir=QUICK)
        self.model, self.real = MemoryStore(), SqliteStore(Path(self.folder.name))
        self.count = 0
        self.arriving: dict[Place, tuple[str, str, float]] = {}

    def teardown(self) -> None:
        if hasattr(self, "real"):
            self.real.close()
            self.folder.cleanup()

    @rule(target=places, question=TEXTS, at=TIMES)
    def begin(self, question: str, at: float) -> Place:
        self.count += 1
        return self._begin(f"c{self.count:07}", question, at)

    @rule(target=places, place=places, question=TEXTS, at=TIMES)
    def go_on(self, place: Place, question: str, at: float) -> Place:
        return self._begin(place.conversation, question, at)

    def _begin(self, name: str, question: str, at: float) -> Place:
        place = self.model.begin_turn(name, question, model="m", at=at)
        assert self.real.begin_turn(name, question, model="m", at=at) == place
        self.arriving[place] = (question, "", at)
        return place

    @rule(target=places, place=places, at=TIMES, other=st.none() | TEXTS)
    def continue_turn(self, place: Place, at: float, other: str | None) -> Place:
        turns = list(self.model.turns(place.conversation))
        continued = turns[-1] if turns and other is None else Turn("sol", other or "", "cancelled", "m")
        taken = self.model.continue_turn(place.conversation, continued, at=at)
        assert self.real.continue_turn(place.conversation, continued, at=at) == taken
        self.arriving[taken] = (continued.question, continued.text, at)
        return taken

    @rule(place=places, text=TEXTS, at=TIMES)
    def append(self, place: Place, text: str, at: float) -> None:
        self.model.append(place, text, at=at)
        self.real.append(place, text, at=at)
        if place in self.arriving:
            question, before, last = self.arriving[place]
            self.arriving[place] = (question, before + text, max(last, at))

    @rule(place=places, question=TEXTS, text=TEXTS, outcome=OUTCOMES, usage=USAGES, at=TIMES)
    def end(self, place: Place, question: str, text: str, outcome: Outcome, usage: Usage, at: float) -> None:
        ended = Turn(question, text, outcome, "m", usage, ({"type": "text", "text": text},))
        self.model.end_turn(place, ended, at=at)
        self.real.end_turn(place, ended, at=at)
        self.arriving.pop(place, None)

    @rule(model=st.sampled_from(["m", "otro"]), spent=SPENT)
    def spend(self, model: str, spent: Spent) -> None:
        self.model.spend(model, spent)
        self.real.spend(model, spent)

    @rule(place=places)
    def delete(self, place: Place) -> None:
        self.model.delete(place.conversation)
        self.real.delete(place.conversation)

    @rule(place=places)
    def undo(self, place: Place) -> None:
        assert self.real.undo(place.conversation) == self.model.undo(place.conversation)

    @rule()
    def open_again(self) -> None:
        self.real.close()
        self.real = SqliteStore(Path(self.folder.name))
        for place in self.real.recover():
            question, text, last = self.arriving.pop(place)
            known = self.model._conversations[place.conversation]
            known.turns[place.number].turn = Turn(question, text, "interrupted", "m")
            known.updated = max(known.updated, last)  # to be recovered is not to be used
            self.model.spend("m", Spent(uncounted=1))
        assert self.real.recover() == []
        entered = self.real._file.db.execute("SELECT rowid FROM words ORDER BY rowid").fetchall()
        ended = "SELECT key FROM turns WHERE outcome IS NOT NULL ORDER BY key"
        assert entered == self.real._file.db.execute(ended).fetchall()

    @rule(place=places)
    def read(self, place: Place) -> None:
        assert list(self.real.turns(place.conversation)) == list(self.model.turns(place.conversation))

    @rule(words=TEXTS)
    def search(self, words: str) -> None:
        def found(store: Store) -> set[Any]:
            return {
                (h.place, h.title, h.at, h.line, tuple(h.found)) for h in store.search(words, limit=10**6)
            }

        assert found(self.real) == found(self.model)

    @rule(limit=st.integers(1, 4))
    def turn_the_pages(self, limit: int) -> None:
        before, last = None, None  # each store has a count of its own
        while page := self.model.conversations(limit=limit, before=before):
            there = self.real.conversations(limit=limit, before=last)
            assert there == page
            before, last = page[-1], there[-1]
        assert self.real.conversations(limit=limit, before=last) == []

    @invariant()
    def they_agree(self) -> None:
        if hasattr(self, "real"):
            assert self.real.totals() == self.model.totals()
            assert self.real.spent() == self.model.spent()
            assert self.real.latest() == self.model.latest()
            assert self.real.find("c") == self.model.find("c")


TestBothStores = BothStores.TestCase
TestBothStores.settings = settings(max_examples=up_to(25), stateful_step_count=30, deadline=None)


# -- alternatives --------------------------------------------------------------------------------


def test_an_alternative_is_a_conversation_that_says_what_it_belongs_to(store: Store) -> None:
    """Other answers to a question stand in any store, are found there, and do not hide the conversation."""
    main = keep(store, None, turn("¿Qué es un faro?", "una torre")).conversation
    other = Alternative(main, 1, 2)
    assert keep(store, other.id, turn("¿Qué es un faro?", "una luz")) == Place(other.id, 1)
    (hit,) = store.search("luz", limit=9)
    assert alternative_of(hit.place.conversation) == other and hit.title == "¿Qué es un faro?"
    assert store.find(main) == [main] and set(ids(store.conversations(limit=9))) == {main, other.id}
    stranger = Alternative("otra0000", 1, 2).id
    keep(store, stranger, turn("¿Qué es un faro?", "un cabo"))
    assert store.totals().conversations == 1 and store.totals().turns == 1  # one question, three answers
    assert store.totals().characters == len("una torreuna luzun cabo")
    assert delete_whole(store, main) == [main, other.id]
    assert ids(store.conversations(limit=9)) == [stranger] and delete_whole(store, main) == [main]


def test_an_alternative_goes_on_with_the_turns_before_its_question(store: Store) -> None:
    """Also one of an alternative that was continued; all of them go with their conversation."""
    main = keep(store, None, turn("uno")).conversation
    for question in ("dos", "tres"):
        keep(store, main, turn(question))
    other, late, undone = Alternative(main, 3, 2), Alternative(main, 3, 6), Alternative(main, 6, 2)
    for each in (other, late, undone):
        keep(store, each.id, turn(f"alternativa {each.answer}"))
    keep(store, other.id, turn("cuatro"))
    nested = Alternative(other.id, 4, 2)
    keep(store, nested.id, turn("otra cuatro"))

    def before(conversation: str) -> list[str]:
        return [each.question for each in turns_before(store, conversation)]

    for stranger in range(12 if isinstance(store, MemoryStore) else 0):
        keep(store, Alternative(f"otra{stranger:04}", 3, 2).id, turn("otra"))
        assert alternatives_of(store, main, 3) == [other, late]
    assert alternatives_of(store, main, 3) == [other, late] and alternatives_of(store, main, 2) == []
    assert alternatives_of(store, other.id, 4) == [nested]
    assert before(main) == [] == before(Alternative("nada0000", 3, 2).id)
    assert before(other.id) == before(late.id) == ["uno", "dos"]
    assert before(nested.id) == ["uno", "dos", "alternativa 2"]
    assert store.totals().turns == 4  # three questions to all, one more to an alternative
    assert set(delete_whole(store, main)) == {main, other.id, late.id, undone.id, nested.id}
    assert store.totals().turns == 0
