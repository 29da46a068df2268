"""`stats`: statistics of the session and of everything saved."""

from __future__ import annotations

import time
from contextlib import suppress

from stream_core.chat.commands import Command
from stream_core.chat.session.session import Session
from stream_core.core.store_errors import StoreError
from stream_core.models.cost import ever


def _run(session: Session, argument: str) -> None:
    settings, totals, spent = session.settings, None, None
    if session.archive.keeps:
        with suppress(StoreError):  # the session's statistics do not need the store
            totals, kept = session.archive.call(lambda store: (store.totals(), store.spent()))
            spent = None if settings.connection.practice else ever(kept, settings.priced)
    session.screen.stats(
        session.conversation.turns,
        session.stats,
        session.frames,
        time.monotonic(),
        prices=None if settings.connection.practice else settings.priced,
        spending=session.spending.so_far,
        totals=totals,
        ever=spent,
    )


COMMAND = Command(
    name="stats",
    summary="muestra las cifras de esta conversación, de la sesión y de lo guardado",
    usage=(
        "Al final de cada respuesta, «primer token» y «total» se cuentan desde que se envía la pregunta; "
        "«preparación», si se nota, es lo que tardó antes el programa en estar listo."
    ),
    brief="muestra las cifras",
    everyday=True,
    run=_run,
    order=40,
    known_as=("cost", "usage", "estadisticas"),
    related=(
        "coste",
        "costo",
        "costes",
        "gasto",
        "gastos",
        "precio",
        "precios",
        "tokens",
        "uso",
        "consumo",
        "dinero",
    ),
)
