// A poll that counts the checks, and stops the work at one of them.
#pragma once

#include <string>
#include <vector>

#include "core/base/poll.h"

namespace persona {

class StoppingPoll final : public Poll {
 public:
  struct Stop {};
  /// -1: never stops.
  explicit StoppingPoll(long stop_at) : stop_at_(stop_at) {}
  void check() override {
    if (++checks_ == stop_at_) throw Stop();
  }
  void progress(const std::string& message) override { messages.push_back(message); }
  long checks() const { return checks_; }
  std::vector<std::string> messages;

 private:
  long stop_at_;
  long checks_ = 0;
};

}  // namespace persona
