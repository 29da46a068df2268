"""What a stop reason is."""

from stream_core.practice.answers import Tries, answer

SCENARIO = answer(
    "stop_reason",
    "¿Qué es un stop reason?",
    asked=[
        "stop reason/reasons",
        "end turn",
        "pause turn",
        "refusal",
        "razon/motivo/causa parada/final/fin/acaba/termina/detiene/para",
        "por/como que/sabe/se acaba/termina/para/detiene/finaliza/acabo/termino/paro respuesta*/modelo*/"
        "claude/mensaje*",
        "por que acabo/termino/paro/detuvo",
        "por que se/la acaba/termina/para/detiene/acabo/termino/paro/detuvo",
        "como se/sabe acabo/acabado/terminado/termino/completa/entera",
        "stop sequence/sequences",
        "secuencia* parada",
    ],
    brief="""\
El **stop reason** es el motivo por el que el modelo dejó de escribir. Llega al final, en `message_delta`, y \
dice si la respuesta está entera o le falta algo.""",
    text="""\
| Motivo | Qué significa | Qué hacer |
|---|---|---|
| `end_turn` | ha terminado | nada |
| `max_tokens` | llegó al límite que pusiste | continuar, o subir el límite |
| `stop_sequence` | escribió una de tus secuencias de parada | nada: lo pediste |
| `tool_use` | quiere usar una herramienta | ejecutarla y devolver el resultado |
| `pause_turn` | hace una pausa en un turno largo | reenviar lo que hay |
| `refusal` | no quiere responder | replantear la pregunta |

Si no llega ninguno, la respuesta **se cortó**: no es un final, es un accidente.""",
    more="""\
No es lo mismo que un error: un error puede venir con un código HTTP antes de empezar, o como evento `error` \
a mitad. En esta biblioteca los motivos van dentro de `Finished`, y los accidentes en `Failed`.""",
    english="""\
The **stop reason** says why the model stopped: `end_turn` (done), `max_tokens` (the limit), `tool_use` (it \
wants a tool), `refusal`… Without one the reply was cut off.""",
    tries=Tries(
        chat="`contexto` dice cómo acabó cada respuesta.",
        one_shot='`python streaming_chatbot.py --practice --max-tokens 15 "¿Qué es un token?"` acaba por '
        "`max_tokens`, y lo dice.",
        demos="la lección 8 muestra uno que falta: un corte.",
        library="`stream.reply.stop_reason`, y `stream.reply.outcome` para todos los finales.",
    ),
)
