"""NN1xx: the text of a config, before anybody asks what it means."""

from __future__ import annotations

from typing import Final

from nncli.explanations.entry import Explanation

EXPLANATIONS: Final[dict[str, Explanation]] = {
    "NN101": Explanation(
        "A config is text in UTF-8 of at most 4 MB, without control characters and without the separators that YAML takes for line"
        " ends and editors do not. Save the file as UTF-8, remove the character, or put large data into a file of its own.",
        wrong="name: digits\x07",
        right="name: digits",
    ),
    "NN102": Explanation(
        "The text breaks a rule of YAML: indentation, brackets, quotes, or a colon or tab where none can stand. The message says"
        " which, and the caret shows where. Below a key, indent with spaces; quote a text that holds `: ` or begins with a mark.",
        wrong="optimizer: {type: adam, learning_rate: 1e-4",
        right="optimizer: {type: adam, learning_rate: 1e-4}",
    ),
    "NN103": Explanation(
        "One mapping has the same key twice. YAML readers keep the last in silence, which hides a mistake; keep one of them.",
        wrong="optimizer: adam\noptimizer: sgd",
        right="optimizer: sgd",
    ),
    "NN104": Explanation(
        "Anchors, aliases, merge keys, tags and second documents are left out of the config language: they make a value depend on"
        " another place. Write the value out.",
        wrong="loss: &loss sparse_categorical_crossentropy\nmetrics: [*loss]",
        right="loss: sparse_categorical_crossentropy\nmetrics: [sparse_categorical_crossentropy]",
    ),
    "NN105": Explanation(
        "A config is nested at most 64 levels deep and holds at most 20,000 values, so that reading it takes a moment and not an"
        " hour. The values that it leaves to their defaults count, too: a run writes them out, and has to read them back. Put"
        " large data into a file, such as `.npz`, and equal layers into a `repeat`.",
        wrong=f"expect: {'[' * 65}{']' * 65}",
        right="expect: []",
    ),
    "NN106": Explanation(
        "A number is written that no 64-bit float holds, or a whole number of more than 30 digits. Write a smaller one, or quote it"
        " if it is meant as text.",
        wrong="optimizer: {type: adam, learning_rate: 1e400}",
        right="optimizer: {type: adam, learning_rate: 1e-4}",
    ),
    "NN107": Explanation(
        "The config's file does not exist, may not be read, or is a folder without configs. Paths on the command line count from"
        " the working directory; `nncli init --list` shows the configs that ship.",
        wrong="nncli check confg.yaml",
        right="nncli check config.yaml",
    ),
    "NN110": Explanation(
        "A `--set` argument is `path=value`, where the path leads through the config with dots, entries of lists by their number"
        " from 0. The argument at fault is shown; quote values that the shell would change.",
        wrong="nncli check config.yaml --set training.steps:100",
        right="nncli check config.yaml --set training.steps=100",
    ),
}
