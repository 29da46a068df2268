"""How artificial intelligence works."""

from . import prepared

TEXT = """\
# Cómo funciona la inteligencia artificial

En lugar de recibir instrucciones para cada caso, un programa de inteligencia artificial **aprende de \
ejemplos**. Mira miles o millones de ellos, busca lo que se repite y lo guarda en forma de números.

## Los tres ingredientes

1. **Datos**: textos, fotos, sonidos o medidas.
   - Cuanto más variados, mejor generaliza.
   - Si tienen sesgos, el modelo los hereda.
2. **Modelo**: una fórmula con muchos parámetros que se pueden ajustar.
   - Una red neuronal pequeña tiene miles.
   - Un modelo de lenguaje tiene miles de millones.
3. **Entrenamiento**: el ajuste de esos parámetros.
   - El modelo hace una predicción.
   - Se mide cuánto se ha equivocado.
   - Se corrige un poquito y se vuelve a empezar.

## Un modelo diminuto

Este programa aprende solo que la respuesta es *multiplicar por dos*:

```python
ejemplos = [(1, 2), (2, 4), (3, 6)]
peso = 0.0

for _ in range(100):
    for entrada, esperado in ejemplos:
        fallo = peso * entrada - esperado
        peso -= 0.05 * fallo * entrada

print(round(peso, 3))  # 2.0
```

Nadie escribió el 2: salió de los ejemplos. Los modelos grandes hacen lo mismo con muchísimos más pesos.

## Y los modelos de lenguaje, ¿qué predicen?

El siguiente *token*, que es un trocito de palabra. Eligen uno, lo añaden al texto y repiten; por eso su \
respuesta puede llegarte poco a poco, **en streaming**.

| Tipo de aprendizaje | De qué aprende | Ejemplo |
|---|---|---|
| Supervisado | Ejemplos con la respuesta | Detectar correo basura |
| No supervisado | Datos sin etiquetas | Agrupar clientes parecidos |
| Por refuerzo | Premios y penalizaciones | Jugar al ajedrez |

## Lo que conviene recordar

Un modelo calcula lo que es *probable*, no lo que es *cierto*. Puede equivocarse con mucha seguridad, así \
que comprueba siempre lo importante."""

SCENARIO = prepared(
    "artificial_intelligence",
    "Una explicación de cómo aprende una IA",
    "Explica cómo funciona la inteligencia artificial",
    TEXT,
    [
        "inteligencia artificial",
        "que/what es/is ia/ai/llm/llms",
        "como/how funciona/aprende/works/work/learn/learns ia/ai/llm/llms/modelo*/claude",
        "red/redes neuronal/neuronales",
        "modelo/modelos lenguaje",
    ],
)
