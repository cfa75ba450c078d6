"""The operators' inbox in real browsers."""
