"""How well words stand out from what is behind them, as the browser computed it."""

from playwright.sync_api import Locator

READABLE = 4.5  # WCAG 2, level AA, for text of ordinary size
_CONTRAST = """(element) => {
    const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    const parsed = (colour) => {
        pen.clearRect(0, 0, 1, 1);
        pen.fillStyle = colour;
        pen.fillRect(0, 0, 1, 1);
        return pen.getImageData(0, 0, 1, 1).data;
    };
    const luminance = (colour) => {
        const [red, green, blue] = [...colour].slice(0, 3).map((byte) => {
            const share = byte / 255;
            return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    let behind = element;
    while (parsed(getComputedStyle(behind).backgroundColor)[3] < 255 && behind !== document.documentElement) {
        if (getComputedStyle(behind).opacity !== "1") return 0;
        behind = behind.parentElement;
    }
    const words = luminance(parsed(getComputedStyle(element).color));
    const ground = luminance(parsed(getComputedStyle(behind).backgroundColor));
    return (Math.max(words, ground) + 0.05) / (Math.min(words, ground) + 0.05);
}"""


def contrast(words: Locator) -> float:
    """From 1 to 21; axe tells none of it where anything lies over the words, as the fading edges of a thread do.

    0 where the words are half transparent, because it is not computed for those.
    """
    ratio: float = words.evaluate(_CONTRAST)
    return ratio
