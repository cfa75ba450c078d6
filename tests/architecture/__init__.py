"""The house rules as functions over source text, so that a planted violation can be fed to each of them."""
