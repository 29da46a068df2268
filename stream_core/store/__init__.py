"""Keeping conversations: one protocol, one file for each kind of store."""
