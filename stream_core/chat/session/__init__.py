"""The state of a chat that the commands act on, and what a person does with it besides asking.

May import `chat.backend`, `chat.reply` and what is below them; knows no command.
"""
