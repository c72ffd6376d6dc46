#include "checker/symbolic/bmc.h"

#include <utility>

#include "checker/sat/solver.h"
#include "checker/symbolic/clauses.h"
#include "checker/symbolic/cubes.h"

namespace quiesce::checker {

class Bmc::Search {
 public:
  Search(const Encoding& encoding, EngineControl& control) : encoding_(encoding), control_(control) {
    solver_.stop_when([this] { return control_.reason() != LimitKind::None; });
    for (const InvariantClause& clause : encoding.given) {
      if (auto cube = cube_against(encoding, clause)) given_.push_back(std::move(*cube));
    }
  }

  Answer search(const std::vector<std::size_t>& bad, std::optional<std::uint32_t> bound) {
    if (encoding_.initial.empty()) return Answer::NoneWithin;
    for (; !bound || steps_ <= *bound; ++steps_) {
      if (control_.reason() != LimitKind::None) return Answer::Stopped;
      while (copies_.size() <= steps_) extend();
      CircuitCopy& last = copies_[steps_];
      std::vector<int> any;
      for (const std::size_t one : bad) any.push_back(last.literal(encoding_.bad[one].signal));
      if (any.empty()) return Answer::NoneWithin;
      solver_.constrain(any);
      const SatSolver::Answer answer = solver_.solve();
      if (answer == SatSolver::Answer::Stopped) return Answer::Stopped;
      if (answer == SatSolver::Answer::Satisfiable) {
        for (const std::size_t one : bad) {
          if (solver_.value(last.literal(encoding_.bad[one].signal))) broken = one;
        }
        keep_run();
        return Answer::Broken;
      }
    }
    return Answer::NoneWithin;
  }

  std::optional<std::uint32_t> depth() const {
    if (steps_ == 0) return std::nullopt;
    return static_cast<std::uint32_t>(steps_ - 1);
  }

  BitRun run;
  std::size_t broken = 0;

 private:
  /// One more state: an initial one, or what a step leads to.
  void extend() {
    CircuitCopy copy(encoding_.circuit, solver_);
    if (copies_.empty()) {
      std::vector<int> any;
      for (const std::vector<bool>& bits : encoding_.initial) {
        any.push_back(solver_.new_variable());
        for (std::size_t i = 0; i < bits.size(); ++i) {
          const int now = copy.literal(encoding_.bits[i].now);
          solver_.add({-any.back(), bits[i] ? now : -now});
        }
      }
      solver_.add(any);
    } else {
      solver_.add({copies_.back().literal(encoding_.steps)});
      for (const StateBit& bit : encoding_.bits) copy.bind(bit.now, copies_.back().literal(bit.next));
    }
    // True in every reachable state; it spares the solver finding out.
    for (const Cube& cube : given_) {
      std::vector<int> clause;
      for (const int literal : cube) {
        const int now = copy.literal(encoding_.bits[bit_of(literal)].now);
        clause.push_back(literal > 0 ? -now : now);
      }
      solver_.add(clause);
    }
    for (std::size_t i = 0; i < encoding_.inputs(); ++i) copy.literal(encoding_.input(i));  // so that they have values
    copies_.push_back(std::move(copy));
  }

  void keep_run() {
    std::vector<bool> initial;
    for (const StateBit& bit : encoding_.bits) initial.push_back(solver_.value(copies_[0].literal(bit.now)));
    std::vector<std::vector<bool>> inputs;
    for (std::size_t i = 0; i <= steps_; ++i) {
      std::vector<bool> step;
      for (std::size_t k = 0; k < encoding_.inputs(); ++k)
        step.push_back(solver_.value(copies_[i].literal(encoding_.input(k))));
      inputs.push_back(std::move(step));
    }
    run = run_from(encoding_, std::move(initial), std::move(inputs));
  }

  const Encoding& encoding_;
  EngineControl& control_;
  SatSolver solver_;
  std::vector<Cube> given_;
  std::vector<CircuitCopy> copies_;  // by step
  std::size_t steps_ = 0;            // of the runs that are tried next
};

Bmc::Bmc(const Encoding& encoding, EngineControl& control) : search_(std::make_unique<Search>(encoding, control)) {}

Bmc::~Bmc() = default;

Bmc::Answer Bmc::search(const std::vector<std::size_t>& bad, std::optional<std::uint32_t> bound) {
  return search_->search(bad, bound);
}

const BitRun& Bmc::run() const { return search_->run; }

std::size_t Bmc::broken() const { return search_->broken; }

std::optional<std::uint32_t> Bmc::depth() const { return search_->depth(); }

}  // namespace quiesce::checker
