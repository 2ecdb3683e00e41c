// What is known of a request from its start to its completion.

#pragma once

#include <cstdint>

#include "calls.hpp"
#include "timemory/tools.h"

namespace tim::mpip {

struct communicator;

enum class operation_kind : std::uint8_t {
    receive,
    receive_of_parts,  ///< partitioned: what it receives is known beforehand
    read,
    write,
    message,     ///< one that was found by a probe and is to be received
    send,        ///< persistent: counts when it is started
    collective,  ///< the same
};

/// What messages are booked for: a call at its path, on a communicator.
struct origin {
    timemory_path_t path = 0;  ///< 0: it is not to be recorded
    call_id call{};
    std::uint32_t instance = 0;           ///< of the communicator
    const communicator* where = nullptr;  ///< may be gone, or another, meanwhile
    std::int64_t label = 0;               ///< of the communicator, or of the file
};

inline constexpr std::int64_t no_message = -1;

/// A message that a call sends or receives.
struct message {
    int peer = 0;
    std::int64_t bytes = no_message;
};

struct operation {
    origin from;  ///< the call that started it
    operation_kind kind{};
    bool persistent = false;
    bool active = false;
    int peer = 0;                    ///< of a send or a receive of parts
    std::int64_t sent = no_message;  ///< bytes
    std::int64_t received = no_message;
};

}  // namespace tim::mpip
