#include "flow/progress_board.hpp"

namespace leaven::flow {

namespace {
constexpr std::chrono::milliseconds kBetween{100};
}

ProgressBoard::ProgressBoard(const std::function<void(const Progress&)>& watch) : watch_(watch) {
  if (watch_) thread_ = std::thread([this] { run(); });
}

ProgressBoard::~ProgressBoard() {
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void ProgressBoard::stage(const std::string& name, std::uint64_t total) {
  if (!stage_.empty()) tell();  // how the one before ended: a short one comes and goes between two looks
  {
    const std::lock_guard lock(mutex_);
    stage_ = name;
    total_ = total;
    done = 0;
  }
  tell();
}

double ProgressBoard::seconds() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
}

Progress ProgressBoard::now() const {
  const std::lock_guard lock(mutex_);
  Progress p;
  p.done = done;
  p.total = total_;
  p.sources = sources;
  p.set_aside = set_aside;
  p.seconds = seconds();
  p.bytes_written = static_cast<double>(bytes);
  p.stage = stage_;
  return p;
}

void ProgressBoard::tell() {
  const std::lock_guard one_at_a_time(telling_);
  if (watch_) watch_(now());
}

void ProgressBoard::run() {
  for (bool last = false; !last;) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, kBetween, [&] { return over_; });
      last = over_;
    }
    tell();  // unlocked: the watcher may take its time
  }
}

}  // namespace leaven::flow
