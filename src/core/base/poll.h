// The one way the core looks outside: it asks from time to time whether to go on, and says how far it is.
#pragma once

#include <string>

namespace persona {

/// Implemented by the server side (interrupts, NOTICEs at a chosen pace) and by tests.
class Poll {
 public:
  virtual ~Poll() = default;
  /// Called about every 1,000 rows and every iteration. Throws when the work must stop; what it throws is
  /// never caught in the core.
  virtual void check() = 0;
  /// Reports a milestone, e.g. "iteration 3: log likelihood -1234.5". May be dropped.
  virtual void progress(const std::string& message) = 0;
};

/// A Poll that never stops anything, for tests and tools.
class NoPoll final : public Poll {
 public:
  void check() override {}
  void progress(const std::string& /*message*/) override {}
};

}  // namespace persona
