"""The ground every app stands on: tenancy, actors, errors, doors. It knows no app."""
