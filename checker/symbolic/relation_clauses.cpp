#include "checker/symbolic/relation_clauses.h"

#include <cstdlib>
#include <span>

#include "checker/sat/preprocessor.h"
#include "checker/symbolic/clauses.h"

namespace quiesce::checker {
namespace {

/// The literals of some signals, kept, and later what they have become.
class Kept {
 public:
  Kept(CircuitCopy& copy, Preprocessor& sink) : copy_(copy), sink_(sink) {}

  int literal(Signal signal) {
    const int result = copy_.literal(signal);
    sink_.keep(result);
    return result;
  }

 private:
  CircuitCopy& copy_;
  Preprocessor& sink_;
};

void rename(int& literal, const std::vector<int>& number) {
  const int now = number[static_cast<std::size_t>(std::abs(literal))];
  literal = literal > 0 ? now : -now;
}

}  // namespace

void RelationClauses::add_to(ClauseSink& sink) const {
  for (int i = 0; i < variables; ++i) sink.new_variable();
  const std::span<const int> all(clauses);
  std::size_t begin = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i] != 0) continue;
    sink.add(all.subspan(begin, i - begin));
    begin = i + 1;
  }
}

RelationClauses relation_clauses(const Encoding& encoding) {
  RelationClauses result;
  Preprocessor sink;
  CircuitCopy copy(encoding.circuit, sink);
  Kept kept(copy, sink);
  for (const StateBit& bit : encoding.bits) {
    result.now.push_back(kept.literal(bit.now));
    result.next.push_back(kept.literal(bit.next));
  }
  for (std::size_t i = 0; i < encoding.inputs(); ++i) result.inputs.push_back(kept.literal(encoding.input(i)));
  for (const BadOutput& one : encoding.bad) result.bad.push_back(kept.literal(one.signal));
  result.steps = kept.literal(encoding.steps);
  sink.add({copy.literal(encoding.assumed)});
  Preprocessor::Result simplified = sink.simplified();
  result.variables = simplified.variables;
  result.clauses = std::move(simplified.clauses);
  for (auto* literals : {&result.now, &result.next, &result.inputs, &result.bad}) {
    for (int& literal : *literals) rename(literal, simplified.number);
  }
  rename(result.steps, simplified.number);
  return result;
}

}  // namespace quiesce::checker
