"""The log of `--debug`: its file, its lines, and what of a reply is written to it."""
