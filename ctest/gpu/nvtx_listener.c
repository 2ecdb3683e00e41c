/* Stands for an NVIDIA tool: writes each NVTX range that is started and ended to stderr. */

#include <nvtx3/nvToolsExt.h>
#include <stdio.h>

static nvtxRangeId_t last;

static nvtxRangeId_t start(const char* message) {
    fprintf(stderr, "range %llu: %s\n", (unsigned long long)++last, message);
    return last;
}

static void end(nvtxRangeId_t id) {
    fprintf(stderr, "end %llu\n", (unsigned long long)id);
}

__attribute__((visibility("default"))) int InitializeInjectionNvtx2(
    NvtxGetExportTableFunc_t export_table) {
    const NvtxExportTableCallbacks* callbacks =
        (const NvtxExportTableCallbacks*)export_table(NVTX_ETID_CALLBACKS);
    NvtxFunctionTable table = NULL;
    unsigned size = 0;
    if (!callbacks->GetModuleFunctionTable(NVTX_CB_MODULE_CORE, &table, &size)) return 0;
    *table[NVTX_CBID_CORE_RangeStartA] = (NvtxFunctionPointer)start;
    *table[NVTX_CBID_CORE_RangeEnd] = (NvtxFunctionPointer)end;
    return 1;
}
