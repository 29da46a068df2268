"""`/pensar`: show and change whether the model thinks before it answers."""

from __future__ import annotations

from stream_core.chat.commands import Command

from ._thinking_option import completing, option_named, running

_OPTION = option_named("pensar")

COMMAND = Command(
    name="pensar",
    summary="elige si el modelo piensa antes de responder y si se ve",
    usage=f"«/pensar» dice qué hará el modelo y «/pensar sí» lo cambia. Puede ser {_OPTION.possible}.",
    brief="elige si piensa antes",
    run=running(_OPTION),
    order=51,
    bare=False,
    argument="[auto, sí, no o resumen]",
    complete=completing(_OPTION),
    known_as=("think", "thinking"),
    related=("pensamiento", "piensa", "reflexionar"),
)
