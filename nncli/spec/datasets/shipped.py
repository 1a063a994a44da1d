"""Small data sets that come with scikit-learn: no download, no test part of their own."""

from __future__ import annotations

from typing import ClassVar, Literal

from nncli.spec.datasets.base import Splittable


class Shipped(Splittable):
    """A small data set of known sizes that comes with scikit-learn."""

    raw_shape: ClassVar[tuple[int, ...]]
    """Of one sample."""
    num_samples: ClassVar[int]
    """How many there are."""
    class_names: ClassVar[tuple[str, ...]]
    """What its classes are called; empty where numbers are to be predicted."""


class Iris(Shipped):
    """150 flowers of three kinds of iris, by length and width of sepal and petal in cm.

    Source: Fisher, 1936, as scikit-learn ships it.
    """

    type: Literal["iris"] = "iris"
    raw_shape: ClassVar[tuple[int, ...]] = (4,)
    num_samples: ClassVar[int] = 150
    class_names: ClassVar[tuple[str, ...]] = ("setosa", "versicolor", "virginica")


class Wine(Shipped):
    """178 wines of three growers, by 13 chemical measurements.

    Source: Forina et al., 1991, as scikit-learn ships it.
    """

    type: Literal["wine"] = "wine"
    raw_shape: ClassVar[tuple[int, ...]] = (13,)
    num_samples: ClassVar[int] = 178
    class_names: ClassVar[tuple[str, ...]] = ("class_0", "class_1", "class_2")


class BreastCancer(Shipped):
    """569 tumours, malignant or benign, by 30 measurements of cell nuclei.

    Source: Wolberg, Street & Mangasarian, 1995, as scikit-learn ships it.
    """

    type: Literal["breast_cancer"] = "breast_cancer"
    raw_shape: ClassVar[tuple[int, ...]] = (30,)
    num_samples: ClassVar[int] = 569
    class_names: ClassVar[tuple[str, ...]] = ("malignant", "benign")


class Digits(Shipped):
    """1,797 handwritten digits, pictures of 8 x 8 x 1 whose values go from 0 to 16.

    Source: Alpaydin & Kaynak, 1998, the test part, as scikit-learn ships it.
    """

    type: Literal["digits"] = "digits"
    raw_shape: ClassVar[tuple[int, ...]] = (8, 8, 1)
    num_samples: ClassVar[int] = 1797
    class_names: ClassVar[tuple[str, ...]] = tuple("0123456789")


class Diabetes(Shipped):
    """442 patients by age, sex, body mass index, blood pressure and six blood values; to predict is how far diabetes has come after
    a year, a number from 25 to 346.

    Source: Efron, Hastie, Johnstone & Tibshirani, 2004, as scikit-learn ships it, in the units in which it was measured.
    """

    type: Literal["diabetes"] = "diabetes"
    raw_shape: ClassVar[tuple[int, ...]] = (10,)
    num_samples: ClassVar[int] = 442
    class_names: ClassVar[tuple[str, ...]] = ()
