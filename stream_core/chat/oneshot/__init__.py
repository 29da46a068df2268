"""The one-shot mode: a question as an argument or a pipe, its answer on stdout, then the end.

May import everything of the chat but the prompt and the commands.
"""
