#include "checker/sat/preprocessor.h"

#include <cstdlib>
#include <utility>

#include <cadical.hpp>

namespace quiesce::checker {
namespace {

class Collected : public CaDiCaL::ClauseIterator {
 public:
  explicit Collected(int variables) : number_(static_cast<std::size_t>(variables) + 1) {}

  bool clause(const std::vector<int>& literals) override {
    for (const int literal : literals) clauses_.push_back(literal > 0 ? renamed(literal) : -renamed(-literal));
    clauses_.push_back(0);
    return true;
  }

  int renamed(int variable) {
    int& number = number_[static_cast<std::size_t>(variable)];
    if (number == 0) number = ++variables_;
    return number;
  }

  Preprocessor::Result result() && { return {variables_, std::move(clauses_), std::move(number_)}; }

 private:
  int variables_ = 0;
  std::vector<int> clauses_;
  std::vector<int> number_;
};

}  // namespace

struct Preprocessor::Parts {
  CaDiCaL::Solver solver;
  int variables = 0;
  std::vector<int> kept;
};

Preprocessor::Preprocessor() : parts_(std::make_unique<Parts>()) {
  CaDiCaL::Solver& solver = parts_->solver;
  solver.configure("plain");
  solver.set("quiet", 1);
  solver.set("lucky", 0);
  solver.set("walk", 0);
  // Nothing that replaces a variable by another one: those that are kept would be gone.
  for (const char* option : {"elim", "subsume"}) solver.set(option, 1);
}

Preprocessor::~Preprocessor() = default;

int Preprocessor::new_variable() { return ++parts_->variables; }

void Preprocessor::add(std::span<const int> clause) {
  for (const int literal : clause) parts_->solver.add(literal);
  parts_->solver.add(0);
}

void Preprocessor::keep(int literal) {
  parts_->kept.push_back(std::abs(literal));
  parts_->solver.freeze(std::abs(literal));
}

Preprocessor::Result Preprocessor::simplified() {
  parts_->solver.simplify();
  Collected collected(parts_->variables);
  for (const int variable : parts_->kept) collected.renamed(variable);
  parts_->solver.traverse_clauses(collected);  // of contradictory ones it is the empty one
  return std::move(collected).result();
}

}  // namespace quiesce::checker
