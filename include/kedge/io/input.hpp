// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "kedge/structure/edit.hpp"

namespace kedge::io {

/// A key with several values. Ranges are written out, numbers are in their shortest form.
struct Sweep {
  std::string key;  ///< "absorber.screening"
  std::vector<std::string> values;
};

/// Everything the input file says, with every default filled in. Energies in eV, lengths in
/// Angstrom, as the user wrote them: conversion to atomic units happens where a domain takes its
/// own settings from this struct. A key that was given a list or a range is held as a vector and
/// makes cases (see campaign/cases.hpp).
struct Input {
  struct Structure {
    std::filesystem::path file;  ///< resolved against the folder of the input file
    int frame =
        0;  ///< of a file with several structures, from 1; 0: all of them, which makes cases
    std::string absorber;  ///< element or 1-based atom numbers
    double radius_angstrom = 5.0;
    structure::Edit edit;
    std::string weights = "none";  ///< "none", "equal" or one number for each frame or file
  } structure;

  struct Cases {
    bool zip = false;  ///< the first values of all lists make the first case, and so on
    std::vector<std::string> distances;  ///< elements or 1-based atom numbers
  } cases;

  struct Edge {
    std::string name = "K";
  } edge;

  struct Absorber {
    std::vector<double> screening = {1.0};
    std::vector<double> dilatorb = {0.0};
    std::string screening_orbital = "auto";  ///< "2p"
    std::string dilated_orbital = "auto";
    bool core_hole = true;
    std::string core_orbital =
        "ground";  ///< "ground" or "excited": orbital used in the matrix elements
  } absorber;

  struct Atoms {
    std::string relativity = "scalar";           ///< or "none"
    std::string functional = "hedin-lundqvist";  ///< "vosko-wilk-nusair", "perdew-wang"
    /// [atoms] configuration = B:2s2 2p1, 12:2s1 2p2
    std::map<std::string, std::string> configuration;
  } atoms;

  struct Potential {
    bool energy_dependent = true;  ///< Hedin-Lundqvist factor on exchange-correlation
    double plasmon_damping = 0.1;  ///< half width of the plasmons in that factor over their energy
    /// level outside the sphere: auto = V0, "vacuum" = 0, or a value
    std::optional<double> outer_ev;
    /// by element or 1-based atom number; others by rule
    std::map<std::string, double> muffin_tin_radius_angstrom;
    bool self_consistent = false;
    double mixing = 0.3;  ///< share of the new density in the first self-consistent steps
    double muffin_tin_overlap = 0.1;  ///< spheres of multiple scattering over these radii, minus 1
  } potential;

  struct Energy {
    std::vector<double> grid_ev;  ///< from the Fermi level, strictly increasing
    std::string grid_text;
    /// from the vacuum; empty: see fermi_by_screening_ev, else auto
    std::optional<double> fermi_ev;
    /// One Fermi level for each value of absorber.screening, if the input gave a list: the level
    /// moves with the screening. campaign::input_of_case() puts the one of a case into fermi_ev.
    std::vector<double> fermi_by_screening_ev;
  } energy;

  struct Dos {
    std::string atoms = "none";   ///< "Na, 12": elements and 1-based atom numbers
    std::vector<double> grid_ev;  ///< from the Fermi level
    double width_ev = 0.25;       ///< imaginary part of the energy
  } dos;

  struct Xrs {
    std::vector<double> q_per_angstrom;  ///< one solve serves all
    int lmax = 3;
    std::optional<std::array<double, 3>> direction;  ///< empty: powder average
    bool orthogonal_monopole = true;
  } xrs;

  struct Xanes {
    std::optional<std::array<double, 3>> polarization;  ///< empty: isotropic
    bool quadrupole = false;
  } xanes;

  struct Engine {
    std::string kind = "fdm";
    std::string energies = "auto";      ///< auto, direct or reduced
    double reduction_tolerance = 1e-2;  ///< of the largest density of the window
    double energy_cell_ev = 1.0;        ///< widest cell of an energy of a reduced model
    std::string precision = "single";   ///< of the basis of a reduced model, or double
    int family_size = 0;                ///< cases that share one reduced model, at most; 0: auto
    double accuracy = 0.0;  ///< wanted of S, relative to its largest value; 0: by the keys below
    std::string grid_error = "auto";  ///< auto, yes or no
    double spacing_angstrom = 0.25;
    int order = 4;
    std::string stencil = "auto";
    int atom_lmax =
        2;  ///< projector channels of the atoms (hydrogen: one less), absorber at least xrs.lmax
    int outer_lmax = -1;  ///< -1: auto from k R
    double outer_radius_angstrom =
        0.0;           ///< of the computed sphere, at least; 0: that of the cluster
    int ms_lmax = -1;  ///< partial waves of multiple scattering; -1: auto from k R of each atom
    /// [engine] sphere_radius = B:0.7, H:0.45
    std::map<std::string, double> sphere_radius_angstrom;
    std::array<double, 3> grid_offset = {0.0, 0.0, 0.0};  ///< of a node from the absorber, in steps
  } engine;

  struct Parallel {
    int ranks_per_solve = 0;                   ///< 0: auto
    bool time_limit_auto = true;               ///< from the batch system
    std::optional<double> time_limit_seconds;  ///< empty: none, if not auto
    double flush_interval_seconds = 30.0;
    std::filesystem::path scratch;  ///< folder for sparse factors; empty: in memory
  } parallel;

  struct Broadening {
    std::optional<double> core_hole_ev;  ///< empty: table
    std::string model = "arctangent";    ///< "seah-dench", "none"
    double gamma_max_ev = 15.0;
    double centre_ev = 30.0;
    double width_ev = 30.0;
    double seah_dench_a = 0.2;
    double instrument_ev = 0.7;  ///< Gaussian FWHM
    /// states below are taken as occupied; empty: the Fermi level (0)
    std::optional<double> cut_ev;
  } broadening;

  struct Output {
    std::filesystem::path file;
  } output;

  /// Keys that hold more than one value and thus make cases, in the order of the input file. But
  /// for absorber.screening and absorber.dilatorb, which hold all their values, the fields above
  /// hold the first value of each.
  std::vector<Sweep> sweeps;
  /// section.key -> value as written, for every key of the table, defaults included: the resolved
  /// input.
  std::vector<std::pair<std::string, std::string>> resolved;
  std::filesystem::path folder;  ///< where relative paths of structure.file start
};

/// Rules that tie several keys together: those of one case, which parse_input() checks for the
/// first values of lists only. @throws Error{input}   @note Rank-local
void check_rules(const Input& input);

/// True if the energies of a spectrum come from one reduced model (engine.energies), so that a
/// spectrum is the unit of work.
[[nodiscard]] bool reduced_energies(const Input& input);

/// Parses INI text. `name` is used in messages, relative paths are resolved against `folder`;
/// `overrides` are section.key=value strings of --set, applied last.
/// @param part  whose keys take the place of those that all parts have; empty: of an input without
/// parts
/// @throws Error{input} with name:line:column, the value found, the value wanted; an unknown key
/// names the nearest one.
/// @note Rank-local; all ranks that parse the same text get the same struct or the same error.
[[nodiscard]] Input parse_input(const std::string& text, const std::string& name,
                                const std::filesystem::path& folder,
                                const std::vector<std::string>& overrides,
                                const std::string& part = "");

/// Names of the parts of an input, in its order; none where it is an input by itself.
/// @throws Error{input} as parse_input()   @note Rank-local
[[nodiscard]] std::vector<std::string> parts_of_input(const std::string& text,
                                                      const std::string& name);

/// The input with other values for some keys, as section.key and text; everything else as in
/// `input`. The sweeps are gone: each key that had a list must be among them, but for energy.fermi
/// (see fermi_by_screening_ev).
/// @note Rank-local
[[nodiscard]] Input with_values(const Input& input,
                                const std::vector<std::pair<std::string, std::string>>& values);

/// Puts another text for one key, as if the file had said so; a list that makes cases becomes the
/// first sweep, the slowest.
/// @throws Error{input}   @note Rank-local
void replace_value(Input& input, const std::string& key, const std::string& text);

/// Text of an input file. @throws Error{input} if there is none, or it cannot be read or be one
/// @note Rank-local
[[nodiscard]] std::string read_input_file(const std::filesystem::path& file);

/// The resolved input as INI text, one key a line with its unit as a comment. parse_input() reads
/// it back.
[[nodiscard]] std::string resolved_text(const Input& input);

/// Keys whose values differ between two resolved inputs, as "section.key: one -> other", leaving
/// out [output] and [parallel], which do not change the result. Empty: a run can be resumed.
[[nodiscard]] std::vector<std::string> differences(const Input& one, const Input& other);

/// Unit of a key, "" if it has none. @pre the key exists
[[nodiscard]] std::string unit_of(const std::string& key);

/// Manual of every key: type, unit, default, range, meaning; generated from the table that parses.
/// Markdown.
[[nodiscard]] std::string manual();

}  // namespace kedge::io
