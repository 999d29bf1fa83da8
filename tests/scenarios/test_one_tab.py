"""One tab at a time: the page's own script in a real browser, without the app behind it."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import BrowserContext, Page, Route, sync_playwright

SCRIPT = Path(__file__).parents[2] / "mobile/web/page/page.js"
ORIGIN = "http://localhost/"
PAGE = '<!DOCTYPE html><meta charset="utf-8"><main id="loading"></main><script src="/page.js"></script>'
KINDS = {".js": "text/javascript", ".mjs": "text/javascript"}


def answer(route: Route) -> None:
    """The page, its script, and a worker that does nothing."""
    path = Path(route.request.url.partition("?")[0])
    if path.suffix not in KINDS:
        route.fulfill(body=PAGE, content_type="text/html")
    else:
        body = SCRIPT.read_text(encoding="utf-8") if path.name == "page.js" else ""
        route.fulfill(body=body, content_type=KINDS[path.suffix])


def tab(context: BrowserContext) -> tuple[Page, bool]:
    """Opens the app in one more tab; whether it may run there."""
    page = context.new_page()
    page.goto(ORIGIN)
    return page, page.evaluate("quanheng.only")


def test_a_second_tab_waits_until_the_first_is_closed() -> None:
    """Two tabs of one browser: the second starts no worker and says why; closed, the first leaves its place. So one push is under way in a browser, too."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        context = browser.new_context(service_workers="block")
        context.route("**/*", answer)
        first, may_run = tab(context)
        assert may_run
        assert first.evaluate("quanheng.worker.then(worker => worker !== null)")
        second, may_run = tab(context)
        assert not may_run
        assert second.evaluate("quanheng.worker") is None
        assert "权衡已在另一个标签页打开" in second.inner_text("main")
        first.close()
        second.get_by_role("button").click()
        second.wait_for_function("quanheng.only.then(only => only)")
        assert "另一个标签页" not in second.inner_text("main")
        browser.close()
