// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/measured/read_nexus.hpp"

#include <fmt/format.h>
#include <hdf5.h>

#include <cmath>
#include <vector>

#include "kedge/core/error.hpp"
#include "kedge/core/text.hpp"
#include "kedge/io/hdf5.hpp"

namespace kedge::measured {

namespace {

namespace hdf5 = io::hdf5;

/// Texts of an attribute, of fixed or variable length, one or many; empty if there is none.
std::vector<std::string> attribute_texts(hid_t object, const char* name) {
  if (H5Aexists(object, name) <= 0) return {};
  const hdf5::Attribute attribute(hdf5::check(H5Aopen(object, name, H5P_DEFAULT), name));
  const hdf5::Datatype type(hdf5::check(H5Aget_type(attribute.get()), name));
  const hdf5::Dataspace space(hdf5::check(H5Aget_space(attribute.get()), name));
  const auto count = H5Sget_simple_extent_npoints(space.get());
  if (H5Tget_class(type.get()) != H5T_STRING || count <= 0) return {};
  std::vector<std::string> texts;
  if (H5Tis_variable_str(type.get()) > 0) {
    std::vector<char*> pointers(static_cast<std::size_t>(count), nullptr);
    hdf5::check(H5Aread(attribute.get(), type.get(), pointers.data()), name);
    for (const char* pointer : pointers) texts.emplace_back(pointer == nullptr ? "" : pointer);
    hdf5::check(H5Dvlen_reclaim(type.get(), space.get(), H5P_DEFAULT, pointers.data()), name);
    return texts;
  }
  const std::size_t length = H5Tget_size(type.get());
  std::string all(length * static_cast<std::size_t>(count), '\0');
  hdf5::check(H5Aread(attribute.get(), type.get(), all.data()), name);
  for (std::size_t at = 0; at < all.size(); at += length) {
    const std::string text = all.substr(at, length);
    texts.push_back(text.substr(0, text.find('\0')));
  }
  return texts;
}

std::string attribute_text(hid_t object, const char* name) {
  const auto texts = attribute_texts(object, name);
  return texts.empty() ? std::string() : texts.front();
}

hdf5::Group open_group(hid_t parent, const std::string& path, const std::string& name) {
  hid_t id = H5I_INVALID_HID;
  if (H5Oexists_by_name(parent, path.c_str(), H5P_DEFAULT) > 0) {
    id = H5Gopen2(parent, path.c_str(), H5P_DEFAULT);
  }
  if (id < 0) {
    throw Error(ErrorKind::input, fmt::format("'{}' has no group '{}'", name, path));
  }
  return hdf5::Group(id);
}

/// Names of the groups of one NeXus class below a group.
std::vector<std::string> groups_of_class(hid_t parent, const std::string& nx_class) {
  std::vector<std::string> names;
  H5G_info_t info;
  hdf5::check(H5Gget_info(parent, &info), "content of a group");
  for (hsize_t i = 0; i < info.nlinks; ++i) {
    constexpr std::size_t kLongest = 1024;
    std::string name(kLongest, '\0');
    const auto length = H5Lget_name_by_idx(parent, ".", H5_INDEX_NAME, H5_ITER_INC, i, name.data(),
                                           name.size(), H5P_DEFAULT);
    if (length <= 0 || static_cast<std::size_t>(length) >= kLongest) continue;
    name.resize(static_cast<std::size_t>(length));
    const hdf5::Group group(H5Gopen2(parent, name.c_str(), H5P_DEFAULT));
    if (group && attribute_text(group.get(), "NX_class") == nx_class) names.push_back(name);
  }
  return names;
}

std::string default_path(hid_t file, const std::string& name) {
  std::string path = "/";
  constexpr int kDeepest = 8;
  for (int depth = 0; depth < kDeepest; ++depth) {
    const hdf5::Group group = open_group(file, path, name);
    if (attribute_text(group.get(), "NX_class") == "NXdata") return path;
    const std::string next = attribute_text(group.get(), "default");
    if (next.empty()) break;
    path += (path.back() == '/' ? "" : "/") + next;
  }
  const hdf5::Group root = open_group(file, "/", name);
  for (const std::string& entry : groups_of_class(root.get(), "NXentry")) {
    const hdf5::Group group = open_group(root.get(), entry, name);
    const auto data = groups_of_class(group.get(), "NXdata");
    if (data.size() == 1) return "/" + entry + "/" + data.front();
  }
  throw Error(
      ErrorKind::input,
      fmt::format("'{0}' has no default plot (attributes `default` to an NXdata group); name "
                  "the group: {0}:/entry/data",
                  name));
}

/// The group that is read, for errors.
class NexusTable {
 public:
  NexusTable(hid_t group, const std::string& where, Layout layout)
      : group_(group), where_(where), layout_(layout) {
    table_.source = where;
  }

  TextTable read() {
    const std::string signal = attribute_text(group_, "signal");
    if (signal.empty()) refuse("the attribute `signal`");
    const auto axes = attribute_texts(group_, "axes");
    if (axes.empty() || axes.back() == ".") refuse("the attribute `axes` with the energy last");
    add_axis(axes.back());
    const std::size_t n = table_.columns.front().size();
    if (n == 0) refuse(fmt::format("values: its axis '{}' is empty", axes.back()));
    std::vector<std::vector<double>> values = rows(signal, n);
    std::vector<std::vector<double>> errors;
    for (const std::string& name : {signal + "_errors", std::string("errors")}) {
      if (errors.empty() && hdf5::exists(group_, name)) errors = rows(name, n);
    }
    arrange(std::move(values), std::move(errors));
    for (std::size_t i = 0; i < n; ++i) table_.lines.push_back(static_cast<int>(i) + 1);
    check_finite();
    return std::move(table_);
  }

 private:
  [[noreturn]] void refuse(const std::string& what) const {
    throw Error(ErrorKind::input, fmt::format("'{}' lacks {}", where_, what));
  }

  void add_axis(const std::string& axis) {
    if (!hdf5::exists(group_, axis)) refuse(fmt::format("its axis '{}'", axis));
    table_.columns.push_back(numbers(axis));
    const hdf5::Dataset dataset = hdf5::open_dataset(group_, axis);
    table_.labels = {axis};
    table_.units = {attribute_text(dataset.get(), "units")};
  }

  [[nodiscard]] std::vector<double> numbers(const std::string& name) const {
    const hdf5::Dataset dataset = hdf5::open_dataset(group_, name);
    const hdf5::Datatype type(hdf5::check(H5Dget_type(dataset.get()), name));
    const H5T_class_t kind = H5Tget_class(type.get());
    if (kind != H5T_FLOAT && kind != H5T_INTEGER) {
      throw Error(ErrorKind::input,
                  fmt::format("'{}': dataset '{}' holds no numbers", where_, name));
    }
    return hdf5::read_doubles(group_, name);
  }

  std::vector<std::vector<double>> rows(const std::string& name, std::size_t n) const {
    if (!hdf5::exists(group_, name)) refuse(fmt::format("its dataset '{}'", name));
    const auto shape = hdf5::shape(group_, name);
    if (shape.empty() || shape.size() > 2 || shape.back() != n) {
      throw Error(ErrorKind::input,
                  fmt::format("'{}': dataset '{}' has {} dimensions and {} values along the last, "
                              "wanted 1 or 2 and the {} of the axis",
                              where_, name, shape.size(), shape.empty() ? 0 : shape.back(), n));
    }
    const auto all = numbers(name);
    std::vector<std::vector<double>> result;
    for (std::size_t first = 0; first + n <= all.size() && n > 0; first += n) {
      const auto begin = all.begin() + static_cast<std::ptrdiff_t>(first);
      result.emplace_back(begin, begin + static_cast<std::ptrdiff_t>(n));
    }
    return result;
  }

  void arrange(std::vector<std::vector<double>> values, std::vector<std::vector<double>> errors) {
    if (!errors.empty() && errors.size() != values.size()) {
      refuse("errors in the shape of the signal");
    }
    const bool pairs = layout_ == Layout::interleaved || layout_ == Layout::blocked;
    if (layout_ == Layout::counts && !errors.empty()) {
      throw Error(
          ErrorKind::input,
          fmt::format("'{}' holds errors of its own: --layout counts would ignore them; say "
                      "--layout blocked",
                      where_));
    }
    if (pairs && errors.empty()) refuse("errors (<signal>_errors); say --layout counts");
    if (layout_ == Layout::single && values.size() != 1) {
      throw Error(ErrorKind::input,
                  fmt::format("'{}' holds {} spectra; say --layout counts or blocked", where_,
                              values.size()));
    }
    if (layout_ == Layout::interleaved) {
      for (std::size_t a = 0; a < values.size(); ++a) {
        table_.columns.push_back(std::move(values[a]));
        table_.columns.push_back(std::move(errors[a]));
      }
    } else {
      for (auto& row : values) table_.columns.push_back(std::move(row));
      for (auto& row : errors) table_.columns.push_back(std::move(row));
    }
    table_.labels.resize(table_.columns.size());
    table_.units.resize(table_.columns.size());
  }

  void check_finite() const {
    for (std::size_t c = 0; c < table_.columns.size(); ++c) {
      for (std::size_t i = 0; i < table_.rows(); ++i) {
        if (std::isfinite(table_.columns[c][i])) continue;
        throw Error(ErrorKind::input,
                    fmt::format("{}:{}: {} is not a finite number (point {} of column {})", where_,
                                i + 1, table_.columns[c][i], i + 1, c + 1));
      }
    }
  }

  hid_t group_;
  std::string where_;
  Layout layout_;
  TextTable table_;
};

}  // namespace

NexusName nexus_name(const std::string& name) {
  const auto colon = name.rfind(":/");
  if (colon == std::string::npos) return {name, ""};
  return {name.substr(0, colon), name.substr(colon + 1)};
}

bool is_nexus(const std::string& name) {
  return hdf5::is_hdf5(nexus_name(name).file);
}

TextTable read_nexus(const std::string& name, Layout layout) {
  const NexusName where = nexus_name(name);
  const hdf5::File file = hdf5::open_file(where.file, false);
  const std::string path = where.path.empty() ? default_path(file.get(), name) : where.path;
  const hdf5::Group group = open_group(file.get(), path, name);
  return NexusTable(group.get(), where.file.string() + ":" + path, layout).read();
}

}  // namespace kedge::measured
