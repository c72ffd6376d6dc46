#include "checker/symbolic/invariant_dimacs.h"

#include <algorithm>
#include <utility>

#include "checker/sat/dimacs.h"
#include "checker/symbolic/clauses.h"
#include "checker/symbolic/cubes.h"
#include "checker/symbolic/encode.h"

namespace quiesce::checker {
namespace {

constexpr const char* kComment =
    "A state that satisfies the invariant, and either breaks a rule or has a step to a state that does not satisfy "
    "it.\n"
    "To be unsatisfiable.";

class Writer {
 public:
  explicit Writer(const Encoding& encoding)
      : encoding_(encoding), before_(encoding.circuit, out_), after_(encoding.circuit, out_) {
    for (const StateBit& bit : encoding.bits) after_.bind(bit.now, before_.literal(bit.next));
  }

  std::string text(const std::vector<Cube>& cubes, const std::vector<model::RuleId>& rules) {
    for (const Cube& cube : cubes) {
      clause_.clear();
      for (const int literal : cube) clause_.push_back(-now(literal));
      out_.add(clause_);
    }
    out_.add({before_.literal(encoding_.assumed)});
    std::vector<int> wrong = broken(rules);
    wrong.push_back(leaves(cubes));
    out_.add(wrong);
    return out_.text(kComment);
  }

 private:
  int now(int literal) { return of(literal, encoding_.bits[bit_of(literal)].now); }
  int next(int literal) { return of(literal, encoding_.bits[bit_of(literal)].next); }
  int of(int literal, Signal signal) {
    const int of_bit = before_.literal(signal);
    return literal > 0 ? of_bit : -of_bit;
  }

  std::vector<int> broken(const std::vector<model::RuleId>& rules) {
    std::vector<int> result;
    for (const BadOutput& bad : encoding_.bad) {
      if (std::find(rules.begin(), rules.end(), bad.rule) != rules.end()) result.push_back(before_.literal(bad.signal));
    }
    return result;
  }

  /// True only where a step leads out of the invariant or the assumptions.
  int leaves(const std::vector<Cube>& cubes) {
    const int result = out_.new_variable();
    std::vector<int> some = {-result, -after_.literal(encoding_.assumed)};
    for (const Cube& cube : cubes) {
      const int is_in = out_.new_variable();  // the next state is in the cube
      for (const int literal : cube) out_.add({-is_in, next(literal)});
      some.push_back(is_in);
    }
    out_.add({-result, before_.literal(encoding_.steps)});
    out_.add(some);
    return result;
  }

  const Encoding& encoding_;
  Dimacs out_;
  CircuitCopy before_;
  CircuitCopy after_;
  std::vector<int> clause_;
};

}  // namespace

model::Expected<std::string> invariant_dimacs(const model::GuardedSystem& guarded, const InductiveInvariant& invariant,
                                              const std::vector<model::RuleId>& rules) {
  const model::Expected<Encoding> encoding = encode(guarded, {false, false});
  if (!encoding) return model::unexpected(encoding.error());
  std::vector<Cube> cubes;
  for (const InvariantClause& clause : invariant.clauses) {
    if (auto cube = cube_against(*encoding, clause)) cubes.push_back(std::move(*cube));
  }
  return Writer(*encoding).text(cubes, rules);
}

}  // namespace quiesce::checker
