"""What happens when a reply is cut off."""

from stream_core.practice.answers import Tries, answer

SCENARIO = answer(
    "cut",
    "¿Qué pasa si se corta la conexión?",
    asked=[
        "cortan/corte/cortes/cortado/cortada/cortara/cortarse",
        "se/si corta/corto",
        "se pierde/pierden/pierdo si/cuando corta/cae",
        "pasa/happens/hago/si/if se corta/corto/corte/cae/cayo/pierde/va/cut/breaks/drops/lost",
        "pasa/happens/hago/si/if cae/caiga/falla/cuelga/pierdo/pierde/va/breaks/drops/lost/fails conexion*/"
        "red/"
        "internet/wifi/servidor/connection*/network/it",
        "respuesta* cortada/quedo/queda/quedado medias/mitad",
        "quedo/queda/quedado/llega a/no medias/mitad/final",
        "continuar/continuo/sigo/seguir/retomar/continue respuesta*/medias/mitad/cortada/donde/it",
        "interrumpe/interrumpio/interrumpida/interrumpido",
        "wifi",
        "desconect*",
    ],
    brief="""\
Si la conexión se corta a mitad, **lo que llegó se queda**: en pantalla, en la conversación y guardado. El \
programa sabe que falta el final porque no recibió `message_stop`, y te lo dice.""",
    text="""\
Luego hay dos caminos:

- **Continuar**: se pide al modelo que siga desde donde se quedó, y las dos partes se unen sin repetir ni \
perder palabras.
- **Repetir**: la misma pregunta otra vez, desde cero.

Si se corta **antes del primer texto**, el programa lo intenta otra vez solo, a la vista y con cuenta atrás: \
ahí no hay nada que duplicar. Después del primer texto no reintenta a escondidas, porque verías dos \
principios.

Un silencio largo también es un corte: nadie cuelga, pero nada llega. Por eso hay un límite de espera.""",
    more="""\
Un corte puede parecer un final normal: algunos intermediarios cierran «bien» una respuesta a medias. El \
programa no se fía del cierre, sino del último evento; es la diferencia entre `Finished` y `Failed`.""",
    english="""\
If the connection breaks, what arrived is kept, and the program says that the end is missing. Then you may \
continue from there or repeat the question; only before the first text it retries by itself.""",
    tries=Tries(
        chat="`/fallo corte:12`, luego cualquier pregunta, y después `/continuar`.",
        one_shot='`python streaming_chatbot.py --practice --fault corte:12 "¿Qué es el streaming?"`; el '
        "código "
        "de salida es 1.",
        demos="la lección 8 corta una respuesta, la continúa y comprueba que no falta ni una letra.",
        library="`stream.reply.error` y `stream.reply.text`: el error, y lo que llegó.",
    ),
)
