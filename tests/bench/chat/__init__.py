"""What the chat holds on this machine, beside two ways in which people would build it; see docs/testing.md."""
