#include "checker/advise/limit_advice.h"

#include <algorithm>
#include <map>
#include <utility>

#include "checker/reduce/symmetry.h"

namespace quiesce::checker {

using namespace model;
using Kind = Multiplier::Kind;

namespace {

constexpr std::size_t kMostParts = 8;
constexpr double kLeastFactor = 1.2;
constexpr std::int64_t kWideRange = 4;  // an int of more values could be narrower
constexpr std::uint64_t kCounter = 16;  // an int of so many values may be a counter
constexpr std::uint64_t kWorthAProof =
    1'000'000;                          // fewer states are searched before a proof has begun (docs/engines.md)
constexpr std::size_t kMostHints = 4;   // of one kind
constexpr std::uint64_t kTooFew = 100;  // states: a sample of them says little

/// Where it is declared.
Span span_of(const TransitionSystem& system, const Multiplier& multiplier) {
  switch (multiplier.kind) {
    case Kind::Variable:
      return system.variables[multiplier.index].span;
    case Kind::Context:
      return system.contexts[multiplier.index].span;
    case Kind::Instance:
      return system.instances[multiplier.index].span;
  }
  return {};
}

class Adviser {
 public:
  Adviser(const TransitionSystem& system, const SearchResult& result, const SourceMap& sources, const AskedFor& asked)
      : system_(system), result_(result), sources_(sources), asked_(asked) {}

  LimitAdvice advice() {
    choose_parts();
    advice_.remaining = remaining();
    bound_variables();
    bound_counters();
    fewer_instances();
    interchangeable();
    fewer_activations();
    smaller_parameters();
    options();
    return std::move(advice_);
  }

 private:
  std::optional<Remaining> remaining() const {
    if (result_.limit == LimitKind::Depth || asked_.search.order != Order::BreadthFirst) return std::nullopt;
    const std::vector<std::uint64_t>& layers = result_.statistics.layers;
    if (const auto left = estimate_remaining_now(layers)) return *left;
    if (layers.size() < 4) return std::nullopt;
    // The last layer may be incomplete.
    const std::uint64_t last = layers[layers.size() - 2];
    const std::uint64_t before = std::max<std::uint64_t>(layers[layers.size() - 3], 1);
    const double ratio = static_cast<double>(last) / static_cast<double>(before);
    const std::uint64_t largest = *std::max_element(layers.begin(), layers.end() - 1);
    if (ratio > 1.02 && last >= largest) return StillGrowing{ratio};
    return NotToldYet{};
  }

  // ------------------------------------------------------------------------------- what multiplies

  void choose_parts() {
    if (result_.sampled_states < kTooFew) return;
    for (const Multiplier& one : result_.multipliers) {
      if (one.factor < kLeastFactor) break;
      if (!owes_it_to_a_part(one)) add_part(one);
    }
    if (advice_.parts.size() > kMostParts) advice_.parts.resize(kMostParts);
  }

  /// An instance whose factor is that of one variable or context of it says nothing beside that.
  bool owes_it_to_a_part(const Multiplier& instance) const {
    if (instance.kind != Kind::Instance) return false;
    const std::string path = system_.instances[instance.index].path + ".";
    return std::any_of(result_.multipliers.begin(), result_.multipliers.end(), [&](const Multiplier& part) {
      return part.factor * 1.05 >= instance.factor && &part != &instance && name_of(system_, part).starts_with(path);
    });
  }

  /// Parts of several instances that are declared by the same text are one.
  void add_part(const Multiplier& one) {
    const Span span = span_of(system_, one);
    for (MultiplyingPart& part : advice_.parts) {
      if (part.first.kind != one.kind || !span.valid() || span_of(system_, part.first) != span) continue;
      if (one.kind == Kind::Variable && base_name(part.first) != base_name(one)) continue;
      ++part.more;
      part.is_lower_bound |= one.is_lower_bound;
      return;
    }
    advice_.parts.push_back({one, 0, one.is_lower_bound});
  }

  std::string base_name(const Multiplier& part) const {
    const std::string name = name_of(system_, part);
    return name.substr(name.find_last_of("./") + 1);
  }

  /// Whether the user can change it: the text is not of the built-in library.
  bool is_own(Span span) const { return span.valid() && !sources_.file(span.file).name().starts_with("library:"); }

  // ------------------------------------------------------------------------------- what would help

  void hint(Hint hint) { advice_.hints.push_back(std::move(hint)); }

  void bound_variables() {
    std::size_t told = 0;
    for (const MultiplyingPart& part : advice_.parts) {
      if (part.first.kind != Kind::Variable || told == kMostHints) continue;
      const Variable& variable = system_.variables[part.first.index];
      if (!is_own(variable.span)) continue;
      const ValueType* type = variable.type.get();
      if (type->kind == ValueType::Kind::Optional) type = type->element.get();
      const bool is_wide = (type->kind == ValueType::Kind::Int && type->hi - type->lo >= kWideRange) ||
                           (type->kind == ValueType::Kind::Queue && type->capacity > 1) ||
                           type->kind == ValueType::Kind::Array || type->kind == ValueType::Kind::Set;
      if (!is_wide) continue;
      hint(BoundVariable{part.first.index});
      ++told;
    }
  }

  /// Numbers that have not gone through all their values yet: what they will multiply cannot be measured so early.
  void bound_counters() {
    std::vector<const Multiplier*> wide;
    for (const Multiplier& one : result_.multipliers) {
      if (one.kind != Kind::Variable) continue;
      const Variable& variable = system_.variables[one.index];
      const ValueType& type = *variable.type;
      if (type.kind != ValueType::Kind::Int || !is_own(variable.span)) continue;
      const auto range = static_cast<std::uint64_t>(type.hi - type.lo) + 1;
      const auto is_told = [&](const MultiplyingPart& part) {
        return part.first.kind == Kind::Variable && span_of(system_, part.first) == variable.span;
      };
      const auto is_same = [&](const Multiplier* other) { return span_of(system_, *other) == variable.span; };
      if (range < kCounter || one.values * 2 > range ||
          std::any_of(advice_.parts.begin(), advice_.parts.end(), is_told) ||
          std::any_of(wide.begin(), wide.end(), is_same)) {
        continue;
      }
      wide.push_back(&one);
    }
    if (wide.size() > kMostHints) wide.resize(kMostHints);
    for (const Multiplier* one : wide) hint(BoundCounter{one->index, one->values});
  }

  /// Instances of one machine beside each other, where one of them (or a part of it) multiplies.
  void fewer_instances() {
    std::map<std::pair<std::uint32_t, std::string>, std::vector<std::uint32_t>> siblings;
    for (std::size_t i = 1; i < system_.instances.size(); ++i) {
      const Instance& instance = system_.instances[i];
      if (instance.parent) {
        siblings[{instance.parent->value, instance.machine}].push_back(static_cast<std::uint32_t>(i));
      }
    }
    std::size_t told = 0;
    for (const auto& [key, members] : siblings) {
      if (members.size() < 2 || told == kMostHints) continue;
      const bool matters = std::any_of(members.begin(), members.end(), [&](std::uint32_t member) {
        const std::string& path = system_.instances[member].path;
        return std::any_of(advice_.parts.begin(), advice_.parts.end(), [&](const MultiplyingPart& part) {
          const std::string name = name_of(system_, part.first);
          return name == path || name.starts_with(path + ".");
        });
      });
      if (!matters || !is_own(system_.instances[members.front()].span)) continue;
      hint(FewerInstances{members.front(), members.back(), members.size()});
      ++told;
    }
  }

  /// What is interchangeable, and what keeps the rest from being so.
  void interchangeable() {
    const InstanceSymmetry symmetry = find_symmetry(system_);
    std::size_t told = 0;
    for (const InterchangeableClass& one : symmetry.classes) {
      if (asked_.search.symmetry || told++ == kMostHints) continue;
      hint(UseSymmetry{one.members});
    }
    told = 0;
    for (const SymmetryObstacle& obstacle : symmetry.obstacles) {
      if (told++ == kMostHints) break;
      hint(RemoveObstacle{obstacle});
    }
  }

  void fewer_activations() {
    bool told = false;
    for (const MultiplyingPart& part : advice_.parts) {
      if (part.first.kind != Kind::Context) continue;
      const Context& context = system_.contexts[part.first.index];
      if (!is_own(context.span)) continue;
      if (context.activations > 1) hint(FewerActivations{part.first.index});
      if (!std::exchange(told, true)) hint(ShareSteps{part.first.index});
    }
  }

  void smaller_parameters() {
    SmallerParameters smaller;
    for (const ParameterValue& parameter : system_.parameters) {
      const bool number = !parameter.value.empty() && parameter.value.size() < 9 &&
                          parameter.value.find_first_not_of("0123456789") == std::string::npos;
      if (number && std::stol(parameter.value) >= 2) smaller.large.push_back(parameter);
    }
    if (!smaller.large.empty()) {
      hint(std::move(smaller));
    } else if (system_.cpus > 1) {
      hint(FewerCpus{});
    }
  }

  void options() {
    UseReductions against;
    against.merging = asked_.plain;
    if (!asked_.plain) {  // which is without the others too
      against.slicing = !asked_.slice;
      against.symmetry = !asked_.search.symmetry;
      against.partial_order = !asked_.search.partial_order;
    }
    if (against.merging || against.slicing || against.symmetry || against.partial_order) hint(against);
    const bool breadth_first = asked_.search.order == Order::BreadthFirst;
    const bool or_compact =
        result_.limit == LimitKind::Memory && breadth_first && asked_.search.storage == Storage::Exact;
    if (result_.limit != LimitKind::Interrupted) hint(MoreOf{result_.limit, or_compact});
    if (result_.limit == LimitKind::Depth || !breadth_first) return;
    if (result_.findings.empty() && result_.statistics.distinct_states >= kWorthAProof) hint(ProveInstead{});
    hint(HuntInstead{});
  }

  const TransitionSystem& system_;
  const SearchResult& result_;
  const SourceMap& sources_;
  const AskedFor& asked_;
  LimitAdvice advice_;
};

}  // namespace

std::string name_of(const TransitionSystem& system, const Multiplier& multiplier) {
  switch (multiplier.kind) {
    case Kind::Variable:
      return system.variables[multiplier.index].name;
    case Kind::Context:
      return system.contexts[multiplier.index].name;
    case Kind::Instance:
      return system.instances[multiplier.index].path;
  }
  return "";
}

std::optional<LimitAdvice> advise_at_limit(const TransitionSystem& system, const SearchResult& result,
                                           const SourceMap& sources, const AskedFor& asked) {
  if (result.limit == LimitKind::None) return std::nullopt;
  return Adviser(system, result, sources, asked).advice();
}

}  // namespace quiesce::checker
