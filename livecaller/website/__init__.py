"""The public website and the demonstration shop. It may import any app; no app imports it."""
