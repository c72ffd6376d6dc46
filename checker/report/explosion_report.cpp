#include "checker/report/explosion_report.h"

#include <algorithm>
#include <map>
#include <vector>

#include <fmt/format.h>

#include "checker/reduce/symmetry.h"
#include "checker/report/estimate.h"
#include "checker/report/layout.h"
#include "checker/report/progress.h"

namespace quiesce::checker {

using namespace model;
using Kind = Multiplier::Kind;

namespace {

constexpr std::size_t kMostLines = 8;
constexpr double kLeastFactor = 1.2;
constexpr std::int64_t kWideRange = 4;  // an int of more values could be narrower
constexpr std::uint64_t kCounter = 16;  // an int of so many values may be a counter
constexpr std::size_t kMostHints = 4;   // of one kind
constexpr std::uint64_t kTooFew = 100;  // states: a sample of them says little

/// "a, b and c".
std::string listed(const std::vector<std::string>& parts) {
  std::string text;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    text += (i == 0 ? "" : i + 1 == parts.size() ? " and " : ", ") + parts[i];
  }
  return text;
}

class Explosion {
 public:
  Explosion(const TransitionSystem& system, const SearchResult& result, const SourceMap& sources, const AskedFor& asked,
            std::size_t width)
      : system_(system), result_(result), sources_(sources), asked_(asked), width_(width) {}

  std::string text() {
    if (result_.limit == LimitKind::None) return "";
    choose_lines();
    growth();
    table();
    hints();
    return std::move(out_);
  }

 private:
  // ------------------------------------------------------------------------------- how much is left

  void growth() {
    if (result_.limit == LimitKind::Depth || asked_.search.order != Order::BreadthFirst) return;
    const std::vector<std::uint64_t>& levels = result_.statistics.levels;
    std::string text;
    if (const auto left = estimate_remaining_now(levels)) {
      text = fmt::format("estimate, from the sizes of the levels: {} to {} states are left", short_count(left->low),
                         short_count(left->high));
    } else if (levels.size() >= 4) {
      // The last level may be incomplete.
      const std::uint64_t last = levels[levels.size() - 2];
      const std::uint64_t before = std::max<std::uint64_t>(levels[levels.size() - 3], 1);
      const double ratio = static_cast<double>(last) / static_cast<double>(before);
      const std::uint64_t largest = *std::max_element(levels.begin(), levels.end() - 1);
      if (ratio > 1.02 && last >= largest) {
        text = fmt::format(
            "the levels still grow, lately by a factor of {:.2f} per step: how much is left cannot be told", ratio);
      } else {
        text = "the sizes of the levels do not tell yet how much is left";
      }
    }
    if (!text.empty()) out_ += wrapped(text, 2, width_);
  }

  // ------------------------------------------------------------------------------- what multiplies

  void choose_lines() {
    if (result_.sampled_states < kTooFew) return;
    for (const Multiplier& one : result_.multipliers) {
      if (one.factor < kLeastFactor) break;
      if (!owes_it_to_a_part(one)) add_line(one);
    }
    if (lines_.size() > kMostLines) lines_.resize(kMostLines);
  }

  /// An instance whose factor is that of one variable or context of it needs no line beside that.
  bool owes_it_to_a_part(const Multiplier& instance) const {
    if (instance.kind != Kind::Instance) return false;
    const std::string path = system_.instances[instance.index].path + ".";
    return std::any_of(result_.multipliers.begin(), result_.multipliers.end(), [&](const Multiplier& part) {
      return part.factor * 1.05 >= instance.factor && &part != &instance && name_of(part).starts_with(path);
    });
  }

  /// Parts of several instances that are declared by the same text share a line.
  void add_line(const Multiplier& one) {
    const Span span = span_of(one);
    for (Line& line : lines_) {
      if (line.first->kind != one.kind || !span.valid() || span_of(*line.first) != span) continue;
      if (one.kind == Kind::Variable && base_name(*line.first) != base_name(one)) continue;
      ++line.more;
      line.is_lower_bound |= one.is_lower_bound;
      return;
    }
    lines_.push_back({&one, 0, one.is_lower_bound});
  }

  std::string base_name(const Multiplier& line) const {
    const std::string name = name_of(line);
    return name.substr(name.find_last_of("./") + 1);
  }

  Span span_of(const Multiplier& line) const {
    switch (line.kind) {
      case Kind::Variable:
        return system_.variables[line.index].span;
      case Kind::Context:
        return system_.contexts[line.index].span;
      case Kind::Instance:
        return system_.instances[line.index].span;
    }
    return {};
  }

  void table() {
    if (lines_.empty()) return;
    if (!out_.empty()) out_ += "\n";
    out_ += wrapped(
        fmt::format("What multiplies the states, measured on {} of the visited ones:", grouped(result_.sampled_states)),
        2, width_);
    std::size_t name_width = 0;
    std::size_t factor_width = 0;
    std::vector<std::string> names;
    std::vector<std::string> factors;
    for (const Line& line : lines_) {
      names.push_back(name_of(*line.first) + (line.more == 0 ? "" : fmt::format(" and {} like it, each", line.more)));
      name_width = std::max(name_width, columns(names.back()));
      factors.push_back((line.is_lower_bound ? "> " : "") + number_of(line.first->factor));
      factor_width = std::max(factor_width, factors.back().size());
    }
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      out_ += "    × " + std::string(factor_width - factors[i].size(), ' ') + factors[i] + "  " +
              padded(names[i], name_width + 2) + about(*lines_[i].first) + "\n";
    }
    const std::string largest = number_of(lines_.front().first->factor);
    out_ += wrapped(fmt::format("× {}: without it there would be about {} times fewer states among those visited",
                                largest, largest),
                    4, width_);
  }

  static std::string number_of(double factor) {
    return factor < 9.95 ? fmt::format("{:.1f}", factor) : grouped(static_cast<std::uint64_t>(factor + 0.5));
  }

  std::string name_of(const Multiplier& line) const {
    switch (line.kind) {
      case Kind::Variable:
        return system_.variables[line.index].name;
      case Kind::Context:
        return system_.contexts[line.index].name;
      case Kind::Instance:
        return system_.instances[line.index].path;
    }
    return "";
  }

  std::string about(const Multiplier& line) const {
    switch (line.kind) {
      case Kind::Variable: {
        const Variable& variable = system_.variables[line.index];
        return fmt::format("{}, {}{}", type_of(*variable.type), counted(line.values, "value") + " seen",
                           at(variable.span));
      }
      case Kind::Context: {
        const Context& context = system_.contexts[line.index];
        return fmt::format("{}: where it stands, level and CPU, {} seen{}",
                           context.kind == ContextKind::Thread ? "thread" : "handler", grouped(line.values),
                           at(context.span));
      }
      case Kind::Instance: {
        const Instance& instance = system_.instances[line.index];
        return fmt::format("all of this instance of {}{}", short_name(instance.machine), at(instance.span));
      }
    }
    return "";
  }

  /// Whether the user can change it: the text is not of the built-in library.
  bool is_own(Span span) const { return span.valid() && !sources_.file(span.file).name().starts_with("library:"); }

  /// " (nic.qsm:12)"; empty for nowhere.
  std::string at(Span span) const {
    if (!span.valid()) return "";
    const SourceFile& file = sources_.file(span.file);
    const std::string& name = file.name();
    return fmt::format(" ({}:{})", name.substr(name.find_last_of("/:") + 1), file.position(span.begin).line);
  }

  static std::string short_name(const std::string& qualified) { return qualified.substr(qualified.rfind('.') + 1); }

  static std::string type_of(const ValueType& type) {
    switch (type.kind) {
      case ValueType::Kind::Bool:
        return "bool";
      case ValueType::Kind::Int:
        return fmt::format("int {}..{}", type.lo, type.hi);
      case ValueType::Kind::Enum:
      case ValueType::Kind::Struct:
        return short_name(type.name);
      case ValueType::Kind::Level:
        return "Level";
      case ValueType::Kind::Cpu:
        return "Cpu";
      case ValueType::Kind::Ref:
        return "ref " + short_name(type.name);
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

  void hint(const std::string& text) {
    if (!any_hint_) out_ += out_.empty() ? "  What would help:\n" : "\n  What would help:\n";
    any_hint_ = true;
    const std::string lines = wrapped(text, 6, width_);
    out_ += "    - " + lines.substr(6);
  }

  void hints() {
    bound_variables();
    bound_counters();
    fewer_instances();
    interchangeable();
    fewer_activations();
    smaller_parameters();
    options();
  }

  void bound_variables() {
    std::size_t told = 0;
    for (const Line& line : lines_) {
      if (line.first->kind != Kind::Variable || told == kMostHints) continue;
      const Variable& variable = system_.variables[line.first->index];
      if (!is_own(variable.span)) continue;
      const ValueType* type = variable.type.get();
      const std::string where = at(variable.span);
      if (type->kind == ValueType::Kind::Optional) type = type->element.get();
      if (type->kind == ValueType::Kind::Int && type->hi - type->lo >= kWideRange) {
        hint(
            fmt::format("'{}'{} may be any of {} to {}: let it stop at the largest value that makes a difference, or "
                        "give it a smaller range",
                        variable.name, where, type->lo, type->hi));
        ++told;
      } else if (type->kind == ValueType::Kind::Queue && type->capacity > 1) {
        hint(fmt::format("'{}'{} holds up to {} elements, in every order: try {}", variable.name, where, type->capacity,
                         type->capacity - 1));
        ++told;
      } else if (type->kind == ValueType::Kind::Array || type->kind == ValueType::Kind::Set) {
        hint(fmt::format("'{}'{} is {}: try fewer elements, or keep only what rules and guards ask about it",
                         variable.name, where, type_of(*type)));
        ++told;
      }
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
      const auto is_told = [&](const Line& line) {
        return line.first->kind == Kind::Variable && span_of(*line.first) == variable.span;
      };
      const auto is_same = [&](const Multiplier* other) { return span_of(*other) == variable.span; };
      if (range < kCounter || one.values * 2 > range || std::any_of(lines_.begin(), lines_.end(), is_told) ||
          std::any_of(wide.begin(), wide.end(), is_same)) {
        continue;
      }
      wide.push_back(&one);
    }
    if (wide.size() > kMostHints) wide.resize(kMostHints);
    for (const Multiplier* one : wide) {
      const Variable& variable = system_.variables[one->index];
      hint(fmt::format(
          "'{}'{} has taken {} of the values {} to {} so far; if it only counts, let it stop at the largest "
          "value that makes a difference",
          variable.name, at(variable.span), one->values, variable.type->lo, variable.type->hi));
    }
  }

  /// Instances of one machine beside each other, where one of them (or a part of it) is among the lines.
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
        return std::any_of(lines_.begin(), lines_.end(), [&](const Line& line) {
          const std::string name = name_of(*line.first);
          return name == path || name.starts_with(path + ".");
        });
      });
      const Instance& first = system_.instances[members.front()];
      if (!matters || !is_own(first.span)) continue;
      const Instance& last = system_.instances[members.back()];
      hint(fmt::format("there are {} instances of {} ('{}' to '{}'){}: check with {} first", members.size(),
                       short_name(first.machine), first.path, last.path, at(first.span), members.size() - 1));
      ++told;
    }
  }

  /// What is interchangeable, and what keeps the rest from being so.
  void interchangeable() {
    const InstanceSymmetry symmetry = find_symmetry(system_);
    std::size_t told = 0;
    for (const InterchangeableClass& one : symmetry.classes) {
      if (asked_.search.symmetry || told++ == kMostHints) continue;
      const std::string& last = one.members.back();
      hint(fmt::format("'{}' {} '{}' are interchangeable", one.members.front(), one.members.size() == 2 ? "and" : "to",
                       last));
    }
    told = 0;
    for (const SymmetryObstacle& obstacle : symmetry.obstacles) {
      if (told++ == kMostHints) break;
      hint(fmt::format("'{}' and '{}' are not interchangeable, which would be fewer states: {}{}", obstacle.first,
                       obstacle.second, obstacle.reason, at(obstacle.span)));
    }
  }

  void fewer_activations() {
    bool told = false;
    for (const Line& line : lines_) {
      if (line.first->kind != Kind::Context) continue;
      const Context& context = system_.contexts[line.first->index];
      if (!is_own(context.span)) continue;
      if (context.activations > 1) {
        hint(fmt::format("handler '{}'{} runs up to {} times at once: try 'concurrent {}'", context.name,
                         at(context.span), context.activations, context.activations - 1));
      }
      if (told) continue;
      told = true;
      hint(
          fmt::format("statements of '{}'{} between which nobody else can notice a difference can share one 'atomic' "
                      "block",
                      context.name, at(context.span)));
    }
  }

  void smaller_parameters() {
    std::vector<std::string> large;
    std::string example;
    for (const ParameterValue& parameter : system_.parameters) {
      const bool number = !parameter.value.empty() && parameter.value.size() < 9 &&
                          parameter.value.find_first_not_of("0123456789") == std::string::npos;
      if (!number || std::stol(parameter.value) < 2) continue;
      if (example.empty()) example = fmt::format("-D {}={}", parameter.name, std::stol(parameter.value) - 1);
      large.push_back(fmt::format("{} = {}", parameter.name, parameter.value));
    }
    if (!large.empty()) {
      hint(fmt::format("smaller parameters: {} now; {}", listed(large), example));
    } else if (system_.cpus > 1) {
      hint(fmt::format("the system has {} CPUs: check it on {} first", system_.cpus, system_.cpus - 1));
    }
  }

  void options() {
    std::vector<std::string> against;
    if (asked_.plain) against.emplace_back("--plain");
    if (!asked_.plain) {  // which is without the others too
      if (!asked_.slice) against.emplace_back("--no-slice");
      if (!asked_.search.symmetry) against.emplace_back("--no-symmetry");
      if (!asked_.search.partial_order) against.emplace_back("--no-partial-order");
    }
    if (!against.empty()) hint("more states because of " + listed(against) + ": leave that out");
    switch (result_.limit) {
      case LimitKind::None:
        return;
      case LimitKind::Memory:
        if (asked_.search.order == Order::BreadthFirst && asked_.search.storage == Storage::Exact) {
          hint("more memory (--memory), or --storage compact: a few bytes per state, but then it never says 'holds'");
        } else {
          hint("more memory (--memory)");
        }
        break;
      case LimitKind::Time:
        hint("more time (--time)");
        break;
      case LimitKind::States:
        hint("more states (--states)");
        break;
      case LimitKind::Depth:
        hint("longer runs (--depth)");
        return;
      case LimitKind::Interrupted:
        break;
    }
    if (asked_.search.order == Order::BreadthFirst) {
      hint("only to find mistakes, without covering everything: --search swarm");
    }
  }

  const TransitionSystem& system_;
  const SearchResult& result_;
  const SourceMap& sources_;
  const AskedFor& asked_;
  const std::size_t width_;
  std::string out_;
  struct Line {
    const Multiplier* first = nullptr;  // the one with the largest factor
    std::size_t more = 0;               // others declared by the same text
    bool is_lower_bound = false;
  };
  std::vector<Line> lines_;  // what is told, in order
  bool any_hint_ = false;
};

}  // namespace

std::string explosion_text(const TransitionSystem& system, const SearchResult& result, const SourceMap& sources,
                           const AskedFor& asked, std::size_t width) {
  return Explosion(system, result, sources, asked, width).text();
}

}  // namespace quiesce::checker
