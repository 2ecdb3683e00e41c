import os
import pathlib
from typing import List

from spack_repo.builtin.build_systems.cmake import CMakePackage

from spack.package import *


class Timemory(CMakePackage):
    """Measurement runtime for HPC programs in C, C++ and Python: marked regions, folded over
    threads and MPI ranks into one small result for the whole job."""

    # This recipe is part of what it builds: the sources are those of the clone it is in.
    git = pathlib.Path(__file__).resolve().parents[5].as_uri()

    license("MIT")

    version("main", branch="main")

    variant("mpi", default=True, description="Fold the results over MPI ranks")
    variant("python", default=True, description="Build the Python package")
    variant("hdf5", default=True, description="Write the complete record of a job as HDF5")
    variant("cuda", default=False, description="Measure what runs on NVIDIA GPUs")
    variant("pprof", default=False, description="Let timemory report write pprof's format")

    depends_on("c", type="build")
    depends_on("cxx", type="build")
    depends_on("cmake@3.25:", type="build")

    # Only their headers are used.
    depends_on("cli11@2.1:", type="build")
    depends_on("fmt@9:", type="build")
    depends_on("nlohmann-json@3.11:", type="build")
    depends_on("xxhash@0.8:", type="build")

    depends_on("mpi", when="+mpi")
    depends_on("elfutils", when="+mpi")
    depends_on("hdf5@1.10:", when="+hdf5")

    # Its headers; CUPTI itself is found when a program runs, in CUDA_HOME for one.
    depends_on("cuda@11.8:", when="+cuda", type=("build", "run"))

    depends_on("protobuf@3.12:", when="+pprof")
    depends_on("zlib-api", when="+pprof")

    extends("python", when="+python")
    depends_on("python@3.8:", type=("build", "link", "run"), when="+python")

    depends_on("googletest", type="test")
    depends_on("python@3.9:", type="test", when="+mpi")
    depends_on("py-pytest", type="test", when="+python")

    requires("platform=linux", msg="timemory reads the clocks and counters of Linux")
    conflicts("%gcc@:11", msg="timemory is written in C++20")
    conflicts("%clang@:13", msg="timemory is written in C++20")

    def cmake_args(self) -> List[str]:
        args = [
            self.define_from_variant("TIMEMORY_BUILD_MPI", "mpi"),
            self.define_from_variant("TIMEMORY_BUILD_PYTHON", "python"),
            self.define_from_variant("TIMEMORY_BUILD_HDF5", "hdf5"),
            self.define_from_variant("TIMEMORY_BUILD_GPU", "cuda"),
            self.define_from_variant("TIMEMORY_BUILD_PPROF", "pprof"),
            self.define("TIMEMORY_BUILD_TESTS", self.run_tests),
            self.define("TIMEMORY_BUILD_EXAMPLES", self.run_tests),
            self.define("TIMEMORY_BUILD_BENCHMARKS", False),
        ]
        if self.spec.satisfies("+python"):
            # Where `spack load` and views look for it; ours is relative to the prefix.
            folder = os.path.relpath(python_platlib, self.prefix)
            args.append(self.define("TIMEMORY_PYTHON_INSTALL_DIR", folder))
        return args
