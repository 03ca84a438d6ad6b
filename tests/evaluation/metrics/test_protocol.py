"""Every metric says how its number comes to be."""

import pkgutil
from dataclasses import asdict
from importlib import import_module

from impasto.evaluation import metrics
from impasto.evaluation.metrics.protocol import MetricProtocol

MODULES = [import_module(f"{metrics.__name__}.{found.name}") for found in pkgutil.iter_modules(metrics.__path__)]
PROTOCOLS = {
    id(value): value for module in MODULES for value in vars(module).values() if isinstance(value, MetricProtocol)
}


def test_nothing_is_left_out():
    assert len(PROTOCOLS) >= 12
    for protocol in PROTOCOLS.values():
        assert all(asdict(protocol).values()), protocol.name


def test_names_are_unique():
    names = [protocol.name for protocol in PROTOCOLS.values()]
    assert len(set(names)) == len(names)


def test_what_is_not_the_published_network_says_so():
    for protocol in PROTOCOLS.values():
        stand_in = "embedded encoder" in protocol.extractor or "in place of" in protocol.extractor
        assert stand_in == protocol.name.endswith("-nano"), protocol.name
