"""Conversations, messages, files, the inbox and presence."""
