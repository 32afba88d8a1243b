// SPDX-License-Identifier: BSD-3-Clause
#include "case_structures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "kedge/campaign/cases.hpp"
#include "kedge/core/elements.hpp"
#include "kedge/core/error.hpp"
#include "kedge/core/text_file.hpp"
#include "kedge/parallel/collectively.hpp"
#include "kedge/parallel/communicator.hpp"
#include "kedge/structure/cluster.hpp"
#include "kedge/structure/edit.hpp"
#include "kedge/structure/read_structure.hpp"

namespace kedge::campaign {

namespace {

std::string read_structure_text(const std::filesystem::path& file) {
  try {
    return read_text_file(file, "structure file");
  } catch (Error& error) {
    error.add_context(
        "structure.file, where a relative path starts at the folder of the input file");
    throw;
  }
}

/// What is read of a structure file for one case, before it is edited.
const structure::Structure& unedited(const std::vector<StructureFile>& files,
                                     const io::Input& case_input) {
  const auto file = std::ranges::find(files, case_input.structure.file, &StructureFile::path);
  const auto frame = static_cast<std::size_t>(case_input.structure.frame);
  if (frame > file->frames.size()) {
    throw Error(ErrorKind::input,
                fmt::format("structure.frame = {}: '{}' has {} frame{}", frame, file->path.string(),
                            file->frames.size(), file->frames.size() == 1 ? "" : "s"));
  }
  return file->frames[frame - 1];
}

/// In a crystal, sites of one class must be equivalent in the file and in every case that starts
/// from it.
void make_classes_common(std::vector<structure::Structure>& structures,
                         std::vector<structure::Structure>& originals) {
  std::map<std::string, std::vector<int>> common;
  for (const auto* list : {&originals, &structures}) {
    for (const structure::Structure& structure : *list) {
      std::vector<int>& classes = common[structure.source];
      classes.resize(structure.sites.size(), 0);
      classes = structure::common_classes(structure, classes);
    }
  }
  for (auto* list : {&originals, &structures}) {
    for (structure::Structure& structure : *list) {
      for (std::size_t i = 0; i < structure.sites.size(); ++i) {
        structure.sites[i].equivalence_class = common.at(structure.source)[i];
      }
    }
  }
}

}  // namespace

std::string read_once(MPI_Comm comm, const std::function<std::string()>& read) {
  std::string text;
  parallel::collectively(comm, "", [&] {
    if (parallel::rank(comm) == 0) text = read();
  });
  return parallel::broadcast(comm, text);
}

std::string describe(const CaseParameters& parameters, std::size_t i_case) {
  std::string values;
  for (const auto& [key, value] : parameters.values) {
    values += fmt::format("{}{} = {}", values.empty() ? "" : ", ", key, value);
  }
  return values.empty() ? fmt::format("case {}", i_case + 1)
                        : fmt::format("case {} ({})", i_case + 1, values);
}

std::vector<StructureFile> read_structures(MPI_Comm comm, io::Input& input) {
  std::vector<std::filesystem::path> paths = {input.structure.file};
  const auto list = std::ranges::find(input.sweeps, std::string("structure.file"), &io::Sweep::key);
  if (list != input.sweeps.end()) {
    paths.clear();
    for (const std::string& name : list->values) {
      const std::filesystem::path path = name;
      paths.push_back(path.is_relative() ? input.folder / path : path);
    }
  }
  std::vector<StructureFile> files;
  for (const std::filesystem::path& path : paths) {
    StructureFile file{path, read_once(comm, [&] { return read_structure_text(path); }), {}};
    file.frames = structure::parse_structures(file.text, path);
    if (paths.size() > 1 && file.frames.size() > 1 && input.structure.frame == 0) {
      throw Error(
          ErrorKind::input,
          fmt::format(
              "'{}' has {} frames and structure.file lists several files; wanted a number for "
              "structure.frame, or one file",
              path.string(), file.frames.size()));
    }
    files.push_back(std::move(file));
  }
  if (input.structure.frame == 0) {
    const std::size_t n = files.front().frames.size();
    io::replace_value(input, "structure.frame", n == 1 ? "1" : fmt::format("1:1:{}", n));
  }
  return files;
}

void build_structures(Calculation& calculation, const std::vector<StructureFile>& files,
                      const std::vector<CaseParameters>& all) {
  std::vector<structure::Structure> originals;  // classes and elements as before any vacancy
  for (std::size_t i_case = 0; i_case < all.size(); ++i_case) {
    if (all[i_case].i_structure < calculation.structures.size()) continue;
    try {
      const io::Input case_input = input_of_case(calculation.input, all[i_case]);
      originals.push_back(unedited(files, case_input));
      calculation.structures.push_back(
          structure::edited(originals.back(), case_input.structure.edit));
    } catch (Error& error) {
      if (all.size() > 1) error.add_context(describe(all[i_case], i_case));
      throw;
    }
  }
  make_classes_common(calculation.structures, originals);
  for (std::size_t i = 0; i < originals.size(); ++i) {
    const structure::Structure& made = calculation.structures[i];
    std::vector<int> sites =
        structure::select_absorbers(originals[i], calculation.input.structure.absorber);
    if (i == 0) calculation.sites = sites;
    if (sites.size() != calculation.sites.size()) {
      throw Error(ErrorKind::input,
                  fmt::format("structure.absorber = {} means {} sites of {} and {} sites of {}; "
                              "wanted the same number in all "
                              "structures",
                              calculation.input.structure.absorber, calculation.sites.size(),
                              originals.front().source, sites.size(), originals[i].source));
    }
    const auto element = [&](std::size_t structure, int site) {
      return originals[structure].sites[static_cast<std::size_t>(site)].atomic_number;
    };
    for (std::size_t k = 0; k < sites.size(); ++k) {
      const int here = element(i, sites[k]);
      const int first = element(0, calculation.sites[k]);
      if (here == first) continue;
      throw Error(ErrorKind::input,
                  fmt::format("structure.absorber = {} means {} in {} and {} in {}; wanted one "
                              "element in all structures",
                              calculation.input.structure.absorber, element_symbol(first),
                              originals.front().source, element_symbol(here), originals[i].source));
    }
    for (int& site : sites) {
      if (made.sites[static_cast<std::size_t>(site)].atomic_number == 0) site = -1;
    }
    if (std::ranges::all_of(sites, [](int site) { return site < 0; })) {
      throw Error(ErrorKind::input,
                  "structure.vacancy takes out every absorber of a case; wanted at least one left");
    }
    calculation.sites_of_structure.push_back(std::move(sites));
  }
  calculation.structure = calculation.structures.front();
  for (std::size_t i = calculation.sites.size(); i-- > 0;) {  // an absorber that no case has
    const auto absent = [i](const std::vector<int>& sites) { return sites[i] < 0; };
    if (!std::ranges::all_of(calculation.sites_of_structure, absent)) continue;
    calculation.sites.erase(calculation.sites.begin() + static_cast<std::ptrdiff_t>(i));
    for (auto& sites : calculation.sites_of_structure) {
      sites.erase(sites.begin() + static_cast<std::ptrdiff_t>(i));
    }
  }
}

}  // namespace kedge::campaign
