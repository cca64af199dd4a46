"""How numbers are said to people."""


def counted(number: int, what: str) -> str:
    """How many there are, with an s where it is not one."""
    return f"{number} {what}" + ("" if number == 1 else "s")
