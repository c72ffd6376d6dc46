// What lint says about one place of a design, before it is a diagnostic.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "model/base/source.h"
#include "model/system/transition_system.h"

namespace quiesce::checker {

struct LintFinding {
  std::string code;  // "W0601"
  model::Span span;
  std::string message;
  std::vector<std::string> notes;  // why: the values that show it
};

/// Claims about places of the text, made for one system after the other. One stands when each system that has the place
/// confirms it: a condition is never true when it is in no instance, no call and no case of a check.
class LintClaims {
 public:
  struct Claim {
    std::string code;
    model::Span span;
    std::string label;  // tells several at one place apart

    auto operator<=>(const Claim&) const = default;
  };

  /// Whether something has shown that the claim is wrong.
  bool is_refuted(const Claim& claim) const {
    const auto known = claims_.find(claim);
    return known != claims_.end() && known->second.refuted;
  }

  void refute(const Claim& claim) { claims_[claim].refuted = true; }

  /// The words of the first system stay.
  void confirm(const Claim& claim, std::string message, std::vector<std::string> notes = {}) {
    State& state = claims_[claim];
    if (!state.message.empty()) return;
    state.message = std::move(message);
    state.notes = std::move(notes);
  }

  std::vector<LintFinding> standing() const {
    std::vector<LintFinding> result;
    for (const auto& [claim, state] : claims_) {
      if (state.refuted || state.message.empty()) continue;
      result.push_back({claim.code, claim.span, state.message, state.notes});
    }
    return result;
  }

 private:
  struct State {
    bool refuted = false;
    std::string message;
    std::vector<std::string> notes;
  };
  std::map<Claim, State> claims_;
};

/// What lint is asked about.
struct LintScope {
  std::function<bool(model::FileId)> is_shown;  // findings are about places in these files
  /// Whether the value of the variable comes from elsewhere: it is declared in a file that is not shown, or holds the
  /// result of a call. What follows from such values is no mistake of the text.
  std::function<bool(const model::Variable&)> is_foreign;
  const std::atomic<bool>* interrupt = nullptr;  // stops long questions; may be null
};

}  // namespace quiesce::checker
