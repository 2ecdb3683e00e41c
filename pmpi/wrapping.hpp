// What wrappers.cpp, which `generate` writes, is made of.

#pragma once

#include "control.hpp"
#include "windows.hpp"
