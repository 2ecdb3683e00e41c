"""Compares a timemory.h5 with what is expected, with h5py and nothing of ours.

    hdf5_check.py timemory.h5 expected.json

`expected.json` has {component: [[rank, "path > to > region", {"laps": …, "value": …, …}], …]}.
"""

import json
import sys

import h5py

REGION = 2  # path_kind: what else there is are the root and threads


def full_names(file):
    """The names from the outermost region to each path."""
    names, parents = file["paths/name"].asstr()[:], file["paths/parent"][:]
    kinds = file["paths/kind"][:]
    full = []
    for name, parent, kind in zip(names, parents, kinds):
        above = full[parent] if full else []
        full.append([*above, name] if kind >= REGION else above)
    return [" > ".join(parts) for parts in full]


def main():
    with open(sys.argv[2], encoding="utf-8") as f:
        expected = json.load(f)
    compared = 0
    with h5py.File(sys.argv[1]) as file:
        paths = full_names(file)
        first_rank = dict(zip(file["profiles/ranks/profile"][:], file["profiles/ranks/first"][:]))
        for component, wanted in expected.items():
            group = file["components"][component]
            got = {
                (int(first_rank[profile]), paths[path]): row
                for row, (profile, path) in enumerate(zip(group["profile"][:], group["path"][:]))
            }
            assert len(got) == len(wanted), (component, len(got), len(wanted))
            for rank, path, values in wanted:
                for name, value in values.items():
                    stored = int(group[name][got[rank, path]])
                    assert stored == value, (component, rank, path, name, stored, value)
                    compared += 1
    assert compared > 0
    print(f"h5py {h5py.__version__} with HDF5 {h5py.version.hdf5_version}: {compared} values equal")


main()
