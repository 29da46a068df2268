"""Cancel a reply, and ask the server what it saw."""

from __future__ import annotations

from stream_core.core.conversation import Conversation
from stream_core.core.deltas import Text
from stream_core.core.numbers import counted

from . import Lesson
from .stage import MODEL, Stage, request, whole_reply

_QUESTION = "Escribe una historia corta sobre un robot"
_AFTER = 25  # deltas, where nobody can press a key


def _run(stage: Stage) -> None:
    from stream_core.streaming.reply import stream_reply

    arrived = ""
    with (
        stage.writing() as write,
        stream_reply(stage.client, **request(_QUESTION)) as stream,
        stage.watching(stream),
    ):
        for delta in stream:
            if isinstance(delta, Text):
                arrived += delta.text
                write(delta.text, "")
                if not stage.interactive and stream.stats.deltas >= _AFTER:
                    stream.cancel()  # what Esc and Ctrl+C do
        rest = stream.reply.text[len(arrived) :]  # it had arrived when the cancel came, and is kept
        write(rest, "")
    stage.say()

    cancelled = stage.check(
        stream.reply.outcome == "cancelled",
        "La cancelaste: el último delta fue `Cancelled`, que es un final y no un error.",
        "la respuesta llegó entera. Repite la lección y pulsa Esc o Ctrl+C en cuanto veas texto.",
    )
    if not cancelled:
        return
    stage.check(
        stage.server.wait_for(lambda: stage.server.hangups == 1),
        "El servidor vio que colgabas, y dejó de escribir.",
        "el servidor no vio cerrarse la conexión: con la máquina muy cargada puede pasar. Repite la lección.",
    )
    stage.check(
        stream.reply.text.startswith(arrived),
        f"Lo que llegó se conserva: {counted(len(stream.reply.text), 'carácter', 'caracteres')}.",
        "lo conservado no empieza por lo que se leyó: eso es un defecto del programa.",
    )
    whole, kept = whole_reply(_QUESTION).text, stream.reply.text
    stage.check(
        len(kept) < len(whole) and whole.startswith(kept),
        f"Faltaban por escribir {counted(len(whole) - len(kept), 'carácter', 'caracteres')}: eso no se paga.",
        "no faltaba nada por escribir: cancela antes, cuando solo haya un par de líneas.",
    )
    conversation = Conversation()
    conversation.add(_QUESTION, stream.reply, model=MODEL)
    sent = conversation.messages("Sigue", model=MODEL)
    stage.check(
        [message["role"] for message in sent] == ["user", "assistant", "user"],
        "La pregunta siguiente llevará ese texto a medias: el modelo sabrá hasta dónde llegó.",
        "no había llegado texto, y sin texto no hay nada que reenviar: cancela un poco más tarde.",
    )


LESSON = Lesson(
    number=7,
    title="Cancelar",
    look=("el texto se para en el acto, y lo que ya se ve se queda.",),
    do="pulsa Esc o Ctrl+C en cuanto lleves un par de líneas.",
    run=_run,
)
