"""The chats app: an acknowledged message is never lost, doubled or out of order."""
