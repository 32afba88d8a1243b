// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/io/output_lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>

#include "kedge/core/error.hpp"

namespace kedge::io {

namespace {

std::filesystem::path lock_file(std::filesystem::path file) {
  if (file.extension() == ".part") file.replace_extension();
  file += ".lock";
  return file;
}

/// "process 123 on node7, Slurm job 45, since 2026-01-31 12:00:00"
std::string holder() {
  std::array<char, 256> host{};
  (void)::gethostname(host.data(), host.size() - 1);
  std::string text = fmt::format("process {} on {}", ::getpid(), host.data());
  if (const char* job = std::getenv("SLURM_JOB_ID"); job != nullptr) {
    text += fmt::format(", Slurm job {}", job);
  }
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  std::array<char, 32> date{};
  if (::localtime_r(&now, &local) != nullptr &&
      std::strftime(date.data(), date.size(), "%F %T", &local) > 0) {
    text += fmt::format(", since {}", date.data());
  }
  return text;
}

std::string content(int descriptor) {
  std::array<char, 512> buffer{};
  const auto length = ::pread(descriptor, buffer.data(), buffer.size(), 0);
  std::string text(buffer.data(), length > 0 ? static_cast<std::size_t>(length) : 0);
  return text.substr(0, text.find('\n'));
}

/// True if the path still leads to the open file: a holder that ended may have removed it in
/// between.
bool still_there(int descriptor, const std::filesystem::path& path) {
  struct stat opened = {};
  struct stat named = {};
  return ::fstat(descriptor, &opened) == 0 && ::stat(path.c_str(), &named) == 0 &&
         opened.st_ino == named.st_ino && opened.st_dev == named.st_dev;
}

}  // namespace

OutputLock::OutputLock(const std::filesystem::path& file) : path_(lock_file(file)) {
  while (true) {
    descriptor_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (descriptor_ < 0) {
      const std::string reason = std::strerror(errno);
      throw Error(ErrorKind::io, fmt::format("cannot write '{}': {}; wanted a folder that can be "
                                             "written into (kedge run: --output)",
                                             path_.string(), reason));
    }
    const int code = ::flock(descriptor_, LOCK_EX | LOCK_NB) == 0 ? 0 : errno;
    if (code == EWOULDBLOCK) {
      const std::string other = content(descriptor_);
      (void)::close(descriptor_);
      throw Error(ErrorKind::io,
                  fmt::format("another run writes '{}': {}; wait for it or stop it, or give "
                              "another name with --output",
                              file.string(), other.empty() ? "holder not known" : other));
    }
    effective_ = code == 0;
    if (still_there(descriptor_, path_)) break;
    (void)::close(descriptor_);
  }
  const std::string text = holder() + '\n';
  // The name of the holder helps people; without it, on a full disk, the lock holds all the same.
  if (::ftruncate(descriptor_, 0) == 0) (void)!::pwrite(descriptor_, text.data(), text.size(), 0);
}

OutputLock::~OutputLock() {
  if (effective_) (void)::unlink(path_.c_str());
  (void)::close(descriptor_);
}

}  // namespace kedge::io
