"""Pages of people and organizations, one file per subject."""
