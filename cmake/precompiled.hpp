// SPDX-License-Identifier: BSD-3-Clause
// Headers of other libraries that most sources include; see kedge_precompile.
#pragma once

#include <fmt/format.h>

#include <Eigen/Core>
#include <Eigen/LU>
#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <complex>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>
