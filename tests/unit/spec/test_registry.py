"""The registry's table against the modules that it names, and the hints for wrong names."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import subprocess
import sys
from collections.abc import Iterator

import pytest

import nncli.spec
from nncli.spec import registry
from nncli.spec.base import TypedSpec
from nncli.spec.former_types import FORMER_NAMES
from nncli.spec.wording import closest

ENTRIES = [
    (kind, module, name) for kind, modules in registry.MODULES.items() for module, names in modules.items() for name in names
]
KERAS_KINDS = ("optimizer", "schedule", "loss", "metric", "activation", "initializer", "regularizer", "constraint")


def spec_classes(module_name: str) -> Iterator[type[TypedSpec]]:
    """The classes with a type name that a module defines itself."""
    for found in vars(importlib.import_module(module_name)).values():
        if (
            isinstance(found, type)
            and issubclass(found, TypedSpec)
            and found.__module__ == module_name
            and isinstance(found.model_fields["type"].default, str)
        ):
            yield found


def spec_modules() -> list[str]:
    """Every module below `nncli.spec`."""
    return [info.name for info in pkgutil.walk_packages(nncli.spec.__path__, "nncli.spec.")]


@pytest.mark.parametrize(("kind", "module", "name"), ENTRIES, ids=lambda value: str(value).removeprefix("nncli.spec."))
def test_every_name_in_the_table_finds_its_class(kind: str, module: str, name: str) -> None:
    found = registry.find(kind, name)
    assert found is not None
    assert (found.kind, found.model_fields["type"].default, found.__module__) == (kind, name, module)


@pytest.mark.parametrize("module", spec_modules())
def test_every_class_with_a_type_name_is_in_the_table(module: str) -> None:
    listed = {(kind, name) for kind, where, name in ENTRIES if where == module}
    assert {(found.kind, found.model_fields["type"].default) for found in spec_classes(module)} == listed


@pytest.mark.parametrize("kind", registry.MODULES)
def test_a_kind_has_no_name_twice(kind: str) -> None:
    names = registry.names(kind)
    assert sorted(names) == sorted(set(names))


def test_short_and_former_names_lead_to_types() -> None:
    for table in (registry.SHORT_NAMES, FORMER_NAMES):
        for kind, names in table.items():
            types = {name for where, _, name in ENTRIES if where == kind}
            assert set(names.values()) <= types, kind


def test_former_names_are_written_as_they_are_looked_up() -> None:
    for names in FORMER_NAMES.values():
        assert [name for name in names if name != name.lower()] == []


@pytest.mark.parametrize(
    ("kind", "short", "type_name"),
    [
        ("loss", "mse", "mean_squared_error"),
        ("loss", "cosine", "cosine_similarity"),
        ("metric", "mae", "mean_absolute_error"),
        ("metric", "kld", "kl_divergence"),
        ("activation", "swish", "silu"),
        ("activation", "hard_swish", "hard_silu"),
    ],
)
def test_a_short_name_finds_the_class_of_its_type(kind: str, short: str, type_name: str) -> None:
    found = registry.find(kind, short)
    assert found is not None
    assert found.model_fields["type"].default == type_name


def hint(kind: str, name: str) -> str | None:
    """The name that an unknown `name` is answered with."""
    return registry.former_name(kind, name) or closest(name, registry.names(kind))


@pytest.mark.parametrize(
    ("kind", "name"), [(kind, name) for kind, _, name in ENTRIES if kind in KERAS_KINDS], ids=lambda value: str(value)
)
def test_the_spelling_of_keras_is_answered_with_the_type_name(kind: str, name: str) -> None:
    found = registry.find(kind, name)
    assert found is not None
    if found.keras_class and found.keras_class != name:
        assert hint(kind, found.keras_class) == name


@pytest.mark.parametrize(
    ("kind", "written", "right"),
    [
        ("layer", "Convolution1D", "conv1d"),
        ("layer", "nn.Conv3d", "conv3d"),
        ("layer", "Conv3DTranspose", "conv3d_transpose"),
        ("layer", "ConvTranspose2d", "conv2d_transpose"),
        ("layer", "Convolution1DTranspose", "conv1d_transpose"),
        ("layer", "Deconvolution2D", "conv2d_transpose"),
        ("layer", "SeparableConvolution2D", "separable_conv2d"),
        ("layer", "DepthwiseConv1D", "depthwise_conv1d"),
        ("layer", "ConvLSTM2D", "conv_lstm2d"),
        ("layer", "AdaptiveAvgPool2d", "adaptive_average_pooling2d"),
        ("layer", "nn.AdaptiveMaxPool1d", "adaptive_max_pooling1d"),
        ("layer", "EinsumDense", "einsum_dense"),
        ("layer", "spectral_norm", "spectral_normalization"),
        ("optimizer", "rms_prop", "rmsprop"),
        ("optimizer", "Adam_W", "adamw"),
        ("optimizer", "gradient_descent", "sgd"),
        ("optimizer", "addam", "adam"),
        ("loss", "categorical_cross_entropy", "categorical_crossentropy"),
        ("loss", "sparse_categorical_cross_entropy", "sparse_categorical_crossentropy"),
        ("loss", "binary_cross_entropy", "binary_crossentropy"),
        ("loss", "BCE", "binary_crossentropy"),
        ("loss", "logcosh", "log_cosh"),
        ("loss", "MSE", "mse"),
        ("metric", "acc", "accuracy"),
        ("metric", "Accuracy", "accuracy"),
        ("metric", "log_cosh", "log_cosh_error"),
        ("activation", "leakyrelu", "leaky_relu"),
        ("activation", "soft_max", "softmax"),
        ("initializer", "xavier_uniform", "glorot_uniform"),
        ("regularizer", "l1l2", "l1_l2"),
        ("constraint", "maxnorm", "max_norm"),
        ("schedule", "cosine_annealing", "cosine_decay"),
    ],
)
def test_a_former_or_misspelt_name_is_answered_with_the_right_one(kind: str, written: str, right: str) -> None:
    assert registry.find(kind, written) is None
    assert hint(kind, written) == right


def field_docstrings(found: type[TypedSpec]) -> set[str]:
    """The fields of a class and of its bases that have a docstring below them."""
    documented: set[str] = set()
    for base in found.__mro__:
        if not issubclass(base, TypedSpec):
            continue
        body = ast.parse(inspect.getsource(base)).body[0]
        assert isinstance(body, ast.ClassDef)
        for field, below in zip(body.body, body.body[1:], strict=False):
            if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(below, ast.Expr):
                documented.add(field.target.id)
    return documented


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, _, name in ENTRIES if kind in KERAS_KINDS])
def test_every_class_and_every_field_is_documented(kind: str, name: str) -> None:
    found = registry.find(kind, name)
    assert found is not None
    assert "__doc__" in vars(found) and found.__doc__
    assert set(found.model_fields) - field_docstrings(found) == {"type"}


def test_no_family_imports_another_and_none_imports_keras() -> None:
    modules = [module for kind in KERAS_KINDS for module in registry.MODULES[kind]]
    families = sorted({".".join(module.split(".")[:3]) for module in modules})
    for family in families:
        own = [module for module in modules if module.startswith(family)]
        program = f"import sys, {', '.join(own)}; print(*sys.modules)"
        loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
        assert not {"keras", "tensorflow", "numpy"} & set(loaded)
        assert [module for module in loaded if module.startswith(tuple(families)) and not module.startswith(family)] == []
