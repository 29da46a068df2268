"""Practice mode: a loopback server that speaks the Messages wire, so that the real SDK is in the path.

It answers with prepared text; no AI is behind it. It is the chat's stand-in when there is no key, and the
test double of every test that needs a server.

    script.py      what happens on the wire, as data: steps, the bytes of events, whole replies
    parts.py       the content blocks of a reply, before they are played
    plain.py       a streamed reply as one JSON message
    pieces.py      text cut the way tokens are
    request.py     a request, and what can be read from its body
    catalogue.py   the models that are known here, and what each takes
    listing.py     the list of models, page by page
    rules/         what a request must be: one file a matter
    refusal.py     a request that is answered with an error
    signing.py     signatures of thinking, bound to model, text and conversation
    thinking.py    the thinking before a reply, and what of it is seen
    caching.py     the prompt cache, and the usage it makes
    api.py         the routes and their errors: a request becomes a script
    connection.py  one connection: HTTP/1.1 framing by h11, scripts played step by step
    server.py      `PracticeServer` and `practice_server()`: the socket, the thread, the records
    lab.py         what is typed of a fault, and the faults that wait for a request
    scenarios/     one file a prepared reply
    faults/        what can go wrong, as tables: one entry a fault

Nothing is imported here: take what is needed from the modules.
"""
