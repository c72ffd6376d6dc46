#include "checker/liveness/print_automata.h"

#include "checker/automata/translate.h"
#include "checker/liveness/temporal_formula.h"
#include "model/system/print.h"

namespace quiesce::checker {

std::string print_automata(const model::TransitionSystem& system) {
  std::string text;
  for (const model::TemporalProperty& property : system.temporal) {
    if (property.always_possible || property.formula.empty()) continue;
    FormulaTable table;
    const FormulaWithAtoms wanted = formula_of(property, table);
    std::vector<std::string> names;
    for (const model::ExprId atom : wanted.atoms) names.push_back(model::print_expr(system, atom));
    const std::string title = "not " + system.at(property.rule).name;
    if (names.size() > 64) continue;
    const Translation negated =
        translate(table, table.negation(wanted.formula), static_cast<std::uint32_t>(names.size()));
    text += negated.is_too_large ? "/* " + title + ": too large */\n" : print_hoa(negated.automaton, title, names);
  }
  return text;
}

}  // namespace quiesce::checker
