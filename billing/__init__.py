"""Plans, subscriptions and invoices."""
