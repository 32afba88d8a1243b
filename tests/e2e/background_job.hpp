// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace kedge::test {

/// Running processes whose parent is this one.
inline std::vector<pid_t> children_of(pid_t parent) {
  std::vector<pid_t> children;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    std::ifstream stream(entry.path() / "stat");
    const std::string stat((std::istreambuf_iterator<char>(stream)), {});
    const auto after_name = stat.rfind(')');
    if (after_name == std::string::npos) continue;
    char state = ' ';
    int parent_of_it = 0;
    if (std::sscanf(stat.c_str() + after_name + 1, " %c %d", &state, &parent_of_it) != 2) continue;
    if (parent_of_it == parent && state != 'Z') {
      children.push_back(static_cast<pid_t>(std::stol(name)));
    }
  }
  return children;
}

/// A shell command that runs beside the test; its output goes to a file. At the end it is killed
/// with its children.
class BackgroundJob {
 public:
  BackgroundJob(const std::string& command, const std::filesystem::path& log) {
    // This test is an MPI process itself; the program must start as one of its own.
    const std::string clean =
        "for name in $(env | grep -oE "
        "'^(OMPI_COMM_WORLD|OMPI_MCA_(orte|ess|pmix|initial)|PMIX)[A-Za-z0-9_]*'); do unset $name; "
        "done; exec " +
        command;
    pid_ = fork();
    if (pid_ == 0) {
      const int out = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
      (void)dup2(out, STDOUT_FILENO);
      (void)dup2(out, STDERR_FILENO);
      (void)execl("/bin/sh", "sh", "-c", clean.c_str(), nullptr);
      _exit(127);
    }
  }
  ~BackgroundJob() {
    if (!code_) kill_all();
  }
  BackgroundJob(const BackgroundJob&) = delete;
  BackgroundJob& operator=(const BackgroundJob&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] std::vector<pid_t> ranks() const { return children_of(pid_); }

  /// Exit code if the job is over, 128 + signal if a signal ended it.
  std::optional<int> poll() {
    int status = 0;
    if (!code_ && waitpid(pid_, &status, WNOHANG) == pid_) code_ = decode(status);
    return code_;
  }
  std::optional<int> wait_for(double seconds) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
    while (!poll() && std::chrono::steady_clock::now() < end) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return code_;
  }
  /// SIGKILL to the job and its ranks at once, as when a machine is switched off.
  void kill_all() {
    const std::vector<pid_t> all = ranks();
    (void)kill(pid_, SIGKILL);
    for (const pid_t rank : all) (void)kill(rank, SIGKILL);
    int status = 0;
    if (!code_ && waitpid(pid_, &status, 0) == pid_) code_ = decode(status);
    for (const pid_t rank : all) {
      while (kill(rank, 0) == 0 && !is_zombie(rank)) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
      }
    }
  }

 private:
  static int decode(int status) {
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  static bool is_zombie(pid_t pid) {
    std::ifstream stream("/proc/" + std::to_string(pid) + "/stat");
    const std::string stat((std::istreambuf_iterator<char>(stream)), {});
    const auto after_name = stat.rfind(')');
    return after_name == std::string::npos || stat.compare(after_name + 1, 2, " Z") == 0;
  }

  pid_t pid_ = -1;
  std::optional<int> code_;
};

}  // namespace kedge::test
