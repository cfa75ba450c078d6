"""Widgets on Clients' pages, the end-users who open them and their visits."""
