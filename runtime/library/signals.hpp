// Signals that end the program: one line that says where, and then what would have been without it.

#pragma once

#include <bitset>
#include <csignal>
#include <span>

#include "settings/settings.hpp"

namespace tim {

/// By number; 0 is none.
using signal_set = std::bitset<_NSIG>;

/// Those that end a program by a fault of its own, and those that end it at all unless it handles
/// them.
signal_set fault_signals() noexcept;
signal_set ending_signals() noexcept;

/// What enable_signal_handler, enable_all_signals, disable_all_signals and allow_signal_handler ask
/// for together.
signal_set signals_of(const settings& s) noexcept;

/// Handles these signals, and those asked for by add_signals(). A signal that the program ignores
/// is left alone. Signals of an earlier call that are not wanted any more get back what was there
/// before, unless the program has installed a handler of its own since. Takes a lock.
void handle_signals(const signal_set& wanted);

/// The same for signals that the program names, whatever the settings say; false, and a line, for
/// one that can't be handled. None: fault_signals().
bool add_signals(std::span<const int> signals);

/// Gives back all, also those of add_signals().
void release_signals();

/// In the child of a fork, which has the handlers of its parent.
void signals_after_fork() noexcept;

}  // namespace tim
