"""`/elegir`: which answer of a comparison goes on with the conversation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from stream_core.chat.commands import Command
from stream_core.chat.session.alternatives import choose, compared_before
from stream_core.chat.session.compared import Candidate
from stream_core.chat.session.session import Session
from stream_core.config.settings import Settings
from stream_core.core.sanitize import one_line


def _run(session: Session, argument: str) -> None:
    turns, screen = session.conversation.turns, session.screen
    known = session.compared if turns and session.compared and turns[-1] is session.compared.turn else None
    compared = known or compared_before(session)
    if compared is None and session.compared is None:
        screen.note("Primero compara: «/comparar sonnet haiku ¿qué es un delta?».")
        return
    if compared is None:
        screen.warning(
            "La conversación ya siguió, así que esa respuesta no se cambia. Las otras siguen guardadas: "
            "«/buscar» las encuentra y «/abrir» sigue con una."
        )
        return
    session.compared, answers = compared, compared.answers
    number = int(argument) if argument.strip().isdecimal() and len(argument) < 4 else 0
    if not 0 < number <= len(answers):
        *first, last = [f"{at} ({_shown(each, answers)})" for at, each in enumerate(answers, 1)]
        choices = f"{', '.join(first)} o {last}"
        wrong = f"No hay ninguna respuesta «{one_line(argument, 20)}». " if argument.strip() else ""
        screen.note(f"{wrong}Puedes elegir {choices}. Ahora sigue la {compared.chosen + 1}.")
        return
    answer = answers[number - 1]
    if number - 1 == compared.chosen:
        screen.note(f"Ya sigue con la respuesta {number}, de {answer.name}.")
        return
    if not answer.turn.is_sent:
        screen.warning(f"La respuesta {number} no tiene texto con el que seguir. Todo queda como estaba.")
        return
    if choose(session, compared, number - 1):
        screen.note(
            f"La conversación sigue con la respuesta {number}, de {answer.name}.{_next(session, answer)}"
        )


def _next(session: Session, answer: Candidate) -> str:
    """A sentence about who answers next, where that is another model than the one that was chosen."""
    model, chosen = session.settings.model, answer.turn.model
    if model == chosen:
        return ""
    return (
        f" A tu próxima pregunta responde el modelo del chat, «{one_line(model, 60)}»; para que siga el de "
        f"esta respuesta, «/modelo {one_line(chosen, 60)}»."
    )


def _shown(answer: Candidate, answers: Sequence[Candidate]) -> str:
    """Name an answer by its model; with its first words if another answer is of the same model."""
    alone = sum(each.name == answer.name for each in answers) == 1
    return answer.name if alone else f"{answer.name}: «{one_line(answer.turn.text, 30)}»"


def _complete(before: Sequence[str], settings: Settings) -> Iterable[tuple[str, str]]:
    return () if before else [(str(number), "") for number in range(1, 5)]


COMMAND = Command(
    name="elegir",
    summary="sigue con otra respuesta de la comparación",
    usage=(
        "Después de comparar («/comparar sonnet haiku ¿qué es un delta?»), «/elegir 2» sigue con "
        "la segunda respuesta y «/elegir» dice cuáles hay, hasta que preguntes otra cosa. Las "
        "demás siguen guardadas: «/buscar» las encuentra y «/abrir» sigue con una."
    ),
    brief="sigue con otra respuesta",
    run=_run,
    order=29,
    bare=False,
    argument="n",
    complete=_complete,
    known_as=("choose", "pick"),
    related=("escoger", "seleccionar", "alternativa", "branch", "fork"),
)
