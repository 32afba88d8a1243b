// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/io/results_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <exception>

#include "kedge/core/error.hpp"
#include "kedge/core/text.hpp"
#include "kedge/io/hdf5.hpp"
#include "kedge/parallel/communicator.hpp"
#include "results_layout.hpp"

namespace kedge::io {

namespace {

std::string system_reason() {
  return std::strerror(errno);
}

}  // namespace

std::filesystem::path part_file(const std::filesystem::path& file) {
  std::filesystem::path part = file;
  part += ".part";
  return part;
}

void check_writable(const std::filesystem::path& file, bool overwrite) {
  // A file system takes 255, and MPI-IO makes names of it that are longer by some thirty.
  constexpr std::size_t kLongestName = 200;
  const std::size_t length = file.filename().string().size();
  if (length > kLongestName) {
    throw Error(ErrorKind::input,
                fmt::format("output.file: the name has {} bytes, wanted {} or fewer", length,
                            kLongestName));
  }
  const std::filesystem::path part = part_file(file);
  const std::filesystem::path folder =
      file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
  std::error_code ignored;
  if (!std::filesystem::is_directory(folder, ignored)) {
    throw Error(ErrorKind::io,
                fmt::format("cannot write '{}': there is no folder '{}'; create it or change "
                            "output.file",
                            file.string(), folder.string()));
  }
  if (std::filesystem::is_directory(file, ignored)) {
    throw Error(ErrorKind::io, fmt::format("cannot write '{}': it is a folder", file.string()));
  }
  if (!overwrite && std::filesystem::exists(file, ignored)) {
    throw Error(
        ErrorKind::io,
        fmt::format("'{}' exists; give --overwrite to replace it, --resume to compute what it "
                    "lacks, or another name with --output",
                    file.string()));
  }
  const bool has_content = std::filesystem::is_regular_file(file, ignored)
                               ? std::filesystem::file_size(file, ignored) > 0
                               : std::filesystem::exists(file, ignored);
  if (has_content && !hdf5::is_hdf5(file)) {
    throw Error(ErrorKind::io,
                fmt::format("'{}' exists and is no result file: --overwrite does not replace it; "
                            "give another name with --output",
                            file.string()));
  }
  const bool part_exists = std::filesystem::exists(part, ignored);
  if (!overwrite && part_exists) {
    throw Error(ErrorKind::io,
                fmt::format("'{}' holds an unfinished run; give --resume to go on with it, or "
                            "--overwrite to start anew",
                            part.string()));
  }
  // Only opening tells the truth: permissions say nothing for root, on read-only or full file
  // systems.
  const int descriptor = ::open(part.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  if (descriptor < 0) {
    throw Error(ErrorKind::io,
                fmt::format("cannot write '{}': {}; choose another place with --output",
                            part.string(), system_reason()));
  }
  (void)::close(descriptor);
  if (!part_exists) (void)std::filesystem::remove(part, ignored);
}

void check_space(const std::filesystem::path& file, const ResultsHeader& header) {
  const double energies = static_cast<double>(header.energy_ev.size());
  const double pairs = static_cast<double>(header.n_cases() * header.sites.size());
  const double n_q = static_cast<double>(header.q_per_angstrom.size());
  const double values = energies * (pairs * (n_q * (header.lmax + 1) + 3.0) +
                                    (n_q + 1.0) * static_cast<double>(header.n_cases() + 1) + 1.0);
  constexpr double kRest = 65536.0;  // names, attributes and tables of sites, generously
  double texts = static_cast<double>(header.structure_text.size());
  std::size_t longest = 0;  // texts of one dataset all take the room of the longest
  for (const auto& [name, text] : header.more_structures) longest = std::max(longest, text.size());
  texts += static_cast<double>(longest * header.more_structures.size());
  for (const CaseColumn& column : header.cases) {
    std::size_t width = 8;
    for (const std::string& text : column.texts) width = std::max(width, text.size());
    texts += static_cast<double>(width * column.size());
  }
  const double needed =
      8.0 * values + texts + 40.0 * static_cast<double>(header.case_sites.size()) +
      8.0 * pairs *
          static_cast<double>(header.dos_atoms.size() * kDosMomenta * header.dos_energy_ev.size()) +
      128.0 * static_cast<double>(header.sites.size()) + kRest;
  std::error_code error;
  const std::filesystem::path part = part_file(file);
  const auto folder = file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
  const std::filesystem::space_info disk = std::filesystem::space(folder, error);
  if (error) return;  // some file systems do not tell; then writing does
  const auto replaced = std::filesystem::file_size(part, error);
  const double available =
      static_cast<double>(disk.available) + (error ? 0.0 : static_cast<double>(replaced));
  if (available >= needed) return;
  throw Error(ErrorKind::io,
              fmt::format("cannot write '{}': {:.3g} MB are free on its disk, wanted {:.3g} MB; "
                          "free some, or choose another place with --output",
                          part.string(), available / 1e6, needed / 1e6));
}

/// Identifiers of the datasets that are written while the run goes on. Order of members: the file
/// closes last.
struct ResultsFile::Handles {
  hdf5::File file;
  hdf5::Dataset s;
  hdf5::Dataset xanes;
  hdf5::Dataset residual;
  hdf5::Dataset done;
  hdf5::Dataset fermi;
  hdf5::Dataset core_level;
  hdf5::Dataset v0;
  hdf5::Dataset scf_iterations;
  hdf5::Dataset scf_change;
  std::uint64_t n_q = 0;
  std::uint64_t n_l = 0;
};

ResultsFile::ResultsFile(MPI_Comm comm, const std::filesystem::path& file,
                         const ResultsHeader& header)
    : comm_(comm),
      file_(file),
      exceptions_(std::uncaught_exceptions()),
      handles_(std::make_unique<Handles>()) {
  handles_->file = hdf5::create_file(comm, part_file(file));
  try {
    create_layout(handles_->file.get(), header, parallel::rank(comm) == 0);
    hdf5::check(H5Fflush(handles_->file.get(), H5F_SCOPE_GLOBAL),
                fmt::format("writing '{}' (is the disk full?)", part_file(file).string()));
    open_datasets();
  } catch (const Error& error) {
    // To close the file is collective, and the other ranks may be at something else that is.
    if (parallel::size(comm) > 1) {
      (void)std::fprintf(stderr, "kedge: %s: %s\n", std::string(name(error.kind())).c_str(),
                         error.what());
      (void)MPI_Abort(comm, exit_code(error.kind()));
    }
    throw;
  }
}

ResultsFile::ResultsFile(MPI_Comm comm, const std::filesystem::path& file)
    : comm_(comm),
      file_(file),
      exceptions_(std::uncaught_exceptions()),
      handles_(std::make_unique<Handles>()) {
  handles_->file = hdf5::open_file(comm, part_file(file));
  open_datasets();
}

void ResultsFile::open_datasets() {
  const hid_t file = handles_->file.get();
  handles_->s = hdf5::open_dataset(file, "/entry/raw/S");
  handles_->xanes = hdf5::open_dataset(file, "/entry/raw/xanes");
  handles_->residual = hdf5::open_dataset(file, "/entry/raw/residual");
  handles_->done = hdf5::open_dataset(file, "/entry/raw/done");
  handles_->fermi = hdf5::open_dataset(file, "/entry/raw/fermi");
  handles_->core_level = hdf5::open_dataset(file, "/entry/raw/core_level");
  handles_->v0 = hdf5::open_dataset(file, "/entry/raw/v0");
  handles_->scf_iterations = hdf5::open_dataset(file, "/entry/raw/scf_iterations");
  handles_->scf_change = hdf5::open_dataset(file, "/entry/raw/scf_change");
  const hdf5::Shape shape = hdf5::shape(file, "/entry/raw/S");
  handles_->n_q = shape.at(2);
  handles_->n_l = shape.at(3);
}

ResultsFile::~ResultsFile() {
  if (handles_ == nullptr) return;
  int size = 1;
  (void)MPI_Comm_size(comm_, &size);
  if (size > 1 && std::uncaught_exceptions() > exceptions_) {
    (void)std::fprintf(
        stderr,
        "kedge: an error left the result file open on this rank only; the job ends here. "
        "What was computed is in %s\n",
        part_file(file_).c_str());
    (void)MPI_Abort(comm_, exit_code(ErrorKind::internal));
  }
  handles_.reset();
}

void ResultsFile::write_levels(std::size_t i_case, std::size_t i_site, const LevelsRecord& levels) {
  const hdf5::Block block{{i_case, i_site}, {1, 1}};
  hdf5::write(handles_->fermi, block, std::span(&levels.fermi_ev, 1));
  hdf5::write(handles_->core_level, block, std::span(&levels.core_level_ev, 1));
  hdf5::write(handles_->v0, block, std::span(&levels.v0_ev, 1));
  hdf5::write(handles_->scf_iterations, block, std::span(&levels.scf_iterations, 1));
  hdf5::write(handles_->scf_change, block, std::span(&levels.scf_change, 1));
}

void ResultsFile::write_grid(std::size_t i_case, std::size_t i_site, const GridRecord& grid) {
  for (const auto& [name, value] : {std::pair("/entry/raw/grid_error", &grid.error),
                                    std::pair("/entry/raw/grid_resolution", &grid.resolution),
                                    std::pair("/entry/raw/grid_shift", &grid.shift_ev)}) {
    const hid_t file = handles_->file.get();
    // Those of an earlier run stand; the file of an earlier version has no place for all of them.
    if (std::isnan(*value) || !hdf5::exists(file, name)) continue;
    hdf5::write(hdf5::open_dataset(file, name), {{i_case, i_site}, {1, 1}},
                std::span<const double>(value, 1));
  }
}

void ResultsFile::write_dos(std::size_t i_case, std::size_t i_site,
                            const std::vector<double>& dos) {
  const hdf5::Dataset dataset = hdf5::open_dataset(handles_->file.get(), "/entry/raw/dos");
  const hdf5::Shape shape = hdf5::shape(handles_->file.get(), "/entry/raw/dos");
  hdf5::write(dataset, {{i_case, i_site, 0, 0, 0}, {1, 1, shape.at(2), shape.at(3), shape.at(4)}},
              std::span<const double>(dos));
}

void ResultsFile::write_energy(std::size_t i_case, std::size_t i_site, std::size_t i_energy,
                               const EnergyRecord& record) {
  if (record.status == Status::done) {
    return write_energies(i_case, i_site, i_energy, std::span(&record, 1));
  }
  const auto status = static_cast<std::uint8_t>(record.status);
  hdf5::write(handles_->done, {{i_case, i_site, i_energy}, {1, 1, 1}}, std::span(&status, 1));
}

void ResultsFile::write_energies(std::size_t i_case, std::size_t i_site, std::size_t i_first,
                                 std::span<const EnergyRecord> records) {
  const std::uint64_t channels = handles_->n_q * handles_->n_l;
  const std::uint64_t n = records.size();
  std::vector<double> s(channels * n);
  std::vector<double> xanes;
  std::vector<double> residual;
  for (std::size_t i = 0; i < n; ++i) {
    if (records[i].s.size() != channels) {
      throw Error(ErrorKind::internal,
                  fmt::format("an energy has {} values of S(q, l), wanted {} x {}",
                              records[i].s.size(), handles_->n_q, handles_->n_l));
    }
    for (std::size_t c = 0; c < channels; ++c) s[c * n + i] = records[i].s[c];
    xanes.push_back(records[i].xanes);
    residual.push_back(records[i].residual);
  }
  const hdf5::Block block{{i_case, i_site, i_first}, {1, 1, n}};
  hdf5::write(handles_->s,
              {{i_case, i_site, 0, 0, i_first}, {1, 1, handles_->n_q, handles_->n_l, n}},
              std::span<const double>(s));
  hdf5::write(handles_->xanes, block, std::span<const double>(xanes));
  hdf5::write(handles_->residual, block, std::span<const double>(residual));
  const std::vector<std::uint8_t> status(n, static_cast<std::uint8_t>(Status::done));
  hdf5::write(handles_->done, block, std::span<const std::uint8_t>(status));
}

void ResultsFile::write_summary(const TimingsRecord& timings,
                                const std::vector<std::string>& failures) {
  const hid_t file = handles_->file.get();
  const bool writer = parallel::rank(comm_) == 0;
  const auto put = [&](const char* name, double value) {
    const hdf5::Dataset dataset = hdf5::open_dataset(file, std::string("/entry/process/") + name);
    if (writer) hdf5::write(dataset, std::span<const double>(&value, 1));
  };
  put("wall_time", timings.wall_seconds);
  put("setup_time", timings.setup_seconds);
  put("solve_time", timings.solve_seconds);
  put("peak_memory", timings.peak_memory_gb);
  // No new space is taken: on a full disk that would leave a file that cannot be read.
  std::vector<std::string> lines = failures;
  if (lines.size() > kFailureLines) {
    lines.resize(kFailureLines);
    lines.back() = fmt::format("and {} more", failures.size() - kFailureLines + 1);
  }
  const hdf5::Dataset dataset = hdf5::open_dataset(file, "/entry/process/failures");
  if (writer) hdf5::write(dataset, lines);
}

void ResultsFile::flush(double interval_seconds) {
  const auto now = std::chrono::steady_clock::now();
  if (std::chrono::duration<double>(now - flushed_).count() < interval_seconds) return;
  // HDF5's own flush is collective; the values of a contiguous dataset are with the system already,
  // so its order is enough.
  const std::string name = part_file(file_).string();
  const int descriptor = ::open(name.c_str(), O_WRONLY | O_CLOEXEC);
  const bool good = descriptor >= 0 && ::fdatasync(descriptor) == 0;
  const std::string reason = system_reason();
  if (descriptor >= 0) (void)::close(descriptor);
  if (!good) {
    throw Error(ErrorKind::io, fmt::format("cannot put '{}' on the disk: {}", name, reason));
  }
  flushed_ = std::chrono::steady_clock::now();
}

void ResultsFile::close() {
  if (handles_ == nullptr) return;
  hdf5::File file = std::move(handles_->file);
  handles_.reset();  // datasets first
  hdf5::check(H5Fclose(file.release()),
              fmt::format("closing '{}' (is the disk full?)", part_file(file_).string()));
}

void rename_finished(const std::filesystem::path& file, bool replace) {
  std::error_code error;
  if (!replace && std::filesystem::exists(file, error)) {
    throw Error(ErrorKind::io,
                fmt::format("'{0}' appeared during the run and is not replaced; the spectra are in "
                            "'{1}': move '{0}' away and give --resume, or rename '{1}'",
                            file.string(), part_file(file).string()));
  }
  std::filesystem::rename(part_file(file), file, error);
  if (error) {
    throw Error(ErrorKind::io,
                fmt::format("cannot rename '{}' to '{}': {}", part_file(file).string(),
                            file.string(), error.message()));
  }
}

namespace {

/// One line "weight shift" for each site; 17 digits give the same numbers again.
std::string adjustments_text(const std::vector<SiteAdjustment>& adjustments) {
  std::string text;
  for (const SiteAdjustment& one : adjustments) {
    text += fmt::format("{:.17g} {:.17g}\n", one.weight, one.shift_ev);
  }
  return text;
}

/// What is written beside each broadened spectrum.
struct Remarks {
  std::string how;
  std::string overrides;
  std::string adjustments;
};

void rewrite_group(hid_t file, const std::string& group, const std::string& signal,
                   const SpectraRecord& spectra, const Remarks& remarks) {
  hdf5::write(hdf5::open_dataset(file, group + "/energy"),
              std::span<const double>(spectra.energy_loss_ev));
  const hdf5::Dataset values = hdf5::open_dataset(file, group + "/" + signal);
  hdf5::write(values, std::span<const double>(spectra.intensity));
  hdf5::put_attribute(values.get(), "broadening", remarks.how);
  hdf5::put_attribute(values.get(), "broadening_overrides", remarks.overrides);
  hdf5::put_attribute(values.get(), "site_adjustments", remarks.adjustments);
}

void rewrite_all(hid_t file, const BroadenedSpectra& spectra, const Remarks& remarks) {
  for (std::size_t i_q = 0; i_q < spectra.by_q.size(); ++i_q) {
    rewrite_group(file, "/entry/" + data_group(i_q), "intensity", spectra.by_q[i_q], remarks);
  }
  for (std::size_t i_q = 0; i_q < spectra.averages.size(); ++i_q) {
    rewrite_group(file, "/entry/" + average_group(i_q), "intensity", spectra.averages[i_q],
                  remarks);
  }
  for (const auto& [group, record] :
       {std::pair(kAbsorptionGroup, &spectra.absorption),
        std::pair(kAbsorptionAverageGroup, &spectra.absorption_average)}) {
    const std::string path = std::string("/entry/") + group;
    if (record->intensity.empty() || !hdf5::exists(file, path)) continue;
    rewrite_group(file, path, kCrossSection, *record, remarks);
  }
}

}  // namespace

void rewrite_spectra(const std::filesystem::path& file, const BroadenedSpectra& spectra,
                     const std::string& how, const std::vector<std::string>& overrides,
                     const std::vector<SiteAdjustment>& adjustments) {
  const Remarks remarks{how, join(overrides, "\n"), adjustments_text(adjustments)};
  // In a copy that then takes the name: texts need new space, and a disk that is full at that
  // moment must not cost the file.
  std::filesystem::path copy = file;
  copy += ".new";
  const auto copied = [&](const std::error_code& error, const char* what) {
    if (!error) return;
    std::error_code ignored;
    std::filesystem::remove(copy, ignored);
    throw Error(ErrorKind::io, fmt::format("cannot {} '{}': {} (is the disk full?); '{}' is as it "
                                           "was, free some room and try again",
                                           what, copy.string(), error.message(), file.string()));
  };
  std::error_code error;
  std::filesystem::copy_file(file, copy, std::filesystem::copy_options::overwrite_existing, error);
  copied(error, "write");
  try {
    hdf5::File opened = hdf5::open_file(copy, true);
    rewrite_all(opened.get(), spectra, remarks);
    hdf5::check(H5Fclose(opened.release()),
                fmt::format("closing '{}' (is the disk full?)", copy.string()));
  } catch (const Error&) {
    std::error_code ignored;
    std::filesystem::remove(copy, ignored);
    throw;
  }
  std::filesystem::rename(copy, file, error);
  copied(error, "rename");
}

}  // namespace kedge::io
