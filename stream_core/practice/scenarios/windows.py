"""How the program runs on Windows."""

from stream_core.practice.answers import Tries, answer

SCENARIO = answer(
    "windows",
    "¿Y en Windows?",
    asked=[
        "windows/powershell/wsl !ventana",
        "mac/macos/linux/android/movil",
        "sistema/sistemas operativo/operativos",
    ],
    brief="""\
Se prueba en **Linux**. En macOS y en Windows nadie lo ha probado todavía: el código tiene en cuenta lo que \
allí es distinto, pero en Windows lo más seguro es **WSL**.""",
    text="""\
El streaming es el mismo en todas partes: HTTP y texto. Lo que cambia es la pantalla: las teclas mientras \
llega la respuesta, el Ctrl+C o las señales dependen de la terminal.""",
    english="""\
The library is plain Python; the chat wants a terminal as Linux and macOS have them. On Windows use WSL.""",
    tries=Tries(
        chat="`/ajustes` dice qué ha decidido el programa para esta terminal.",
        one_shot='`python streaming_chatbot.py --practice "Hola" | cat`: lo mismo, sin depender de la '
        "terminal.",
        demos="la demo 1, que solo escribe texto.",
        library="`python -m stream_core.lessons.bare_loop`: solo biblioteca estándar y un socket local.",
    ),
)
