"""Tags of the widgets' pages."""
