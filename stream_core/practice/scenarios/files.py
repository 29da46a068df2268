"""How files get to the model, for who asks for some without having opened a folder."""

from dataclasses import replace

from stream_core.practice.answers import Tries, answer, fit
from stream_core.practice.named import folder, path
from stream_core.practice.request import Body, question
from stream_core.practice.scenarios import Placed, Scenario, Where

_ASKED = (
    "permiso*/permission*",
    "pregunt*/pid*/pide* permiso*",
    "lee*/leer/abr*/mir*/ver/acced*/read/open/see archivo*/ficher*/carpeta*/directorio*/files/file/folder",
    "adjunt*/mand*/envi*/sub*/pas*/attach archivo*/ficher*/imagen*/foto*/pdf/carpeta*/file/files/image",
)
_FILE = 0.8  # how well a question fits that names a file or a folder

_ANSWER = answer(
    "files",
    "¿Puedes leer mis archivos?",
    asked=_ASKED,
    brief="""\
Solo los de la carpeta que abras con `--files`, y **cada vez te pide permiso**: una pregunta que se contesta \
con una tecla. Ahora no hay ninguna carpeta abierta.""",
    text="""\
Con la carpeta abierta, el modelo puede pedir dos herramientas: `list_files`, para ver los nombres, y \
`read_file`, para leer un texto. Los archivos ocultos y los que parecen secretos no se leen nunca.

Para mandar tú un archivo con la pregunta no hace falta permiso: escribe `@` y su ruta en el mensaje.""",
    english="""\
Only those in a folder that you open with `--files`, and each time you are asked for permission.""",
    tries=Tries(
        chat="sal con `exit`, abre `python streaming_chatbot.py --files .` y pide «Lista la carpeta».",
        one_shot='`python streaming_chatbot.py -a notas.txt "Resúmelo"` manda un archivo con la pregunta.',
        demos="la lección 11 usa una herramienta, y el chat con `--files .` pide permiso.",
        library="marca tu función con `asks_first`, y el chat pregunta antes de ejecutarla.",
    ),
)


def _match(body: Body) -> float:
    text = question(body)[:1_000]
    named = folder(text) is not None or (path(text) is not None and len(text) < 120)
    return max(fit(body, _ASKED), _FILE if named else 0.0)


def _at(where: Where) -> Scenario:
    return replace(_ANSWER.at(where), match=_match)


SCENARIO = Placed(_at)
