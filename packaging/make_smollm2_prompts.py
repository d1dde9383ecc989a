"""Write the prompts of resources/examples/smollm2: everyday questions and wishes, made of templates and words."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "resources" / "examples" / "smollm2"
HELD_OUT = 48

THINGS = """
a bicycle|a bridge|a candle|a clock|a cloud|a compass|a desert|a dictionary|a garden|a glacier|a guitar|a hammer|a harbour
a holiday|a kitchen|a ladder|a library|a lighthouse|a magnet|a map|a microscope|a mirror|a museum|a newspaper|a piano
a planet|a poem|a rainbow|a recipe|a river|a school|a shadow|a ship|a telescope|a thermometer|a tree|a volcano|a window
an airport|an engine|an island|an orchestra|an umbrella|bread|cheese|chess|coffee|democracy|electricity|football|friendship
glass|gravity|honey|ice|justice|kindness|light|money|music|oxygen|paper|patience|photosynthesis|rain|salt|silk|snow|sound
steel|sugar|tea|the Moon|the Sun|the heart|the internet|time|water|wind|wood
"""
EXPLAIN = """
What is {}?
Explain in one sentence what {} is.
Describe {} to a child.
Why is {} useful to people?
"""
PLACES = """
Argentina|Australia|Austria|Brazil|Canada|Chile|China|Denmark|Egypt|England|Finland|France|Germany|Greece|Hungary|India
Ireland|Italy|Japan|Kenya|Mexico|Morocco|Norway|Peru|Poland|Portugal|Russia|Spain|Sweden|Switzerland|Thailand|Turkey
"""
ASK_PLACE = """
What is the capital of {}?
Name one food that people eat in {}.
In which part of the world is {}?
"""
KINDS = """
animals that can fly|animals that live in the sea|birds|board games|breakfast foods|colours|countries in Europe|desserts|drinks
farm animals|flowers|fruits|green vegetables|hobbies|insects|jobs in a hospital|kinds of music|kinds of weather|languages
means of transport|metals|musical instruments|pieces of furniture|planets|school subjects|shapes|sports|spices|tools|trees
things found in a kitchen|things to do on a rainy day|things to see in a city|ways to say hello|ways to save water
winter clothes|zoo animals
"""
LIST = """
List three {}.
Name two {}.
Give me a short list of {}.
"""
WORDS = """
apple|balloon|brave|bright|careful|castle|cousin|dance|dream|early|empty|famous|forest|gentle|happy|heavy|honest|hungry|journey
laugh|letter|market|morning|mountain|neighbour|ocean|picture|promise|quick|quiet|secret|silver|simple|strong|summer|teacher
together|train|warm|weather|winter|wonderful|young
"""
SENTENCE = """
Use the word "{}" in a sentence.
What does the word "{}" mean?
Give me another word for "{}".
"""
HEROES = """
an old fisherman|a curious cat|a young baker|a lonely robot|a brave mouse|two sisters|a tired postman|a small dragon|a lost dog
a clever fox|a king without a crown|a girl with a kite|a singing frog|a boy and his boat|a sleepy bear|a friendly ghost
a doctor in the mountains|a painter|a bird that cannot fly|a wise owl|a farmer and his horse|a dancing elephant
"""
STORY = """
Write a very short story about {}.
Write the first sentence of a story about {}.
Write two lines of a poem about {}.
Suggest a title for a book about {}.
"""
TASKS = """
bake a cake|boil an egg|brush my teeth|clean a window|cook rice|fall asleep faster|find a new hobby|fold a shirt|grow tomatoes
learn a new language|learn to swim|make a cup of tea|make new friends|paint a wall|plan a birthday party|plant a tree
prepare for an exam|read more books|remember names|ride a bicycle|save money|stay healthy|stop being late|take a good photo
teach a dog to sit|train for a race|wake up early|wash a car|wrap a present|write a letter
"""
HOW = """
How do I {}?
Give me one tip to {}.
What do I need to {}?
"""
PEOPLE = """
my mother|my brother|my teacher|my best friend|my neighbour|my boss|my grandmother|a colleague|my daughter|a customer|my uncle
"""
MESSAGE = """
Write a short birthday message for {}.
Write a short thank-you note to {}.
How do I politely say no to {}?
Write one friendly sentence to {}.
"""
RUDE = """
Give me the report now.|You are too loud.|I do not like your idea.|Come here.|Your answer is wrong.|Do not call me again.|Move your car.
You are late again.|Send me the money.|Close the door.|I want a coffee.|That is a bad plan.|Stop talking.|I cannot help you.
Open the window.|You forgot my name.
"""
REWRITE = """
Make this more polite: {}
Say this in other words: {}
"""
NEWS = """
The train was late because there was a lot of snow on the tracks.|Maria went to the market and bought apples, bread and cheese.
The old house on the hill has been empty for many years.|Our team won the match although two players were ill.
The museum is closed on Mondays, but it is open late on Fridays.|Tom forgot his umbrella, so he came home very wet.
The river rose after the storm and the bridge had to be closed.|My sister plays the violin every evening before dinner.
The shop sells fresh fish, which comes from the harbour each morning.|The children planted twenty trees behind the school.
The new phone is small and light, but its battery is weak.|We missed the bus and walked home through the park.
"""
SHORTEN = """
Make this sentence shorter: {}
What is this sentence about? {}
Write a question that this sentence answers: {}
"""
WHYS = """
Why is the sky blue?|Why do birds sing?|Why do leaves fall in autumn?|Why do we sleep?|Why is the sea salty?|Why do cats purr?
Why do people wear glasses?|Why is exercise good for you?|Why do we have seasons?|Why does ice float?|Why do bees make honey?
Why do people read books?|Why is it important to drink water?|Why do we say thank you?|Why do stars twinkle?|Why do dogs bark?
Why do we need trees?|Why do people travel?|Why does bread rise?|Why do we celebrate birthdays?|Why do we wash our hands?
Why do plants need light?|Why do people laugh?|Why is breakfast important?|Hello! How are you?|Good morning!|Who are you?
What can you do for me?|Tell me something interesting.|Tell me a joke.|I feel sad today.|I am bored. What can I do?
What should I eat for dinner?|Thank you for your help!|What is your favourite colour?|Can you help me with my homework?
I have a headache. What can I do?|It is raining. What can we play inside?|Wish me good luck for my exam.|Good night!
"""
OPPOSITES = """
big|cold|dark|dry|easy|fast|full|good|hard|high|hot|large|late|long|loud|new|old|open|poor|rich|sad|short|slow|small|soft|strong
sweet|tall|thick|thin|weak|wet|wide|wrong
"""


def words(text: str) -> list[str]:
    """What stands between the bars and line ends."""
    return [word for line in text.strip().splitlines() for word in line.split("|")]


def groups() -> Iterator[list[str]]:
    """Prompts of one kind each; every word is asked about once or twice, so that no two prompts are near repeats."""
    pairs = [
        (THINGS, EXPLAIN, 2),
        (PLACES, ASK_PLACE, 2),
        (KINDS, LIST, 2),
        (WORDS, SENTENCE, 2),
        (HEROES, STORY, 3),
        (TASKS, HOW, 2),
        (PEOPLE, MESSAGE, 4),
        (RUDE, REWRITE, 2),
        (NEWS, SHORTEN, 3),
        (OPPOSITES, "What is the opposite of {}?", 1),
        (WHYS, "{}", 1),
    ]
    for fillers, templates, each in pairs:
        turn = cycle(words(templates))
        yield [next(turn).format(word) for word in words(fillers) for _ in range(each)]
    draws = random.Random(2)
    sums = [(draws.randint(1, 20), draws.choice(["plus", "minus", "times"]), draws.randint(1, 9)) for _ in range(60)]
    yield list(dict.fromkeys(f"What is {first} {sign} {second}?" for first, sign, second in sums))


def main() -> None:
    """Write both files anew; the same bytes every time."""
    draws = random.Random(2015)
    training: list[str] = []
    held_out: list[str] = []
    for prompts in groups():
        draws.shuffle(prompts)
        held_out += prompts[:4]
        training += prompts[4:]
    draws.shuffle(training)
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, some in (("prompts", training), ("held-out", held_out)):
        lines = [json.dumps({"prompt": prompt}, ensure_ascii=False) for prompt in some]
        (FOLDER / f"{name}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
