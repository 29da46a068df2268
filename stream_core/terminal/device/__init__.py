"""The terminal as a device: window, keyboard, output, clipboard, background, calls for attention.

Imports no other part of the terminal.
"""
