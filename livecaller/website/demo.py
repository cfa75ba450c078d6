"""What the demonstration organization is called and how people sign in to it; `manage.py create_demo` makes it."""

ORGANIZATION = "Meridian Furniture"
EMAIL, COLLEAGUE_EMAIL = "demo@livecaller.example", "colleague@livecaller.example"
PASSWORD = "try LiveCaller today"  # noqa: S105 shown to everybody by `make up`, refused where people work
# Fixed, so that the shop's snippet is the same text on every machine.
PUBLIC_KEY = "pk_demo_meridian_furniture"
