"""The chat: the line editor, the session, the commands and the one-shot mode. The only importer of
prompt_toolkit."""
