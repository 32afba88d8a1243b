// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/io/hdf5.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <numeric>

#include "kedge/core/error.hpp"

namespace kedge::io::hdf5 {

namespace {

/// Collects the innermost description of HDF5's error stack; called from C, so it must not throw.
herr_t collect(unsigned /*level*/, const H5E_error2_t* entry, void* data) noexcept {
  auto& text = *static_cast<std::string*>(data);
  if (text.empty() && entry->desc != nullptr) text = entry->desc;
  return 0;
}

[[noreturn]] void fail(std::string_view what, std::source_location where) {
  std::string reason;
  (void)H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, collect, &reason);
  (void)H5Eclear2(H5E_DEFAULT);
  // Of "file write failed: time = ..., error message = 'No space left on device', buf = ..." only
  // the cause.
  constexpr std::string_view kCause = "error message = '";
  if (const auto at = reason.find(kCause); at != std::string::npos) {
    reason.erase(0, at + kCause.size());
    reason.erase(std::min(reason.find('\''), reason.size()));
  }
  throw Error(
      ErrorKind::io,
      fmt::format("{}: HDF5 says '{}' ({}:{})", what, reason.empty() ? "no reason" : reason,
                  std::filesystem::path(where.file_name()).filename().string(), where.line()));
}

void keep_quiet() {
  (void)H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
}

PropertyList parallel_access(MPI_Comm comm) {
  keep_quiet();
  PropertyList access(check(H5Pcreate(H5P_FILE_ACCESS), "file access list"));
  check(H5Pset_fapl_mpio(access.get(), comm, MPI_INFO_NULL), "MPI-IO driver");
  return access;
}

Datatype text_type(std::size_t length) {
  Datatype type(check(H5Tcopy(H5T_C_S1), "text type"));
  check(H5Tset_size(type.get(), std::max<std::size_t>(length, 1)), "text type");
  check(H5Tset_strpad(type.get(), H5T_STR_NULLPAD), "text type");
  check(H5Tset_cset(type.get(), H5T_CSET_UTF8), "text type");
  return type;
}

Dataspace space_of(const Shape& shape) {
  if (shape.empty()) return Dataspace(check(H5Screate(H5S_SCALAR), "dataspace"));
  const std::vector<hsize_t> dims(shape.begin(), shape.end());
  return Dataspace(
      check(H5Screate_simple(static_cast<int>(dims.size()), dims.data(), nullptr), "dataspace"));
}

Dataset create_dataset(hid_t parent, const std::string& name, hid_t type, const Shape& shape,
                       const void* fill) {
  const Dataspace space = space_of(shape);
  const PropertyList creation(check(H5Pcreate(H5P_DATASET_CREATE), "dataset creation list"));
  // Early allocation: afterwards a rank may write values without any collective step, and a killed
  // run leaves every dataset at full size.
  check(H5Pset_alloc_time(creation.get(), H5D_ALLOC_TIME_EARLY), "early allocation");
  if (fill != nullptr) check(H5Pset_fill_value(creation.get(), type, fill), "fill value");
  return Dataset(check(
      H5Dcreate2(parent, name.c_str(), type, space.get(), H5P_DEFAULT, creation.get(), H5P_DEFAULT),
      fmt::format("creating dataset '{}'", name)));
}

std::string packed(const std::vector<std::string>& texts, std::size_t length) {
  std::string all;
  for (const std::string& text : texts) {
    all += text;
    all.append(length - text.size(), '\0');
  }
  return all;
}

std::size_t longest(const std::vector<std::string>& texts) {
  std::size_t length = 1;
  for (const std::string& text : texts) length = std::max(length, text.size());
  return length;
}

std::vector<std::string> unpacked(const std::string& all, std::size_t length) {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i + length <= all.size(); i += length) {
    std::string text = all.substr(i, length);
    texts.push_back(text.substr(0, text.find('\0')));
  }
  return texts;
}

std::size_t n_values(hid_t space) {
  return static_cast<std::size_t>(std::max<hssize_t>(0, H5Sget_simple_extent_npoints(space)));
}

/// @param n_values  what `values` has: a block that wants another number is refused
void write_block(const Dataset& dataset, const Block& block, hid_t type, const void* values,
                 std::size_t n_values) {
  const auto wanted = std::accumulate(block.count.begin(), block.count.end(), std::uint64_t{1},
                                      std::multiplies<>());
  if (wanted != n_values) {
    throw Error(ErrorKind::internal,
                fmt::format("{} values for a part of a dataset that has {}", n_values, wanted));
  }
  const std::vector<hsize_t> start(block.start.begin(), block.start.end());
  const std::vector<hsize_t> count(block.count.begin(), block.count.end());
  const Dataspace in_file(check(H5Dget_space(dataset.get()), "dataspace of a dataset"));
  check(H5Sselect_hyperslab(in_file.get(), H5S_SELECT_SET, start.data(), nullptr, count.data(),
                            nullptr),
        "selecting a part of a dataset");
  const Dataspace in_memory = space_of(block.count);
  check(H5Dwrite(dataset.get(), type, in_memory.get(), in_file.get(), H5P_DEFAULT, values),
        "writing values (is the disk full?)");
}

void write_all(const Dataset& dataset, hid_t type, const void* values) {
  check(H5Dwrite(dataset.get(), type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values),
        "writing values (is the disk full?)");
}

/// Number of values of a dataset, which a damaged file may say to be anything.
std::size_t plausible_size(const Dataset& dataset, std::size_t bytes_per_value,
                           const std::string& path) {
  constexpr double kBestCompression = 1100.0;  // of deflate, should another program have packed it
  const Dataspace space(check(H5Dget_space(dataset.get()), "dataspace of a dataset"));
  const std::size_t count = n_values(space.get());
  const File file(check(H5Iget_file_id(dataset.get()), "file of a dataset"));
  hsize_t file_size = 0;
  check(H5Fget_filesize(file.get(), &file_size), "size of the file");
  if (static_cast<double>(count) * static_cast<double>(bytes_per_value) >
      kBestCompression * static_cast<double>(file_size)) {
    throw Error(ErrorKind::io,
                fmt::format("dataset '{}' is damaged: it claims {} values, more than a file of {} "
                            "bytes can hold",
                            path, count, file_size));
  }
  return count;
}

template <class T>
std::vector<T> read_numbers(hid_t parent, const std::string& path, hid_t type) {
  const Dataset dataset = open_dataset(parent, path);
  std::vector<T> values(plausible_size(dataset, sizeof(T), path));
  check(H5Dread(dataset.get(), type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()),
        fmt::format("reading '{}'", path));
  return values;
}

}  // namespace

void start() {
  (void)H5dont_atexit();  // first of all; fails if the library runs already
  check(H5open(), "starting HDF5");
  keep_quiet();
}

hid_t check(hid_t id, std::string_view what, std::source_location where) {
  if (id < 0) fail(what, where);
  return id;
}

void check(herr_t code, std::string_view what, std::source_location where) {
  if (code < 0) fail(what, where);
}

File create_file(MPI_Comm comm, const std::filesystem::path& path) {
  const PropertyList access = parallel_access(comm);
  return File(check(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access.get()),
                    fmt::format("cannot create '{}'", path.string())));
}

File open_file(MPI_Comm comm, const std::filesystem::path& path) {
  const PropertyList access = parallel_access(comm);
  return File(check(H5Fopen(path.c_str(), H5F_ACC_RDWR, access.get()),
                    fmt::format("cannot open '{}'", path.string())));
}

File open_file(const std::filesystem::path& path, bool writable) {
  keep_quiet();
  const PropertyList access(check(H5Pcreate(H5P_FILE_ACCESS), "file access list"));
  check(H5Pset_file_locking(access.get(), false, true), "file locking");
  return File(
      check(H5Fopen(path.c_str(), writable ? H5F_ACC_RDWR : H5F_ACC_RDONLY, access.get()),
            fmt::format("cannot open '{}'; if it is damaged, compute it again with --overwrite",
                        path.string())));
}

bool is_hdf5(const std::filesystem::path& path) {
  keep_quiet();
  return H5Fis_hdf5(path.c_str()) > 0;
}

Group create_group(hid_t parent, const std::string& name, const std::string& nx_class) {
  Group group(check(H5Gcreate2(parent, name.c_str(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
                    fmt::format("creating group '{}'", name)));
  put_attribute(group.get(), "NX_class", nx_class);
  return group;
}

bool exists(hid_t parent, const std::string& path) {
  return H5Lexists(parent, path.c_str(), H5P_DEFAULT) > 0;
}

Dataset create_doubles(hid_t parent, const std::string& name, const Shape& shape,
                       const std::string& units) {
  constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
  Dataset dataset = create_dataset(parent, name, H5T_NATIVE_DOUBLE, shape, &kMissing);
  if (!units.empty()) put_attribute(dataset.get(), "units", units);
  return dataset;
}

Dataset create_integers(hid_t parent, const std::string& name, const Shape& shape) {
  return create_dataset(parent, name, H5T_NATIVE_INT64, shape, nullptr);
}

Dataset create_bytes(hid_t parent, const std::string& name, const Shape& shape) {
  return create_dataset(parent, name, H5T_NATIVE_UINT8, shape, nullptr);
}

Dataset create_texts(hid_t parent, const std::string& name, std::size_t count, std::size_t length) {
  const Datatype type = text_type(length);
  return create_dataset(parent, name, type.get(), {count}, nullptr);
}

void put_texts(hid_t parent, const std::string& name, const std::vector<std::string>& texts,
               bool writer) {
  const std::size_t length = longest(texts);
  const Datatype type = text_type(length);
  const Dataset dataset = create_dataset(parent, name, type.get(), {texts.size()}, nullptr);
  if (writer && !texts.empty()) write_all(dataset, type.get(), packed(texts, length).data());
}

void put_text(hid_t parent, const std::string& name, const std::string& text, bool writer) {
  const Datatype type = text_type(text.size());
  const Dataset dataset = create_dataset(parent, name, type.get(), {}, nullptr);
  if (writer) {
    write_all(dataset, type.get(), packed({text}, std::max<std::size_t>(text.size(), 1)).data());
  }
}

Dataset put_doubles(hid_t parent, const std::string& name, const Shape& shape,
                    const std::string& units, std::span<const double> values) {
  Dataset dataset = create_dataset(parent, name, H5T_NATIVE_DOUBLE, shape, nullptr);
  if (!units.empty()) put_attribute(dataset.get(), "units", units);
  write_all(dataset, H5T_NATIVE_DOUBLE, values.data());
  return dataset;
}

Dataset open_dataset(hid_t parent, const std::string& path) {
  return Dataset(check(H5Dopen2(parent, path.c_str(), H5P_DEFAULT),
                       fmt::format("opening dataset '{}'", path)));
}

void write(const Dataset& dataset, std::span<const double> values) {
  write_all(dataset, H5T_NATIVE_DOUBLE, values.data());
}

void write(const Dataset& dataset, std::span<const std::int64_t> values) {
  write_all(dataset, H5T_NATIVE_INT64, values.data());
}

void write(const Dataset& dataset, const std::vector<std::string>& texts) {
  const Datatype type(check(H5Dget_type(dataset.get()), "type of a dataset"));
  const Dataspace space(check(H5Dget_space(dataset.get()), "dataspace of a dataset"));
  const std::size_t length = H5Tget_size(type.get());
  std::vector<std::string> fitting(n_values(space.get()));
  for (std::size_t i = 0; i < std::min(fitting.size(), texts.size()); ++i) {
    fitting[i] = texts[i].substr(0, length);
  }
  write_all(dataset, type.get(), packed(fitting, length).data());
}

void write(const Dataset& dataset, const Block& block, std::span<const double> values) {
  write_block(dataset, block, H5T_NATIVE_DOUBLE, values.data(), values.size());
}

void write(const Dataset& dataset, const Block& block, std::span<const std::uint8_t> values) {
  write_block(dataset, block, H5T_NATIVE_UINT8, values.data(), values.size());
}

namespace {

/// A new attribute; one of the same name is replaced.
Attribute create_attribute(hid_t object, const std::string& name, hid_t type,
                           const Dataspace& space) {
  if (H5Aexists(object, name.c_str()) > 0) check(H5Adelete(object, name.c_str()), name);
  return Attribute(
      check(H5Acreate2(object, name.c_str(), type, space.get(), H5P_DEFAULT, H5P_DEFAULT),
            fmt::format("creating attribute '{}'", name)));
}

}  // namespace

// Attributes have variable length, which Python and others read as text; datasets cannot, since
// values of variable length may not be written by one rank alone.

void put_attribute(hid_t object, const std::string& name, const std::string& text) {
  const Datatype type = text_type(H5T_VARIABLE);
  const Attribute attribute = create_attribute(object, name, type.get(), space_of({}));
  const char* pointer = text.c_str();
  check(H5Awrite(attribute.get(), type.get(), &pointer),
        fmt::format("writing attribute '{}'", name));
}

void put_attribute(hid_t object, const std::string& name, const std::vector<std::string>& texts) {
  const Datatype type = text_type(H5T_VARIABLE);
  const Attribute attribute = create_attribute(object, name, type.get(), space_of({texts.size()}));
  std::vector<const char*> pointers;
  for (const std::string& text : texts) pointers.push_back(text.c_str());
  check(H5Awrite(attribute.get(), type.get(), pointers.data()),
        fmt::format("writing attribute '{}'", name));
}

void put_attribute(hid_t object, const std::string& name, std::int64_t value) {
  const Attribute attribute = create_attribute(object, name, H5T_NATIVE_INT64, space_of({}));
  check(H5Awrite(attribute.get(), H5T_NATIVE_INT64, &value),
        fmt::format("writing attribute '{}'", name));
}

Shape shape(hid_t parent, const std::string& path) {
  const Dataset dataset = open_dataset(parent, path);
  const Dataspace space(check(H5Dget_space(dataset.get()), "dataspace of a dataset"));
  std::vector<hsize_t> dims(
      static_cast<std::size_t>(std::max(0, H5Sget_simple_extent_ndims(space.get()))));
  check(static_cast<herr_t>(H5Sget_simple_extent_dims(space.get(), dims.data(), nullptr)), path);
  return {dims.begin(), dims.end()};
}

std::vector<double> read_doubles(hid_t parent, const std::string& path) {
  return read_numbers<double>(parent, path, H5T_NATIVE_DOUBLE);
}

std::vector<std::int64_t> read_integers(hid_t parent, const std::string& path) {
  return read_numbers<std::int64_t>(parent, path, H5T_NATIVE_INT64);
}

std::vector<std::uint8_t> read_bytes(hid_t parent, const std::string& path) {
  return read_numbers<std::uint8_t>(parent, path, H5T_NATIVE_UINT8);
}

bool is_text(hid_t parent, const std::string& path) {
  const Dataset dataset = open_dataset(parent, path);
  const Datatype type(check(H5Dget_type(dataset.get()), path));
  return H5Tget_class(type.get()) == H5T_STRING;
}

std::vector<std::string> read_texts(hid_t parent, const std::string& path) {
  const Dataset dataset = open_dataset(parent, path);
  const Datatype type(check(H5Dget_type(dataset.get()), path));
  const std::size_t length = H5Tget_size(type.get());
  if (H5Tget_class(type.get()) != H5T_STRING || H5Tis_variable_str(type.get()) != 0) {
    throw Error(ErrorKind::io, fmt::format("dataset '{}' is no text of kedge", path));
  }
  std::string all(plausible_size(dataset, length, path) * length, '\0');
  if (!all.empty()) {
    check(H5Dread(dataset.get(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, all.data()),
          fmt::format("reading '{}'", path));
  }
  return unpacked(all, length);
}

std::string read_text(hid_t parent, const std::string& path) {
  const auto texts = read_texts(parent, path);
  return texts.empty() ? std::string() : texts.front();
}

std::string text_attribute(hid_t object, const std::string& name) {
  const Attribute attribute(check(H5Aopen(object, name.c_str(), H5P_DEFAULT),
                                  fmt::format("opening attribute '{}'", name)));
  const Datatype type(check(H5Aget_type(attribute.get()), name));
  if (H5Tis_variable_str(type.get()) <= 0) {
    throw Error(ErrorKind::io, fmt::format("attribute '{}' is no text of kedge", name));
  }
  char* pointer = nullptr;
  check(H5Aread(attribute.get(), type.get(), &pointer),
        fmt::format("reading attribute '{}'", name));
  const std::string text = pointer == nullptr ? "" : pointer;
  check(H5free_memory(pointer), name);
  return text;
}

std::int64_t integer_attribute(hid_t object, const std::string& name) {
  const Attribute attribute(check(H5Aopen(object, name.c_str(), H5P_DEFAULT),
                                  fmt::format("opening attribute '{}'", name)));
  std::int64_t value = 0;
  check(H5Aread(attribute.get(), H5T_NATIVE_INT64, &value), name);
  return value;
}

}  // namespace kedge::io::hdf5
