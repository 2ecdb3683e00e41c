# Sourced by the other scripts: where they work, which Python, and what Open MPI needs on one machine.
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

# Debian's mpi4py belongs to Debian's Python, whichever python3 comes first in PATH.
if [ -z "${PYTHON:-}" ]; then
    PYTHON=/usr/bin/python3
    [ -x "$PYTHON" ] || PYTHON=python3
fi
JOBS=${JOBS:-$(nproc)}
cmake_options=()
if command -v ccache >/dev/null; then
    cmake_options+=(-DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
    export CCACHE_NOHASHDIR=1 # what one build folder has compiled serves the others
fi

# More ranks than cores, not bound to any, also as root and in a container.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
export OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_MCA_hwloc_base_binding_policy=none
export OMPI_MCA_btl_vader_single_copy_mechanism=none

# quietly LOG COMMAND...: runs it with its output in the file LOG, which is shown only if it fails.
quietly() {
    local log=$1
    shift
    mkdir -p "$(dirname "$log")"
    if ! "$@" >>"$log" 2>&1 </dev/null; then
        echo "timemory: failed: $*; the end of $log:" >&2
        tail -n 40 "$log" >&2
        return 1
    fi
}
