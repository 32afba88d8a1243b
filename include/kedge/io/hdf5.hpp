// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <hdf5.h>
#include <mpi.h>

#include <cstdint>
#include <filesystem>
#include <source_location>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Thin owners and helpers for HDF5. HDF5 prints nothing itself: its text becomes part of our
/// errors. A file opened with a communicator is parallel: creating, opening, deleting and closing
/// objects and writing attributes are then collective; writing values into an existing dataset is
/// rank-local.
namespace kedge::io::hdf5 {

/// Owner of one HDF5 identifier.
template <herr_t (*close)(hid_t)>
class Owner {
 public:
  Owner() = default;
  explicit Owner(hid_t id) : id_(id) {}
  ~Owner() { reset(); }
  Owner(const Owner&) = delete;
  Owner& operator=(const Owner&) = delete;
  Owner(Owner&& other) noexcept : id_(std::exchange(other.id_, H5I_INVALID_HID)) {}
  Owner& operator=(Owner&& other) noexcept {
    std::swap(id_, other.id_);
    return *this;
  }

  [[nodiscard]] hid_t get() const { return id_; }
  [[nodiscard]] explicit operator bool() const { return id_ >= 0; }
  void reset() noexcept {
    if (id_ >= 0) (void)close(id_);
    id_ = H5I_INVALID_HID;
  }
  /// Gives the identifier away, for a close call whose result is checked.
  [[nodiscard]] hid_t release() { return std::exchange(id_, H5I_INVALID_HID); }

 private:
  hid_t id_ = H5I_INVALID_HID;
};

using File = Owner<H5Fclose>;
using Group = Owner<H5Gclose>;
using Dataset = Owner<H5Dclose>;
using Dataspace = Owner<H5Sclose>;
using Datatype = Owner<H5Tclose>;
using Attribute = Owner<H5Aclose>;
using PropertyList = Owner<H5Pclose>;

/// Starts HDF5 so that it does not close files again at the end of MPI or of the process: where a
/// write failed (a full disk), its second attempt crashes. All files are closed by their owners. To
/// be called before MPI_Init, because HDF5 hooks itself into MPI_Finalize otherwise; later calls
/// change nothing. @note Rank-local
void start();

/// Returns the identifier, or throws Error{io} with HDF5's own text. @note Rank-local
hid_t check(hid_t id, std::string_view what,
            std::source_location where = std::source_location::current());
void check(herr_t code, std::string_view what,
           std::source_location where = std::source_location::current());

/// New file through MPI-IO; what was there is lost. @note Collective on comm
[[nodiscard]] File create_file(MPI_Comm comm, const std::filesystem::path& path);
/// Existing file for reading and writing through MPI-IO. @note Collective on comm
[[nodiscard]] File open_file(MPI_Comm comm, const std::filesystem::path& path);
/// Existing file, this process only, without file locks (network file systems often have none).
/// @note Rank-local
[[nodiscard]] File open_file(const std::filesystem::path& path, bool writable);

/// True if the file is there and begins as HDF5 files do. @note Rank-local
[[nodiscard]] bool is_hdf5(const std::filesystem::path& path);

[[nodiscard]] Group create_group(hid_t parent, const std::string& name,
                                 const std::string& nx_class);
[[nodiscard]] bool exists(hid_t parent, const std::string& path);

using Shape = std::vector<std::uint64_t>;

/// Contiguous dataset, allocated now, filled with NaN (doubles) or 0 (whole numbers).
[[nodiscard]] Dataset create_doubles(hid_t parent, const std::string& name, const Shape& shape,
                                     const std::string& units);
[[nodiscard]] Dataset create_integers(hid_t parent, const std::string& name, const Shape& shape);
/// Room for `count` texts of `length` bytes each, empty at first.
[[nodiscard]] Dataset create_texts(hid_t parent, const std::string& name, std::size_t count,
                                   std::size_t length);
[[nodiscard]] Dataset create_bytes(hid_t parent, const std::string& name, const Shape& shape);
/// Texts of fixed length, the longest of `texts`; they are written by `writer` only.
void put_texts(hid_t parent, const std::string& name, const std::vector<std::string>& texts,
               bool writer);
void put_text(hid_t parent, const std::string& name, const std::string& text, bool writer);

/// Dataset with its values: nothing is written twice, as it is where a dataset is filled with NaN
/// first.
Dataset put_doubles(hid_t parent, const std::string& name, const Shape& shape,
                    const std::string& units, std::span<const double> values);

[[nodiscard]] Dataset open_dataset(hid_t parent, const std::string& path);

/// Part of a dataset: `count` values from `start` on in each dimension. Rank-local.
struct Block {
  Shape start;
  Shape count;
};
void write(const Dataset& dataset, std::span<const double> values);
void write(const Dataset& dataset, std::span<const std::int64_t> values);
/// Texts into a dataset of create_texts(); what is too long or too many is cut. @note Rank-local
void write(const Dataset& dataset, const std::vector<std::string>& texts);
void write(const Dataset& dataset, const Block& block, std::span<const double> values);
void write(const Dataset& dataset, const Block& block, std::span<const std::uint8_t> values);

void put_attribute(hid_t object, const std::string& name, const std::string& text);
void put_attribute(hid_t object, const std::string& name, const std::vector<std::string>& texts);
void put_attribute(hid_t object, const std::string& name, std::int64_t value);

[[nodiscard]] Shape shape(hid_t parent, const std::string& path);
[[nodiscard]] std::vector<double> read_doubles(hid_t parent, const std::string& path);
[[nodiscard]] std::vector<std::int64_t> read_integers(hid_t parent, const std::string& path);
[[nodiscard]] std::vector<std::uint8_t> read_bytes(hid_t parent, const std::string& path);
/// True if the dataset holds texts. @note Rank-local
[[nodiscard]] bool is_text(hid_t parent, const std::string& path);
[[nodiscard]] std::vector<std::string> read_texts(hid_t parent, const std::string& path);
[[nodiscard]] std::string read_text(hid_t parent, const std::string& path);
[[nodiscard]] std::string text_attribute(hid_t object, const std::string& name);
[[nodiscard]] std::int64_t integer_attribute(hid_t object, const std::string& name);

}  // namespace kedge::io::hdf5
