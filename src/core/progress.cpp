// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/core/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>

namespace kedge {

namespace {

/// True if a person watches the stream. Open MPI gives rank 0 a terminal of its own even where the
/// job writes to a file: there the output of the launcher, our parent, decides.
bool is_watched(std::FILE* stream) {
  if (stream == nullptr || isatty(fileno(stream)) != 1) return false;
  if (std::getenv("OMPI_COMM_WORLD_SIZE") == nullptr) return true;
  std::error_code unknown;
  const std::filesystem::path target = std::filesystem::read_symlink(
      fmt::format("/proc/{}/fd/{}", static_cast<long>(getppid()), fileno(stream)), unknown);
  return !unknown &&
         (target.string().rfind("/dev/pts/", 0) == 0 || target.string().rfind("/dev/tty", 0) == 0);
}

}  // namespace

std::string duration_text(double seconds) {
  const auto whole = static_cast<long long>(std::llround(std::clamp(seconds, 0.0, 1e12)));
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{} min {} s", whole / 60, whole % 60);
  return fmt::format("{} h {} min", whole / 3600, whole % 3600 / 60);
}

std::string progress_text(std::size_t done, std::size_t total, double rate, double seconds) {
  const double percent =
      total == 0 ? 100.0 : 100.0 * static_cast<double>(done) / static_cast<double>(total);
  std::string text = fmt::format("{} of {} energies, {:.0f} %", done, total, percent);
  if (rate <= 0.0) {
    return done < total ? text + fmt::format(", at work for {}", duration_text(seconds)) : text;
  }
  text += fmt::format(", {:.3g} per s", rate);
  if (done < total) {
    text += fmt::format(", {} left", duration_text(static_cast<double>(total - done) / rate));
  }
  return text;
}

Progress::Progress(std::FILE* stream, std::size_t total, std::size_t done_before)
    : stream_(stream),
      total_(total),
      done_before_(done_before),
      terminal_(is_watched(stream)),
      start_(Clock::now()),
      last_(start_) {}

void Progress::update(std::size_t done, double rate) {
  if (stream_ == nullptr) return;
  const double pause = terminal_ ? 0.2 : 10.0;
  const auto now = Clock::now();
  if (std::chrono::duration<double>(now - last_).count() < pause) return;
  last_ = now;
  draw(done, rate);
}

void Progress::finish(std::size_t done) {
  if (stream_ == nullptr) return;
  const double seconds = seconds_so_far();
  const auto fresh = static_cast<double>(done - std::min(done, done_before_));
  draw(done, seconds > 0.0 ? fresh / seconds : 0.0);
  if (terminal_) {
    (void)std::fputc('\n', stream_);
    (void)std::fflush(stream_);
  }
}

double Progress::seconds_so_far() const {
  return std::chrono::duration<double>(Clock::now() - start_).count();
}

void Progress::draw(std::size_t done, double rate) {
  const std::string text = progress_text(done, total_, rate, seconds_so_far());
  if (!terminal_) {
    (void)std::fprintf(stream_, "%s\n", text.c_str());
  } else {
    constexpr std::size_t kWidth = 30;
    const std::size_t filled = total_ == 0 ? kWidth : kWidth * std::min(done, total_) / total_;
    const std::string bar = std::string(filled, '#') + std::string(kWidth - filled, '.');
    // Carriage return, then "erase to the end of the line".
    (void)std::fprintf(stream_, "\r[%s] %s\033[K", bar.c_str(), text.c_str());
  }
  (void)std::fflush(stream_);
}

}  // namespace kedge
