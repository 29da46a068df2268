"""What the time to first token is."""

from stream_core.practice.answers import Tries, answer

SCENARIO = answer(
    "first_token",
    "¿Qué es el TTFT?",
    asked=[
        "ttft",
        "time first token/text",
        "primer/primera token/texto/palabra/letra/trozo/delta/caracter",
        "latencia/latency",
        "tarda*/tardo/demora* empezar/empieza/comenzar/arrancar/responder/contestar/llegar/aparecer",
        "tarda* tanto/mucho/demasiado/que empezar/empieza/responder/contestar",
        "por que tarda* tanto/mucho responder/contestar/empezar",
        "espera/espero empiece/empezar/primer",
    ],
    brief="""\
**TTFT** (*time to first token*) es el tiempo que pasa desde que envías la pregunta hasta que llega el \
primer token. Es lo que decide si un programa se siente rápido.""",
    text="""\
En él caben el viaje por la red, la cola del servidor, leer todo lo que enviaste y, si el modelo piensa, \
pensar. Crece con:

- un contexto largo (una **caché** lo acorta mucho),
- un modelo grande o mucho **esfuerzo** de pensamiento,
- una API saturada, y los reintentos.

El streaming no cambia el tiempo total: cambia *este*. Esperar 0.7 s y leer durante ocho es muy distinto de \
esperar 8.7 s delante de nada.""",
    more="""\
Conviene mirar el percentil 95 además de la mediana: una de cada veinte esperas es la que la gente recuerda. \
Y distinguir el primer *token* del primer *texto*: con pensamiento a la vista, el primer token llega antes \
de que haya nada que leer en la respuesta.""",
    english="""\
**TTFT** (*time to first token*) is the time from sending the question to the first token: network, queue, \
reading your input and thinking. Streaming does not shorten the whole; it makes this what you wait for.""",
    tries=Tries(
        chat="mira el borde de cada respuesta («primer token»), y `stats` para la mediana y el p95.",
        one_shot='`python streaming_chatbot.py --practice --fault cabeceras:3 "Hola"`: tres segundos más de '
        "espera, y luego todo igual.",
        demos="la demo 6 lo mide con streaming y sin él.",
        library="`stream.stats.time_to_first_text` y `stream.stats.time_to_first_token`, en segundos.",
    ),
)
