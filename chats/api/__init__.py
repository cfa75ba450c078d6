"""The REST doors of the chats app; one file per subject. The same services as the sockets'."""
