"""One way of a turn: a presenter of a few lines gets all of it, and what must happen at the end happens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from pytest_mock import MockerFixture
from support.chats import answering
from support.tool_calls import calling
from support.wire import playing
from typing_extensions import Self

from stream_core import Settings, open_client
from stream_core.chat.debug.log import DebugLog
from stream_core.chat.reply.answer_cache import AnswerCache
from stream_core.chat.reply.exchange import Services
from stream_core.chat.reply.presenter import Presenter, TurnOutcome
from stream_core.chat.reply.runner import TurnRunner
from stream_core.chat.reply.session_spending import SessionSpending
from stream_core.chat.reply.toolset import Entry, Toolset
from stream_core.chat.reply.wire_taps import WireTaps
from stream_core.chat.saved.archive import Archive
from stream_core.config.options.limits import Limits
from stream_core.config.preferences import Preferences
from stream_core.core.conversation import Conversation, Turn
from stream_core.core.deltas import Text, ToolAsked, TurnDelta
from stream_core.core.redact import Redactor
from stream_core.models.cost import Spent
from stream_core.practice.script import Cut, error_reply
from stream_core.practice.server import PracticeServer
from stream_core.store.memory import MemoryStore
from stream_core.streaming import event_loop
from stream_core.tools import asks_first

CUT = answering("Érase una vez un fa", then=[Cut()])
REST = answering("una vez un faro.")
SUM = calling(("calculate", '{"expression": "6 * 7"}'))


class Notebook:
    """All that a presenter must be: what it is given is written down."""

    def __init__(self, answer: bool = False, on_text: Callable[[], None] = lambda: None) -> None:
        self.text = ""
        self.leads, self.notices, self.questions = list[str](), list[str](), list[str]()
        self.endings = list[TurnOutcome]()
        self._answer, self._on_text = answer, on_text

    @contextmanager
    def showing(
        self, cancel: Callable[[], None], lead: str, outcome: Callable[[], TurnOutcome]
    ) -> Iterator[None]:
        self.leads.append(lead)
        try:
            yield
        finally:
            self.endings.append(outcome())

    def show(self, delta: TurnDelta) -> None:
        if isinstance(delta, Text):
            self.text += delta.text
            self._on_text()

    def may_run(self, asked: ToolAsked) -> bool:
        self.questions.append(asked.name)
        return self._answer

    def may_spend(self, objection: str, *, begun: bool) -> bool:
        self.questions.append(f"{objection} {begun}")
        return self._answer

    def notice(self, sentence: str) -> None:
        self.notices.append(sentence)


class Case:
    """A runner, and all that its replies leave behind."""

    def __init__(
        self, server: PracticeServer, budget: str | None = None, successor: str = "", **settings: Any
    ) -> None:
        self.store, self.spent = MemoryStore(), list[Spent]()
        self.conversation, self.archive = Conversation(), Archive(lambda: self.store)
        self.settings = Settings(preferences=Preferences(limits=Limits(**settings)))
        limit = Decimal(budget) if budget else None
        spending = SessionSpending(limit, lambda model, spent: self.spent.append(spent))
        self.tools = Toolset(self.settings)
        services = Services(
            self.conversation,
            self.archive,
            spending,
            DebugLog(),
            WireTaps(Redactor()),
            AnswerCache(self.settings),
            tools=lambda: self.tools,
        )
        self._client = open_client(base_url=server.base_url)

        def replace_model(settings: Settings) -> Settings | None:
            return replace(settings, model=successor) if successor else None

        self.runner = TurnRunner(services, client=lambda: self._client, replace_model=replace_model)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        event_loop.submit(self._client.close()).result()

    def ask(self, presenter: Presenter) -> TurnOutcome | None:
        return self.runner.ask("cuento", self.settings, presenter)

    @property
    def saved(self) -> list[Turn]:
        self.archive.close()
        (summary,) = self.store.conversations(limit=9)
        return list(self.store.turns(summary.id))


@pytest.fixture
def notebook() -> Notebook:
    return Notebook()


def test_a_presenter_of_a_few_lines_gets_a_whole_turn(notebook: Notebook) -> None:
    with playing(answering("uno ", "dos")) as server, Case(server) as case:
        outcome = case.ask(notebook)
    assert outcome is not None and outcome.turn.text == notebook.text == "uno dos"
    assert notebook.leads == [""] and notebook.notices == notebook.questions == []
    (shown,) = notebook.endings
    assert (shown.turn, shown.price, shown.before) == (outcome.turn, outcome.price, "")
    assert case.conversation.turns == case.saved == [outcome.turn]
    assert outcome.turn.context_key and case.conversation.turns[0].context_key == outcome.turn.context_key
    assert len(case.spent) == 1


def test_what_is_cut_is_continued_as_one_turn(notebook: Notebook) -> None:
    with (
        playing(answering("Érase una vez un fa", then=[Cut()]), answering("una vez un faro.")) as server,
        Case(server, auto_continue=True) as case,
    ):
        outcome = case.ask(notebook)
    assert outcome is not None and outcome.continued is not None and outcome.before == "Érase una vez un fa"
    assert notebook.text == outcome.turn.text == "Érase una vez un faro."
    assert [ending.turn.outcome for ending in notebook.endings] == ["interrupted", "complete"]
    assert notebook.leads == ["", "Érase una vez un fa"]
    assert len(notebook.notices) == 1 and "Sigo desde ahí por mi cuenta" in notebook.notices[0]
    assert case.conversation.turns == case.saved == [outcome.turn]


@pytest.mark.parametrize("answer", [False, True])
def test_what_would_be_continued_over_the_budget_is_asked_for(answer: bool) -> None:
    notebook = Notebook(answer)
    with (
        playing(answering("Érase una vez un fa", then=[Cut()]), answering("una vez un faro.")) as server,
        Case(server, "0.00001", auto_continue=True) as case,
    ):
        outcome = case.ask(notebook)
        assert len(server.requests) == 1 + answer
    assert outcome is not None and (outcome.turn.outcome == "complete") == answer
    (asked,) = notebook.questions
    assert asked.startswith("Llevas gastado") and asked.endswith("True")
    assert "Streaming interrumpido" in notebook.notices[0]  # the person knows what happened
    assert not any("por mi cuenta" in notice for notice in notebook.notices)
    assert case.conversation.turns == case.saved == [outcome.turn]


class Broken(Exception):
    pass


@pytest.mark.parametrize("error", [Broken(), SystemExit(143), OSError("nobody reads")])
def test_whatever_ends_it_is_saved_billed_and_shown(error: BaseException) -> None:
    def fail() -> None:
        raise error

    notebook = Notebook(on_text=fail)
    with playing(answering("uno ", "dos")) as server, Case(server) as case:
        with pytest.raises(type(error)):
            case.ask(notebook)
    (shown,) = notebook.endings
    assert case.conversation.turns == case.saved == [shown.turn]
    assert shown.turn.question == "cuento" and shown.turn.text.startswith("uno ")
    assert len(case.spent) == 1 and shown.price


def test_a_defect_of_one_ending_leaves_the_others(notebook: Notebook, mocker: MockerFixture) -> None:
    mocker.patch.object(SessionSpending, "add", side_effect=Broken)
    with playing(answering("uno ", "dos")) as server, Case(server) as case:
        with pytest.raises(Broken):
            case.ask(notebook)
    assert [turn.text for turn in case.saved] == ["uno dos"]
    assert [ending.turn.text for ending in notebook.endings] == ["uno dos"]


@pytest.mark.parametrize("answer", [False, True])
def test_a_tool_that_asks_first_asks_the_presenter(answer: bool) -> None:
    @asks_first
    def ring() -> str:
        """Ring the bell."""
        return "ding"

    notebook = Notebook(answer)
    with playing(calling(("ring", "{}")), answering("Hecho.")) as server, Case(server) as case:
        case.tools.entries.append(Entry("ring", "llama", True, ring))
        outcome = case.ask(notebook)
    assert notebook.questions == ["ring"] and outcome is not None
    (result,) = [block for block in outcome.turn.blocks if block["type"] == "tool_result"]
    assert (result["content"] == "ding") == answer


class Choosy(Notebook):
    """Lets the first tool of a question run, and no other."""

    def may_run(self, asked: ToolAsked) -> bool:
        self.questions.append(f"{asked.name} {asked.input['bell']}")
        return len(self.questions) == 1


def test_each_answer_goes_to_its_own_call_though_both_have_one_id() -> None:
    @asks_first
    def ring(bell: str) -> str:
        """Ring a bell.

        Args:
            bell: which one.
        """
        return f"ding {bell}"

    notebook = Choosy()
    both = calling(("ring", '{"bell": "uno"}'), ("ring", '{"bell": "dos"}'), ids=("toolu_1", "toolu_1"))
    with playing(both, answering("Hecho.")) as server, Case(server) as case:
        case.tools.entries.append(Entry("ring", "llama", True, ring))
        outcome = case.ask(notebook)
        sent = server.requests[1].json()["messages"]
    assert outcome is not None and outcome.reply.outcome == "complete"
    assert sorted(notebook.questions) == ["ring dos", "ring uno"]
    allowed = notebook.questions[0].removeprefix("ring ")
    calls = [block for block in sent[1]["content"] if block["type"] == "tool_use"]
    answers = {block["tool_use_id"]: block["content"] for block in sent[2]["content"]}
    assert len(calls) == len(answers) == 2
    for call in calls:
        bell = call["input"]["bell"]
        assert (answers[call["id"]] == f"ding {bell}") == (bell == allowed)
    assert case.saved[0].blocks == outcome.turn.blocks  # and so it is saved


@pytest.mark.parametrize("answer", [False, True])
def test_the_budget_may_end_a_turn_between_two_requests(answer: bool) -> None:
    notebook = Notebook(answer)
    with (
        playing(calling(("calculate", '{"expression": "6 * 7"}')), answering("Son 42.")) as server,
        Case(server, "0.00001") as case,
    ):
        outcome = case.ask(notebook)
        assert len(server.requests) == 1 + answer
    assert outcome is not None and outcome.declined != answer
    assert len(notebook.questions) == 1 and "Con esto llevas gastado" in notebook.questions[0]


def test_nothing_is_sent_or_saved_without_agreement(notebook: Notebook) -> None:
    with playing(answering("uno")) as server, Case(server, "0.00001") as case:
        case.ask(notebook)
        assert case.ask(notebook) is None and len(server.requests) == 1
    assert notebook.questions[0].endswith("False") and len(case.conversation.turns) == len(case.saved) == 1


def test_a_continuation_that_lacks_its_model_goes_on_with_the_newest_of_the_line(notebook: Notebook) -> None:
    gone = error_reply(404, "not_found_error", "model: x")
    cut, rest = answering("Érase una vez un fa", then=[Cut()]), answering("una vez un faro.")
    with playing(cut, gone, rest) as server, Case(server, successor="claude-haiku-5-5") as case:
        case.ask(notebook)
        outcome = case.runner.continue_reply(replace(case.settings, line="sonnet"), notebook)
        asked = [request.json()["model"] for request in server.requests]
    assert (
        outcome is not None
        and outcome.turn.text == "Érase una vez un faro."
        and asked[-1] == "claude-haiku-5-5"
    )
    assert not any("no existe" in notice for notice in notebook.notices)  # who replaced it has told so


def test_a_server_without_the_model_is_told_once(notebook: Notebook) -> None:
    with playing(error_reply(404, "not_found_error", "model: x")) as server, Case(server) as case:
        outcome = case.ask(notebook)
    assert outcome is not None and outcome.turn.outcome == "error"
    assert len(notebook.notices) == 1 and "no existe" in notebook.notices[0]
