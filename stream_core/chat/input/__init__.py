"""What a person types: the line editor, the plain prompt, key decoding, the input history.

The only importer of `prompt_toolkit`.
"""
