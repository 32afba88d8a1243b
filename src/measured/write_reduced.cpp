// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/measured/write_reduced.hpp"

#include <fmt/format.h>
#include <mpi.h>

#include "kedge/core/text.hpp"
#include "kedge/core/version.hpp"
#include "kedge/io/hdf5.hpp"

namespace kedge::measured {

namespace {

namespace hdf5 = io::hdf5;

void put(hid_t group, const std::string& name, const std::vector<double>& values,
         const std::string& units) {
  (void)hdf5::put_doubles(group, name, {values.size()}, units, values);
}

}  // namespace

void write_nexus(const std::filesystem::path& file, const Reduced& reduced,
                 const std::vector<std::string>& how) {
  const Spectrum& spectrum = reduced.spectrum;
  hdf5::File opened = hdf5::create_file(MPI_COMM_SELF, file);
  hdf5::put_attribute(opened.get(), "NX_class", "NXroot");
  hdf5::put_attribute(opened.get(), "default", "entry");
  hdf5::put_attribute(opened.get(), "creator", fmt::format("kedge {}", kVersion));
  {
    const hdf5::Group entry = hdf5::create_group(opened.get(), "entry", "NXentry");
    hdf5::put_attribute(entry.get(), "default", "data");
    hdf5::put_text(entry.get(), "title", spectrum.name, true);
    const hdf5::Group data = hdf5::create_group(entry.get(), "data", "NXdata");
    hdf5::put_attribute(data.get(), "signal", "intensity");
    hdf5::put_attribute(data.get(), "axes", std::vector<std::string>{"energy"});
    hdf5::put_attribute(data.get(), "title", spectrum.name);
    put(data.get(), "energy", spectrum.energy_ev, "eV");
    hdf5::put_attribute(hdf5::open_dataset(data.get(), "energy").get(), "long_name",
                        "Energy loss (eV)");
    put(data.get(), "intensity", spectrum.intensity, "");
    if (!spectrum.error.empty()) put(data.get(), "intensity_errors", spectrum.error, "");
    const hdf5::Group detail = hdf5::create_group(entry.get(), "reduction", "NXcollection");
    if (!reduced.statistical_error.empty()) {
      put(detail.get(), "statistical_error", reduced.statistical_error, "");
    }
    put(detail.get(), "background", reduced.background, "");
    const auto n = static_cast<std::uint64_t>(spectrum.size());
    // Symmetric: columns are rows.
    const std::span<const double> values(reduced.covariance.data(), n * n);
    const auto covariance = hdf5::put_doubles(detail.get(), "covariance", {n, n}, "", values);
    hdf5::put_attribute(covariance.get(), "axes", std::vector<std::string>{"energy", "energy"});
    const hdf5::Group process = hdf5::create_group(entry.get(), "process", "NXprocess");
    hdf5::put_text(process.get(), "program", "kedge", true);
    hdf5::put_text(process.get(), "version", kVersion, true);
    hdf5::put_text(process.get(), "note", join(how, "\n"), true);
  }
  hdf5::check(H5Fclose(opened.release()),
              fmt::format("closing '{}' (is the disk full?)", file.string()));
}

}  // namespace kedge::measured
