// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <mpi.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

/// The result file (docs/output.md): one HDF5 file, readable as NeXus.
namespace kedge::io {

inline constexpr int kFormatVersion = 1;

/// State of one energy of one site of one case, as stored in raw/done.
/// absent: the case has no such site, since its atom was taken out; there is nothing to compute.
enum class Status : std::uint8_t { missing = 0, done = 1, failed = 2, absent = 3 };

struct SiteRecord {
  int atom_number = 0;  ///< 1-based, as in the structure file
  std::string element;
  std::string label;
  std::array<double, 3> position_angstrom{};  ///< Cartesian
  int multiplicity = 1;
};

/// One parameter with its value in each case, as number or as text.
struct CaseColumn {
  std::string key;  ///< "absorber.screening"
  std::string units;
  bool swept = false;
  std::vector<double> values;           ///< shape (case); empty if texts are given
  std::vector<std::string> texts = {};  ///< shape (case)

  [[nodiscard]] std::size_t size() const { return texts.empty() ? values.size() : texts.size(); }
  /// The value as people read it.
  [[nodiscard]] std::string text(std::size_t i_case) const;
};

/// An absorbing site as one case has it.
struct CaseSite {
  int atom_number = 0;  ///< 1-based; 0: absent from this case
  int multiplicity = 1;
  std::array<double, 3> position_angstrom{};
};

/// What is known of a run before the first solve; fixed from then on.
struct ResultsHeader {
  std::string title;
  std::string element;
  std::string edge;
  std::vector<double> energy_ev;  ///< from the Fermi level
  /// Full width at half maximum of the Gaussian through which S and xanes see the spectrum at each
  /// energy, straight lines between these included; 0: they are values at the energies [eV]
  std::vector<double> resolution_ev;
  std::vector<double> q_per_angstrom;
  int lmax = 0;
  std::vector<int> dos_atoms;         ///< 1-based numbers of the atoms with a density of states
  std::vector<double> dos_energy_ev;  ///< from the Fermi level
  std::vector<CaseColumn> cases;
  std::vector<SiteRecord> sites;  ///< as the first case that has them
  /// Sites of each case, shape (case, site); empty if all cases have those of `sites`.
  std::vector<CaseSite> case_sites;
  std::vector<std::string> distance_names;  ///< elements or atom numbers
  /// from the absorber, NaN: none, shape (case, site, name) [Angstrom]
  std::vector<double> distances;

  std::string input_text;  ///< resolved input
  std::string input_name;
  std::string structure_text;  ///< the structure file as it was read
  std::string structure_name;  ///< its name, without folders
  /// Names and texts of further structure files, if the input lists several.
  std::vector<std::pair<std::string, std::string>> more_structures;
  std::vector<std::pair<std::string, std::string>> libraries;  ///< name, version
  int ranks = 1;
  int ranks_per_solve = 1;

  [[nodiscard]] std::size_t n_cases() const { return cases.empty() ? 1 : cases.front().size(); }
  /// Energies of all sites of all cases, without those of absent sites.
  [[nodiscard]] std::size_t n_solves() const;
  /// The site as this case has it.
  [[nodiscard]] CaseSite site(std::size_t i_case, std::size_t i_site) const;
  /// State of every energy before the first solve, shape (case, site, energy): missing, or absent.
  [[nodiscard]] std::vector<Status> initial_status() const;
  /// Groups of cases that differ in the structure file or frame only, if there are weights; each
  /// group has an average.
  [[nodiscard]] std::vector<std::vector<std::size_t>> average_groups() const;
  /// Weight of each case in its average; empty: no averages.
  [[nodiscard]] std::vector<double> weights() const;
};

/// One energy of one site of one case, per absorbing atom.
struct EnergyRecord {
  Status status = Status::missing;
  std::vector<double> s;  ///< S(q, l) [1/eV], shape (q, l), l fastest; left out if failed
  double xanes = 0.0;     ///< [Mbarn]
  double residual = 0.0;
};

inline constexpr std::size_t kDosMomenta = 4;  ///< l = 0 .. 3 in a density of states

/// How good the grid of one site of one case is; NaN: not known, or no finite differences.
struct GridRecord {
  double error = std::numeric_limits<double>::quiet_NaN();  ///< estimated, relative to largest S
  double resolution = std::numeric_limits<double>::quiet_NaN();  ///< Engine::least_resolution()
  double shift_ev = std::numeric_limits<double>::quiet_NaN();    ///< Engine::lattice_shift()
};

/// Levels of one site of one case [eV from the vacuum].
struct LevelsRecord {
  double fermi_ev = 0.0;
  double core_level_ev = 0.0;
  double v0_ev = 0.0;
  double scf_iterations = std::numeric_limits<double>::quiet_NaN();  ///< NaN: superposed atoms
  double scf_change =
      std::numeric_limits<double>::quiet_NaN();  ///< of the last iteration [electrons]
  GridRecord grid = {};                          ///< written by itself
};

/// Broadened site sums of all cases for one q, the content of an NXdata group.
struct SpectraRecord {
  std::vector<double> energy_loss_ev;  ///< shape (energy); photon energy for absorption
  std::vector<double> intensity;       ///< [1/eV], absorption [Mbarn], shape (case, energy)
};

/// All broadened spectra of a file.
struct BroadenedSpectra {
  std::vector<SpectraRecord> by_q;      ///< one for each q
  std::vector<SpectraRecord> averages;  ///< over structures, one for each q; empty without weights
  SpectraRecord absorption;             ///< cross section
  SpectraRecord absorption_average;     ///< empty without weights
};

/// What the user made of an absorbing site when the spectra were broadened.
struct SiteAdjustment {
  double weight = 1.0;    ///< in the site sum, times the multiplicity; >= 0
  double shift_ev = 0.0;  ///< added to the loss axis of the site, besides its chemical shift
};

/// Times of a run, added up when it is resumed.
struct TimingsRecord {
  double wall_seconds = 0.0;
  double setup_seconds = 0.0;   ///< sum over the groups of ranks
  double solve_seconds = 0.0;   ///< sum over the groups of ranks
  double peak_memory_gb = 0.0;  ///< of one rank, the largest
};

/// Everything a result file holds, for info, broaden and plot.
struct Results {
  ResultsHeader header;
  std::string program;  ///< "kedge 0.1.0"
  std::string git_commit;
  std::vector<double> s;    ///< (case, site, q, l, energy) [1/eV]; NaN where missing
  std::vector<double> dos;  ///< (case, site, atom, l, energy) [1/eV, both spins]; NaN where missing
  std::vector<double> xanes;           ///< (case, site, energy) [Mbarn]
  std::vector<double> residual;        ///< (case, site, energy)
  std::vector<Status> done;            ///< (case, site, energy)
  std::vector<LevelsRecord> levels;    ///< (case, site); NaN where missing
  std::vector<SpectraRecord> spectra;  ///< one for each q; NaN where missing
  /// Averages over structures, one for each q, `intensity` of shape (group of cases, energy); empty
  /// without weights.
  std::vector<SpectraRecord> averages;
  /// section.key=value settings of [broadening] that replaced those of the input when `spectra` was
  /// made.
  std::vector<std::string> broadening_overrides;
  std::vector<SiteAdjustment> adjustments;  ///< of `spectra`, (site); empty: none
  TimingsRecord timings;
  std::vector<std::string> failures;

  /// Number of energies in this state, over all cases and sites.
  [[nodiscard]] std::size_t count(Status status) const;
  [[nodiscard]] SiteAdjustment adjustment(std::size_t i_site) const {
    return adjustments.empty() ? SiteAdjustment{} : adjustments.at(i_site);
  }
  /// Index into xanes, residual and done.
  [[nodiscard]] std::size_t index(std::size_t i_case, std::size_t i_site,
                                  std::size_t i_energy) const;
  /// S(E) of one case, site, q and l. @pre l <= header.lmax
  [[nodiscard]] std::span<const double> s_of(std::size_t i_case, std::size_t i_site,
                                             std::size_t i_q, std::size_t l) const;
};

/// Name of the file while the run goes on: FILE.h5.part, in the same folder; renamed at the end.
[[nodiscard]] std::filesystem::path part_file(const std::filesystem::path& file);

/// Checks that a result file can be written here, before any work.
/// @throws Error{io} if the folder is missing or not writable, or if the file or its .part exists
/// and `overwrite` is off.
/// @note Rank-local
void check_writable(const std::filesystem::path& file, bool overwrite);

/// Checks that the disk has room for the whole result file, as far as the system tells.
/// @throws Error{io} with the room found and wanted
/// @note Rank-local
void check_space(const std::filesystem::path& file, const ResultsHeader& header);

/// True for a result file of kedge, finished or .part; false for anything else, readable or not.
/// @note Rank-local
[[nodiscard]] bool is_results(const std::filesystem::path& file);

/// Reads a result file, finished or .part. @throws Error{io} if it is none, or of a newer format.
/// @note Rank-local
[[nodiscard]] Results read_results(const std::filesystem::path& file);

/// Replaces the broadened spectra in a closed file; `how` tells people the widths and notes they
/// were made with, `overrides` goes to Results::broadening_overrides, `adjustments` to
/// Results::adjustments. The file is replaced as a whole, or left as it was. A file of an early
/// version has no place for absorption and gets none.
/// @throws Error{io} @note Rank-local
void rewrite_spectra(const std::filesystem::path& file, const BroadenedSpectra& spectra,
                     const std::string& how, const std::vector<std::string>& overrides,
                     const std::vector<SiteAdjustment>& adjustments = {});

/// How a cross section in Mbarn becomes the density of oscillator strength in 1/eV.
[[nodiscard]] std::string oscillator_strength_text();

/// Gives a closed FILE.h5.part its final name.
/// @param replace  a file of that name may be replaced; if not, both are left as they are
/// @throws Error{io}   @note Rank-local
void rename_finished(const std::filesystem::path& file, bool replace);

/// The result file of a run that is going on. Every dataset exists at full size before the first
/// value is written.
class ResultsFile {
 public:
  /// Creates FILE.h5.part, removing what is there (check_writable() first). @note Collective on
  /// comm
  ResultsFile(MPI_Comm comm, const std::filesystem::path& file, const ResultsHeader& header);
  /// Opens FILE.h5.part to go on. @note Collective on comm
  ResultsFile(MPI_Comm comm, const std::filesystem::path& file);
  /// Closes the file and leaves it as .part. If an exception is in flight while other ranks have
  /// the file open, closing would wait for them for ever: then it explains and ends the job with
  /// MPI_Abort.
  ~ResultsFile();
  ResultsFile(const ResultsFile&) = delete;
  ResultsFile& operator=(const ResultsFile&) = delete;

  /// @note Rank-local
  void write_levels(std::size_t i_case, std::size_t i_site, const LevelsRecord& levels);
  /// LevelsRecord::grid, which is known last; what is NaN is not written. @note Rank-local
  void write_grid(std::size_t i_case, std::size_t i_site, const GridRecord& grid);
  /// @param dos  (atom, l, energy)   @note Rank-local
  void write_dos(std::size_t i_case, std::size_t i_site, const std::vector<double>& dos);
  /// Writes the values first and the status last. @note Rank-local
  void write_energy(std::size_t i_case, std::size_t i_site, std::size_t i_energy,
                    const EnergyRecord& record);
  /// The same for consecutive energies that are all done, from `i_first` on: one hyperslab of each
  /// dataset whatever their number.
  /// @note Rank-local
  void write_energies(std::size_t i_case, std::size_t i_site, std::size_t i_first,
                      std::span<const EnergyRecord> records);
  /// Writes times and failures, the same on all ranks. @note Collective on comm
  void write_summary(const TimingsRecord& timings, const std::vector<std::string>& failures);
  /// Orders the system to put everything written so far on the disk, if the last time is at least
  /// `interval` seconds ago.
  /// @throws Error{io} if it cannot   @note Rank-local
  void flush(double interval_seconds);
  /// Closes; the file keeps the name .part. @note Collective on comm
  void close();

 private:
  struct Handles;
  void open_datasets();

  MPI_Comm comm_;
  std::filesystem::path file_;
  int exceptions_ = 0;  ///< in flight when the object was made
  std::chrono::steady_clock::time_point flushed_ = std::chrono::steady_clock::now();
  std::unique_ptr<Handles> handles_;
};

}  // namespace kedge::io
