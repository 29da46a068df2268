"""Configuration: flags, environment, `.env`, preferences and the user's own models, merged into `Settings`.

The only reader of the environment and of configuration files. May import `models`, `texts` and `core`.
"""
