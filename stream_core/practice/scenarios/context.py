"""What the context is."""

from stream_core.practice.answers import Tries, answer

SCENARIO = answer(
    "context",
    "¿Qué es el contexto?",
    asked=[
        "contexto/contextos/context",
        "ventana/window contexto/context",
        "token/tokens caben/cabe/entran/entra/fit",
        "memoria/memory !ram/disco/usb/cache/interna",
        "como/how recuerda/recuerdas/acuerda/remember*/sabe conversacion*/mensajes/dicho/anterior*/dije/it",
        "recuerda/recuerdas/acuerda/remember* modelo*/claude/conversacion*/api/mensaje*",
        "historial/history",
    ],
    brief="""\
El **contexto** es todo lo que el modelo lee para contestar: tus instrucciones, la conversación entera y la \
pregunta. La API no guarda nada: tu programa lo vuelve a enviar cada vez.""",
    text="""\
Por eso «recuerda»: no porque haya memoria en el servidor, sino porque el chat le reenvía lo dicho. Y por \
eso cada turno envía más tokens que el anterior.

- Lo que quedó **a medias** también viaja, marcado como texto del asistente.
- Una pregunta sin respuesta (por un error) no se envía otra vez.
- Cada modelo tiene un máximo de tokens de contexto; al acercarse, conviene empezar otra conversación.""",
    english="""\
The **context** is everything the model reads: instructions, the whole conversation and the question. The \
API remembers nothing; the program sends it again each time.""",
    tries=Tries(
        chat="`contexto` muestra todo lo que se ha dicho y cómo acabó cada respuesta.",
        one_shot='`python streaming_chatbot.py --practice -c "¿Qué te he contado?"` sigue la última '
        "conversación.",
        demos="la demo 4 cuenta los mensajes y los tokens que se envían en cada turno.",
        library="`Conversation().messages(pregunta, model=…)` son los mensajes que se envían.",
    ),
)
