"""Tenant walls: a column, a manager that raises, and row security in the database. See docs/tenancy.md."""
