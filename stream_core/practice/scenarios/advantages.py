"""The advantages of streaming in real time."""

from . import prepared

TEXT = """\
# Ventajas del streaming en tiempo real

Con **streaming**, la respuesta te llega a medida que se escribe. El modelo no tarda menos en terminar, pero \
tú empiezas a leer casi al momento.

> Esperar mirando una pantalla vacía se hace largo; esperar leyendo, no.

## Comparación

| Aspecto | Sin streaming | Con streaming |
|---|---|---|
| Primera palabra | Al final de todo | En cuanto existe |
| Mientras tanto | Pantalla quieta | Texto que crece |
| Si no te convence | Esperas igual | Cancelas y sigues |
| Si se corta la red | Puedes perderlo todo | Conservas lo recibido |
| Código necesario | Más sencillo | Algo más de cuidado |

## Lo que ganas

- **Inmediatez**: sabes enseguida si te han entendido.
- **Control**: pulsas **Ctrl+C** en cuanto tienes bastante, y no pagas lo que ya no se escribe.
- **Transparencia**: ves el ritmo real, las pausas y también los tropiezos.
- **Memoria ligera**: cada trozo se puede mostrar, guardar o traducir sin esperar al resto.

## Cuándo no hace falta

- Cuando el resultado solo sirve **entero**, como un JSON que otro programa va a leer.
- En tareas **por lotes** que nadie está mirando.
- Si la respuesta es de una sola palabra: no da tiempo a notarlo.

En resumen: si hay **una persona leyendo**, el streaming casi siempre merece la pena."""

SCENARIO = prepared(
    "advantages",
    "Las ventajas del streaming, con una tabla",
    "Describe las ventajas del streaming en tiempo real",
    TEXT,
    [
        "ventaja*/benefici*/advantage*/benefit*/utilidad/provecho",
        "ventaja*/benefici*/advantage*/benefit*/utilidad stream*",
        "para que sirve/servir/usa/usar/quiero/necesito stream*",
        "por que usar/uso/usa/conviene/interesa/merece stream*",
        "why use/should/want/need stream*",
        "desventaja*/inconveniente*/contra/contras/pega/pegas/disadvantage*/drawback*",
        "desventaja*/inconveniente*/disadvantage*/drawback* stream*",
        "no/sin/without usar/uso/use/conviene/hace/streaming stream*",
        "sin/without stream*",
        "con sin stream*",
        "stream* no/vs/versus/o/or stream*",
        "compara*/compare stream*",
    ],
)
