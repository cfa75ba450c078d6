"""What breaks in practice, done on purpose under load, and whether the chat keeps its promises: `make faults`."""
