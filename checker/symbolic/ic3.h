// IC3 (property directed reachability): proves that no reachable state or step breaks some rules, by an inductive
// invariant that it finds clause by clause; or finds a run.
//
// After Bradley (VMCAI 2011) and Een, Mishchenko, Brayton (FMCAD 2011). Differences: the relation is total in its
// inputs (Encoding), so that next states are literals and need no copy of the state; the negated cube of a query is a
// temporary clause of the solver (Froleyks, Biere, FMCAD 2021); states are made larger by the cores of a second solver
// rather than by ternary simulation; facts that hold in all reachable states (pair invariants) stand in all frames.
//
// Numbers of one proof: some thousand clauses, some ten thousand queries of a millisecond each.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "checker/result/invariant.h"
#include "checker/symbolic/bit_run.h"
#include "checker/symbolic/encode.h"
#include "checker/symbolic/engine_control.h"
#include "checker/symbolic/relation_clauses.h"

namespace quiesce::checker {

struct Ic3Statistics {
  std::uint64_t queries = 0;
  std::uint64_t clauses = 0;  // learnt, in all
  std::uint32_t frames = 0;
};

class Ic3 {
 public:
  enum class Answer { Proved, Broken, Stopped };

  /// `relation`: of the encoding. `given`: clauses that hold in all reachable states, inductive together with the
  /// assumptions of the encoding. All must outlive it.
  Ic3(const Encoding& encoding, const RelationClauses& relation, const std::vector<InvariantClause>& given,
      EngineControl& control);
  ~Ic3();

  /// Whether some reachable state or a step from it breaks a rule of these positions in Encoding::bad. It may be called
  /// again with fewer of them: what was learnt is kept.
  Answer prove(const std::vector<std::size_t>& bad);

  /// After Broken: a run, and the position of a rule that it breaks.
  const BitRun& run() const;
  std::size_t broken() const;

  /// After Proved: clauses that, with those given, are an inductive invariant.
  std::vector<InvariantClause> invariant() const;

  const Ic3Statistics& statistics() const;

 private:
  class Search;
  std::unique_ptr<Search> search_;
};

}  // namespace quiesce::checker
