"""What max_tokens is."""

from stream_core.practice.answers import Tries, answer

SCENARIO = answer(
    "max_tokens",
    "¿Qué es max_tokens?",
    asked=[
        "max/maximo/maxima/maximum/limite/tope/limit token/tokens",
        "maxtokens",
        "llega/llegar/alcanza/pasa/supera/reach* limite/maximo/tope/limit",
        "limite/longitud/largo/maximo respuesta*",
        "respuesta* mas/demasiado corta*/larga*/breve*",
        "respuesta* incompleta*/inacabada*",
        "respuesta* cortada/quedo/queda/acaba medias/mitad max*/limite",
        "how long answer*/repl*/response*",
    ],
    brief="""\
**`max_tokens`** es el máximo de tokens que puede tener una respuesta. Es un freno, no una meta: el modelo \
no lo conoce y no intenta llegar a él.""",
    text="""\
Si la respuesta lo alcanza, se para donde esté, aunque sea en mitad de una palabra, y el motivo de parada es \
`max_tokens`. No es un error: lo recibido vale, y se puede continuar.

- Demasiado **bajo**: respuestas cortadas.
- Demasiado **alto**: no cuesta más por sí mismo (se paga lo escrito), pero una respuesta desbocada puede \
gastar mucho.
- Lo que el modelo **piensa** también cuenta.

Si quieres respuestas más cortas, pídelas cortas en la pregunta: eso el modelo sí lo entiende.""",
    english="""\
**`max_tokens`** is the most a reply may have. It is a brake, not a goal: when it is reached the reply stops \
wherever it is, with that stop reason, and can be continued.""",
    tries=Tries(
        chat="abre el chat con `--max-tokens 30`, pregunta esto mismo y luego escribe `/continuar`.",
        one_shot='`python streaming_chatbot.py --practice --max-tokens 30 "¿Qué es max_tokens?"`.',
        demos="la demo 3: su barra dice qué parte de `max_tokens` se ha usado.",
        library="pasa `max_tokens=30` a `stream_reply` y mira `stream.reply.outcome`: será `max_tokens`.",
    ),
)
