"""What is known about people, where it lies, why, and for how long: declared in code, checked against the database."""
