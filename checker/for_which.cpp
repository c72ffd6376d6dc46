#include "checker/for_which.h"

#include <algorithm>
#include <chrono>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "checker/prove_unbounded.h"
#include "checker/result/search_control.h"
#include "model/system/unbounded.h"

namespace quiesce::checker {
namespace {

using model::BinaryOp;
using model::CellId;
using model::ExprId;

constexpr int kMostRounds = 12;
constexpr int kMostOthers = 8;               // values of which it is shown that they are broken, at the end
constexpr std::int64_t kFurthestAsked = 64;  // from a value that is broken, to find one that is not

enum class Answer { Unbroken, Broken, NoValue, Undecided };

bool is_within(const ValueRange& range, std::int64_t value) {
  return (!range.least || *range.least <= value) && (!range.most || value <= *range.most);
}

class Asker {
 public:
  Asker(const CheckCase& asked, CellId cell, const ProveOptions& options)
      : case_(asked),
        cell_(cell),
        options_(options),
        control_(options.check.search.limits, options.check.search.interrupt) {}

  ForWhich answer() {
    std::vector<ValueRange> left = {ValueRange{}};
    for (int round = 0; round < kMostRounds && !left.empty(); ++round) {
      const auto [answer, value] = ask(left);
      if (result_.problem) return std::move(result_);
      if (answer == Answer::Undecided) {
        left = proved_alone(left);
        if (left.empty()) return std::move(result_);
        break;
      }
      if (answer == Answer::NoValue) left.clear();
      if (answer != Answer::Broken) break;
      if (round + 1 == kMostRounds) left.clear();
      left = without_those_like(value, left);
    }
    result_.holds = std::move(left);
    look_at_others();
    result_.broken.assign(broken_.begin(), broken_.end());
    return std::move(result_);
  }

 private:
  /// Whether the rules are unbroken with all values of the ranges; else a value with which one is broken.
  std::pair<Answer, std::int64_t> ask(const std::vector<ValueRange>& ranges) {
    if (ranges.empty()) return {Answer::NoValue, 0};
    if (control_.reason() != LimitKind::None) return give_up();
    CheckCase some = case_;
    some.system.initial_conditions.push_back(is_in(some.system.expressions, ranges));
    ProveOptions options = options_;
    if (options.check.search.limits.time) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(control_.left());
      options.check.search.limits.time = std::max(left, std::chrono::milliseconds(1));
    }
    const bool has_bounds = model::unbounded_cells(some.system).empty();
    const SearchResult found = has_bounds ? prove(some.system, options) : prove_unbounded(some, options).result;
    result_.problem = found.problem;
    return judged(found);
  }

  std::pair<Answer, std::int64_t> give_up() {
    result_.cut_short = true;
    return {Answer::Undecided, 0};
  }

  std::pair<Answer, std::int64_t> judged(const SearchResult& found) {
    bool has_value = true;
    bool undecided = found.problem.has_value();
    std::vector<model::RuleId> left_out;
    for (const RuleResult& one : found.rules) {
      if (one.finding) {
        const std::int32_t value = found.findings[*one.finding].run.states.front()[cell_.value];
        broken_.insert(value);
        return {Answer::Broken, value};
      }
      if (std::holds_alternative<NoInitialState>(one.reason)) has_value = false;
      if (one.verdict != Verdict::Unknown) continue;
      const auto* why = std::get_if<Unprovable>(&one.reason);
      const bool is_idle = why != nullptr && why->why == Unprovable::Why::MaybeIdle;
      const bool is_unsaid =
          (why != nullptr && (why->why == Unprovable::Why::NoFormula || why->why == Unprovable::Why::WantsWitness)) ||
          std::holds_alternative<Undecided>(one.reason);
      if (is_unsaid) left_out.push_back(one.rule);
      undecided = undecided || (!is_idle && !is_unsaid);
    }
    result_.left_out = std::move(left_out);
    if (!has_value) return {Answer::NoValue, 0};
    if (result_.left_out.size() == found.rules.size()) return give_up();
    return undecided ? give_up() : std::pair{Answer::Unbroken, std::int64_t{0}};
  }

  ExprId is_in(model::ExprTable& table, const std::vector<ValueRange>& ranges) const {
    const ExprId value = table.load(cell_);
    ExprId any = table.constant(0);
    for (const ValueRange& range : ranges) {
      ExprId all = table.constant(1);
      if (range.least)
        all = table.conjunction(all, table.binary(BinaryOp::GreaterEqual, value, table.constant(*range.least)));
      if (range.most)
        all = table.conjunction(all, table.binary(BinaryOp::LessEqual, value, table.constant(*range.most)));
      any = table.disjunction(any, all);
    }
    return any;
  }

  std::vector<ValueRange> proved_alone(const std::vector<ValueRange>& ranges) {
    std::vector<ValueRange> result;
    if (ranges.size() < 2) return result;
    for (const ValueRange& one : ranges) {
      if (ask({one}).first == Answer::Unbroken) result.push_back(one);
    }
    return result;
  }

  /// The ranges without the values around `value` that go wrong like it.
  std::vector<ValueRange> without_those_like(std::int64_t value, const std::vector<ValueRange>& ranges) {
    std::vector<ValueRange> result;
    for (const ValueRange& range : ranges) {
      if (!is_within(range, value)) {
        result.push_back(range);
        continue;
      }
      if (const auto below = good_beside(value, -1, range)) result.push_back({range.least, below});
      if (const auto above = good_beside(value, 1, range)) result.push_back({above, range.most});
    }
    return result;
  }

  /// The nearest value in this direction with which nothing is broken, as far as some values say.
  std::optional<std::int64_t> good_beside(std::int64_t value, int direction, const ValueRange& range) {
    std::int64_t bad = 0;  // distances
    for (std::int64_t good = 1; good <= kFurthestAsked; bad = good, good *= 2) {
      if (!is_within(range, value + direction * good)) return std::nullopt;
      if (!is_good(value + direction * good)) continue;
      while (good - bad > 1) {
        const std::int64_t middle = bad + (good - bad) / 2;
        (is_good(value + direction * middle) ? good : bad) = middle;
      }
      return value + direction * good;
    }
    return std::nullopt;
  }

  bool is_good(std::int64_t value) {
    if (broken_.contains(value)) return false;
    return ask({{value, value}}).first == Answer::Unbroken;
  }

  /// Whether all values beside those that hold are broken; some of them, where there are few.
  void look_at_others() {
    for (int others = 0; others < kMostOthers; ++others) {
      std::vector<ValueRange> rest = {ValueRange{}};
      const auto leave_out = [&](const ValueRange& out) {
        std::vector<ValueRange> next;
        for (const ValueRange& one : rest) {
          const auto parts = beside(one, out);
          next.insert(next.end(), parts.begin(), parts.end());
        }
        rest = std::move(next);
      };
      for (const ValueRange& one : result_.holds) leave_out(one);
      for (const std::int64_t one : broken_) leave_out({one, one});
      const Answer answer = ask(rest).first;
      result_.is_exact = answer == Answer::NoValue;
      if (answer != Answer::Broken) return;
    }
  }

  static std::vector<ValueRange> beside(const ValueRange& range, const ValueRange& out) {
    std::vector<ValueRange> result;
    const ValueRange below{range.least, out.least ? std::optional(*out.least - 1) : std::nullopt};
    const ValueRange above{out.most ? std::optional(*out.most + 1) : std::nullopt, range.most};
    if (out.least) add(result, {below.least, least_of(below.most, range.most)});
    if (out.most) add(result, {most_of(above.least, range.least), above.most});
    return result;
  }
  static void add(std::vector<ValueRange>& ranges, const ValueRange& one) {
    if (!one.least || !one.most || *one.least <= *one.most) ranges.push_back(one);
  }
  static std::optional<std::int64_t> least_of(std::optional<std::int64_t> a, std::optional<std::int64_t> b) {
    return a && b ? std::min(*a, *b) : a ? a : b;
  }
  static std::optional<std::int64_t> most_of(std::optional<std::int64_t> a, std::optional<std::int64_t> b) {
    return a && b ? std::max(*a, *b) : a ? a : b;
  }

  const CheckCase& case_;
  CellId cell_;
  const ProveOptions& options_;
  SearchControl control_;
  std::set<std::int64_t> broken_;
  ForWhich result_;
};

/// The cell of an open param; nothing where there is none of this name.
std::optional<CellId> cell_of(const model::TransitionSystem& system, const std::string& param) {
  const bool is_open = std::any_of(system.parameters.begin(), system.parameters.end(),
                                   [&](const auto& one) { return one.name == param && one.value == "any"; });
  if (!is_open) return std::nullopt;
  for (const model::Variable& variable : system.variables) {  // params stand before the variables of machines
    if (variable.name == param) return variable.first;
  }
  return std::nullopt;
}

std::string range_text(const std::string& param, const ValueRange& range) {
  if (range.least && range.most && *range.least == *range.most) return fmt::format("{} == {}", param, *range.least);
  const std::string least = range.least ? fmt::format("{} >= {}", param, *range.least) : "";
  const std::string most = range.most ? fmt::format("{} <= {}", param, *range.most) : "";
  return least + (!least.empty() && !most.empty() ? " && " : "") + most;
}

}  // namespace

ForWhich for_which(const CheckCase& case_, const std::string& param, const ProveOptions& options) {
  const auto cell = cell_of(case_.system, param);
  if (cell) return Asker(case_, *cell, options).answer();
  ForWhich none;
  none.problem = NotLeftOpen{param};
  return none;
}

std::string condition_text(const std::string& param, const std::vector<ValueRange>& ranges) {
  std::string result;
  for (const ValueRange& one : ranges) {
    const std::string text = range_text(param, one);
    if (text.empty()) return "";
    result += (result.empty() ? "" : " || ") + text;
  }
  return result.empty() ? "false" : result;
}

}  // namespace quiesce::checker
