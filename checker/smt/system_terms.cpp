#include "checker/smt/system_terms.h"

#include <cstddef>

#include "checker/smt/smtlib_text.h"
#include "model/base/patience.h"
#include "model/guarded/number_width.h"

namespace quiesce::checker {

using namespace model;

namespace {

/// Writes everything into one text, and notes what the terms that come back are.
class Writer {
 public:
  Writer(const GuardedSystem& guarded, Floating floating, SystemTerms& result)
      : guarded_(guarded),
        floating_(floating),
        result_(result),
        text_(guarded, number_width(guarded)),
        state_(text_.declare("s")) {}

  /// The text. The places below are to be filled with the terms of its assertions, in this order.
  const std::string& write() {
    result_.cells.resize(state_.cells.size());
    for (std::size_t i = 0; i < state_.cells.size(); ++i) {
      if (!guarded_.constant[i]) note(text_of(state_, CellId(i)), CellId(i), result_.cells[i].emplace());
    }
    note(SmtLibText::all_of({text_.in_domain(state_), text_.scheduled(state_)}), result_.assumed);
    result_.commands.resize(guarded_.commands.size());
    for (std::size_t c = 0; c < guarded_.commands.size(); ++c) {
      ask_patience(guarded_.commands[c].span);
      write(guarded_.commands[c], result_.commands[c]);
    }
    write(guarded_.invariants, result_.invariants);
    write(guarded_.reachable, result_.reachable);
    note(text_.truth(state_, guarded_.all_ended), result_.all_ended);
    return text_.text();
  }

  const std::vector<Term*>& places() const { return places_; }

 private:
  std::string text_of(const StateTerms& state, CellId cell) const { return state.cells[cell.value]; }

  void note(const std::string& truth, Term& place) {
    text_.assert_that(truth);
    places_.push_back(&place);
  }
  void note(const std::string& term, CellId cell, Term& place) {
    if (text_.sort_of(cell) == "Bool") return note(term, place);
    text_.assert_value(term);
    places_.push_back(&place);
  }

  void write(const GuardedCommand& command, CommandTerms& terms) {
    note(text_.truth(state_, command.guard), terms.guard);
    terms.checks.resize(command.checks.size());
    for (std::size_t i = 0; i < command.checks.size(); ++i) {
      note(text_.truth(state_, command.checks[i].holds), terms.checks[i]);
    }
    if (command.ends_run) return;
    StateTerms updated = text_.after(state_, command.updates);
    const StateTerms next = floating_ == Floating::Exact ? text_.after(updated, guarded_.floats) : updated;
    for (std::size_t i = 0; i < next.cells.size(); ++i) {
      if (next.cells[i] != state_.cells[i]) terms.next.emplace_back(CellId(i), Term{});
    }
    for (auto& [cell, term] : terms.next) note(text_of(next, cell), cell, term);
  }

  void write(const std::vector<GuardedProperty>& properties, std::vector<Term>& terms) {
    terms.resize(properties.size());
    for (std::size_t i = 0; i < properties.size(); ++i) note(text_.truth(state_, properties[i].formula), terms[i]);
  }

  const GuardedSystem& guarded_;
  Floating floating_;
  SystemTerms& result_;
  SmtLibText text_;
  StateTerms state_;
  std::vector<Term*> places_;
};

}  // namespace

SystemTerms terms_of(const GuardedSystem& guarded, Solver& solver, Floating floating) {
  SystemTerms result;
  Writer writer(guarded, floating, result);
  const std::vector<Term> terms = solver.read(writer.write());
  for (std::size_t i = 0; i < terms.size(); ++i) *writer.places()[i] = terms[i];
  return result;
}

}  // namespace quiesce::checker
