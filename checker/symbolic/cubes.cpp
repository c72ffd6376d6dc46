#include "checker/symbolic/cubes.h"

#include <algorithm>

#include "checker/symbolic/all_steps.h"

namespace quiesce::checker {
namespace {

bool is_before(int a, int b) { return bit_of(a) < bit_of(b); }

}  // namespace

bool is_part(const Cube& part, const Cube& whole) {
  if (part.size() > whole.size()) return false;
  std::size_t at = 0;
  for (const int literal : part) {
    while (at < whole.size() && is_before(whole[at], literal)) ++at;
    if (at == whole.size() || whole[at] != literal) return false;
  }
  return true;
}

InvariantClause clause_against(const Encoding& encoding, const Cube& cube) {
  InvariantClause clause;
  for (const int literal : cube) {
    const StateBit& bit = encoding.bits[bit_of(literal)];
    clause.literals.push_back({bit.cell, bit.bit, literal < 0});
  }
  return clause;
}

std::optional<Cube> cube_against(const Encoding& encoding, const InvariantClause& clause) {
  Cube cube;
  for (const CellBit& one : clause.literals) {
    const auto bit = std::lower_bound(
        encoding.bits.begin(), encoding.bits.end(), one,
        [](const StateBit& a, const CellBit& b) { return a.cell != b.cell ? a.cell < b.cell : a.bit < b.bit; });
    if (bit == encoding.bits.end() || bit->cell != one.cell || bit->bit != one.bit) {
      if (encoding.fixed_bit(one.cell, one.bit) == one.value) return std::nullopt;
      continue;
    }
    const int number = static_cast<int>(bit - encoding.bits.begin()) + 1;
    cube.push_back(one.value ? -number : number);
  }
  std::sort(cube.begin(), cube.end(), is_before);
  return cube;
}

InitialStates::InitialStates(const Encoding& encoding) {
  for (const std::vector<bool>& bits : encoding.initial) states_.push_back(packed(bits));
}

std::optional<std::size_t> InitialStates::in(const Cube& cube) const {
  for (std::size_t i = 0; i < states_.size(); ++i) {
    if (std::all_of(cube.begin(), cube.end(), [&](int literal) { return holds(literal, i); })) return i;
  }
  return std::nullopt;
}

void InitialStates::leave_out(Cube& cube, const Cube& whole) const {
  for (auto inside = in(cube); inside; inside = in(cube)) {
    const auto other = std::find_if(whole.begin(), whole.end(), [&](int literal) { return !holds(literal, *inside); });
    if (other == whole.end()) return;
    cube.insert(std::lower_bound(cube.begin(), cube.end(), *other, is_before), *other);
  }
}

}  // namespace quiesce::checker
