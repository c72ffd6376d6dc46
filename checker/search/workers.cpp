#include "checker/search/workers.h"

namespace quiesce::checker {

Workers::~Workers() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void Workers::run(unsigned active, const std::function<void(unsigned)>& work) {
  if (active <= 1) return work(0);
  while (threads_.size() + 1 < count_) {
    const auto number = static_cast<unsigned>(threads_.size() + 1);
    threads_.emplace_back([this, number] { serve(number); });
  }
  {
    const std::lock_guard lock(mutex_);
    work_ = &work;
    active_ = active;
    running_ = active - 1;
    ++round_;
  }
  wake_.notify_all();
  work(0);
  std::unique_lock lock(mutex_);
  done_.wait(lock, [this] { return running_ == 0; });
}

void Workers::serve(unsigned number) {
  std::uint64_t seen = 0;
  for (;;) {
    const std::function<void(unsigned)>* work = nullptr;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [&] { return ending_ || round_ != seen; });
      if (ending_) return;
      seen = round_;
      if (number >= active_) continue;
      work = work_;
    }
    (*work)(number);
    const std::lock_guard lock(mutex_);
    if (--running_ == 0) done_.notify_one();
  }
}

}  // namespace quiesce::checker
