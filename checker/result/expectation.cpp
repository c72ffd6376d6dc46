#include "checker/result/expectation.h"

#include <algorithm>
#include <utility>

namespace quiesce::checker {
namespace {

class Comparer {
 public:
  Comparer(const model::TransitionSystem& system, const std::vector<Expectation>& expectations,
           const SearchResult& result)
      : system_(system), expectations_(expectations), result_(result) {}

  std::vector<Difference> differences() {
    for (const Expectation& expectation : expectations_) {
      for (const std::string& name : expectation.rules) expect_named(name, expectation.verdict);
    }
    for (const RuleResult& rule : result_.rules) {
      if (is_named(rule) || is_allowed(rule)) continue;
      if (rule.verdict == Verdict::Unknown) {
        add_unknown(rule);
      } else {
        add(rule, Verdict::Holds);
      }
    }
    add_all_unknown();
    return std::move(differences_);
  }

  /// Whether a violation in hand contradicts the expectations: that stays so, however far a search goes.
  bool is_contradicted() const {
    return std::any_of(result_.rules.begin(), result_.rules.end(), [&](const RuleResult& rule) {
      if (rule.verdict != Verdict::Violated) return false;
      if (std::any_of(expectations_.begin(), expectations_.end(),
                      [](const Expectation& expectation) { return expectation.at_least; })) {
        return false;
      }
      return std::none_of(expectations_.begin(), expectations_.end(), [&](const Expectation& expectation) {
        return expectation.verdict == Verdict::Violated && names(expectation, rule);
      });
    });
  }

 private:
  bool names(const Expectation& expectation, const RuleResult& rule) const {
    const std::string& name = system_.at(rule.rule).name;
    return std::find(expectation.rules.begin(), expectation.rules.end(), name) != expectation.rules.end();
  }

  bool is_named(const RuleResult& rule) const {
    return std::any_of(expectations_.begin(), expectations_.end(),
                       [&](const Expectation& expectation) { return names(expectation, rule); });
  }

  void expect_named(const std::string& name, Verdict wanted) {
    const auto rule = std::find_if(result_.rules.begin(), result_.rules.end(),
                                   [&](const RuleResult& one) { return system_.at(one.rule).name == name; });
    if (rule == result_.rules.end()) {
      differences_.push_back({name, wanted, std::nullopt, {}, 1});
    } else if (rule->verdict != wanted) {
      add(*rule, wanted);
    }
  }

  /// What no expectation names. `expect violated A, B` is all that may be violated; `expect holds` and `expect vacuous
  /// A` allow no violation either, unless another expectation names it.
  bool is_allowed(const RuleResult& rule) const {
    const bool at_least = std::any_of(expectations_.begin(), expectations_.end(),
                                      [](const Expectation& expectation) { return expectation.at_least; });
    switch (rule.verdict) {
      case Verdict::Holds:
      case Verdict::NotExercised:
        return true;
      case Verdict::Vacuous:
        return false;
      case Verdict::Violated:
        return at_least;
      case Verdict::Unknown:
        // Behind the end of a run by an expected core rule nothing can be said about the others, and nothing was.
        return at_least || is_cut_off_as_expected(rule);
    }
    return false;
  }

  bool is_cut_off_as_expected(const RuleResult& rule) const {
    const auto* cut_off = std::get_if<CutOff>(&rule.reason);
    if (cut_off == nullptr) return false;
    const std::string& core = system_.at(cut_off->by).name;
    return std::any_of(expectations_.begin(), expectations_.end(), [&](const Expectation& expectation) {
      return expectation.verdict == Verdict::Violated &&
             std::find(expectation.rules.begin(), expectation.rules.end(), core) != expectation.rules.end();
    });
  }

  void add(const RuleResult& rule, Verdict wanted) {
    differences_.push_back({system_.at(rule.rule).name, wanted, rule.verdict, rule.reason, 1});
  }

  void add_unknown(const RuleResult& rule) {
    const auto known = std::find_if(unknown_.begin(), unknown_.end(), [&](const std::vector<const RuleResult*>& alike) {
      return alike.front()->reason == rule.reason;
    });
    (known != unknown_.end() ? *known : unknown_.emplace_back()).push_back(&rule);
  }

  /// Rules that are unknown for one reason are one difference when there are many.
  void add_all_unknown() {
    constexpr std::size_t kFew = 3;
    for (const std::vector<const RuleResult*>& alike : unknown_) {
      if (alike.size() <= kFew) {
        for (const RuleResult* rule : alike) add(*rule, Verdict::Holds);
      } else {
        add(*alike.front(), Verdict::Holds);
        differences_.back().alike = alike.size();
      }
    }
  }

  const model::TransitionSystem& system_;
  const std::vector<Expectation>& expectations_;
  const SearchResult& result_;
  std::vector<Difference> differences_;
  std::vector<std::vector<const RuleResult*>> unknown_;  // by reason
};

}  // namespace

Comparison compare(const model::TransitionSystem& system, const std::vector<Expectation>& expectations,
                   const SearchResult& result) {
  Comparison comparison;
  if (expectations.empty()) return comparison;
  Comparer comparer(system, expectations, result);
  comparison.differences = comparer.differences();
  if (comparison.differences.empty()) return comparison;
  comparison.match = Match::Different;
  if (!result.complete && !comparer.is_contradicted()) {
    comparison.match = Match::Undecided;
    const auto cut = std::find_if(result.rules.begin(), result.rules.end(),
                                  [](const RuleResult& rule) { return rule.verdict == Verdict::Unknown; });
    if (cut != result.rules.end()) comparison.undecided = cut->reason;
  }
  return comparison;
}

}  // namespace quiesce::checker
