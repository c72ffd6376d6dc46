// What the two languages of export have in common: names for cells, formulas as text, the order of assignments.
#pragma once

#include <string>
#include <vector>

#include "checker/export/export.h"
#include "model/guarded/guarded_system.h"
#include "model/guarded/infinite_runs.h"

namespace quiesce::checker {

/// One assignment of a sequence: to a cell, or to a scratch variable.
struct OrderedAssign {
  bool to_scratch = false;
  std::size_t scratch = 0;  // number of the scratch variable, from 0
  model::CellId cell;       // whose value this is
  model::ExprId value;      // none: the value of the scratch variable
};

/// Turns formulas into text. Truth and numbers are different types in Murphi, so both spellings always say what they
/// mean.
class FormulaText {
 public:
  FormulaText(const model::GuardedSystem& system, ExportLanguage language);

  /// The name of a variable for `cell`: letters, digits and '_', no word of either language.
  const std::string& name(model::CellId cell) const { return names_[cell.value]; }

  /// What is assigned to, and what.
  std::string target(const OrderedAssign& one) const;
  std::string source(const OrderedAssign& one) const;

  std::string truth(model::ExprId id) const;   // where a condition is expected
  std::string number(model::ExprId id) const;  // where a number is expected

 private:
  void truth(model::ExprId id, std::string& out) const;
  void number(model::ExprId id, std::string& out) const;
  void conditional(model::ExprId condition, const std::string& then_text, const std::string& else_text,
                   std::string& out) const;
  void chain(model::ExprId id, model::BinaryOp op, std::string& out) const;

  const model::GuardedSystem& system_;
  bool murphi_;
  std::vector<std::string> names_;
};

/// A sequence with the effect of assigning all at once: no assignment reads what an earlier one has overwritten.
std::vector<OrderedAssign> in_order(const model::GuardedSystem& system, std::vector<model::Update> assigns);

/// `text` without what could end a comment or a string.
std::string harmless(const std::string& text);

std::string promela_text(const model::GuardedSystem& system, const ExportOptions& options);
std::string promela_of_infinite_runs(const model::GuardedInfiniteRuns& runs, const ExportOptions& options);
std::string murphi_text(const model::GuardedSystem& system, const ExportOptions& options);

}  // namespace quiesce::checker
