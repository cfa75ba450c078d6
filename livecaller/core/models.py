"""Django looks for models here; the abstract bases live in `livecaller.core.tenancy.models`."""
