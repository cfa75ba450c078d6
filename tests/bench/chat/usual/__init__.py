"""A yardstick: a chat as the tutorials of Django Channels build it, with nothing left out that a chat needs.

A stock `AsyncJsonWebsocketConsumer`, one ORM transaction a message, `group_send` through channels_redis, sign-in by
the session's cookie. It speaks the product's frames, so that the same people can talk to it.
"""
