"""People, organizations, memberships, invitations and the audit chain. Controller data."""
