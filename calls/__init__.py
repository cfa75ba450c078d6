"""Calls between end-users and operators through our relay."""
