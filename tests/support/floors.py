"""Pictures of floors, for people to look at: boards of wood beside each other, drawn from a number."""

import io
import random

from PIL import Image, ImageDraw

WIDTH, HEIGHT = 1200, 900
WOODS = ((176, 122, 70), (120, 82, 50), (96, 130, 84))


def floor(number: int) -> bytes:
    """A photograph of a floor, as JPEG; each number has its own."""
    chance = random.Random(number)
    image = Image.new("RGB", (WIDTH, HEIGHT))
    pen = ImageDraw.Draw(image)
    wood = WOODS[number % len(WOODS)]
    top = 0
    while top < HEIGHT:
        height, left = chance.randint(70, 120), -chance.randint(0, 300)
        while left < WIDTH:
            width, light = chance.randint(260, 520), chance.uniform(0.75, 1.15)
            board = _shaded(wood, light)
            pen.rectangle((left, top, left + width, top + height), fill=board, outline=_shaded(wood, 0.5), width=3)
            left += width
        top += height
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=88)
    return buffer.getvalue()


def _shaded(color: tuple[int, int, int], light: float) -> tuple[int, int, int]:
    red, green, blue = (min(255, int(part * light)) for part in color)
    return red, green, blue
