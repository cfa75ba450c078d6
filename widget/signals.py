"""What this app tells the apps above it, which it does not know, inside of the transaction that changes something."""

from django.dispatch import Signal

# Sent with `organization_id`, `person_id` and `stranger_id` when a stranger turned out to be a known person. What
# referred to the stranger refers to the person by now, and the stranger's row is gone; what only names the id follows.
end_users_joined = Signal()
