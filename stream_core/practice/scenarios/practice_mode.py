"""What practice mode is."""

from stream_core.practice.answers import Tries, answer

SCENARIO = answer(
    "practice_mode",
    "¿Qué es el modo práctica?",
    asked=[
        "modo practica",
        "practica/practice",
        "practice mode/server",
        "eres/are tu/you claude/ia/real/robot/persona/humano/verdad/ai/inteligencia/bot/chatgpt",
        "eres/are quien/who/que/what !modelo/model",
        "respuesta*/answer* preparada*/falsa*/escrita*/prepared/fake/verdad/real",
        "eres ia/claude/humano/persona/real",
        "programa/chat/esto como funciona",
        "servidor practica",
    ],
    brief="""\
Es este programa **sin ninguna IA**: un pequeño servidor, en tu propio equipo, contesta con textos escritos \
de antemano. Lo que sí es real es todo lo demás.""",
    text="""\
El servidor habla la misma API que Anthropic: los mismos eventos, los mismos errores, las mismas reglas. El \
programa no nota la diferencia, así que sirve para aprender y para ensayar lo que con la API de verdad es \
raro o caro: cortes, esperas, errores.

- **Real**: el streaming, las herramientas, los fallos, las cifras, lo que se guarda (aparte).
- **Preparado**: las palabras. Reconozco las preguntas sobre streaming por sus palabras; a lo demás contesto \
que no sé.""",
    english="""\
Practice mode is this program without any AI: a small server on your machine answers with prepared texts, \
but the streaming, the tools and the faults are real.""",
    tries=Tries(
        chat="`/fallos` muestra lo que se puede ensayar, y `demo`, preguntas que sé contestar.",
        one_shot='`python streaming_chatbot.py --practice --fault 401 "Hola"; echo $?`.',
        demos="las lecciones 7 a 13 usan siempre este servidor, y le preguntan qué vio.",
        library="`with practice_server() as url: client = open_client(base_url=url)`.",
    ),
)
