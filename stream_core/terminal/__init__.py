"""The terminal: everything that is drawn, and the keyboard while it is. The only importer of rich."""
