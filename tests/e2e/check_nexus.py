# SPDX-License-Identifier: BSD-3-Clause
"""Does an HDF5 file follow NeXus' rules for NXdata, as h5py scripts and silx rely on them?
Ends with code 0 and the names found, or 1 and what is wrong.     check_nexus.py FILE"""
import sys

import h5py
import numpy


def text(value):
    return value.decode() if isinstance(value, bytes) else value


def fail(what):
    print("not NeXus:", what)
    sys.exit(1)


def check_data(group):
    """One NXdata group: signal, axes, their sizes and units."""
    signal = text(group.attrs.get("signal", ""))
    axes = [text(a) for a in numpy.atleast_1d(group.attrs.get("axes", []))]
    if signal not in group:
        fail(f"{group.name}: signal '{signal}' is no dataset of the group")
    values = group[signal]
    if len(axes) != values.ndim:
        fail(f"{group.name}: {len(axes)} axes for {values.ndim} dimensions")
    for size, name in zip(values.shape, axes):
        if name not in group or group[name].shape != (size,):
            fail(f"{group.name}: axis '{name}' is missing or of another length")
    errors = signal + "_errors"
    if errors in group and group[errors].shape != values.shape:
        fail(f"{group.name}: {errors} has another shape than {signal}")
    if text(group[axes[-1]].attrs.get("units", "")) != "eV":
        fail(f"{group.name}: the energy has no units")
    return signal, axes


def walk(group):
    for name, item in group.items():
        if not isinstance(item, h5py.Group):
            continue
        if "NX_class" not in item.attrs:
            fail(f"{item.name}: a group without NX_class")
        if text(item.attrs["NX_class"]) == "NXdata":
            print(item.name, *check_data(item))
        walk(item)


with h5py.File(sys.argv[1], "r") as file:
    if text(file.attrs.get("NX_class", "")) != "NXroot":
        fail("the root is no NXroot")
    group = file
    while "default" in group.attrs:
        group = group[text(group.attrs["default"])]
    if text(group.attrs.get("NX_class", "")) != "NXdata":
        fail("the attributes `default` lead to no NXdata")
    print("default", group.name)
    walk(file)

try:
    import silx.io
    from silx.io import nxdata
except ImportError:
    print("silx is not installed")
    sys.exit(0)
with silx.io.open(sys.argv[1]) as file:
    default = nxdata.get_default(file)
    if default is None or not default.is_valid:
        fail("silx finds no valid default plot")
    print("silx", default.signal_name, default.axes_names)
