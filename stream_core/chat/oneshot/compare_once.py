"""`--compare`: one question to several models, in the one-shot mode."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from typing import TYPE_CHECKING

from stream_core.chat.process.standard_streams import say
from stream_core.chat.reply.comparison_runner import ComparisonRunner
from stream_core.chat.reply.contenders import contenders
from stream_core.chat.reply.exchange import Services
from stream_core.chat.reply.pipe_comparison_presenter import presenter_of
from stream_core.chat.reply.presenter import TurnOutcome
from stream_core.chat.signals.interrupts import Interrupts
from stream_core.config.options.values import fold
from stream_core.config.settings import Settings
from stream_core.core.conversation import Question
from stream_core.core.errors import StreamCoreError
from stream_core.models.lines import LINES
from stream_core.models.model_list import ListedModel

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic


def compare_once(
    question: Question,
    settings: Settings,
    services: Services,
    client: Callable[[], AsyncAnthropic | None],
    interrupts: Interrupts,
    list_models: Callable[[], Future[tuple[ListedModel, ...]]],
) -> TurnOutcome | None:
    """Ask all of them; returns what became of the first that is not complete, else of the first one.

    Raises:
        ConfigError: the models cannot be compared.
    """
    words = [word for word in re.split(r"[,\s]+", settings.invocation.compare or "") if word]
    if not settings.listed and any(fold(word.partition(":")[0]) in LINES for word in words):
        with suppress(StreamCoreError):  # a server without a list takes the names as they are
            settings = settings.with_list(list_models().result())
    if settings.preferences.look.xray:
        say(
            "Con varias respuestas a la vez no se ve la radiografía. Grábalas con --record ARCHIVO: "
            "--replay ARCHIVO --xray la muestra, una tras otra."
        )
    runner = ComparisonRunner(services, client=client, in_chat=False)
    answers = runner.ask(question, contenders(words, settings), presenter_of(settings, interrupts))
    if not answers:
        return None
    outcomes = [answer.outcome for answer in answers]
    return next((each for each in outcomes if each.reply.outcome != "complete"), outcomes[0])
