// Jobs as processes of their own, so that they can be killed.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <random>
#include <string>
#include <vector>

namespace leaven::flow {

/// "in=…", "out=…", "recipe=TEXT", "times=4", "per_class=…", "total=…", "threads=2", "shard=1/3", "resume", "overwrite",
/// "merge" (joins the shards in OUT), "file_limit=BYTES" (a write beyond fails as on a full disk), "nobody" (a user without rights, where the test is root).
using JobArguments = std::vector<std::string>;

/// Starts this very program again as a job; it prints nothing but an error. Its exit code is the program's.
pid_t start_job(const JobArguments& arguments);
/// Waits; the exit code, or −signal. `error` gets what the job said.
int run_job_process(const JobArguments& arguments, std::string* error = nullptr);
int wait_for(pid_t process);

/// Kills a job again and again, at random moments of the `whole` that it takes when left alone (later ones with each
/// attempt), until it gets through. Returns its exit code; `killed` grows by the kills that struck.
int kill_until_done(const JobArguments& arguments, std::chrono::microseconds whole, std::mt19937& random, int& killed);
/// How long run_job_process takes.
std::chrono::microseconds time_of(const JobArguments& arguments);

/// What such a process does; called by main().
int be_a_job(const JobArguments& arguments);

}  // namespace leaven::flow
