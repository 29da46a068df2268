"""What a system prompt is."""

from stream_core.practice.answers import Tries, answer

SCENARIO = answer(
    "system_prompt",
    "¿Qué es el system prompt?",
    asked=[
        "system prompt/message",
        "prompt/instrucciones/indicaciones/mensaje sistema/system",
        "instrucciones/indicaciones/rol/personalidad !compra/mueble/montaje",
        "prompt/prompts",
    ],
    brief="""\
Un **prompt** es lo que le escribes al modelo. El **system prompt** son las indicaciones que valen para toda \
la charla: el tono, el papel, lo que debe evitar.""",
    text="""\
Viaja en cada petición, en un campo aparte (`system`), antes de los mensajes. El modelo le da más peso que a \
lo que se dice después, pero no es un candado: no escondas secretos en él.

Algunas que funcionan: «Responde en una frase», «Eres un profesor paciente», «Si no lo sabes, dilo».""",
    english="""\
A **prompt** is what you write to the model; the **system prompt** holds for the whole conversation: tone, \
role, limits.""",
    tries=Tries(
        chat="`/indicaciones Responde en una frase`. (En el modo práctica se envía, pero nadie lo obedece.)",
        one_shot='`python streaming_chatbot.py --practice -s "Responde en una frase" "Hola"`: se envía, '
        "aunque "
        "una respuesta preparada no lo obedezca.",
        demos="la demo 4 muestra qué viaja en cada petición.",
        library='`stream_reply(client, system="Responde en una frase", …)`.',
    ),
)
