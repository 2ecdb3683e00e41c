"""Spack's recipe: what it tells CMake is understood, and the build that follows works.

    spack_test.py <source folder> <build folder> <folder to work in> <flavour of MPI, or nothing>

The recipe is executed against a stand-in of the few names that it uses of Spack's.
"""

from __future__ import annotations

import ast
import importlib.util
import os
import pathlib
import re
import shutil
import subprocess
import sys
import types

source, build, work = (pathlib.Path(argument) for argument in sys.argv[1:4])
flavour = sys.argv[4]
REPOSITORY = "spack/spack_repo/timemory"
PLATLIB = f"lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"
# The type of the build and the flags that come with it, and what is an error.
AS_THE_BUILD = "CMAKE_BUILD_TYPE|CMAKE_CX*_FLAGS_RELWITHDEBINFO|.*_AS_ERRORS"
# What our CMake files look for, and the package of Spack's that has it.
PACKAGES = {
    "GTest": "googletest",
    "HDF5": "hdf5",
    "LIBDW_INCLUDE_DIR": "elfutils",
    "LIBDW_LIBRARY": "elfutils",
    "MPI": "mpi",
    "Protobuf": "protobuf",
    "Python": "python",
    "TIMEMORY_MPI_FORTRAN_LIBRARY": "mpi",
    "Threads": None,
    "CLI11": "cli11",
    "XXHASH_INCLUDE_DIR": "xxhash",
    "ZLIB": "zlib-api",
    "fmt": "fmt",
    "nlohmann_json": "nlohmann-json",
}


def check(condition: object, message: str) -> None:
    """Ends the test with `message` unless `condition` holds."""
    if not condition:
        sys.exit(f"FAILED: {message}")


class Directives(types.ModuleType):
    """Stands for `spack.package`: keeps what the recipe declares."""

    def __init__(self) -> None:
        super().__init__("spack.package")
        self.said: list[tuple[str, tuple, dict]] = []
        self.__all__ = [
            "conflicts",
            "depends_on",
            "extends",
            "license",
            "requires",
            "variant",
            "version",
        ]
        for name in self.__all__:
            setattr(self, name, lambda *a, _name=name, **k: self.said.append((_name, a, k)))

    def of(self, *directives: str) -> list[tuple[tuple, dict]]:
        return [(a, k) for name, a, k in self.said if name in directives]


class Spec:
    """Stands for a concrete spec: a value for each variant."""

    def __init__(self, variants: dict[str, bool]) -> None:
        self.variants = variants

    def satisfies(self, wanted: str) -> bool:
        check(wanted[0] in "+~" and wanted[1:] in self.variants, f"no such variant: {wanted}")
        return self.variants[wanted[1:]] == (wanted[0] == "+")


class CMakePackage:
    """Stands for Spack's base class."""

    def __init__(self, variants: dict[str, bool], run_tests: bool, prefix: pathlib.Path) -> None:
        self.spec = Spec(variants)
        self.run_tests = run_tests
        self.prefix = prefix

    @staticmethod
    def define(name: str, value: bool | str) -> str:
        if isinstance(value, bool):
            return f"-D{name}:BOOL={'ON' if value else 'OFF'}"
        return f"-D{name}:STRING={value}"

    def define_from_variant(self, name: str, variant: str) -> str:
        return self.define(name, self.spec.variants[variant])


def load_recipe() -> tuple[types.ModuleType, Directives]:
    directives = Directives()
    cmake = types.ModuleType("spack_repo.builtin.build_systems.cmake")
    cmake.CMakePackage = CMakePackage
    sys.modules.update({"spack.package": directives, cmake.__name__: cmake})
    for name in ("spack", "spack_repo", "spack_repo.builtin", "spack_repo.builtin.build_systems"):
        sys.modules[name] = types.ModuleType(name)
    file = source / REPOSITORY / "packages/timemory/package.py"
    spec = importlib.util.spec_from_file_location("recipe", file)
    recipe = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(recipe)
    imports = [x for x in ast.walk(ast.parse(file.read_text())) if isinstance(x, ast.ImportFrom)]
    check(imports[-1].module == "spack.package", "the import of spack.package is not the last one")
    return recipe, directives


def check_repository() -> None:
    """The files by which Spack finds the recipe."""
    index = (source / "spack-repo-index.yaml").read_text().split()
    check(index == ["repo_index:", "paths:", "-", REPOSITORY], f"spack-repo-index.yaml: {index}")
    repository = (source / REPOSITORY / "repo.yaml").read_text()
    check(
        re.fullmatch(r"repo:\n  namespace: timemory\n  api: v2\.\d\n", repository),
        f"repo.yaml: {repository}",
    )
    link = os.readlink(source / "package.py")
    check(link == f"{REPOSITORY}/packages/timemory/package.py", f"package.py links to {link}")


def check_dependencies(directives: Directives) -> None:
    """Whatever our CMake files look for, the recipe depends on, and on nothing else.

    The benchmarks are not looked at: the recipe leaves them out.
    """
    declared = {re.split("[@+~]", a[0])[0] for a, _ in directives.of("depends_on", "extends")}
    wanted = {"c", "cxx", "cmake", "py-pytest"}
    # Of CUDA only headers are looked for, by their names.
    if "cupti.h" in (source / "gpu/CMakeLists.txt").read_text():
        wanted.add("cuda")
    for folder in (
        "runtime",
        "pmpi",
        "gpu",
        "python",
        "examples",
        "ctest",
        "ctest/unit",
        "ctest/mpi",
        ".",
    ):
        text = (source / folder / "CMakeLists.txt").read_text()
        for name in re.findall(r"^ *find_(?:package|path|library)\((\w+)", text, re.M):
            check(name in PACKAGES, f"{folder} looks for {name}: which package of Spack's is it?")
            wanted.add(PACKAGES[name])
    wanted.discard(None)
    check(wanted == declared, f"declared only: {declared - wanted}, used only: {wanted - declared}")


def cmake(folder: pathlib.Path, arguments: list[str], prefix: pathlib.Path) -> None:
    """Configures as Spack does.

    What `AS_THE_BUILD` names is as in `build`, so that a compiler cache has it all.
    """
    shutil.rmtree(folder, ignore_errors=True)
    cache = (build / "CMakeCache.txt").read_text()
    spacks_own = [
        *("-D" + line for line in re.findall(f"^(?:{AS_THE_BUILD}):.*", cache, re.M)),
        f"-DCMAKE_INSTALL_PREFIX:STRING={prefix}",
        "-DCMAKE_INSTALL_RPATH_USE_LINK_PATH:BOOL=ON",
        f"-DCMAKE_INSTALL_RPATH:STRING={prefix}/lib;{prefix}/lib64",
        f"-DPython_EXECUTABLE:PATH={sys.executable}",
    ]
    done = subprocess.run(
        ["cmake", "-G", "Ninja", "-S", source, "-B", folder, *spacks_own, *arguments],
        capture_output=True,
        text=True,
    )
    check(done.returncode == 0, f"cmake {arguments}:\n{done.stdout}{done.stderr}")


def declared_options() -> set[str]:
    """The variables that our CMake files put into a cache, with a description."""
    cache = (build / "CMakeCache.txt").read_text()
    found = re.findall(r"^//(.*)\n(?://.*\n)*(\w+):", cache, re.M)
    return {name for description, name in found if not description.startswith("No help")}


def quietly(*command: object) -> None:
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True)
    check(done.returncode == 0, f"{command}:\n{done.stdout[-4000:]}{done.stderr}")


check_repository()
recipe, directives = load_recipe()
check_dependencies(directives)
(version,) = directives.of("version")
check(version == (("main",), {"branch": "main"}), f"versions: {version}")
check(recipe.Timemory.git == source.resolve().as_uri(), f"git is {recipe.Timemory.git}")

prefix = work / "prefix"
recipe.python_platlib = f"{prefix}/{PLATLIB}"
defaults = {a[0]: k["default"] for a, k in directives.of("variant")}
check(len(defaults) > 0, "no variants")


def arguments_of(variants: dict[str, bool], run_tests: bool = False) -> list[str]:
    return recipe.Timemory(variants, run_tests, prefix).cmake_args()


usual = arguments_of(defaults)
others = [arguments_of(defaults, run_tests=True)]
for name, value in defaults.items():
    changed = arguments_of({**defaults, name: not value})
    check(changed != usual, f"the variant {name} changes nothing")
    others.append(changed)
check(others[0] != usual, "tests are built whether or not they are wanted")
options = declared_options()
for arguments in [usual, *others]:
    names = {re.match("-D(TIMEMORY_\\w+):", argument).group(1) for argument in arguments}
    check(names <= options, f"no options of ours: {names - options}")
for arguments in others:
    cmake(work / "configured", arguments, prefix)

cmake(work / "build", usual, prefix)
shutil.rmtree(prefix, ignore_errors=True)
quietly("cmake", "--build", work / "build", "-j", "2")
quietly("cmake", "--install", work / "build")
libraries = ["libtimemory.so"] + [f"libtimemory-mpi-{flavour}.so"] * bool(flavour)
if (build / "lib/timemory/timemory-hdf5").exists():
    libraries.append("timemory/timemory-hdf5")
if (build / "lib/timemory/timemory-sites").exists():
    libraries.append("timemory/timemory-sites")
for library in libraries:
    check((prefix / "lib" / library).exists(), f"{library} is not installed")
program = pathlib.Path(__file__).with_name("python") / "my_program.py"
os.environ["PYTHONPATH"] = recipe.python_platlib
os.environ.pop("LD_LIBRARY_PATH", None)
quietly(
    "cmake",
    "-D",
    f"command={sys.executable};{program}",
    "-D",
    f"folder={work / 'run'}",
    "-P",
    pathlib.Path(__file__).with_name("check.cmake"),
)
