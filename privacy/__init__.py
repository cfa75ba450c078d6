"""What the policy promises, as running code."""
