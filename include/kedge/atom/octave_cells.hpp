// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace kedge::atom {

/// Division of the interval 2^first .. 2^last into 2^bits equal cells for each factor of two, about
/// logarithmic. The cell of a number is read off its binary representation, which spares tables in
/// the innermost loops the logarithm.
template <int bits>
class OctaveCells {
 public:
  static constexpr std::size_t kPerOctave = std::size_t{1} << bits;

  constexpr OctaveCells(int first, int last) : first_(first), last_(last) {}

  [[nodiscard]] constexpr std::size_t size() const {
    return static_cast<std::size_t>(last_ - first_) * kPerOctave;
  }
  /// Lower bound of a cell; edge(size()) is the end of the interval.
  [[nodiscard]] double edge(std::size_t cell) const {
    const double part = static_cast<double>(cell % kPerOctave) / static_cast<double>(kPerOctave);
    return std::ldexp(1.0 + part, first_ + static_cast<int>(cell / kPerOctave));
  }

  struct Place {
    std::size_t cell;
    double position;  ///< 0 .. 1 in the cell
  };
  /// @param x  > 0; outside the interval the nearest end is taken
  [[nodiscard]] constexpr Place locate(double x) const {
    const std::uint64_t lowest = power_of_two(first_);
    const std::uint64_t pattern =
        std::clamp(std::bit_cast<std::uint64_t>(x), lowest, power_of_two(last_) - 1);
    // The bits of the mantissa below those that number the cell, moved up, are the position.
    const std::uint64_t rest = pattern << (64 - kRestBits) >> (64 - kMantissaBits);
    return {static_cast<std::size_t>((pattern - lowest) >> kRestBits),
            std::bit_cast<double>(power_of_two(0) | rest) - 1.0};
  }

 private:
  static constexpr int kMantissaBits = 52;
  static constexpr int kRestBits = kMantissaBits - bits;
  /// Binary representation of 2^exponent.
  static constexpr std::uint64_t power_of_two(int exponent) {
    return static_cast<std::uint64_t>(1023 + exponent) << kMantissaBits;
  }

  int first_, last_;
};

}  // namespace kedge::atom
