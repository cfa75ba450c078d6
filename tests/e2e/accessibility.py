"""What axe has to say about a page."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Frame, Page

_IS_STILL = """() => document.getAnimations().every(
    (one) => one.playState !== 'running' || one.effect?.getComputedTiming().endTime === Infinity)"""


def offences(page: Page | Frame) -> list[str]:
    """Return what axe calls serious or critical on a page or inside a frame, with the first place of each.

    What is still fading in has not its colours yet, so this waits until nothing moves that comes to an end.
    """
    page.wait_for_function(_IS_STILL)
    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html']}" for one in found if one["impact"] in ("serious", "critical")]
