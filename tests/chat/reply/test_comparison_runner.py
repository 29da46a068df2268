"""One question to several models: each billed and saved as its own, and another chosen later."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from support.chats import answering
from support.tool_calls import calling
from typing_extensions import Self

from stream_core import Settings, open_client
from stream_core.chat.debug.log import DebugLog
from stream_core.chat.reply.answer_cache import AnswerCache
from stream_core.chat.reply.comparison_presenter import Answer
from stream_core.chat.reply.comparison_runner import ComparisonRunner
from stream_core.chat.reply.contenders import check_end, contenders, split_models
from stream_core.chat.reply.exchange import Services
from stream_core.chat.reply.presenter import TurnOutcome
from stream_core.chat.reply.session_spending import SessionSpending
from stream_core.chat.reply.toolset import Entry, Toolset
from stream_core.chat.reply.wire_taps import WireTaps
from stream_core.chat.saved.archive import Archive
from stream_core.chat.saved.reopening import reopen
from stream_core.chat.session.alternatives import choose, compared_before
from stream_core.chat.session.compared import Candidate, Compared, compared_now, words_on_who_goes_on
from stream_core.core.attachments import Attachment, question_blocks
from stream_core.core.conversation import Conversation, Turn
from stream_core.core.deltas import Text, ToolAsked, TurnDelta
from stream_core.core.errors import ConfigError
from stream_core.core.instructions import Instructions
from stream_core.core.redact import Redactor
from stream_core.core.trace import meaning
from stream_core.files.attaching import take_in_bytes
from stream_core.models.cost import Spent
from stream_core.models.model_list import ListedModel
from stream_core.practice.scenarios import Scenario
from stream_core.practice.script import Cut, Hang, Head, Step
from stream_core.practice.server import PracticeServer
from stream_core.store.alternatives import Alternative, alternative_of
from stream_core.store.memory import MemoryStore
from stream_core.store.protocol import Store
from stream_core.streaming import event_loop
from stream_core.tools import asks_first

SONNET, HAIKU = "claude-sonnet-5-5", "claude-haiku-4-5"


class Notebook:
    """All that a presenter of comparisons must be."""

    def __init__(self, on_text: Callable[[int], None] = lambda number: None) -> None:
        self.texts: dict[int, str] = {}
        self.endings, self.asked = list[int](), list[tuple[int, str]]()
        self.notices, self.questions = list[str](), list[str]()
        self.answers: Sequence[Answer] = ()
        self.agrees = False
        self.cancel: Callable[[int | None], None] = lambda number: None
        self._on_text = on_text

    @contextmanager
    def comparing(
        self, names: Sequence[str], cancel: Callable[[int | None], None], texts: Callable[[], Sequence[str]]
    ) -> Iterator[None]:
        self.cancel = cancel
        yield
        self.whole = texts()

    def show(self, number: int, delta: TurnDelta) -> None:
        if isinstance(delta, Text):
            self.texts[number] = self.texts.get(number, "") + delta.text
            self._on_text(number)

    def ended(self, number: int, outcome: TurnOutcome) -> None:
        self.endings.append(number)

    def results(self, answers: Sequence[Answer]) -> None:
        self.answers = answers

    def may_run(self, number: int, asked: ToolAsked) -> bool:
        self.asked.append((number, asked.name))
        return number > 0

    def may_spend(self, objection: str, *, begun: bool) -> bool:
        self.questions.append(objection)
        return self.agrees

    def notice(self, sentence: str) -> None:
        self.notices.append(sentence)


class Case:
    """A runner over a server that answers each model with a script of its own."""

    def __init__(
        self, scripts: Mapping[str, Iterable[Step]], budget: str | None = None, files: Path | None = None
    ) -> None:
        def script(request: Mapping[str, Any]) -> Iterable[Step]:
            if isinstance(request["messages"][-1]["content"], list):
                return answering("Hecho.")  # the result of a tool
            return scripts[_line(request["model"])]

        scenario = Scenario("test", "", lambda _: True, script)
        self.server = PracticeServer(remember=True, scenarios=[scenario], pace=1.0)
        self.store, self.spent = MemoryStore(), list[tuple[str, Spent]]()
        self.conversation, self.archive = Conversation(), Archive(lambda: self.store, files_folder=files)
        self.settings, self.screen = Settings(), None
        limit = Decimal(budget) if budget else None
        self.spending = SessionSpending(limit, lambda model, spent: self.spent.append((model, spent)))

    def __enter__(self) -> Self:
        self.server.__enter__()
        client = open_client(base_url=self.server.base_url)
        self._client = client
        self.tools = tools = Toolset(self.settings)
        services = Services(
            self.conversation,
            self.archive,
            self.spending,
            DebugLog(),
            WireTaps(Redactor()),
            AnswerCache(self.settings),
            tools=lambda: tools,
        )
        self.runner = ComparisonRunner(services, client=lambda: client)
        return self

    def __exit__(self, *exception: Any) -> None:
        event_loop.submit(self._client.close()).result()
        self.server.__exit__(*exception)

    def ask(self, presenter: Notebook, words: Sequence[str] = ("sonnet", "haiku")) -> list[Answer] | None:
        return self.runner.ask("cuento", contenders(words, self.settings), presenter)

    def from_archive(self, work: Callable[[Store], Any]) -> Any:
        return self.archive.call(work)

    def saved(self) -> dict[str, list[str]]:
        """The texts in the store, by conversation."""

        def texts(store: Store) -> dict[str, list[str]]:
            summaries = store.conversations(limit=9)
            return {each.id: [turn.text for turn in store.turns(each.id)] for each in summaries}

        return self.archive.call(texts)


def _line(model: str) -> str:
    return "haiku" if "haiku" in model else "sonnet"


def test_each_answer_is_billed_and_saved_and_the_first_goes_on() -> None:
    notebook = Notebook()
    with Case({"sonnet": answering("uno ", "dos"), "haiku": answering("tres")}) as case:
        answers = case.ask(notebook)
        assert answers is not None and [each.outcome.turn.text for each in answers] == ["uno dos", "tres"]
        assert notebook.texts == {0: "uno dos", 1: "tres"} and sorted(notebook.endings) == [0, 1]
        assert [_line(model) for model, _ in sorted(case.spent)] == ["haiku", "sonnet"]
        assert all(each.cost for each in answers)
        assert [turn.text for turn in case.conversation.turns] == ["uno dos"]
        main = case.archive.conversation
        assert main is not None and answers[1].apart == Alternative(main, 1, 2).id
        assert case.saved() == {main: ["uno dos"], answers[1].apart: ["tres"]}
        assert case.archive.call(lambda store: store.latest()) == main  # what `-c` goes on with
        (hit,) = case.archive.call(lambda store: store.search("tres", limit=9))
        assert alternative_of(hit.place.conversation) == Alternative(main, 1, 2)

        compared = compared_now(answers)
        session: Any = case
        assert choose(session, compared, 1) and compared.chosen == 1
        assert case.conversation.turns == [compared.turn] and compared.turn.text == "tres"
        assert case.saved() == {main: ["tres"], Alternative(main, 1, 1).id: ["uno dos"]}
        assert choose(session, compared, 0)
        assert case.saved() == {main: ["uno dos"], Alternative(main, 1, 2).id: ["tres"]}
        case.archive.close()


def test_an_alternative_is_found_and_gone_on_with_later() -> None:
    """As after a restart, where only the store knows of the comparison."""
    notebook = Notebook()
    with Case({"sonnet": answering("uno"), "haiku": answering("tres")}) as case:
        session: Any = case
        assert compared_before(session) is None
        for _ in range(2):
            case.ask(notebook)
        main = case.archive.conversation
        assert main is not None
        other = Alternative(main, 2, 2).id
        later = compared_before(session)
        assert later is not None and [each.turn.text for each in later.answers] == ["uno", "tres"]
        assert later.chosen == 0 and "haiku" in later.answers[1].name
        assert choose(session, later, 1)
        again = compared_before(session)
        assert again is not None and again.chosen == 1 and again.turn.text == "tres"
        assert [each.turn.text for each in again.answers] == ["uno", "tres"]

        one = case.archive.call(lambda store: reopen(store, Alternative(main, 2, 1).id))
        assert one is not None and (one.before, one.missing) == (1, 0)
        assert [turn.text for turn in one.turns] == ["uno", "uno"]
        assert case.archive.call(lambda store: store.find(other)) == []

        # Somebody goes on with the alternative where it stands; choosing another one takes nothing from it.
        apart = Alternative(main, 2, 1).id
        case.archive.begin_apart(apart, "más", model="m").end(Turn("más", "sí", "complete", "m"))
        assert choose(session, again, 0)
        assert case.saved()[apart] == ["uno", "sí"] and case.saved()[main] == ["uno", "uno"]
        assert choose(session, again, 1)
        assert case.saved()[apart] == ["uno", "sí"] and case.saved()[main] == ["uno", "tres"]

        # The answers of a turn that was undone stay as they are when its number is used again.
        case.conversation.turns.pop()
        case.archive.call(lambda store: store.undo(main))
        answers = case.ask(notebook)
        assert answers is not None
        assert {case.saved()[name][0] for name in (main, answers[1].apart)} == {"uno", "tres"}
        assert case.saved()[apart] == ["uno", "sí"] and answers[1].apart != apart
        case.archive.close()


def test_a_fault_or_a_cancel_of_one_leaves_the_other_alone() -> None:
    notebook = Notebook(lambda number: notebook.cancel(1) if number else None)
    scripts = {"sonnet": answering("a medias", then=[Cut()]), "haiku": answering("tres", then=[Hang()])}
    with Case(scripts) as case:
        answers = case.ask(notebook)
        case.archive.close()
    assert answers is not None
    assert [each.outcome.reply.outcome for each in answers] == ["interrupted", "cancelled"]
    assert [each.outcome.turn.text for each in answers] == ["a medias", "tres"]
    assert len(notebook.notices) == 2 and notebook.notices[0].startswith("1 · sonnet: ")


def test_a_tool_that_asks_first_asks_whose_it_is() -> None:
    @asks_first
    def ring() -> str:
        """Ring the bell."""
        return "ding"

    notebook, call = Notebook(), calling(("ring", "{}"))
    with Case({"sonnet": call, "haiku": call}) as case:
        case.tools.entries.append(Entry("ring", "llama", True, ring))
        answers = case.ask(notebook)
        case.archive.close()
    assert sorted(notebook.asked) == [(0, "ring"), (1, "ring")] and answers is not None
    results = [
        [block["content"] == "ding" for block in each.outcome.turn.blocks if block["type"] == "tool_result"]
        for each in answers
    ]
    assert results == [[False], [True]]
    for each in answers:
        stats = each.outcome.stats
        assert stats.duration is not None and stats.awaited > 0
        assert stats.working_time == pytest.approx(stats.duration - stats.awaited)


def test_the_wire_of_each_answer_is_kept_until_the_next_reply() -> None:
    with Case({"sonnet": answering("uno", "dos"), "haiku": answering("tres")}) as case:
        case.ask(Notebook())
        wire = case.runner._services.wire
        pieces = {
            name: [meaning(entry.data).piece for entry in trace.snapshot()] for name, trace in wire.beside
        }
        assert {name: [piece for piece in found if piece] for name, found in pieces.items()} == {
            "sonnet": ["uno", "dos"],
            "haiku": ["tres"],
        }
        assert wire.beside[0][1] is wire.trace
        wire.listener()
        assert not wire.beside
        case.archive.close()


def test_what_became_of_an_answer_says_nothing_of_the_question_where_another_one_goes_on() -> None:
    notebook = Notebook(lambda number: notebook.cancel(1))
    with Case({"sonnet": answering("uno"), "haiku": [Head(), Hang()]}) as case:
        case.ask(notebook)
        assert notebook.notices == ["2 · haiku: Cancelada por ti."]
    notebook = Notebook()
    with Case({"sonnet": [Cut()], "haiku": answering("a medias", then=[Cut()])}) as case:
        case.ask(notebook)
        first, second = notebook.notices
        assert "pregunta" not in first and "continuar" not in first
        assert second.endswith("Para seguirla: «/elegir 2» y «/continuar».") and "Conservo" not in second


@pytest.mark.parametrize("agrees", [False, True])
def test_the_budget_counts_all_of_them_before_anything_is_sent(agrees: bool) -> None:
    """Each alone would be within it, both are not."""
    notebook = Notebook()
    notebook.agrees = agrees
    with Case({"sonnet": answering("uno"), "haiku": answering("dos")}, budget="0.01") as case:
        one = case.spending.objection(case.settings, [{"role": "user", "content": "x" * 12_000}])
        both = case.spending.objection_to_all(
            [(case.settings, [{"role": "user", "content": "x" * 12_000}])] * 2
        )
        assert not one and "a los 2" in both
        case.spending.budget.spent = Decimal("0.01")  # type: ignore[union-attr]
        answers = case.ask(notebook)
        assert len(notebook.questions) == 1 and bool(answers) is agrees
        assert len(case.server.requests) == 2 * agrees
        case.archive.close()


def test_models_are_named_with_their_settings_and_the_rest_is_the_question() -> None:
    settings = Settings()
    for text, words, question in (
        ("sonnet haiku ¿qué hora es?", ["sonnet", "haiku"], "¿qué hora es?"),
        ("sonnet,haiku Sonnet es un modelo", ["sonnet", "haiku"], "Sonnet es un modelo"),
        ("haiku:esfuerzo=bajo haiku:pensar=no", ["haiku:esfuerzo=bajo", "haiku:pensar=no"], ""),
        (f"{SONNET} haiku\nuna\nlínea", [SONNET], "haiku\nuna\nlínea"),
        ("¿qué hora es?", [], "¿qué hora es?"),
        ("sonnet, haiku, ¿qué hora es?", ["sonnet", "haiku"], "¿qué hora es?"),
    ):
        assert split_models(text, settings) == (words, question), text
    low, none = contenders(["haiku:esfuerzo=bajo", "haiku:Pensar=no"], settings)
    assert low.settings.preferences.thinking.effort == "low"
    assert none.settings.preferences.thinking.thinking == "no" and none.name == "haiku:Pensar=no"
    for wrong in (["haiku"], ["haiku"] * 2, ["haiku", "sonnet:color=rojo"], ["haiku", "sonnet:esfuerzo=poco"],
                  ["haiku", "sonnet:esfuerzo"], ["a", "b", "c", "d", "e"], ["haiku", ""]):  # fmt: skip
        with pytest.raises(ConfigError) as refused:
            contenders(wrong, settings)
        assert refused.value.hint.endswith((".", "…"))


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("sonnet opsu ¿qué es?", "«opsu» no es un modelo. ¿Querías decir «opus»?"),
        ("sonnet haiku opsu ¿qué es?", "«opsu» no es un modelo. ¿Querías decir «opus»?"),
        ("sonet haiku ¿qué es?", "«sonet» no es un modelo. ¿Querías decir «sonnet»?"),
        ("sonnet Hiaku:pensar=no ¿qué es?", "«Hiaku» no es un modelo. ¿Querías decir «haiku»?"),
        (
            "sonnet gpt ¿qué es?",
            "«gpt» no es un modelo. Hay «sonnet», «opus», «haiku», «fable». Para comparar",
        ),
        ("sonnet haiku opera, ¿qué es?", ""),
        ("sonnet haiku", ""),
    ],
)
def test_a_wrong_model_is_named_with_the_nearest_one(line: str, told: str) -> None:
    settings = Settings()
    words, question = split_models(line, settings)
    if not told:
        check_end(words, question, settings)
        return
    with pytest.raises(ConfigError) as refused:
        check_end(words, question, settings)
    assert refused.value.hint.startswith(told)


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        (["uno", "dos"], "La conversación sigue con la respuesta 1, de a. «/elegir 2» sigue con la de b."),
        (
            ["uno", "", "tres"],
            "La conversación sigue con la respuesta 1, de a. «/elegir 3» sigue con la de c.",
        ),
        (
            ["uno", "dos", "tres"],
            "La conversación sigue con la respuesta 1, de a. «/elegir 2» sigue con la de b; "
            "«/elegir 3» sigue con la de c.",
        ),
        (["uno", ""], "La conversación sigue con la respuesta 1, de a."),
        (["", "dos"], "La respuesta 1 no trajo texto, así que no cuenta. «/elegir 2» sigue con la de b."),
        (["", ""], ""),
    ],
)
def test_only_an_answer_with_text_is_offered(texts: list[str], told: str) -> None:
    answers = [
        Candidate(name, Turn("¿Qué?", text, "complete", name), "", Instructions())
        for name, text in zip("abc", texts, strict=False)
    ]
    assert words_on_who_goes_on(Compared(answers)) == told


def test_the_id_of_an_alternative_names_its_turn() -> None:
    assert alternative_of(Alternative("k3x9abcd", 3, 2).id) == Alternative("k3x9abcd", 3, 2)
    for other in ("k3x9abcd", "", "alt3-k3x9abcd", "alt3.2", "alt3.2-", "nada0000"):
        assert alternative_of(other) is None


def test_files_that_one_of_them_cannot_take_are_sent_to_nobody() -> None:
    notebook = Notebook()
    with Case({"sonnet": answering("uno"), "haiku": answering("dos")}) as case:
        listed = tuple(
            ListedModel(name, accepts=kinds) for name, kinds in ((SONNET, ("image_input",)), (HAIKU, ()))
        )
        settings = case.settings.with_list(listed)
        question = question_blocks(
            "¿Qué es?", [Attachment("a.png", "image/png", 3, "0" * 64, 1, data="YWJj")]
        )
        assert case.runner.ask(question, contenders([SONNET, HAIKU], settings), notebook) is None
        assert not case.server.requests and notebook.notices[0].endswith("No se envió nada.")
        assert HAIKU in notebook.notices[0]
        case.archive.close()


def test_the_files_of_a_question_stay_with_the_answers_that_are_saved(tmp_path: Path) -> None:
    notebook = Notebook()
    with Case({"sonnet": answering("uno"), "haiku": answering("dos")}, files=tmp_path) as case:
        attached, _ = take_in_bytes(b"hola", "hola.txt", case.archive.files)
        answers = case.runner.ask(
            question_blocks("¿Qué es?", [attached]), contenders(["sonnet", "haiku"], case.settings), notebook
        )
        assert answers is not None
        compared = compared_now(answers)
        session: Any = case
        for place in (1, 0, 1):
            assert choose(session, compared, place)
        main = case.archive.conversation
        assert main is not None and case.archive.files.has(attached.sha256)
        case.archive.delete(main)
        assert not case.archive.files.has(attached.sha256)  # no answer that was moved keeps them
        case.archive.close()
