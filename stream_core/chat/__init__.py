"""The chat: the line editor, the session, the commands and the one-shot mode.

The only importer of `prompt_toolkit`. `app` begins the chat (`repl`) or the one-shot mode.
"""
