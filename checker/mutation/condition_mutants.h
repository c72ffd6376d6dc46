// The mutants of one expression: every Boolean node in it is changed in each way that its operator allows. Internal to
// this folder; mutants.cpp finds the expressions.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "checker/mutation/mutant.h"
#include "model/syntax/lexer.h"

namespace quiesce::checker {

class ConditionMutants {
 public:
  /// A change: these bytes become that text; `around` is the expression in which readers see it.
  struct Change {
    MutationKind kind = MutationKind::Negate;
    model::Span span;
    std::string replacement;
    model::Span around;
  };

  /// `tokens` of the file, which tell where parentheses are: the tree does not keep them. Both outlive this.
  ConditionMutants(const std::vector<model::syntax::Token>& tokens, const model::SourceMap& sources)
      : tokens_(tokens), sources_(sources) {}

  /// Changes of `expression`, whose value decides something.
  void condition(const model::syntax::Expression& expression) { decide(expression, true); }

  /// Changes of the conditions inside `expression`, which may be of any type.
  void inside(const model::syntax::Expression& expression);

  /// `expression` replaced as a whole.
  void replace(MutationKind kind, const model::syntax::Expression& expression, std::string replacement);

  std::vector<Change> take() { return std::move(changes_); }

  /// The bytes of `expression` with its parentheses, those of its first and last part included.
  model::Span whole(const model::syntax::Expression& expression) const;

 private:
  void decide(const model::syntax::Expression& expression, bool outermost);
  void decide_operands(const model::syntax::Expression& expression, const model::syntax::Binary& binary,
                       bool outermost);
  void decide_comparison(const model::syntax::Expression& expression, const model::syntax::Binary& binary,
                         bool outermost);
  void decide_membership(const model::syntax::Expression& expression, const model::syntax::Binary& binary);
  void decide_quantifier(const model::syntax::Expression& expression, const model::syntax::Quantifier& quantifier,
                         bool outermost);
  void inside_children(const model::syntax::Expression& expression);
  void drop_where(const model::syntax::Expression& expression, const model::syntax::Quantifier& quantifier);
  void negate(const model::syntax::Expression& expression, bool needs_parentheses);
  void change(MutationKind kind, model::Span span, std::string replacement, const model::syntax::Expression& around);

  std::string text(model::Span span) const { return std::string(sources_.text(span)); }
  model::Span bare(const model::syntax::Expression& expression) const;
  std::size_t token_at(std::uint32_t offset) const;

  const std::vector<model::syntax::Token>& tokens_;
  const model::SourceMap& sources_;
  std::vector<Change> changes_;
};

}  // namespace quiesce::checker
