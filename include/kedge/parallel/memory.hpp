// SPDX-License-Identifier: BSD-3-Clause
#pragma once

namespace kedge::parallel {

/// Has large allocations made in pages of 2 MB where the machine gives them on request only (Linux,
/// transparent huge pages "madvise"): this process is started anew, with
/// GLIBC_TUNABLES=glibc.malloc.hugetlb=1 in its environment, which the C library reads at the start
/// of a process and never again. Returns where nothing is to be done: pages are large or small
/// anyhow, or GLIBC_TUNABLES has a word on them.
///
/// To be called before MPI starts, with the arguments of main(). First touches of a page cost up to
/// 10 us on virtual machines, a third of the time of a solve with pages of 4 kB. @note Rank-local
void use_large_pages(char** argv);

/// Blocks of 16 MB or more go back to the operating system when they are freed, smaller ones stay
/// for later use. SuperLU_DIST, which PETSc brings along, asks the C library to give back nothing
/// ever, and blocks of all sizes then share a heap that its gaps make larger by a quarter.
/// @note Rank-local
void give_back_large_blocks();

/// Memory that was freed but is held for later use goes back to the operating system: what one
/// phase leaves between the blocks of another can be a third of the peak. @note Rank-local
void return_freed_memory();

/// Peak resident memory of this process so far [GB], from the operating system. @note Rank-local
[[nodiscard]] double peak_memory_gb();

/// Resident memory of this process now [GB]. @note Rank-local
[[nodiscard]] double resident_memory_gb();

/// Memory that the processes on this machine may take together [GB]: the installed one, or less
/// where a batch system or container sets a limit. @note Rank-local
[[nodiscard]] double machine_memory_gb();

}  // namespace kedge::parallel
