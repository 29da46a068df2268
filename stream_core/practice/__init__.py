"""Practice mode: a loopback server for the Messages API with prepared answers, reached by the real SDK.

It stands in for the API when there is no key, and serves every test that needs a server. It imports nothing
of the core but the format of recordings (and, as a program, what writes them), and this module imports
nothing.

    server.py      `PracticeServer` and `practice_server()`: what is served and recorded
    listener.py    the listening socket, its thread, the limit on connections
    connection.py  one connection: HTTP/1.1 framing by h11, plays the steps of a script
    gate.py        who is answered: requests with the server's key
    api.py         the routes: request -> script
    request.py     a request, and readers for its body
    rules/         the validation of a request, one module a subject
    refusal.py     the error that a refused request gets
    catalogue.py   the models and what each takes
    listing.py     `/v1/models`
    scenarios/     the prepared replies, one module each
    __main__.py    the server as a program: a stand-in for the API, or a fault proxy
    proxy.py       requests forwarded to a real server
    replay.py      recordings, played as replies
    stepper.py     lets the events of a recording through one by one
    answers.py     what most of them are: a text by style and place, found by words
    matching.py    how well a question fits patterns of words
    vocabulary.py  the words that say nothing, or nothing but the subject
    named.py       sums, files and time zones in a question
    arguments.py   which of the user's tools a question is for, and with what input
    faults/        the faults, in tables
    lab.py         parses a typed fault and queues it
    script.py      responses as data: steps, bytes of events, whole replies
    parts.py       the content blocks of a reply
    pieces.py      text cut into token-like pieces
    plain.py       a streamed reply as one JSON message
    thinking.py    the thinking blocks of a reply
    signing.py     signatures of thinking
    caching.py     the prompt cache
    structured.py  samples for the JSON schema of a request
"""
