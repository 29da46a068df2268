"""What can be asked and done."""

from stream_core.practice.answers import Tries, answer

SCENARIO = answer(
    "commands",
    "¿Qué puedo preguntar?",
    asked=[
        "que/what puedo/podemos/can/should preguntar*/pregunto/hacer/escribir/probar/ask/do/try",
        "comando/comandos/command/commands/ayuda/help !linux/git/windows",
        "que/what sabes/puedes/haces hacer/contestar/responder/do",
        "como/how empiezo/empezar/start/begin/usa/uso !programa/codigo/app/aplicacion/biblioteca/libreria/"
        "streaming",
        "que/what haces/sabes/puedes",
        "preguntas/pregunta ejemplo/ejemplos/hacer",
        "que/what pruebo",
        "ayudar/ayudas/ayudame",
    ],
    brief="""\
Aquí no hay una IA, pero sé contestar a lo que se pregunta al aprender streaming: qué es, cómo funciona, qué \
pasa si se corta, cuánto cuesta.""",
    text="""\
Por ejemplo:

- «¿Qué es un token?», «¿y un delta?», «¿qué es SSE?»
- «¿Cómo cancelo?», «¿qué pasa si se corta la conexión?»
- «¿Qué es `max_tokens`?», «¿por qué paró?», «¿cuánto cuesta?»
- «¿Qué es pensar?», «¿qué es una herramienta?», «¿qué es la caché?»
- «¿Cuánto es 1250 * 1.21, y qué hora es en Tokio?»: lo calculan herramientas de verdad.
- «Me llamo Ada» y, más tarde, «¿cómo me llamo?»""",
    english="""\
There is no AI here, but questions about streaming have prepared answers: tokens, deltas, SSE, cancelling, \
cuts, cost, thinking, tools.""",
    tries=Tries(
        chat="`demo` muestra preguntas preparadas, y `ayuda`, todos los comandos.",
        one_shot="`python streaming_chatbot.py --help` muestra las opciones; sin pregunta, se abre el chat.",
        demos="escribe un número del menú: de la 1 a la 6 se mira, de la 7 a la 13 se practica.",
        library="pregunta «¿Cómo hago streaming en mi programa?».",
    ),
)
