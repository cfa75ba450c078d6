"""What this app tells the apps above it, which it does not know, inside of the transaction that changes something."""

from django.dispatch import Signal

# Sent with `actor` and `member` when a membership has ended. Runs inside the tenant; what a receiver raises undoes
# the removal, so nobody is gone while the work that was theirs still carries their name.
membership_ended = Signal()
