"""Static files: what Vite has already named by its hash is left alone."""

from typing import Any  # whitenoise is untyped

from whitenoise.storage import CompressedManifestStaticFilesStorage


class BuiltStaticFilesStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Hash and compress static files, except that files below `dist/` keep their name.

    A second hash would give one chunk two addresses, and the browser two instances of the module. What
    collectstatic has not collected keeps its name, too: so nothing need be collected on one's own machine.
    """

    def hashed_name(self, name: str, content: Any = None, filename: str | None = None) -> str:
        if name.startswith("dist/"):
            return name
        return str(super().hashed_name(name, content, filename))

    def stored_name(self, name: str) -> str:
        return str(self.hashed_files.get(self.hash_key(self.clean_name(name)), name))
