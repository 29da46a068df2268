"""How fast a reply is written."""

from stream_core.practice.answers import Tries, answer

SCENARIO = answer(
    "speed",
    "¿A qué velocidad llega una respuesta?",
    asked=[
        "token/tokens segundo/seg/s",
        "tok s",
        "por que/why tarda tanto",
        "tarda tanto/mucho/demasiado",
        "velocidad/speed/ritmo/cadencia",
        "rapido/rapida/rapidez/lento/lenta/lentitud/tarda/fast/slow respuesta*/respond*/modelo*/claude/"
        "escrib*/chat/va/es/streaming",
        "por que va/es/tarda tan/tanto lento/lenta/tarda/tanto",
        "why slow",
        "pausa/pausas/gaps/gap",
    ],
    brief="""\
Se mide en **tokens por segundo**: los que el modelo escribe, divididos entre el tiempo que pasó escribiendo \
(sin la espera del principio).""",
    text="""\
Depende sobre todo del modelo: los pequeños, como *haiku*, van más deprisa; los grandes, como *opus*, más \
despacio y con más detalle. En el modo práctica cada uno tiene también su ritmo, para que lo notes.

Tres cosas distintas se confunden con «va lento»:

1. **Tarda en empezar**: es el primer token (red, cola, pensamiento).
2. **Va despacio**: pocos tokens por segundo.
3. **Va a tirones**: pausas entre deltas, casi siempre de la red o de un intermediario que junta los \
trozos.""",
    english="""\
Speed is counted in **tokens per second** of writing time. Small models are quicker; a late first token and \
long pauses between deltas are two other things.""",
    tries=Tries(
        chat="`/modelo haiku`, repite la pregunta, y compara los tok/s del borde con los de antes.",
        one_shot='`python streaming_chatbot.py --practice -m haiku "¿Qué es el streaming?"`, y otra vez con '
        "`-m opus`.",
        demos="la demo 3 muestra los tok/s mientras llegan.",
        library="`stream.stats.tokens_per_second`, y `max(stream.stats.gaps)` para la pausa más larga.",
    ),
)
