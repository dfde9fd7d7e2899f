"""damtutor: the helper package of the associative memory course.

Names are imported when first used: `import damtutor` loads none of matplotlib, numba, scipy, scikit-learn or the
widget libraries.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

# isort: off
if TYPE_CHECKING:  # the same names for type checkers and editors, which cannot see through `__getattr__`
    from damtutor import (
        checks as checks,
        experiments as experiments,
        figures as figures,
        kernels as kernels,
        learning as learning,
        memory as memory,
        models as models,
        numerics as numerics,
        patterns as patterns,
        rng as rng,
        text as text,
        theory as theory,
        widgets as widgets,
    )
    from damtutor.checks import check as check, or_ours as or_ours, progress as progress
    from damtutor.learning.classifier import Classifier as Classifier, train_classifier as train_classifier
    from damtutor.learning.consolidation import consolidate as consolidate
    from damtutor.learning.contrast import contrastive as contrastive, perceptron as perceptron
    from damtutor.learning.couplings import hebb as hebb, projection as projection, storkey as storkey
    from damtutor.memory import Memory as Memory, Trace as Trace
    from damtutor.models.attention import attention as attention
    from damtutor.models.compact import CompactMemory as CompactMemory
    from damtutor.models.completion import Completion as Completion, PatchMemory as PatchMemory
    from damtutor.models.dense import DenseAM as DenseAM
    from damtutor.models.diffusion import KernelDensity as KernelDensity, probability_flow as probability_flow
    from damtutor.models.energy_transformer import energy_transformer as energy_transformer
    from damtutor.models.halting import halt as halt
    from damtutor.models.hierarchical import Network as Network
    from damtutor.models.hopfield import Hopfield as Hopfield
    from damtutor.models.interactions import (
        Exponential as Exponential,
        Power as Power,
        RectifiedPower as RectifiedPower,
    )
    from damtutor.models.lagrangians import lagrangian as lagrangian
    from damtutor.models.layers import Layer as Layer
    from damtutor.models.modern import ModernHopfield as ModernHopfield
    from damtutor.models.spin_product import SpinProduct as SpinProduct
    from damtutor.models.synapses import Synapse as Synapse, check_synapse as check_synapse
    from damtutor.models.transformer import MultiHead as MultiHead
    from damtutor.models.two_body import TwoBody as TwoBody
    from damtutor.models.two_group import TwoGroup as TwoGroup
# isort: on

__version__ = "0.1.0"

_HOME = {
    "DenseAM": "damtutor.models.dense",
    "Hopfield": "damtutor.models.hopfield",
    "ModernHopfield": "damtutor.models.modern",
    "halt": "damtutor.models.halting",
    "CompactMemory": "damtutor.models.compact",
    "TwoBody": "damtutor.models.two_body",
    "TwoGroup": "damtutor.models.two_group",
    "Network": "damtutor.models.hierarchical",
    "Layer": "damtutor.models.layers",
    "energy_transformer": "damtutor.models.energy_transformer",
    "Completion": "damtutor.models.completion",
    "PatchMemory": "damtutor.models.completion",
    "Synapse": "damtutor.models.synapses",
    "check_synapse": "damtutor.models.synapses",
    "lagrangian": "damtutor.models.lagrangians",
    "KernelDensity": "damtutor.models.diffusion",
    "probability_flow": "damtutor.models.diffusion",
    "attention": "damtutor.models.attention",
    "MultiHead": "damtutor.models.transformer",
    "hebb": "damtutor.learning.couplings",
    "projection": "damtutor.learning.couplings",
    "storkey": "damtutor.learning.couplings",
    "contrastive": "damtutor.learning.contrast",
    "perceptron": "damtutor.learning.contrast",
    "consolidate": "damtutor.learning.consolidation",
    "Classifier": "damtutor.learning.classifier",
    "train_classifier": "damtutor.learning.classifier",
    "Power": "damtutor.models.interactions",
    "RectifiedPower": "damtutor.models.interactions",
    "Exponential": "damtutor.models.interactions",
    "SpinProduct": "damtutor.models.spin_product",
    "Memory": "damtutor.memory",
    "Trace": "damtutor.memory",
    "check": "damtutor.checks",
    "or_ours": "damtutor.checks",
    "progress": "damtutor.checks",
}
_ROOMS = (
    "checks",
    "experiments",
    "figures",
    "kernels",
    "learning",
    "memory",
    "models",
    "numerics",
    "patterns",
    "rng",
    "text",
    "theory",
    "widgets",
)

_NAMES = sorted([*_HOME, *_ROOMS])
if not TYPE_CHECKING:  # a list that they cannot read would hide all names from `from damtutor import *`
    __all__ = _NAMES


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    if name in _ROOMS:
        return import_module(f"damtutor.{name}")
    raise AttributeError(f"damtutor has no {name!r}; it offers {', '.join(_NAMES)}")


def __dir__() -> list[str]:
    return _NAMES
