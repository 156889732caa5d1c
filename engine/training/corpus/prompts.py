"""How people ask: the same wish in many forms. Knows no answers."""

from random import Random

_STORY = (
    "Write a story about {}.",
    "Write a story about {}",
    "Write a short story about {}.",
    "Tell me a story about {}.",
    "Tell me a story about {}",
    "Please write a story about {}.",
    "Can you write a story about {}?",
    "write a story about {}",
    "tell me a story about {}",
    "A story about {}, please.",
    "Story about {}",
    "I would like a story about {}.",
    "Could you tell me a story about {}?",
    "Write a little story about {}.",
    "Write about {}.",
    "Make up a story about {}.",
    "Tell me about {}.",
    "a story about {}",
    "story: {}",
    "Give me a story about {}.",
    "Write a bedtime story about {}",
    "Please tell me a bedtime story about {}.",
)
_LONG = (
    "Write a long story about {}.",
    "Tell me a long story about {}",
    "Write a story in two parts about {}.",
    "Please write a long story about {}.",
    "Write a story with two chapters about {}",
    "A long story about {}, please.",
)
_COURTESY = (
    "{}.",
    "{}.",
    "{}",
    "{}",
    "{}",
    "Please {}.",
    "please {}",
    "{}, please.",
    "Can you {}?",
    "Could you {}?",
)
_BARE = ("{}.", "{}", "{}", "{}, please.", "{}, please")  # for orders without a verb
_VERBLESS = ("a ", "how ", "now ", "the same", "same ", "again", "once more", "but ", "shorter")


def story(dice: Random, subject: str, long: bool = False) -> str:
    """A wish for a story about the subject; now and then the bare subject."""
    if not long and dice.random() < 0.08:
        return dice.choice((subject, subject[0].upper() + subject[1:], subject[0].upper() + subject[1:] + "."))
    return dice.choice(_LONG if long else _STORY).format(subject)


def wish(dice: Random, *orders: str) -> str:
    """One of the orders ('write a poem about rain'), as a person may type it."""
    order = dice.choice(orders)
    form = dice.choice(_BARE if order.startswith(_VERBLESS) else _COURTESY)
    text = form.format(order)
    return text if dice.random() < 0.15 else text[0].upper() + text[1:]


def question(dice: Random, *questions: str) -> str:
    """One of the questions, with or without its mark and capital."""
    text = dice.choice(questions)
    mark = dice.choice(("?", "?", "?", ""))
    return (text if dice.random() < 0.15 else text[0].upper() + text[1:]) + mark


def after(prompt: str, answer: str, then: str) -> str:
    """`then` as a second turn: with the first one before it, in the words of the chat template."""
    return f"{prompt.strip()}<turn|>\n<|turn>model\n{answer.strip()}<turn|>\n<|turn>user\n{then.strip()}"
