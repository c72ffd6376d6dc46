#include "checker/export/promela_parts.h"

#include <algorithm>

#include <fmt/format.h>

namespace quiesce::checker {

using model::Cell;
using model::CellId;

namespace {

/// The bits that the numbers 0..hi need.
int bits_for(std::int64_t hi) {
  int bits = 1;
  while (hi >> bits != 0) ++bits;
  return bits;
}

}  // namespace

std::string promela_variable(const std::string& name, std::int64_t lo, std::int64_t hi) {
  if (lo >= 0 && hi <= 1) return "bit " + name;
  if (lo >= 0 && hi < (1 << 16)) return fmt::format("unsigned {} : {}", name, bits_for(hi));
  if (lo >= -32768 && hi <= 32767) return "short " + name;
  return "int " + name;
}

std::string PromelaParts::assign(const std::vector<model::Update>& assigns, const std::string& separator) {
  std::string result;
  for (const OrderedAssign& one : in_order(system_, assigns)) {
    if (!result.empty()) result += separator;
    result += fmt::format("{} = {}", text_.target(one), text_.source(one));
    if (one.to_scratch) {
      const Cell& cell = system_.system.at(one.cell);
      if (one.scratch >= scratch_.size()) scratch_.resize(one.scratch + 1, 1);
      int& bits = scratch_[one.scratch];
      bits = bits < 0 || cell.lo < 0 || cell.hi >= (1 << 16) ? -1 : std::max(bits, bits_for(cell.hi));
    }
    if (!one.value.valid()) result += fmt::format("{}t{} = 0", separator, one.scratch);
  }
  return result.empty() ? "skip" : result;
}

std::string PromelaParts::settle() {
  std::string result;
  if (!system_.floats.empty()) result += "       " + assign(system_.floats, ";\n       ") + ";\n";
  if (!system_.renamings.empty()) {
    result += "       do\n";
    for (const model::GuardedRenaming& renaming : system_.renamings) {
      result += fmt::format("       :: {} -> {}\n", text_.truth(renaming.is_less), assign(renaming.updates));
    }
    result += "       :: else -> break\n       od;\n";
  }
  return result;
}

std::string PromelaParts::variables() const {
  std::string result;
  for (std::size_t i = 0; i < system_.system.cells.size(); ++i) {
    if (system_.constant[i]) continue;
    const Cell& cell = system_.system.cells[i];
    result += fmt::format("{} = {}; /* {} */\n", promela_variable(text_.name(CellId(i)), cell.lo, cell.hi),
                          system_.initial.front()[i], harmless(cell.name));
  }
  if (result.empty()) result = "bit nothing;\n";
  // Not 'hidden', with which SPIN could not search breadth first: 0 again after each use.
  for (std::size_t i = 0; i < scratch_.size(); ++i) {
    result += scratch_[i] < 0 ? fmt::format("int t{};\n", i) : fmt::format("unsigned t{} : {};\n", i, scratch_[i]);
  }
  return result;
}

std::string PromelaParts::conditions() const {
  std::string result;
  for (const model::NamedCondition& condition : system_.conditions) {
    result += fmt::format("/* {} */\n#define {} {}\n", harmless(condition.comment), condition.name,
                          text_.truth(condition.formula));
  }
  return result;
}

std::string PromelaParts::startstates(const std::string& then) const {
  if (system_.initial.size() < 2) return "";
  std::string result = "  if\n";
  for (const model::State& state : system_.initial) {
    std::string statements = then;
    for (std::size_t i = 0; i < state.size(); ++i) {
      if (state[i] == system_.initial.front()[i]) continue;
      statements += fmt::format("{}{} = {}", statements.empty() ? "" : "; ", text_.name(CellId(i)), state[i]);
    }
    result += fmt::format("  :: d_step {{ true -> {} }}\n", statements.empty() ? "skip" : statements);
  }
  return result + "  fi;\n";
}

}  // namespace quiesce::checker
