"""`/presupuesto`: show and change the budget."""

from __future__ import annotations

from decimal import Decimal

from stream_core.chat.commands import Command
from stream_core.chat.session.session import Session
from stream_core.config.options.values import yes_or_no
from stream_core.core.errors import ConfigError
from stream_core.models.cost import limit, money


def _run(session: Session, argument: str) -> None:
    spending, screen = session.spending, session.screen
    if session.settings.connection.practice:
        screen.note("En modo práctica nada cuesta dinero: no hace falta presupuesto.")
        return
    if argument != "0" and yes_or_no(argument) is False:  # "0" is a wrong amount, not a "no"
        _limit(session, None)
        screen.note("Desde ahora no hay presupuesto.")
        return
    if argument:
        try:
            _limit(session, limit(argument))
        except ConfigError as error:
            screen.warning(error.hint)
            return
    if spending.budget is None:
        screen.note(
            f"No hay presupuesto. En esta sesión llevas gastado {spending.so_far}. "
            "«/presupuesto 0.50» pone un límite de medio dólar."
        )
        return
    spent, most = spending.budget.spent, spending.budget.limit
    left = f"quedan {money(most - spent)}" if spent < most else "no queda nada: preguntaré antes de seguir"
    screen.note(f"Presupuesto de la sesión. Llevas gastado {spending.spent()}: {left}.")


def _limit(session: Session, amount: Decimal | None) -> None:
    session.settings = session.settings.with_budget(amount)
    session.spending.limit_to(amount)


COMMAND = Command(
    name="presupuesto",
    summary="muestra lo gastado y lo que queda, o cambia el límite",
    usage=(
        "«/presupuesto 0.50» pone un límite de medio dólar a la sesión; al llegar a él, pregunta "
        "antes de seguir. «/presupuesto no» lo quita y «/presupuesto» dice cuánto llevas."
    ),
    brief="pone un límite al gasto",
    run=_run,
    order=41,
    bare=False,
    argument="[importe o no]",
    known_as=("budget",),
    related=("limite", "gastar", "tope"),
)
