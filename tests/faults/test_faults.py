"""Every fault of `make faults`, with less load and shorter: what is promised without a time holds on any machine."""

from collections.abc import Callable

import pytest

from tests.faults.catalogue import FAULTS
from tests.faults.outcome import Outcome

# They share one product, which a worker of its own starts.
pytestmark = pytest.mark.xdist_group("faults")


@pytest.mark.parametrize("name", FAULTS)
def test_the_promises_hold(break_product: Callable[[str], Outcome], name: str) -> None:
    outcome = break_product(name)

    assert outcome.broken == [], outcome.figures
    assert (outcome.name, outcome.title) == (name, FAULTS[name].title)
    # Something was measured: a fault that does nothing would keep every promise.
    assert outcome.figures
