"""damtutor: the helper package of the associative memory course.

Names are imported when first used: `import damtutor` loads none of matplotlib, numba, scipy, scikit-learn or the
widget libraries.
"""

from importlib import import_module

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

__all__ = sorted([*_HOME, *_ROOMS])


def __getattr__(name):
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    if name in _ROOMS:
        return import_module(f"damtutor.{name}")
    raise AttributeError(f"damtutor has no {name!r}; it offers {', '.join(__all__)}")


def __dir__():
    return __all__
