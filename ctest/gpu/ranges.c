/* NVTX ranges of every form, of two domains and two threads; does not know timemory. Prints what
 * the functions return, and how often each range was there. */

#include <nvtx3/nvToolsExt.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

static nvtxEventAttributes_t event(nvtxMessageType_t type, nvtxMessageValue_t message) {
    nvtxEventAttributes_t e;
    memset(&e, 0, sizeof e);
    e.version = NVTX_VERSION;
    e.size = NVTX_EVENT_ATTRIB_STRUCT_SIZE;
    e.messageType = type;
    e.message = message;
    return e;
}

static nvtxRangeId_t started;

static void* other_thread(void* unused) {
    (void)unused;
    nvtxRangePushA("worker");
    nvtxRangePop();
    nvtxRangeEnd(started); /* of the main thread */
    return NULL;
}

int main(void) {
    nvtxMessageValue_t message;
    const nvtxDomainHandle_t domain = nvtxDomainCreateA("solver");
    for (int i = 0; i < 5; ++i) {
        const int outer = nvtxRangePushA("outer");
        const int inner = nvtxRangePushW(L"in\u00e9r");
        message.ascii = "ex";
        const nvtxEventAttributes_t ex = event(NVTX_MESSAGE_TYPE_ASCII, message);
        nvtxRangePushEx(&ex);
        nvtxMarkA("mark");
        nvtxRangePop();
        const int after_inner = nvtxRangePop();
        nvtxRangePop();
        if (i == 0) printf("%d %d %d\n", outer, inner, after_inner);
    }
    message.registered = nvtxDomainRegisterStringA(domain, "registered");
    const nvtxEventAttributes_t registered = event(NVTX_MESSAGE_TYPE_REGISTERED, message);
    for (int i = 0; i < 2; ++i) {
        nvtxDomainRangePushEx(domain, &registered);
        nvtxRangePushA("of no domain"); /* its pop is not the domain's */
        nvtxDomainRangePop(domain);
        nvtxRangePop();
    }
    const nvtxRangeId_t first = nvtxDomainRangeStartEx(domain, &registered);
    nvtxDomainRangeEnd(domain, first);
    started = nvtxRangeStartA("across threads");
    pthread_t thread;
    pthread_create(&thread, NULL, other_thread, NULL);
    pthread_join(thread, NULL);
    nvtxRangePop(); /* nothing to pop */
    nvtxDomainDestroy(domain);
    return 3;
}
