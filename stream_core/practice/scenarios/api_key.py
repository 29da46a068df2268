"""How to get and set a key."""

from stream_core.practice.answers import Tries, answer

SCENARIO = answer(
    "api_key",
    "¿Cómo consigo una clave?",
    asked=[
        "clave/claves/key/keys/apikey/credencial*/contrasena !wifi/banco/correo",
        "api key",
        "hablar/hablo/usar/talk claude/ia/verdad/real",
        "conectar/conecto/connect claude/anthropic/api",
        "token/tokens acceso",
    ],
    brief="""\
La **clave** se crea en la consola de Anthropic (console.anthropic.com), y se escribe en tu archivo `.env` \
(`--where` dice cuál es). Con ella responde Claude; sin ella, este modo práctica.""",
    text="""\
1. Entra en la consola, crea una clave (empieza por `sk-ant-`) y cópiala: solo se muestra una vez.
2. Escribe en tu archivo `.env`:

```
ANTHROPIC_API_KEY=tu_clave
```

3. Vuelve a abrir el programa.

No la pegues en una conversación, ni en el código, ni la subas a un repositorio. Este programa no la muestra \
nunca, tampoco en el registro de `--debug`.""",
    english="""\
Create a key in Anthropic's console, write `ANTHROPIC_API_KEY=…` in your `.env` file (`--where` says \
which) and open the program again. Without a key this practice mode answers.""",
    tries=Tries(
        chat="`ayuda clave` lo cuenta paso a paso; `/fallo 401` y una pregunta, cómo se ve una clave mala.",
        one_shot="`python streaming_chatbot.py --where` dice cuál es tu archivo `.env`.",
        demos="con una clave puesta, la demo 6 mide respuestas de verdad.",
        library="`open_client()` sin argumentos usa la clave del entorno.",
    ),
)
