// SPDX-License-Identifier: BSD-3-Clause
/// Stands in for libFuzzer where there is none: mutates samples with a fixed seed and gives them to
/// the target, so that a run is the same everywhere. A crash or abort of the target is the failure.
/// Usage: PROGRAM COUNT SAMPLE...
#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "fuzz_targets.hpp"

namespace {

using Clock = std::chrono::steady_clock;

std::string current;  // what the target is at, for the handler

/// Keeps what the target broke on, in the folder of the run.
extern "C" void save(int signal) {
  (void)std::signal(signal, SIG_DFL);
  std::ofstream("broken_sample", std::ios::binary) << current;
  (void)std::fprintf(stderr, "the target broke on what is now in broken_sample\n");
  (void)std::raise(signal);
}

class Mutator {
 public:
  explicit Mutator(std::vector<std::string> samples) : samples_(std::move(samples)) {}

  std::string next() {
    std::string text = samples_[below(samples_.size())];
    for (std::size_t n = 1 + below(6); n > 0; --n) change(text);
    return text;
  }

 private:
  std::size_t below(std::size_t limit) {
    return limit == 0 ? 0 : static_cast<std::size_t>(random_() % limit);
  }

  /// Pieces that parsers stumble over.
  std::string piece() {
    static const std::array<std::string, 28> kPieces = {
        "-",     "+",  ".",     "0",   "1e308",       "-1e308", "nan",
        "inf",   "?",  "'",     "\"",  ";",           "#",      "\n",
        "\r\n",  "\t", ":",     ",",   "99999999999", "loop_",  "data_",
        "[xrs]", "=",  "-x,y,", "1/2", "0x10",        "1:0:1",  "\xEF\xBB\xBF"};
    if (below(4) == 0) return {static_cast<char>(below(256))};
    return kPieces[below(kPieces.size())];
  }

  void change(std::string& text) {
    const std::size_t at = below(text.size() + 1);
    const std::size_t length = below(std::min<std::size_t>(text.size() - at, 40) + 1);
    switch (below(6)) {
      case 0:
        text.insert(at, piece());
        break;
      case 1:
        text.erase(at, length);
        break;
      case 2:
        text.replace(at, length, piece());
        break;
      case 3:
        text.insert(below(text.size() + 1), text.substr(at, length));
        break;
      case 4: {
        const std::string& other = samples_[below(samples_.size())];
        text.insert(at, other.substr(below(other.size()), below(200)));
        break;
      }
      default:
        if (at < text.size()) text[at] = static_cast<char>(text[at] ^ (1 << below(8)));
    }
  }

  std::vector<std::string> samples_;
  std::mt19937_64 random_{20240917};  // any number, always the same
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  std::vector<std::string> samples;
  for (int i = 2; i < argc; ++i) {
    std::ifstream file(argv[i], std::ios::binary);
    if (!file) return 2;
    samples.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  for (const int signal : {SIGABRT, SIGSEGV, SIGFPE}) (void)std::signal(signal, save);
  Mutator mutator(samples);
  const auto count = std::strtoul(argv[1], nullptr, 10);
  double slowest = 0.0;
  for (std::size_t i = 0; i < count; ++i) {
    current = mutator.next();
    const auto start = Clock::now();
    (void)LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(current.data()),
                                 current.size());
    slowest = std::max(slowest, std::chrono::duration<double>(Clock::now() - start).count());
  }
  (void)std::printf("%lu texts, the slowest took %.3g s\n", count, slowest);
  constexpr double kPatience = 5.0;  // seconds; a parser that hangs is a fault as well
  if (slowest > kPatience) {
    (void)std::fprintf(stderr, "one text took %.3g s, at most %g s wanted\n", slowest, kPatience);
    return 1;
  }
  return 0;
}
