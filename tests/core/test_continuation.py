"""Going on with a reply that was cut: the messages, the seam between the texts, the turn that comes of it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_core.core.api_messages import Message
from stream_core.core.continuation import ContinuationStream, can_continue, context_line, joined, messages
from stream_core.core.conversation import Turn
from stream_core.core.deltas import (
    BlockDone,
    Cancelled,
    Delta,
    Failed,
    Finished,
    Opened,
    RoundDone,
    Text,
    ToolDone,
    TurnDelta,
    Usage,
)
from stream_core.core.errors import ConnectionLost, Overloaded
from stream_core.core.overlap import OverlapJoiner
from stream_core.core.reply import Outcome, Reply
from stream_core.core.turn_result import TurnResult
from stream_core.models.catalogue import BUILT_IN, Model, tries_prefill

NEW, OLD = "claude-sonnet-5-5", "claude-sonnet-4-5-20250929"
STORY = (
    "# El faro\n\nCuando la última barca se fue, el farero dijo: «Mañana, quizá». Nadie le oyó. "
    "Subió los 199 peldaños, uno a uno, y encendió la luz…\n\n- aceite\n- mechas (dos)\n\n"
    "```python\nfor barca in barcas:\n    print(barca, barca)\n```\n\n"
    "Y así, una noche y otra noche, siguió siguiendo."
)


def cut(outcome: Outcome = "interrupted", text: str = "Érase una vez", model: str = NEW) -> Turn:
    return Turn("¿Un cuento?", text, outcome, model, Usage(10, 5))


def through(seam: OverlapJoiner, pieces: list[str]) -> str:
    return "".join([*map(seam.feed, pieces), seam.flush()])


def in_pieces(text: str, sizes: list[int]) -> list[str]:
    pieces = []
    for size in sizes:
        pieces.append(text[:size])
        text = text[size:]
    return [*pieces, text]


def end_asked_for(base: str) -> str:
    asked = messages([], cut(text=base), model=NEW)[-1]["content"]
    return str(asked).partition("<interrupted_end>")[2].partition("</interrupted_end>")[0]


# -- the messages ------------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", ["cancelled", "interrupted", "max_tokens"])
def test_what_was_cut_can_go_on(outcome: Outcome) -> None:
    assert can_continue(cut(outcome)) and not can_continue(cut(outcome, text=" \n"))


@pytest.mark.parametrize("outcome", ["complete", "refused", "error"])
def test_what_was_not_cut_cannot(outcome: Outcome) -> None:
    assert not can_continue(cut(outcome))


def test_a_current_model_is_asked_in_a_turn_of_its_own() -> None:
    before: list[Message] = [{"role": "user", "content": "Hola"}, {"role": "assistant", "content": "Hola."}]
    *sent, ask = messages(before, cut(text="Érase una vez \n"), model=NEW)
    assert sent == [
        *before,
        {"role": "user", "content": "¿Un cuento?"},
        {"role": "assistant", "content": "Érase una vez"},
    ]
    assert ask["role"] == "user" and "<interrupted_end>Érase una vez</interrupted_end>" in ask["content"]


@pytest.mark.parametrize(
    "model",
    [OLD, "claude-sonnet-4-5", "claude-opus-4-5", "claude-haiku-4-5-20251001"],
)
def test_an_old_model_gets_the_beginning_of_its_answer(model: str) -> None:
    assert messages(
        [], cut(text="Érase una vez \n"), model=model, prefill=tries_prefill(model, BUILT_IN, anthropic=True)
    )[-1] == {
        "role": "assistant",
        "content": "Érase una vez",
    }


@pytest.mark.parametrize(
    "model", [NEW, "claude-opus-4-6", "claude-haiku-5-5-20260901", "llama3", "claude-opus-4-51"]
)
def test_any_other_model_does_not(model: str) -> None:
    assert (
        messages([], cut(), model=model, prefill=tries_prefill(model, BUILT_IN, anthropic=True))[-1]["role"]
        == "user"
    )


def test_what_the_person_says_of_a_model_holds() -> None:
    own = BUILT_IN.changed({"llama3": Model("llama3", "Llama", prefill=True)})
    prefill = tries_prefill("llama3", own, anthropic=True)
    assert messages([], cut(), model="llama3", prefill=prefill)[-1]["role"] == "assistant"
    continued = ContinuationStream(cut(), prefill=prefill)
    (shown,) = continued.feed(Text(", una vez", 0, 1.0))
    assert isinstance(shown, Text) and shown.text == ", una vez"


def test_the_end_that_is_quoted_begins_with_a_word() -> None:
    end = end_asked_for("palabra " * 100 + "fi")
    assert end.startswith("palabra ") and end.endswith(" fi") and len(end) <= 80
    assert end_asked_for("x" * 500) == "x" * 80


# -- the seam ----------------------------------------------------------------------------------


@given(
    st.integers(1, len(STORY)),
    st.lists(st.integers(1, 9), max_size=60),
    st.sampled_from(["", "\n", "«", "... "]),
)
def test_a_story_that_is_cut_anywhere_is_whole_again(at: int, sizes: list[int], before: str) -> None:
    base, rest = STORY[:at], STORY[at:]
    if not base.strip():
        return
    blank = base[len(base.rstrip()) :]
    answer = before + end_asked_for(base) + blank + rest
    assert base + through(OverlapJoiner(base), in_pieces(answer, sizes)) == STORY


@given(st.integers(1, len(STORY)), st.lists(st.integers(1, 9), max_size=60))
def test_a_prefill_goes_on_where_the_white_space_began(at: int, sizes: list[int]) -> None:
    base = STORY[:at]
    answer = STORY[len(base.rstrip()) :]
    assert base + through(OverlapJoiner(base, asked=False), in_pieces(answer, sizes)) == STORY


@given(
    st.text("ab .\n«", max_size=40), st.text("ab .\n«", max_size=40), st.lists(st.integers(1, 5), max_size=30)
)
def test_how_the_answer_is_cut_makes_no_difference(base: str, answer: str, sizes: list[int]) -> None:
    for asked in (True, False):
        whole = through(OverlapJoiner(base, asked=asked), [answer])
        assert through(OverlapJoiner(base, asked=asked), in_pieces(answer, sizes)) == whole
        assert answer.endswith(whole.lstrip())  # nothing is made up, and nothing but the beginning is lost


@pytest.mark.parametrize(
    ("base", "answer", "new"),
    [
        ("regaba a desho", "regaba a deshora.", "ra."),
        ("regaba a desho", "deshora.", "ra."),  # it repeats less
        ("regaba a deshora", "y nadie lo vio.", " y nadie lo vio."),  # it does not repeat
        ("regaba a deshora", " y nadie lo vio.", " y nadie lo vio."),
        ("regaba a deshora ", "y nadie lo vio.", "y nadie lo vio."),
        ("regaba a deshora ", "regaba a deshora y nadie lo vio.", "y nadie lo vio."),
        ("regaba a deshora ", "regaba  a\ndeshora y nadie", "y nadie"),  # other white space
        ("regaba a deshora", "…y nadie lo vio.", " y nadie lo vio."),
        ("regaba a deshora", "... y nadie lo vio.", " y nadie lo vio."),
        ("regaba a deshora.", "Nadie lo vio.", " Nadie lo vio."),
        ("regaba a deshora", ", como siempre.", ", como siempre."),
        ("regaba a deshora\n", "\nFin", "Fin"),
        ("regaba a deshora\n", "regaba a deshora\n\nFin", "\nFin"),
        ("uno\n- dos\n- ", "uno\n- dos\n- tres", "tres"),
        ("que no", "que no no y no", " no y no"),  # once is a repetition, twice is text
        ("regaba a deshora.", "regaba a deshora.", ""),  # nothing was missing
        ("regaba a deshora.", "regaba a", ""),  # it broke off while repeating
        ("regaba", "", ""),
        ("dijo: «No", "dijo: «No sé».", " sé»."),
        ("x", "xilófono", "ilófono"),  # all that there was
        ("Fue a la x", "xilófono", " xilófono"),  # a letter is no word
        ("dijo: «No", 'dijo: "No sé".', ' sé".'),  # in other quotes
        ("dijo: 'No", "dijo: ’No sé", " sé"),
        ("👩\u200d", "👩\u200d💻 listo", "💻 listo"),
        ("regaba a\r\n", "regaba a\r\ndeshora", "deshora"),
        ("uno.", "uno.\n\n", "\n\n"),
    ],
)
def test_the_seam(base: str, answer: str, new: str) -> None:
    assert through(OverlapJoiner(base), list(answer)) == new == through(OverlapJoiner(base), [answer])


LONG = (
    "".join(f"Línea {number}: «{number * number}» y sigue la lista. " for number in range(200))
    + "Y por fin el fa"
)


@pytest.mark.parametrize("back", [0, 2, 30, 200, 5000])
@pytest.mark.parametrize("sizes", [[], [1] * 9000, [7] * 2000])
def test_more_may_be_repeated_than_was_asked_for(back: int, sizes: list[int]) -> None:
    at = LONG.index("Línea", len(LONG) - back) if 80 < back < len(LONG) else len(LONG) - back if back else 0
    answer = LONG[at:].replace("«", '"').replace("»", '"') + "ro."
    assert through(OverlapJoiner(LONG), in_pieces(answer, sizes)) == "ro."


@given(st.integers(1, len(STORY)), st.integers(0, 60), st.lists(st.integers(1, 9), max_size=60))
def test_it_may_repeat_from_any_word_on(at: int, word: int, sizes: list[int]) -> None:
    base = STORY[:at]
    starts = [0, *(found.end() for found in re.finditer(r"\s+", base.rstrip()))]
    answer = base[starts[word % len(starts)] :]
    if len(answer.strip()) < 4:
        return  # a letter or a sign may be anything
    assert base + through(OverlapJoiner(base), in_pieces(answer + STORY[at:], sizes)) == STORY


def test_of_two_parts_that_are_alike_the_first_may_be_repeated() -> None:
    base = f"{STORY}\n\n{STORY.replace('farero', 'capitán')}"
    for sizes in ([], [7] * 300):
        assert through(OverlapJoiner(base), in_pieces(f"{base[138:]}\nFin.", sizes)) == "\nFin."
        assert through(OverlapJoiner(base), in_pieces(f"{base[-139:]}\nFin.", sizes)) == "\nFin."
        again = base[-139:] + base[len(STORY) : len(STORY) + 20]  # as new as it is alike
        assert through(OverlapJoiner(base), in_pieces(again, sizes)) == again[139:]


def test_what_begins_as_something_further_back_is_not_lost() -> None:
    answer = LONG[:300] + "pero otra cosa."
    for sizes in ([], [1] * 400, [50] * 8):
        assert through(OverlapJoiner(LONG + "."), in_pieces(answer, sizes)) == " " + answer


def test_what_broke_off_while_repeating_more_is_nothing_new() -> None:
    for end in (30, 500, len(LONG) - 1):
        assert through(OverlapJoiner(LONG), in_pieces(LONG[:end], [5] * 3000)) == ""


def test_an_answer_of_white_space_is_not_held_back_for_ever() -> None:
    for base, before in (("regaba a deshora", ""), ("regaba a deshora", "regaba"), ("regaba", "regaba")):
        seam = OverlapJoiner(base)
        seam.feed(before)
        for _ in range(2000):
            seam.feed(" ")
        assert seam.feed("y más") == "y más"


def test_a_long_answer_is_joined_in_time_that_grows_as_it_does() -> None:
    text = "".join(f"{number} barcas. " for number in range(60_000))
    seam, new = OverlapJoiner(text), 0
    for piece in (text[at : at + 4] for at in range(0, len(text), 4)):  # it begins again from the beginning
        new += len(seam.feed(piece))
    assert new == 0 and seam.feed("Fin") == "Fin"


# -- a turn with tools -------------------------------------------------------------------------

THOUGHT = {"type": "thinking", "thinking": "a", "signature": "s"}
CALL = {"type": "tool_use", "id": "t1", "name": "calculate", "input": {"expression": "2 + 2"}}
RESULT = {"type": "tool_result", "tool_use_id": "t1", "content": "4"}


def tools(*, answered: bool) -> Turn:
    """A turn that called a tool and was cut, in the answer to its result or before it."""
    result = TurnResult(0.0)
    for delta in (
        Opened("m", NEW, Usage(20, 1), None, 1.0),
        BlockDone(THOUGHT, 0, 1.0),
        Text("Voy.", 1, 1.0),
        BlockDone({"type": "text", "text": "Voy."}, 1, 1.0),
        BlockDone(CALL, 2, 1.0),
        ToolDone("t1", "calculate", "4", False, 0.1, 1.0),
    ):
        result.feed(delta)
    if answered:
        result.feed(RoundDone(1, "tool_use", Usage(20, 7), 1.0))
        result.feed(Opened("m", NEW, Usage(30, 1), None, 1.0))
        result.feed(Text("Son cua", 0, 1.0))
    result.feed(Cancelled(2.0))
    return Turn.of("¿Cuánto?", result, model=NEW)


def test_the_tools_of_a_turn_that_was_cut_stay_in_it() -> None:
    turn = tools(answered=True)
    *sent, ask = messages([], turn, model=NEW)
    assert [message["role"] for message in sent] == ["user", "assistant", "user", "assistant"]
    assert sent[1]["content"][-1] == CALL and sent[2]["content"] == [RESULT]
    assert sent[3]["content"] == "Son cua" and "<interrupted_end>Voy.\n\nSon cua</" in ask["content"]
    reply, _ = play(turn, deltas("Son cua", "tro."))
    whole = joined(turn, reply, model=NEW)
    assert whole.text == "Voy.\n\nSon cuatro." and whole.outcome == "complete"
    assert whole.blocks == (*turn.blocks[:-1], {"type": "text", "text": "Son cuatro."})
    assert [message["role"] for message in whole.messages(NEW)] == ["user", "assistant"] * 2


def test_to_a_call_that_nothing_was_said_to_the_continuation_is_the_answer() -> None:
    turn = tools(answered=False)
    assert turn.text == "Voy." and [*turn.blocks] == [THOUGHT, {"type": "text", "text": "Voy."}, CALL, RESULT]
    asked, said = {"role": "user", "content": "¿Cuánto?"}, {"role": "assistant", "content": "Voy."}
    assert turn.messages(NEW) == [asked, said]  # what is asked next needs no answer to the call
    for model in (NEW, OLD):
        *sent, results = messages(
            [], turn, model=model, prefill=tries_prefill(model, BUILT_IN, anthropic=True)
        )
        assert [message["role"] for message in sent] == ["user", "assistant"]
        assert sent[1]["content"][-1] == CALL and results == {"role": "user", "content": [RESULT]}
    reply, shown = play(turn, deltas("Son ", "4."))
    assert [delta.text for delta in shown if isinstance(delta, Text)] == ["Son ", "4."]
    whole = joined(turn, reply, model=NEW)
    assert whole.text == "Voy.\n\nSon 4."
    assert whole.blocks == (*turn.blocks, {"type": "text", "text": "Son 4."})
    assert [message["role"] for message in whole.messages(NEW)] == ["user", "assistant"] * 2


def test_tools_that_have_answered_can_be_gone_on_with_without_a_word() -> None:
    blocks = (CALL, {**CALL, "id": "t2"}, RESULT)
    turn = Turn("¿Cuánto?", "", "cancelled", NEW, Usage(), blocks)
    assert can_continue(turn) and not turn.messages(NEW)
    *_, said, results = messages([], turn, model=NEW)
    assert said["content"] == [CALL] and results["content"] == [RESULT]  # the other has not answered
    assert joined(turn, play(turn, deltas("4"))[0], model=NEW).text == "4"
    assert not can_continue(Turn("¿Cuánto?", "", "cancelled", NEW, Usage(), (CALL,)))


def test_what_was_thought_in_a_continuation_does_not_go_back() -> None:
    turn = tools(answered=True)
    arrived = deltas("Son cua", "tro.")
    arrived.insert(1, BlockDone(THOUGHT, 0, 1.0))
    reply, _ = play(turn, arrived)
    assert [block["type"] for block in joined(turn, reply, model=NEW).blocks].count("thinking") == 1


# -- the deltas --------------------------------------------------------------------------------


def deltas(*texts: str, ending: Delta | None = None) -> list[Delta]:
    body = [Text(text, 0, 1.0) for text in texts]
    done = BlockDone({"type": "text", "text": "".join(texts)}, 0, 1.0)
    return [
        Opened("m", NEW, Usage(20, 0), None, 1.0),
        *body,
        done,
        ending or Finished("end_turn", Usage(20, 7), 2.0),
    ]


def play(turn: Turn, arrived: list[Delta]) -> tuple[TurnResult, list[TurnDelta]]:
    continued = ContinuationStream(turn)
    shown = [one for delta in arrived for one in continued.feed(delta)]
    return continued.result, shown


def test_the_deltas_of_a_continuation_bring_what_is_new() -> None:
    reply, shown = play(cut(), deltas("Érase ", "una vez", " un", " faro."))
    assert [delta.text for delta in shown if isinstance(delta, Text)] == [" un", " faro."]
    assert isinstance(shown[-1], Finished) and reply.outcome == "complete"
    assert joined(cut(), reply, model=NEW) == Turn(
        "¿Un cuento?",
        "Érase una vez un faro.",
        "complete",
        NEW,
        Usage(30, 12),
        ({"type": "text", "text": "Érase una vez un faro."},),
    )


def test_what_is_held_back_comes_before_the_end_of_its_block() -> None:
    _, shown = play(cut(text="Érase una vez ahora"), deltas("Érase un"))
    assert not [delta for delta in shown if isinstance(delta, Text)]  # it broke off while repeating
    _, shown = play(cut(text="Fin de la una"), deltas("una"))
    assert [type(delta) for delta in shown] == [Opened, BlockDone, Finished]
    _, shown = play(cut(text="Fin de"), deltas("l"))
    assert [delta.text for delta in shown if isinstance(delta, Text)] == [" l"]
    assert [type(delta) for delta in shown] == [Opened, Text, BlockDone, Finished]


def test_a_cancel_leaves_nothing_behind() -> None:
    whole, continued = Reply(), ContinuationStream(cut())
    opened, first, second, *_ = deltas("Érase una vez un", " faro")
    for delta in (opened, first, second, Cancelled(2.0)):
        whole.feed(delta)
    for delta in (opened, first, Cancelled(2.0)):  # as an iteration gives them
        continued.feed(delta)
    for _ in range(2):
        assert continued.finish(whole) is continued.result
        assert continued.result.text == " un faro" and continued.result.outcome == "cancelled"


@pytest.mark.parametrize(
    ("arrived", "outcome", "text"),
    [
        ([Failed(Overloaded(), 1.0)], "interrupted", "Érase una vez"),  # as it was before
        (deltas("Érase una vez un", ending=Failed(ConnectionLost(), 2.0)), "interrupted", "Érase una vez un"),
        (deltas("Érase una vez", ending=Failed(ConnectionLost(), 2.0)), "interrupted", "Érase una vez"),
        (deltas("Érase una vez"), "complete", "Érase una vez"),  # nothing was missing
        (deltas("No sigo", ending=Finished("refusal", Usage(20, 1), 2.0)), "interrupted", "Érase una vez"),
        (
            deltas("Érase una vez un", ending=Finished("max_tokens", Usage(20, 1), 2.0)),
            "max_tokens",
            "Érase una vez un",
        ),
    ],
)
def test_the_turn_that_comes_of_it(arrived: list[Delta], outcome: Outcome, text: str) -> None:
    reply, _ = play(cut(), arrived)
    turn = joined(cut(), reply, model=NEW)
    assert (turn.outcome, turn.text, turn.question) == (outcome, text, "¿Un cuento?")
    assert turn.usage.output_tokens >= 5


# -- what is shown before it -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "lead"),
    [
        ("Uno.\n\nDos y", "Dos y"),
        ("Uno.\n", ""),
        ("```python\nfor x in", "```python\nfor x in"),
        ("```python\nfor x in y:\n", "```python\n"),
        ("```py", "```py"),
        ("```py\na\n```\nya", "ya"),
        ("````md\n```\na", "````md\na"),
        ("~~~\n```\n~~~\n```c\nint", "```c\nint"),
        ("| a | b |\n|---|---|\n| 1 | ", "| a | b |\n|---|---|\n| 1 | "),
        ("| a | b |\n|---|---|\n| 1 | 2 |\n", "| a | b |\n|---|---|\n"),
        ("| a | b |\n|---|---|\n", "| a | b |\n|---|---|\n"),
        ("| a | b |\n|-", "| a | b |\n|-"),
        ("| a | b |\n", "| a | b |\n"),
        ("| a | b |\n|---|---|\n| 1 | 2 |\nFi", "Fi"),
        (f"| a |\n|---|\n| {'x ' * 300}", f"| a |\n|---|\n| {'x ' * 300}"),
        ("```py\ny", "```py\ny"),
        ("```py\ny\n```", ""),
        ("```py\r\nx = 1\r\ny", "```py\ny"),
        ("Con ```esto``` y\nmás", "más"),
        ("```esto``` y\nmás", "más"),
        ("漢" * 300, "… " + "漢" * 60),
        ("x " * 90 + "un **trozo " + "y " * 40, "… **" + "y " * 29),
        ("x " * 90 + "`un trozo " + "y " * 40, "… `" + "y " * 29),
        ("un **trozo** de `x` " + "y " * 40, "… " + "y " * 29),
        ("x " * 300 + "fin", None),
    ],
)
def test_the_context_line(text: str, lead: str | None) -> None:
    if lead is None:
        assert (
            context_line(text).startswith("… x ")
            and context_line(text).endswith("fin")
            and len(context_line(text)) < 70
        )
    else:
        assert context_line(text) == lead
