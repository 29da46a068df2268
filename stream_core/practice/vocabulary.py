"""Word lists for `matching`, without case and accents. A term that ends in `*` is a beginning."""

from __future__ import annotations

NEGATIONS = frozenset("no ni nunca jamas sin not t never without dont".split())

CLITICS = frozenset(
    """
    se me te lo la los las le les nos os que he has ha han hay quiero quieras quieres puedo puedes podemos
    debo hace falta mas don doesn isn can won want to you i it
    """.split()
)
"""Words that may stand between a negation and what it negates."""

REFUSED_REQUESTS = (
    "expli*", "habl*", "cuent*", "digas", "repit*", "respond*", "contest*", "explain", "tell", "talk",
)  # fmt: skip
"""Negated, they say that something is not asked for."""

REQUESTS_IN_DISGUISE = ("por", "porque", "why", "puedes", "podrias", "sabes", "could", "can")
"""At the beginning of a clause they make a request of what looks a refusal: «¿por qué no me cuentas…?»."""

SPANISH = frozenset(
    """
    que es el la los las un una unos de del al como cual cuales cuanto cuando por para se si y en lo mi tu
    su con sin esta este esto eso soy eres hola
    """.split()
)
ENGLISH = frozenset(
    """
    what how is are the does do did why when which who it an i you my your of if can could explain tell much
    many mean means work works cost costs happens to and in for hello hi about between
    """.split()
)
"""Small words by which the language of a question is recognised."""

UNIMPORTANT = (
    SPANISH
    | ENGLISH
    | NEGATIONS
    | CLITICS
    | frozenset(
        """
        a o u e ante bajo desde hasta hacia entre segun sobre tras durante mediante ya aun aqui ahi alli asi
        muy mas menos tan tanto poco bien mal mejor peor solo tambien tampoco entonces luego pues bueno vale
        oye mira claro exactamente realmente basicamente simplemente verdad concretamente exacto favor
        gracias por porque donde quien quienes cuanta cuantos cuantas cualquiera algo alguien alguno alguna
        nada nadie ninguno ninguna todo toda todos todas otro otra otros otras mismo misma cada varios ambos
        uno dos tres cuatro cinco seis siete ocho nueve diez s yo nosotros ellos ella ello usted ustedes mio
        mia tuyo nuestro nuestra sus mis tus ese esa esos esas aquel estos estas tal cosa cosas tipo tipos
        modo forma manera vez veces ejemplo ejemplos palabra palabras idea parte partes caso casos tema
        detalle detalles detalladamente resumen general breve brevemente sencillo sencilla sencillamente
        facil simple facilmente principiante novato nino anos quiero quisiera querria gustaria necesito
        puedes puede pueden podrias podria podemos puedo debo deberia hay haya ha he hago hace hacen hacer
        haces hacerlo haga hecho ser son era eran fue sea seria esta estan estoy estar estaba va voy vas van
        ir tiene tengo tienen tener tenga tienes sirve sirven existe existen pasa ocurre sucede ve ven ver
        veo verlo mirar sale salen significa significan significado quiere decir dime dame digas diga di
        llama llaman define definicion definir defineme concepto explica explicame explicas explicar
        explicarme expliques explicacion explique cuenta cuentame contarme hablame habla describe describeme
        entiendo entender entienda comprender saber sabes sepa conocer aprender aprendiendo estudiar empezar
        empiezo empezando duda pregunta preguntas curiosidad trabajo clase curso profesor profesora examen
        tarea practica dia hoy ahora momento primero primera segundo ultimo ultima nuevo nueva cierto
        posible importante diferencia diferente diferencias distingue distinto usa usan usar uso usamos
        utiliza utilizar poner pongo pone be been am was were would should will shall they them we us our me
        this that these those there here as at by from into or so too also not only just very more most some
        any all each every one thing exactly really please thanks briefly simply definition meaning get gets
        got use uses used using need know understand learn see show give has have had else happen difference
        actually basically work working person people way ways say called word
        """.split()
    )
)
"""Words that say nothing about the subject."""

COMMON = (
    "consist*", "llev*", "extendid*", "extended", "expli*", "entend*", "entiend*", "aprend*", "estudi*",
    "empez*", "empiez*", "comenz*", "comienz*", "necesit*", "querr*", "queri*", "diferenci*", "quisi*",
    "sab*", "pregunt*", "ensen*", "muestr*", "conoc*", "cont*", "tuvier*", "fuer*", "signific*",
    "caracter*", "letra*", "palabr*", "cantidad*", "numero*", "consig*", "conseg*", "obten*", "obtien*",
    "activ*", "desactiv*", "enciend*", "apag*", "quit*", "cambi*", "configur*", "ajust*", "instal*",
    "util*", "important*", "duda*", "usar*", "mido", "mid*", "medir*", "cab*", "perd*", "pierd*",
    "demasiad*", "da", "dan", "gast*", "leer", "leo", "leyendo", "lei", "visto", "oido", "ejempl*",
    "articul*", "libro", "manual", "readme", "learn*", "explain*", "understand*", "anyone", "somebody",
    "someone", "beginner*",
)  # fmt: skip
"""Verbs and nouns of asking and of using a program, which say nothing about the subject either."""

SUBJECT = (
    "sse", "cache*", "caching", "ttft", "stop", "reason*", "reintent*", "retry*", "retries", "cancel*",
    "cuesta*", "coste*", "costo*", "precio*", "thinking", "pensamiento*", "contexto*", "context",
    "latencia*", "websocket*", "ping*", "haiku", "opus", "sonnet", "fable", "streaming", "stream*",
    "transmi*", "claude", "anthropic", "ia", "ias", "ai", "llm", "llms", "gpt", "chatgpt", "modelo*",
    "model", "models", "lenguaje*", "inteligencia", "artificial", "api", "apis", "sdk", "chat", "chats",
    "chatbot", "bot", "programa*", "codigo*", "code", "python", "respuesta*", "respond*", "repl*",
    "answer*", "response*", "texto*", "text", "mensaje*", "message*", "peticion*", "request*", "servidor*",
    "server*", "cliente*", "client", "terminal*", "pantalla*", "screen", "consola", "red", "internet",
    "conexion*", "connection*", "http", "https", "web", "token*", "delta*", "trozo*", "chunk*",
    "fragmento*", "evento*", "event*", "bytes", "byte", "datos", "data", "json", "biblioteca", "libreria",
    "library", "funcion*", "function*", "demo*", "guia", "leccion*", "tutorial", "aplicacion*", "app",
    "apps", "usuario*", "user*", "escrib*", "escrit*", "lleg*", "arrive*", "envi*", "mand*", "recib*",
    "aparec*", "muestr*", "conversacion*", "charla*", "conversation*", "practica", "practice",
    "informatica", "desarrollador*", "developer*", "herramienta*", "tiempo", "real", "time", "vivo", "live",
    "tecnic*", "tecnolog*", "sistema", "computacion", "ordenador", "natural*", "llamada*", "call*",
    "generativ*", "gener*", "prompt*", "entrada", "salida", "input", "output",
)  # fmt: skip
"""Words of the subject: no answer is chosen by them alone, and they count against none."""
