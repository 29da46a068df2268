"""What a person set: flags, environment, `.env`, preferences, and their own list of models.

The only reader of the environment and of configuration files. May import `models`, `texts` and `core`.
"""
