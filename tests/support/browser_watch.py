"""What a page must not do, whatever a test is about: complain in the console, or ask another host."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Page, Request


@dataclass  # no slots: Playwright keeps notes on the object whose methods it calls
class Watch:
    """What the browser complained about and which other hosts it asked."""

    origin: str
    complaints: list[str] = field(default_factory=list[str])
    strangers: list[str] = field(default_factory=list[str])
    is_network_cut: bool = False

    def on_console(self, message: ConsoleMessage) -> None:
        """Errors and warnings; a cut network makes the browser complain whatever the page does."""
        if message.type in {"error", "warning"} and not self.is_network_cut:
            self.complaints.append(message.text)

    def on_error(self, error: Exception) -> None:
        """An exception that nobody caught."""
        self.complaints.append(str(error))

    def on_request(self, request: Request) -> None:
        """Every request the page makes, images and frames too."""
        parts = urlsplit(request.url)
        if parts.scheme not in {"data", "blob"} and parts.netloc != self.origin:
            self.strangers.append(request.url)

    def listen(self, page: Page) -> None:
        """Watch this tab from now on."""
        page.on("console", self.on_console)
        page.on("pageerror", self.on_error)
        page.on("request", self.on_request)
