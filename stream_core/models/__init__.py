"""Model data: the catalogue, prices, costs, the list of an account, thinking parameters.

Pure data and functions over it. May import `core` only.
"""
