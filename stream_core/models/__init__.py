"""What is known of the models: catalogue, prices, costs, lists of an account, thinking parameters.

Pure data and functions over it. May import `core` only.
"""
