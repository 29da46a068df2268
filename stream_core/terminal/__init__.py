"""The terminal: everything that is drawn, and the keyboard while it is. The only importer of rich.

`screen` is what the chat draws with; below it stand pages, replies, Markdown, rows and the device.
"""
