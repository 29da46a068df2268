"""What is kept."""

from stream_core.practice.answers import Tries, answer

SCENARIO = answer(
    "saving",
    "¿Se guarda lo que escribo?",
    asked=[
        "guarda*/guardo/guardas/guardan/save/saved/saves/almacen*/stored",
        "donde/where estan/guardan/quedan/are conversacion*/chats/archivo*/conversation*/datos",
        "privacidad/privacy/privado/privada",
        "borrar/borro/delete conversacion*/historial/chat/chats/todo",
        "exportar/exporto/export",
    ],
    brief="""\
Sí: cada conversación se guarda sola **en tu equipo**, también lo que quedó a medias, para que un corte de \
luz no se la lleve. Nada se envía a otro sitio que no sea la API.""",
    text="""\
- Lo del modo práctica va en un archivo aparte.
- `--no-save` no guarda nada: ni la conversación ni lo que tecleas.
- Se buscan, se retoman, se exportan (Markdown, HTML o JSON) y se borran desde el chat.
- La clave no se guarda nunca con ellas.""",
    english="""\
Yes, on your own machine only, partial replies included; `--no-save` keeps nothing.""",
    tries=Tries(
        chat="`/conversaciones` las muestra; `/exportar` saca la de ahora; `/borrar` la borra.",
        one_shot="`python streaming_chatbot.py --where` dice dónde están; `-c` sigue la última.",
        demos="las demos no guardan nada: para eso está el chat.",
        library="la biblioteca no guarda nada por su cuenta: `stream.reply.text` es tuyo.",
    ),
)
