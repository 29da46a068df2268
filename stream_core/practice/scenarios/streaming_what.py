"""What streaming is."""

from stream_core.practice.answers import Tries, answer

SCENARIO = answer(
    "streaming_what",
    "¿Qué es el streaming?",
    asked=["streaming !ventaj*/benefici*", "stream"],
    brief="""\
**Streaming** es recibir una respuesta mientras se escribe, en vez de esperar a que esté entera. El modelo \
produce el texto trozo a trozo; cada trozo viaja en cuanto existe, y tú lo lees ya.""",
    text="""\
Sin streaming haces una petición y esperas: la pantalla sigue vacía hasta el final. Con streaming la \
conexión queda abierta y por ella van llegando *eventos*. Casi todos traen un **delta**: unas letras que se \
añaden a lo que ya tenías.

| | Sin streaming | Con streaming |
|---|---|---|
| Primera palabra | cuando acaba todo | en menos de un segundo, casi siempre |
| Si no te convence | esperas igual | cancelas y te quedas con lo leído |
| Si se corta la red | puedes perderlo todo | conservas lo que llegó |

No hace que el modelo termine antes: hace que **empieces a leer** antes. Lo estás viendo ahora mismo: aunque \
este texto estaba preparado, te ha llegado por el mismo camino que una respuesta de Claude.""",
    more="""\
El precio es un poco de cuidado: el texto puede quedarse a medias, así que un buen programa sabe siempre \
*cómo* acabó (completo, cancelado o interrumpido) y no pierde lo recibido. De eso se ocupa la mitad del \
código de este proyecto.""",
    english="""\
**Streaming** means receiving a reply while it is being written: each piece (a *delta*) travels as soon as \
it exists, so you read at once, may cancel at any moment, and keep what has arrived if the connection \
breaks.""",
    tries=Tries(
        chat="pregunta «¿Cómo funciona el streaming?» y pulsa **Ctrl+C** a mitad: lo que llegó se queda.",
        one_shot='`python streaming_chatbot.py --practice "¿Cómo funciona el streaming?"`, y fíjate en que '
        "el "
        "texto sale poco a poco.",
        demos="la demo 6 hace la misma pregunta con streaming y sin él, y mide los dos casos.",
        library="`for piece in stream.text_stream: print(piece, end='', flush=True)`, dentro de "
        "`with stream_reply(…) as stream:`.",
    ),
)
