"""The server that answers: its client, loaded behind the prompt, its list of models, a local model's server.

May import `chat.reply` (to load it early) and `chat.signals`.
"""
