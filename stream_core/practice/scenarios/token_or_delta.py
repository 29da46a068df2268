"""How tokens and deltas differ."""

from stream_core.practice.answers import Tries, answer

SCENARIO = answer(
    "token_or_delta",
    "¿En qué se diferencian un token y un delta?",
    asked=["token/tokens delta/deltas/trozo/trozos/chunk/chunks/fragmento/fragmentos"],
    brief="""\
El **token** es cómo escribe el modelo; el **delta**, cómo te llega. Un delta trae uno o varios tokens, \
según los agrupe el servidor.""",
    text="""\
- Los tokens se cobran y los cuenta la API al final, en `usage`.
- Los deltas los cuentas tú al recibirlos: son avisos, no dinero.
- Puede haber menos deltas que tokens (varios juntos) y nunca hay que fiarse de que un delta sea una palabra.

Por eso el chat muestra los dos por separado: los deltas mientras llegan, los tokens cuando se saben.""",
    english="""\
A **token** is how the model writes (and what is billed); a **delta** is how it reaches you. One delta \
carries one or several tokens.""",
    tries=Tries(
        chat="`stats`: mira «Tokens de salida» y «Deltas por fotograma».",
        one_shot='`python streaming_chatbot.py --practice --debug "Hola"` apunta los deltas y, al final, los '
        "tokens.",
        demos="la demo 3 muestra las dos cuentas a la vez.",
        library="compara `stream.stats.deltas` con `stream.reply.usage.output_tokens`.",
    ),
)
