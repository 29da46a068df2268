"""What thinking is."""

from stream_core.practice.answers import Tries, answer

SCENARIO = answer(
    "thinking",
    "¿Qué es pensar (thinking)?",
    asked=[
        "thinking",
        "pensar/pensamiento/pensamientos/piensa/piense/razona*/razonamiento*/reasoning "
        "!opinas/politica/ti/mi/religion/futbol/vida",
        "no piense/pensar/piensa/thinking",
        "extended thinking",
        "esfuerzo/effort",
        "signature/firma/firmas",
    ],
    brief="""\
**Pensar** (*thinking*) es que el modelo escriba primero para sí mismo, y luego para ti. Llega en bloques \
aparte, antes de la respuesta, con sus propios deltas.""",
    text="""\
Sirve para preguntas difíciles: cuentas, código, decisiones con varios pasos. A cambio tarda más en empezar, \
y esos tokens se pagan como salida aunque no los veas.

- Según el modelo se pide, se apaga o viene siempre.
- Se puede ver un **resumen** de lo pensado, o solo esperar.
- El **esfuerzo** decide cuánto se esmera: de bajo a máximo.
- Cada bloque lleva una **firma**: si hay herramientas de por medio, tiene que volver tal cual en la \
petición siguiente, o la API la rechaza.

Ojo: un pensamiento puede llegar cifrado (`redacted_thinking`), y aun así debe volver.""",
    more="""\
Un detalle que rompe muchos bucles caseros: el último delta de un bloque de pensamiento no trae texto, sino \
la firma (`signature_delta`). Un programa que espere `delta.text` en todos los deltas falla justo ahí.""",
    english="""\
**Thinking** is text that the model writes for itself before the answer, in blocks of its own. It helps with \
hard questions, delays the first word, and is billed as output.""",
    tries=Tries(
        chat="`/pensar resumen` y repite la pregunta: verás lo pensado antes de la respuesta.",
        one_shot='`python streaming_chatbot.py --practice --thinking resumen --xray "¿Qué es un token?"`: lo '
        "que piensa va en los eventos `thinking_delta`.",
        demos="la lección 11 muestra el pensamiento, la herramienta y el texto según llegan.",
        library="`isinstance(delta, Thinking)` en tu bucle, con "
        '`thinking={"type": "adaptive", "display": "summarized"}` en la petición.',
    ),
)
