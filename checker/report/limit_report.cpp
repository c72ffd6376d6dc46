#include "checker/report/limit_report.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "checker/report/layout.h"
#include "checker/report/progress.h"
#include "checker/report/sentences.h"
#include "model/base/overloaded.h"
#include "model/base/word.h"

namespace quiesce::checker {

using namespace model;

namespace {

/// "a, b and c".
std::string listed(const std::vector<std::string>& parts) {
  std::string text;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    text += (i == 0 ? "" : i + 1 == parts.size() ? " and " : ", ") + parts[i];
  }
  return text;
}

class LimitText {
 public:
  LimitText(const TransitionSystem& system, const SourceMap& sources, std::size_t width)
      : system_(system), sources_(sources), width_(width) {}

  std::string text(const LimitAdvice& advice, std::uint64_t sampled_states) {
    if (advice.remaining) out_ += wrapped(remaining(*advice.remaining), 2, width_);
    if (!advice.parts.empty()) table(advice.parts, sampled_states);
    if (!advice.hints.empty()) out_ += out_.empty() ? "  What would help:\n" : "\n  What would help:\n";
    for (const Hint& hint : advice.hints) {
      const std::string lines = wrapped(sentence(hint), 6, width_);
      out_ += "    - " + lines.substr(6);
    }
    return std::move(out_);
  }

 private:
  static std::string remaining(const Remaining& remaining) {
    return std::visit(
        Overloaded{
            [](const RemainingStates& left) {
              return fmt::format("estimate, from the sizes of the layers: {} to {} states are left",
                                 short_count(left.low), short_count(left.high));
            },
            [](const StillGrowing& growing) {
              return fmt::format(
                  "the layers still grow, lately by a factor of {:.2f} per step: how much is left is not known",
                  growing.factor);
            },
            [](const NotToldYet&) { return std::string("the sizes of the layers do not show yet how much is left"); }},
        remaining);
  }

  void table(const std::vector<MultiplyingPart>& parts, std::uint64_t sampled_states) {
    if (!out_.empty()) out_ += "\n";
    out_ +=
        wrapped(fmt::format("What multiplies the states, measured on {} of the visited ones:", grouped(sampled_states)),
                2, width_);
    std::size_t name_width = 0;
    std::size_t factor_width = 0;
    std::vector<std::string> names;
    std::vector<std::string> factors;
    for (const MultiplyingPart& part : parts) {
      names.push_back(name_of(system_, part.first) +
                      (part.more == 0 ? "" : fmt::format(" and {} like it, each", part.more)));
      name_width = std::max(name_width, columns(names.back()));
      factors.push_back((part.is_lower_bound ? "> " : "") + number_of(part.first.factor));
      factor_width = std::max(factor_width, factors.back().size());
    }
    for (std::size_t i = 0; i < parts.size(); ++i) {
      out_ += "    × " + std::string(factor_width - factors[i].size(), ' ') + factors[i] + "  " +
              padded(names[i], name_width + 2) + about(parts[i].first) + "\n";
    }
    const std::string largest = number_of(parts.front().first.factor);
    out_ += wrapped(fmt::format("× {}: without it there would be about {} times fewer states among those visited",
                                largest, largest),
                    4, width_);
  }

  static std::string number_of(double factor) {
    return factor < 9.95 ? fmt::format("{:.1f}", factor) : grouped(static_cast<std::uint64_t>(factor + 0.5));
  }

  std::string about(const Multiplier& part) const {
    switch (part.kind) {
      case Multiplier::Kind::Variable: {
        const Variable& variable = system_.variables[part.index];
        return fmt::format("{}, {}{}", type_of(*variable.type), counted(part.values, "value") + " seen",
                           at(variable.span));
      }
      case Multiplier::Kind::Context: {
        const Context& context = system_.contexts[part.index];
        return fmt::format("{}: where it stands, level and CPU, {} seen{}",
                           context.kind == ContextKind::Thread ? "thread" : "handler", grouped(part.values),
                           at(context.span));
      }
      case Multiplier::Kind::Instance: {
        const Instance& instance = system_.instances[part.index];
        return fmt::format("all of this instance of {}{}", own_name(instance.machine), at(instance.span));
      }
    }
    return "";
  }

  /// " (nic.qsm:12)"; empty for nowhere.
  std::string at(Span span) const {
    if (!span.valid()) return "";
    const SourceFile& file = sources_.file(span.file);
    const std::string& name = file.name();
    return fmt::format(" ({}:{})", name.substr(name.find_last_of("/:") + 1), file.position(span.begin).line);
  }

  static std::string type_of(const ValueType& type) {
    switch (type.kind) {
      case ValueType::Kind::Bool:
        return "bool";
      case ValueType::Kind::Int:
        return fmt::format("int {}..{}", type.lo, type.hi);
      case ValueType::Kind::Enum:
      case ValueType::Kind::Struct:
        return own_name(type.name);
      case ValueType::Kind::Level:
        return "Level";
      case ValueType::Kind::Cpu:
        return "Cpu";
      case ValueType::Kind::Ref:
        return "ref " + own_name(type.name);
      case ValueType::Kind::Optional:
        return type_of(*type.element) + "?";
      case ValueType::Kind::Array:
        return fmt::format("array of {} {}", value_count(*type.index), type_of(*type.element));
      case ValueType::Kind::Set:
        return "set of " + type_of(*type.element);
      case ValueType::Kind::Queue:
        return fmt::format("queue of at most {} {}", type.capacity, type_of(*type.element));
      case ValueType::Kind::Spinlock:
        return "spinlock";
      case ValueType::Kind::Mutex:
        return "mutex";
    }
    return "";
  }

  // ------------------------------------------------------------------------------- what would help

  std::string sentence(const Hint& hint) const {
    return std::visit(
        Overloaded{
            [&](const BoundVariable& bound) { return bound_text(system_.variables[bound.variable]); },
            [&](const BoundCounter& bound) {
              const Variable& variable = system_.variables[bound.variable];
              return fmt::format(
                  "'{}'{} has taken {} of the values {} to {} so far; if it only counts, let it stop at the largest "
                  "value that makes a difference",
                  variable.name, at(variable.span), bound.values, variable.type->lo, variable.type->hi);
            },
            [&](const FewerInstances& fewer) {
              const Instance& first = system_.instances[fewer.first];
              return fmt::format("there are {} instances of {} ('{}' to '{}'){}: check with {} first", fewer.count,
                                 own_name(first.machine), first.path, system_.instances[fewer.last].path,
                                 at(first.span), fewer.count - 1);
            },
            [](const UseSymmetry& symmetry) {
              return fmt::format("'{}' {} '{}' are interchangeable", symmetry.members.front(),
                                 symmetry.members.size() == 2 ? "and" : "to", symmetry.members.back());
            },
            [&](const RemoveObstacle& remove) {
              const SymmetryObstacle& obstacle = remove.obstacle;
              return fmt::format("'{}' and '{}' are not interchangeable, which would be fewer states: {}{}",
                                 obstacle.first, obstacle.second, asymmetry_text(obstacle.reason), at(obstacle.span));
            },
            [&](const FewerActivations& fewer) {
              const Context& context = system_.contexts[fewer.context];
              return fmt::format("handler '{}'{} runs up to {} times at once: try 'concurrent {}'", context.name,
                                 at(context.span), context.activations, context.activations - 1);
            },
            [&](const ShareSteps& share) {
              const Context& context = system_.contexts[share.context];
              return fmt::format(
                  "statements of '{}'{} between which no other context can notice a difference can share one 'atomic' "
                  "block",
                  context.name, at(context.span));
            },
            [](const SmallerParameters& smaller) {
              std::vector<std::string> large;
              for (const ParameterValue& parameter : smaller.large) {
                large.push_back(fmt::format("{} = {}", parameter.name, parameter.value));
              }
              const ParameterValue& first = smaller.large.front();
              return fmt::format("smaller parameters: {} now; -D {}={}", listed(large), first.name,
                                 std::stol(first.value) - 1);
            },
            [&](const FewerCpus&) {
              return fmt::format("the system has {} CPUs: check it on {} first", system_.cpus, system_.cpus - 1);
            },
            [](const UseReductions& use) {
              std::vector<std::string> against;
              if (use.merging) against.emplace_back("--plain");
              if (use.slicing) against.emplace_back("--no-slice");
              if (use.symmetry) against.emplace_back("--no-symmetry");
              if (use.partial_order) against.emplace_back("--no-partial-order");
              return "more states because of " + listed(against) + ": leave that out";
            },
            [](const MoreOf& more) { return more_text(more); },
            [](const ProveInstead&) {
              return std::string(
                  "a proof, which does not go through the states one by one: 'quiesce prove' with the same file");
            },
            [](const HuntInstead&) {
              return std::string("only to find mistakes, without covering everything: --search swarm");
            },
        },
        hint);
  }

  std::string bound_text(const Variable& variable) const {
    const ValueType* type = variable.type.get();
    const std::string where = at(variable.span);
    if (type->kind == ValueType::Kind::Optional) type = type->element.get();
    if (type->kind == ValueType::Kind::Int) {
      return fmt::format(
          "'{}'{} may be any of {} to {}: let it stop at the largest value that makes a difference, or "
          "give it a smaller range",
          variable.name, where, type->lo, type->hi);
    }
    if (type->kind == ValueType::Kind::Queue) {
      return fmt::format("'{}'{} holds up to {} elements, in every order: try {}", variable.name, where, type->capacity,
                         type->capacity - 1);
    }
    return fmt::format("'{}'{} is {}: try fewer elements, or keep only what rules and guards ask about it",
                       variable.name, where, type_of(*type));
  }

  static std::string more_text(const MoreOf& more) {
    switch (more.limit) {
      case LimitKind::Memory:
        return more.or_compact ? "more memory (--memory), or --storage compact: a few bytes per state, but then it "
                                 "never says 'holds'"
                               : "more memory (--memory)";
      case LimitKind::Time:
        return "more time (--time)";
      case LimitKind::States:
        return "more states (--states)";
      case LimitKind::Depth:
        return "longer runs (--depth)";
      case LimitKind::None:
      case LimitKind::Interrupted:
        break;
    }
    return "";
  }

  const TransitionSystem& system_;
  const SourceMap& sources_;
  const std::size_t width_;
  std::string out_;
};

}  // namespace

std::string limit_text(const TransitionSystem& system, const LimitAdvice& advice, std::uint64_t sampled_states,
                       const SourceMap& sources, std::size_t width) {
  return LimitText(system, sources, width).text(advice, sampled_states);
}

}  // namespace quiesce::checker
