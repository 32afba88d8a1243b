// SPDX-License-Identifier: BSD-3-Clause
// Headers of other libraries that most tests include; see kedge_precompile.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "../../cmake/precompiled.hpp"
