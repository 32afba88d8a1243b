// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "kedge/potential/potential_model.hpp"

namespace kedge::physics {

/// Spherical wells in a constant potential, independent of energy: a muffin tin given in closed
/// form.
class Spheres final : public potential::PotentialModel {
 public:
  struct Sphere {
    potential::Nucleus nucleus;
    double radius = 0.0;
    std::function<double(double)> v;
  };
  Spheres(std::vector<Sphere> spheres, double level) : spheres_(std::move(spheres)), level_(level) {
    for (const Sphere& s : spheres_) nuclei_.push_back(s.nucleus);
  }

  [[nodiscard]] const std::vector<potential::Nucleus>& scatterers() const override {
    return nuclei_;
  }
  [[nodiscard]] double own(int a, double r) const override {
    return spheres_[static_cast<std::size_t>(a)].v(r);
  }
  [[nodiscard]] std::unique_ptr<potential::Samples> sample(
      std::span<const Eigen::Vector3d> points, std::span<const int> own_atom) const override {
    auto out = std::make_unique<Fixed>();
    for (std::size_t i = 0; i < points.size(); ++i) {
      double value = level_;
      for (std::size_t a = 0; a < spheres_.size(); ++a) {
        const double r = (points[i] - nuclei_[a].position_cart).norm();
        if (r < spheres_[a].radius * (1.0 + 1e-9)) {
          value = own_atom[i] == static_cast<int>(a) ? 0.0 : spheres_[a].v(r);
        }
      }
      out->v.push_back(value);
    }
    return out;
  }
  [[nodiscard]] double outer_level(double) const override { return level_; }
  [[nodiscard]] std::vector<double> radii() const {
    std::vector<double> out;
    for (const Sphere& s : spheres_) out.push_back(s.radius);
    return out;
  }

 private:
  struct Fixed final : potential::Samples {
    std::vector<double> v;
    void evaluate(double, std::span<double> out) const override {
      std::copy(v.begin(), v.end(), out.begin());
    }
  };
  std::vector<Sphere> spheres_;
  std::vector<potential::Nucleus> nuclei_;
  double level_;
};

}  // namespace kedge::physics
