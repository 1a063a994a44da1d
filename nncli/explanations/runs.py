"""NN5xx to NN9xx: data, files, and how commands end."""

from __future__ import annotations

from typing import Final

from nncli.explanations.entry import Explanation

EXPLANATIONS: Final[dict[str, Explanation]] = {
    "NN501": Explanation(
        "A file with data does not exist, is a folder, or may not be read. Paths in a config count from the config's folder, paths"
        " on the command line from the working directory.",
        wrong="nncli eval runs/digits/001 --data dta.npz",
        right="nncli eval runs/digits/001 --data data.npz",
    ),
    "NN502": Explanation(
        "The data can be read, but do not hold what they should: NaN or infinity, rows of unequal length, a class without a name,"
        " inputs of another shape than the network takes, a word that is no number in a column.",
        wrong="# `columns.npz` holds no arrays `x` and `y`\ndataset: {type: npz, path: columns.npz}",
        right="# `samples.npz` holds `x` (num_samples, ...) and `y` (num_samples,)\ndataset: {type: npz, path: samples.npz}",
    ),
    "NN503": Explanation(
        "A data set could not be downloaded, or what came or lies in the cache is not the file it should be, by its SHA-256. Try"
        " again, remove the damaged file, or use `mnist_5k`, which ships with nncli.",
        wrong="nncli train config.yaml --set dataset=mnist",
        right="nncli train config.yaml --set dataset=mnist_5k",
    ),
    "NN504": Explanation(
        "A warning: the metrics may flatter, since they are measured on data that the network was trained on, either its own"
        " training part or a set that overlaps with it.",
        wrong="nncli eval runs/digits/001 --data mnist_5k",
        right="nncli eval runs/digits/001",
    ),
    "NN505": Explanation(
        "A warning: a picture is mostly bright, and those that the network has learnt from are mostly dark, or the other way round."
        " Networks take a negative for something else. Or every pixel of it is the same, so that nothing is to be seen."
        " Invert the picture: MNIST's digits, for example, are white on black. Or a text holds no word that the network"
        " knows, and is to it as an empty one. Or the network says nothing of an input but NaN or infinity: no"
        " class is named for it.",
        wrong="nncli predict runs/digits/001 ink_on_paper.png",
        right="nncli predict runs/digits/001 inverted.png",
    ),
    "NN601": Explanation(
        "Something of that name exists, and nncli overwrites nothing. Choose another name, remove it, or go on with the run.",
        wrong="nncli train config.yaml --out runs/digits/001",
        right="nncli train --resume runs/digits/001",
    ),
    "NN602": Explanation(
        "Another process is training in this run folder, or the run cannot be resumed: it is finished, or something has changed"
        " since that would make another run of it. It can be given more steps, other intervals of logging and saving, pictures,"
        " expectations, and another path to the same data.",
        wrong="nncli train --resume runs/digits/001 --set optimizer.learning_rate=0.1",
        right="nncli train --resume runs/digits/001 --set training.steps=2000",
    ),
    "NN603": Explanation(
        "A checkpoint or run folder is missing, damaged, or not made by nncli. `RUN` is a folder that `nncli train` made, or a"
        " `.h5` file in its `checkpoints/`.",
        wrong="nncli eval weights.h5",
        right="nncli eval runs/digits/001",
    ),
    "NN604": Explanation(
        "The disk refused: it is full or read-only, a folder is missing, or permission is. What was there before is still there.",
        wrong="nncli export runs/digits/001 -o missing/digits.h5",
        right="nncli export runs/digits/001 -o digits.h5",
    ),
    "NN606": Explanation(
        "The command line cannot be understood: an unknown command or option, a value that it does not take, or two that exclude"
        " each other. `nncli COMMAND --help` shows what there is.",
        wrong="nncli trian config.yaml",
        right="nncli train config.yaml",
    ),
    "NN701": Explanation(
        "A condition in the config's `expect`, or after `--fail-under`, does not hold. The run is whole, and its report is there;"
        " the exit code tells a script.",
        wrong="nncli eval runs/digits/001 --fail-under 'accuracy >= 1'",
        right="nncli eval runs/digits/001 --fail-under 'accuracy >= 0.9'",
    ),
    "NN702": Explanation(
        "An exported network gives other predictions than the checkpoint, beyond what the format's rounding explains. Nothing is"
        " written. It is a bug in nncli or in Keras: please report it.",
        wrong="nncli export runs/digits/001 --format h5",
        right="nncli export runs/digits/001 --format keras",
    ),
    "NN801": Explanation(
        "The loss became NaN or infinite: the steps were too long. The last good state is kept. Use a smaller learning rate, limit"
        " the gradients with `clipnorm`, or rescale the inputs.",
        wrong="nncli train config.yaml --set optimizer.learning_rate=1000",
        right="nncli train config.yaml --set optimizer.learning_rate=0.001",
    ),
    "NN901": Explanation(
        "A mistake in nncli itself, not in your config or data. The traceback above the message tells where: please report it, with"
        " the config.",
        wrong="nncli train config.yaml",
        right="nncli train config.yaml --debug",
    ),
}
