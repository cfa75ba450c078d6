"""What the loader costs a Client's page: main-thread milliseconds at a quarter of the machine's speed, and bytes.

`make bench-loader`. The demonstration shop is opened in a fresh profile each time; the tasks of the page's main
thread in which the loader's script ran are summed from Chromium's own trace.
"""

import gzip
import json
import statistics
import sys
from typing import Any  # trace events are JSON of any shape

from playwright.sync_api import Browser, sync_playwright

from tests.browser import chromium
from tests.e2e.product import Product, running_product

RUNS = 20
THROTTLE = 4
# What is the loader's own. Fetching it names it too, in the task in which the browser opens the page.
RUNNING = {"v8.compile", "EvaluateScript", "FunctionCall"}
CATEGORIES = "devtools.timeline,disabled-by-default-devtools.timeline,v8"


def main() -> None:
    """Measure and print."""
    path = str(chromium())
    with running_product() as product, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        visits = [_visit(browser, product) for _ in range(RUNS)]
        browser.close()
    milliseconds = sorted(visit["ms"] for visit in visits)
    result = {
        "main_thread_ms_median": round(statistics.median(milliseconds), 1),
        "main_thread_ms_most": round(milliseconds[-1], 1),
        "loader_gzip_bytes": visits[0]["bytes"],
        "requests_to_livecaller": visits[0]["requests"],
        "stored_keys": visits[0]["stored"],
        "runs": RUNS,
        "throttle": THROTTLE,
    }
    sys.stdout.write(f"RESULT {json.dumps(result)}\n")


def _visit(browser: Browser, product: Product) -> dict[str, float]:
    context = browser.new_context()
    page = context.new_page()
    scripts: list[bytes] = []
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url) if product.widget in request.url else None)
    page.on("response", lambda response: scripts.append(response.body()) if "/w/pk" in response.url else None)
    session = context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": THROTTLE})
    events: list[dict[str, Any]] = []
    session.on("Tracing.dataCollected", lambda data: events.extend(data["value"]))
    session.send("Tracing.start", {"categories": CATEGORIES, "transferMode": "ReportEvents"})
    page.goto(product.shop)
    page.wait_for_function("typeof window.LiveCaller === 'function'")
    page.wait_for_timeout(500)
    complete: list[object] = []
    session.on("Tracing.tracingComplete", lambda data: complete.append(data))  # noqa: PLW0108 Playwright marks its handlers
    session.send("Tracing.end")
    while not complete:
        page.wait_for_timeout(20)
    stored = page.evaluate("localStorage.length + sessionStorage.length + document.cookie.length")
    context.close()
    return {
        "ms": _loader_tasks(events),
        "bytes": len(gzip.compress(scripts[0], 9)),
        "requests": len(requests),
        "stored": stored,
    }


def _loader_tasks(events: list[dict[str, Any]]) -> float:
    """Return the milliseconds of all tasks in which a function or script of the loader ran."""
    ours = [
        event for event in events if event.get("name") in RUNNING and event.get("ph") == "X" and "/w/pk" in _url(event)
    ]
    threads = {(event["pid"], event["tid"]) for event in ours}
    tasks = [
        event
        for event in events
        if event.get("name") in {"RunTask", "ThreadControllerImpl::RunTask"} and (event["pid"], event["tid"]) in threads
    ]
    touched = [
        task for task in tasks if any(task["ts"] <= event["ts"] < task["ts"] + task.get("dur", 0) for event in ours)
    ]
    # The thread's own clock: what else the machine does must not count.
    return sum(float(task.get("tdur", task.get("dur", 0))) for task in touched) / 1000


def _url(event: dict[str, Any]) -> str:
    data = event.get("args", {}).get("data") or {}
    return str(data.get("url") or data.get("fileName") or "")


if __name__ == "__main__":
    main()
