"""The pure heart: deltas, the reply and turn they add up to, what can be sent again, and safe text.

Fed and asked, never waiting: no I/O, no clock, no SDK. Only the standard library may come in.
"""
