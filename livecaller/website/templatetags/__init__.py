"""Template tags of server-rendered pages."""
