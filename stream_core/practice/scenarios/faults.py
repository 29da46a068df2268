"""How to rehearse a fault."""

from stream_core.practice.answers import Tries, answer

SCENARIO = answer(
    "faults",
    "¿Cómo ensayo un fallo?",
    asked=[
        "fallo/fallos/fault/faults",
        "error/errores/errors",
        "400/401/403/404/413",
        "fallar/falla/falle/fail/fails",
        "que puede/puedo/can fallar/mal/fail/wrong/salir",
        "ensay*/simul*/provoc*/probar/pruebo/test/rehearse fallo*/error*/corte*/fault*/falla",
    ],
    brief="""\
En el modo práctica los fallos se **piden**: el servidor corta, calla, se equivoca o contesta con un error \
justo cuando tú dices, y ves qué hace el programa.""",
    text="""\
Hay varias familias:

- **La red**: `corte`, `reset`, `silencio`, `incompleto`.
- **La API**: `401`, `429`, `529`, y errores a mitad de respuesta.
- **Los bytes y los eventos**: JSON roto, eventos que faltan, UTF-8 partido.
- **Intermediarios**: el portal de un wifi, un proxy que contesta en su lugar.

Con `:12` dices en qué trozo; con `x2`, cuántas veces seguidas.""",
    english="""\
In practice mode faults are made on purpose: the server cuts, keeps silent or answers with an error when you \
say so, and you see what the program does.""",
    tries=Tries(
        chat="`/fallos` los muestra todos; `/fallo corte:12` arma uno para la próxima respuesta.",
        one_shot='`python streaming_chatbot.py --practice --fault silencio --idle-timeout 3 "Hola"`.',
        demos="la lección 8 ensaya un corte, y la 9, dos servidores saturados.",
        library="`PracticeServer` de `stream_core.practice.server`: `server.lab.arm(parse('corte:12'))`.",
    ),
)
