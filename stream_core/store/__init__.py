"""Saved conversations: one protocol, one module for each kind of store, and the thread that saves.

Uses core, models and texts; knows nothing of the chat or the terminal. Only importer of sqlite3.
"""
