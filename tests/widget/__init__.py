"""The widget app through its doors."""
