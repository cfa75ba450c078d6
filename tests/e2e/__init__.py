"""Stories in a real Chromium against the product as `make up` starts it."""
