"""`/presupuesto`: how much may be spent before the chat asks, and how much has been."""

from __future__ import annotations

from stream_core.chat.commands import Command
from stream_core.chat.session import Session
from stream_core.cost import limit, money
from stream_core.errors import ConfigError
from stream_core.values import fold, yes_or_no


def _run(session: Session, argument: str) -> None:
    accounts, screen = session.accounts, session.screen
    if session.settings.practice:
        screen.note("En modo práctica nada cuesta dinero: no hace falta presupuesto.")
        return
    if argument and yes_or_no(fold(argument)) is False:
        accounts.limit_to(None)
        screen.note("Desde ahora no hay presupuesto.")
        return
    if argument:
        try:
            accounts.limit_to(limit(argument))
        except ConfigError as error:
            screen.warning(error.hint)
            return
    if accounts.budget is None:
        screen.note(
            f"No hay presupuesto. En esta sesión has gastado {accounts.spending}. "
            "«/presupuesto 0.50» pone un límite de medio dólar."
        )
        return
    spent, most = accounts.budget.spent, accounts.budget.limit
    left = f"quedan {money(most - spent)}" if spent < most else "no queda nada: preguntaré antes de seguir"
    screen.note(f"Presupuesto de la sesión: {money(most)}. Gastado: {money(spent)}; {left}.")


COMMAND = Command(
    name="presupuesto",
    summary="cuánto puedes gastar, y lo gastado; con un importe, cambia el límite",
    run=_run,
    order=21,
    bare=False,
    argument="[importe o no]",
)
