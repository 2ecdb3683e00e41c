"""What pmpi/generate is made of: it writes the wrappers of libtimemory-mpip for an MPI."""
