// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "kedge/measured/spectrum.hpp"
#include "kedge/measured/text_table.hpp"

namespace kedge::measured {

/// How the columns of a file stand for spectra. Column 1 is always the energy.
enum class Layout {
  single,       ///< energy, intensity and, in column 3, its error if there are just 3 columns
  counts,       ///< energy, then the counts of each analyser; error = sqrt(max(counts, 1))
  interleaved,  ///< energy, then intensity and error of each analyser in turn
  blocked       ///< energy, then the intensities of all analysers, then all their errors
};

/// "single", "counts", "interleaved" or "blocked".   @throws Error{input} for another name
[[nodiscard]] Layout layout(const std::string& name);

struct ReadOptions {
  Layout layout = Layout::single;
  std::string unit = "auto";            ///< "eV", "keV", or "auto": what the header tells, else eV
  std::optional<int> intensity_column;  ///< 1-based, Layout::single only
  std::optional<int> error_column;      ///< 1-based, Layout::single only
  bool average_repeated = false;        ///< else a repeated energy is an error
};

/// Spectra of one file, one for each analyser: text columns, XDI, or HDF5/NeXus (read_nexus.hpp;
/// FILE.h5:/path names a group other than the default one).
///
/// Rules, each noted in Spectrum::notes when applied: energies in strictly decreasing order are
/// reversed; a unit of keV that the header tells is converted. Not accepted: energies in no order,
/// repeated ones (unless averaged), errors that are not positive, fewer than 3 points, and energies
/// that span less than 2 eV without a unit, which are taken for a mistaken keV.
/// @throws Error{input} with file:line for anything wrong in the file, or if there is none
/// @note Rank-local
[[nodiscard]] std::vector<Spectrum> read_spectra(const std::string& file,
                                                 const ReadOptions& options = {});

/// The same from a table. @param stem  name for the spectra
[[nodiscard]] std::vector<Spectrum> spectra_of(const TextTable& table, const std::string& stem,
                                               const ReadOptions& options = {});

}  // namespace kedge::measured
