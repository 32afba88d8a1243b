// SPDX-License-Identifier: BSD-3-Clause
#include "ledger.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>
#include <utility>

#include "kedge/core/error.hpp"
#include "kedge/core/text.hpp"
#include "kedge/parallel/check.hpp"
#include "kedge/parallel/collectively.hpp"
#include "kedge/parallel/communicator.hpp"
#include "kedge/structure/read_structure.hpp"

namespace kedge::campaign {

using parallel::check_mpi;

namespace {

/// The same atoms at the same places in the same cell: what a comment or the number of blanks says
/// does not count.
bool same_structure(const structure::Structure& a, const structure::Structure& b) {
  constexpr double kSamePlace = 1e-9;  // bohr; both were read from text
  const auto same_site = [](const structure::Site& one, const structure::Site& other) {
    return one.atomic_number == other.atomic_number &&
           (one.position_cart - other.position_cart).norm() < kSamePlace;
  };
  return a.periodic == b.periodic && (a.cell - b.cell).norm() < kSamePlace &&
         std::equal(a.sites.begin(), a.sites.end(), b.sites.begin(), b.sites.end(), same_site);
}

using NamedText = std::pair<std::string, std::string>;

bool same_structure_file(const NamedText& a, const NamedText& b) {
  if (a.second == b.second) return true;
  if (a.second.empty() || b.second.empty()) return false;  // not known to be the same
  const auto frames = structure::parse_structures(a.second, a.first);
  const auto others = structure::parse_structures(b.second, b.first);
  return std::equal(frames.begin(), frames.end(), others.begin(), others.end(),
                    [](const structure::Structure& one, const structure::Structure& other) {
                      return same_structure(one, other);
                    });
}

bool same_structure(const io::ResultsHeader& a, const io::ResultsHeader& b) {
  return same_structure_file({a.structure_name, a.structure_text},
                             {b.structure_name, b.structure_text}) &&
         std::equal(a.more_structures.begin(), a.more_structures.end(), b.more_structures.begin(),
                    b.more_structures.end(), same_structure_file);
}

/// --resume: the file must hold the same calculation. Rank 0 only.
void check_same_calculation(const io::Results& file, const io::Input& input,
                            const io::ResultsHeader& header, const std::string& name) {
  const io::Input before =
      io::parse_input(file.header.input_text, name + ":/entry/process/input", {}, {});
  const auto differing = io::differences(before, input);
  if (!differing.empty()) {
    throw Error(
        ErrorKind::input,
        fmt::format("cannot resume '{}': the input has changed since: {}; take the input back, or "
                    "start anew with --overwrite or another --output",
                    name, join(differing, "; ")));
  }
  if (file.header.resolution_ev != header.resolution_ev) {
    throw Error(ErrorKind::input,
                fmt::format("cannot resume '{}': another version of kedge wrote it, whose energies "
                            "see the spectrum in another way (raw/resolution); start anew with "
                            "--overwrite or another --output",
                            name));
  }
  // The same values in lists of another order are other cases.
  const auto same_column = [](const io::CaseColumn& one, const io::CaseColumn& other) {
    return one.key == other.key && one.values == other.values && one.texts == other.texts;
  };
  if (!std::ranges::equal(file.header.cases, header.cases, same_column)) {
    throw Error(ErrorKind::input,
                fmt::format("cannot resume '{}': its cases stand in another order than those of "
                            "the input; give the lists in the order of before, or start anew with "
                            "--overwrite or another --output",
                            name));
  }
  const auto atom_number = [](const io::SiteRecord& site) { return site.atom_number; };
  const bool same_sites =
      std::ranges::equal(file.header.sites, header.sites, {}, atom_number, atom_number);
  if (!same_sites || !same_structure(file.header, header)) {
    throw Error(
        ErrorKind::input,
        fmt::format("cannot resume '{}': the structure file has changed since; start anew with "
                    "--overwrite or another --output",
                    name));
  }
}

/// The ledger of a file, without the marks of energies whose values are not there. The mark is
/// written after the values, but a machine that loses power may have brought it to the disk before
/// them; what is not there is NaN.
std::vector<io::Status> done_with_values(const io::Results& results) {
  std::vector<io::Status> done = results.done;
  const io::ResultsHeader& header = results.header;
  for (std::size_t i_case = 0; i_case < header.n_cases(); ++i_case) {
    for (std::size_t i_site = 0; i_site < header.sites.size(); ++i_site) {
      const bool levels =
          std::isfinite(results.levels[i_case * header.sites.size() + i_site].core_level_ev);
      for (std::size_t i = 0; i < header.energy_ev.size(); ++i) {
        const std::size_t index = results.index(i_case, i_site, i);
        if (done[index] != io::Status::done) continue;
        bool there = levels && std::isfinite(results.xanes[index]);
        for (std::size_t i_q = 0; there && i_q < header.q_per_angstrom.size(); ++i_q) {
          for (int l = 0; there && l <= header.lmax; ++l) {
            there =
                std::isfinite(results.s_of(i_case, i_site, i_q, static_cast<std::size_t>(l))[i]);
          }
        }
        if (!there) done[index] = io::Status::missing;
      }
    }
  }
  return done;
}

}  // namespace

Ledger prepare_file(MPI_Comm world, const io::Input& input, const io::ResultsHeader& header,
                    const CampaignOptions& options, bool& goes_on) {
  Ledger ledger;
  ledger.done = header.initial_status();
  int found = 0;
  parallel::collectively(world, "", [&] {
    if (parallel::rank(world) != 0) return;
    const std::filesystem::path part = io::part_file(options.output);
    // A finished file may still have failed energies: then it goes back to work under the name
    // .part.
    const std::filesystem::path before = std::filesystem::exists(part) ? part : options.output;
    if (!options.resume || !std::filesystem::exists(before)) {
      io::check_writable(options.output, options.overwrite);
      io::check_space(options.output, header);
      return;
    }
    const io::Results results = io::read_results(before);
    check_same_calculation(results, input, header, before.string());
    if (before != part) std::filesystem::rename(before, part);
    ledger.done = done_with_values(results);
    ledger.begun_by = results.git_commit;
    if (std::isfinite(results.timings.wall_seconds)) ledger.timings = results.timings;
    found = 1;
  });
  check_mpi(MPI_Bcast(&found, 1, MPI_INT, 0, world));
  check_mpi(
      MPI_Bcast(ledger.done.data(), static_cast<int>(ledger.done.size()), MPI_UINT8_T, 0, world));
  check_mpi(MPI_Bcast(&ledger.timings, sizeof ledger.timings, MPI_BYTE, 0, world));
  goes_on = found != 0;
  return ledger;
}

}  // namespace kedge::campaign
