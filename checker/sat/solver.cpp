#include "checker/sat/solver.h"

#include <utility>

#include <cadical.hpp>

namespace quiesce::checker {
namespace {

class Stop : public CaDiCaL::Terminator {
 public:
  bool terminate() override { return wanted && wanted(); }

  std::function<bool()> wanted;
};

}  // namespace

struct SatSolver::Parts {
  // The solver disconnects its terminator when it ends, so it ends first.
  Stop stop;
  mutable CaDiCaL::Solver solver;
  int variables = 0;
};

SatSolver::SatSolver() : parts_(std::make_unique<Parts>()) {
  parts_->solver.configure("plain");
  parts_->solver.set("quiet", 1);
  for (const char* option : {"inprocessing", "lucky", "walk"}) parts_->solver.set(option, 0);
  parts_->solver.connect_terminator(&parts_->stop);
}

SatSolver::~SatSolver() = default;
SatSolver::SatSolver(SatSolver&&) noexcept = default;
SatSolver& SatSolver::operator=(SatSolver&&) noexcept = default;

int SatSolver::new_variable() { return ++parts_->variables; }

void SatSolver::add(std::span<const int> clause) {
  for (const int literal : clause) parts_->solver.add(literal);
  parts_->solver.add(0);
}

void SatSolver::assume(int literal) { parts_->solver.assume(literal); }

void SatSolver::constrain(std::span<const int> clause) {
  for (const int literal : clause) parts_->solver.constrain(literal);
  parts_->solver.constrain(0);
}

SatSolver::Answer SatSolver::solve() {
  parts_->solver.reserve(parts_->variables);  // so that all have values
  switch (parts_->solver.solve()) {
    case 10:
      return Answer::Satisfiable;
    case 20:
      return Answer::Unsatisfiable;
    default:
      return Answer::Stopped;
  }
}

bool SatSolver::value(int literal) const { return parts_->solver.val(literal) > 0; }

bool SatSolver::failed(int literal) const { return parts_->solver.failed(literal); }

void SatSolver::stop_when(std::function<bool()> stop) { parts_->stop.wanted = std::move(stop); }

}  // namespace quiesce::checker
